"""Delivering: claim, compose, send, mark; each outcome with an entry of its own, fenced by the lease.

Who sends is `_work`, one for each connection; what goes next and what became of it is `service.dispatch`.
`cycle run` gives its log and its `Memory` of earlier deliveries; without them a delivery tells nothing and starts afresh.
"""

import asyncio
from collections.abc import Callable, Sequence

from cycle.adapters.outcome import Outcome, OutcomeKind, Phase, Transport
from cycle.app.site import Site
from cycle.errors import MailsFailed
from cycle.outbox.actions import UNSENT_AT_ONCE, may_go
from cycle.outbox.records import has_queued
from cycle.outbox.rules.envelope import envelope_sender
from cycle.service.clerk import MANY, Clerk, processors, start_clerk
from cycle.service.delivery import Delivered, Job, Log, Run, silent
from cycle.service.desk import Desk
from cycle.service.dispatch import Dispatch
from cycle.service.lot import write_lot
from cycle.service.memory import Memory
from cycle.service.relay import pace_of, transports
from cycle.service.settle import mark_abandoned, taken
from cycle.service.tick import sender


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
    clerk = await _clerk_for(run)
    dispatch = Dispatch(run, len(found), _compose, clerk)
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
            if clerk is not None:
                await clerk.close()
            for transport in found if pool is None else ():
                await transport.close()
    if dispatch.error is not None:
        raise dispatch.error
    return run.delivered


async def _clerk_for(run: Run) -> Clerk | None:
    """A second process to write the letters, where it is worth it: many may go, as fast as they can, and there is a second
    processor."""
    if run.memory.pace.seconds_apart or run.site.settings.mail.transport == "maildir" or processors() == 1:
        return None
    with run.site.journal.reading() as session:
        count = may_go(session, run.site.today(), run.site.now(), MANY)
    return await start_clerk(run.site) if count == MANY else None


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
    sender(run.site)  # or say that there is none
    return taken(run, write_lot(run.site, numbers, desk, run.site.now()), owner)
