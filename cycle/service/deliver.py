"""Delivering: claim, compose, send, mark; each outcome with an entry of its own, fenced by the lease.

Who sends is `_work`, one for each connection; what goes next and what became of it is `service.dispatch`.
`cycle run` gives its log and its `Memory` of earlier deliveries; without them a delivery tells nothing and starts afresh.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import col, select

from cycle.adapters.addresses import valid_address
from cycle.adapters.outcome import Outcome, OutcomeKind, Phase, Transport
from cycle.app.site import Site
from cycle.errors import CycleError, MailsFailed
from cycle.outbox.actions import UNSENT_AT_ONCE, Written, given_up, release
from cycle.outbox.records import Mail, MailState, has_queued
from cycle.outbox.rules.envelope import envelope_sender
from cycle.reminders.actions.approval import still_approved
from cycle.reminders.actions.compose import Stale
from cycle.reminders.rules.ladder import Why
from cycle.service.approved import hold_again
from cycle.service.delivery import Delivered, Job, Log, Run, silent
from cycle.service.desk import Desk
from cycle.service.dispatch import Dispatch
from cycle.service.memory import Memory
from cycle.service.relay import pace_of, transports
from cycle.service.settle import cancel, drop_items, mark_abandoned
from cycle.service.tick import sender
from cycle.service.write import message_of, opening_for

# So many bytes of mails wait at most to be handed out, with what they enclose; the others are claimed again later.
MOST_BYTES = 20_000_000


def anything_queued(site: Site) -> bool:
    """Whether any mail waits to be sent, now or later."""
    with site.journal.reading() as session:
        return has_queued(session)


async def deliver(site: Site, pool: Sequence[Transport] | None = None, *, stop: Callable[[], bool] = bool) -> Delivered:
    """As `deliver_all`, for who wants an error.

    Raises:
        WrongInput: for settings that no mail can be sent with.
        MailsFailed: when all else was sent, if there were mails that could not be written, with the first reason.
    """
    delivered = await deliver_all(site, pool, stop=stop)
    if delivered.unwritten:
        error = next(iter(delivered.unwritten.values()))
        problem = site.wording.sentence(error.key, **error.facts)
        raise MailsFailed("mails_unwritten", sent=delivered.sent, count=len(delivered.unwritten), problem=problem)
    return delivered


async def deliver_all(
    site: Site,
    pool: Sequence[Transport] | None = None,
    *,
    stop: Callable[[], bool] = bool,
    memory: Memory | None = None,
    log: Log = silent,
) -> Delivered:
    """Send everything that may go now; stops at a relay that cannot be reached, and says so. `stop` is asked before each.

    Raises:
        WrongInput: for settings that no mail can be sent with.
    """
    run = Run(site, memory or Memory(pace_of(site)), stop, log)
    found = list(transports(site) if pool is None else pool)
    mark_abandoned(run)
    dispatch = Dispatch(run, len(found), _compose)
    workers = [asyncio.ensure_future(_work(run, dispatch, each)) for each in found]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        try:
            dispatch.end()
        finally:
            for transport in found if pool is None else ():
                await transport.close()
    if dispatch.error is not None:
        raise dispatch.error
    return run.delivered


async def _work(run: Run, dispatch: Dispatch, transport: Transport) -> None:
    """Send one mail after the other. Where the relay wants them slowly, a mail is begun only when its turn has come."""
    pace = run.memory.pace
    done: tuple[Job, Outcome] | None = None
    while True:
        if pace.seconds_apart:
            if done is not None:
                await dispatch.next(done, more=False)
            async with dispatch.line:
                if not dispatch.waits() or not await pace.turn(lambda: not run.goes_on()):
                    return
                job = await dispatch.next()
        else:
            job = await dispatch.next(done)
        if job is None:
            return
        done = (job, await _send(run.site, transport, job))


async def _send(site: Site, transport: Transport, job: Job) -> Outcome:
    outcome = Outcome(OutcomeKind.UNSENT, None, "", Phase.CONNECT)
    sender_address = envelope_sender(job.mail.message_id, site.settings.mail.sender, site.settings.mail.bounce_domain)
    for _ in range(UNSENT_AT_ONCE):
        outcome = await transport.send(sender_address, job.written.address, job.message)
        if outcome.kind is not OutcomeKind.UNSENT:
            break
    return outcome


def _compose(run: Run, numbers: Sequence[int], owner: str, desk: Desk) -> list[Job]:
    site, delivered = run.site, run.delivered
    sender(site)  # or say that there is none
    jobs: list[Job] = []
    waiting, for_later = 0, list[int]()
    stale: list[tuple[int, Why]] = []
    too_early: list[tuple[int, datetime]] = []
    changed: list[int] = []
    dropped: dict[int, tuple[tuple[int, Why], ...]] = {}
    now = site.now()
    with site.journal.reading() as session:
        composer = desk.composer(session, now)
        composer.read(numbers)
        for mail in session.exec(select(Mail).where(col(Mail.id).in_(numbers)).order_by(col(Mail.id))):
            number = mail.id or 0
            if waiting >= MOST_BYTES:
                for_later.append(number)
                continue
            if mail.attempts and given_up(mail, site.today()):
                stale.append((number, Why.TOO_LATE))
                continue
            opens = opening_for(site, composer, mail, now)
            if opens is not None:
                too_early.append((number, opens))
                continue
            try:
                composed = composer.compose(mail)
                if isinstance(composed, Stale):
                    stale.append((number, composed.why))
                    continue
                if not still_approved(mail, composed):
                    changed.append(number)
                    continue
                address = valid_address(composed.address)
                if address is None:
                    stale.append((number, Why.NO_ADDRESS))
                    continue
                message = message_of(site, mail, composed, address, now)
            except CycleError as error:
                delivered.unwritten[number] = error
                run.log("mail_unwritten", mail=number, templates=mail.templates, error=error.key)
                continue
            if composed.dropped:
                dropped[number] = composed.dropped
            digest = hashlib.sha256(message).hexdigest()
            written = Written(number, address, composed.subject, composed.text, digest, composed.versions)
            jobs.append(Job(mail, message, written))
            waiting += len(message)
    for number, why in stale:
        cancel(run, number, MailState.MISSED if why is Why.TOO_LATE else MailState.CANCELLED, why, owner)
        delivered.cancelled += 1
    for number in changed:
        hold_again(site, number, owner)
        delivered.held += 1
    if too_early or for_later:
        with site.journal.machinery() as machinery:
            release(machinery, for_later, owner=owner)
            for number, opens in too_early:
                release(machinery, [number], owner=owner, next_try_at=opens)
    for number, items in dropped.items():
        drop_items(site, number, items, owner)
    return jobs
