"""Delivering: claim, compose, send, mark; each outcome with an entry of its own, fenced by the lease.

A few mails are claimed at a time, since those of a process that dies are in doubt. What was not begun is given back.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, select

from cycle.adapters.addresses import valid_address
from cycle.adapters.smtp import MaildirTransport, Outcome, OutcomeKind, Phase, Relay, RelaySettings, Tls, Transport
from cycle.app.site import Site
from cycle.errors import CycleError, MailsFailed, WrongInput
from cycle.journal.actor import SERVICE
from cycle.journal.questions import row_of
from cycle.outbox.actions import UNSENT_AT_ONCE, Written, abandoned, claim, expired, mark, release, try_again
from cycle.outbox.records import Mail, MailState, has_queued
from cycle.partners.actions import bounced
from cycle.reminders.actions.compose import Stale
from cycle.reminders.records import ItemState, items_of_mail
from cycle.reminders.rules.ladder import Why
from cycle.service.desk import Desk
from cycle.service.tick import sender
from cycle.service.write import message_of, opening_for

# Writing into a folder twice is harmless, as the file's name comes from the Message-ID; so there more are taken at once.
MAILDIR_BATCH = 50
COMMANDS_BEFORE_DATA = 4


@dataclass
class Delivered:
    """What became of the mails of one run; `trouble` is why it stopped before all were tried.

    `unwritten` are mails that could not be put into words, with the reason: they stay queued.
    """

    sent: int = 0
    unclear: int = 0
    failed: int = 0
    later: int = 0
    cancelled: int = 0
    trouble: str | None = None
    templates: dict[str, int] = field(default_factory=dict)
    unwritten: dict[int, CycleError] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One claimed mail, ready to go: its bytes, to whom, and what to keep of it."""

    mail: Mail
    message: bytes
    written: Written


def transports(site: Site) -> list[Transport]:
    """Where mails go by the settings: one folder, or a pool of kept connections.

    Raises:
        WrongInput: without a host, or where a password would go in clear.
    """
    smtp = site.settings.smtp
    if site.settings.mail.transport == "maildir":
        return [MaildirTransport(site.home / "mail")]
    if not smtp.host:
        raise WrongInput("no_mail_server", file=site.home / "config" / "cycle.toml")
    relay = RelaySettings(
        host=smtp.host,
        port=smtp.port,
        tls=Tls(smtp.tls),
        username=smtp.username or None,
        password=smtp.password.get_secret_value() or None,
        connect_seconds=smtp.connect_timeout_seconds,
        command_seconds=smtp.command_timeout_seconds,
        data_seconds=smtp.data_timeout_seconds,
    )
    return [Relay(relay) for _ in range(smtp.pool)]


def lease_of(site: Site) -> timedelta:
    """How long a claimed mail may be under way at most, by the time-outs of the settings; after that it is in doubt."""
    smtp = site.settings.smtp
    before = smtp.connect_timeout_seconds + COMMANDS_BEFORE_DATA * smtp.command_timeout_seconds
    return timedelta(seconds=UNSENT_AT_ONCE * before + smtp.data_timeout_seconds)


def anything_queued(site: Site) -> bool:
    """Whether any mail waits to be sent, now or later."""
    with site.journal.reading() as session:
        return has_queued(session)


async def deliver(site: Site, pool: Sequence[Transport] | None = None, *, stop: Callable[[], bool] = bool) -> Delivered:
    """Send everything that may go now; stops at a relay that cannot be reached, and says so. `stop` is asked before each.

    Raises:
        WrongInput: for settings that no mail can be sent with.
        MailsFailed: when all else was sent, if there were mails that could not be written, with the first reason.
    """
    delivered = Delivered()
    found = list(transports(site) if pool is None else pool)
    _mark_abandoned(site, delivered)
    desk = Desk(site)
    try:
        while delivered.trouble is None and not stop() and await _batch(site, found, delivered, stop, desk):
            continue
    finally:
        if pool is None:
            for transport in found:
                await transport.close()
    if delivered.unwritten:
        error = next(iter(delivered.unwritten.values()))
        problem = site.wording.sentence(error.key, **error.facts)
        raise MailsFailed("mails_unwritten", sent=delivered.sent, count=len(delivered.unwritten), problem=problem)
    return delivered


async def _batch(site: Site, found: Sequence[Transport], delivered: Delivered, stop: Callable[[], bool], desk: Desk) -> bool:
    """Claim, write and send a few mails; whether there were any."""
    owner = secrets.token_hex(8)
    most = MAILDIR_BATCH if site.settings.mail.transport == "maildir" else len(found)
    with site.journal.machinery() as machinery:
        numbers = claim(
            machinery,
            owner=owner,
            now=site.now(),
            today=site.today(),
            most=most,
            lease=lease_of(site),
            without=tuple(delivered.unwritten),
        )
    if not numbers:
        return False
    begun: set[int] = set()
    try:
        sender(site)
        waiting = list(reversed(_compose(site, numbers, owner, delivered, desk)))
        workers = [asyncio.ensure_future(_work(site, each, waiting, begun, owner, delivered, stop)) for each in found]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    finally:
        left = [number for number in numbers if number not in begun]
        if left:
            with site.journal.machinery() as machinery:
                release(machinery, left, owner=owner, reply=delivered.trouble)
    return True


async def _work(
    site: Site,
    transport: Transport,
    waiting: list[Job],
    begun: set[int],
    owner: str,
    delivered: Delivered,
    stop: Callable[[], bool],
) -> None:
    while waiting and delivered.trouble is None and not stop():
        job = waiting.pop()
        begun.add(job.mail.id or 0)
        outcome = await _send(site, transport, job)
        _settle(site, job, outcome, owner, delivered)


async def _send(site: Site, transport: Transport, job: Job) -> Outcome:
    outcome = Outcome(OutcomeKind.UNSENT, None, "", Phase.CONNECT)
    for _ in range(UNSENT_AT_ONCE):
        outcome = await transport.send(site.settings.mail.sender, job.written.address, job.message)
        if outcome.kind is not OutcomeKind.UNSENT:
            break
    return outcome


def _settle(site: Site, job: Job, outcome: Outcome, owner: str, delivered: Delivered) -> None:
    now = site.now()
    reply = outcome.told
    refused_content = outcome.kind is OutcomeKind.FAULT and outcome.phase in (Phase.DATA, Phase.DOT)
    if outcome.kind in (OutcomeKind.RELAY, OutcomeKind.FAULT) and not refused_content:
        with site.journal.machinery() as machinery:
            if outcome.phase is Phase.RCPT:  # perhaps only this one is refused: it must not be the first again at once
                try_again(machinery, job.mail, owner=owner, now=now, reply=reply)
            else:
                release(machinery, [job.mail.id or 0], owner=owner, reply=reply)
        delivered.trouble = reply
        return
    if outcome.kind in (OutcomeKind.LATER, OutcomeKind.UNSENT):
        delivered.later += 1
        if not expired(job.mail, site.today()):
            with site.journal.machinery() as machinery:
                try_again(machinery, job.mail, owner=owner, now=now, reply=reply)
            return
        _cancel(site, job.mail.id or 0, MailState.MISSED, Why.TOO_LATE, owner)
        return
    type = {OutcomeKind.SENT: "mail.sent", OutcomeKind.UNCLEAR: "mail.unclear"}.get(outcome.kind, "mail.failed")
    with site.journal.entry(type, by=SERVICE, now=now) as entry:
        mail = row_of(entry.session, Mail, job.mail.id)
        if mail.lease != owner:  # given up for dead, and a person has decided since
            entry.leave_out()
            return
        mark(entry, mail, outcome, job.written, owner=owner)
        if outcome.kind is OutcomeKind.PERMANENT:
            bounced(entry, mail.person)
    if outcome.kind is OutcomeKind.SENT:
        delivered.sent += 1
        for template in job.mail.templates:
            delivered.templates[template] = delivered.templates.get(template, 0) + 1
    elif outcome.kind is OutcomeKind.UNCLEAR:
        delivered.unclear += 1
    else:
        delivered.failed += 1


def _compose(site: Site, numbers: Sequence[int], owner: str, delivered: Delivered, desk: Desk) -> list[Job]:
    jobs: list[Job] = []
    stale: list[tuple[int, Why]] = []
    too_early: list[tuple[int, datetime]] = []
    dropped: dict[int, tuple[tuple[int, Why], ...]] = {}
    now = site.now()
    with site.journal.reading() as session:
        composer = desk.composer(session, now)
        composer.read(numbers)
        for mail in session.exec(select(Mail).where(col(Mail.id).in_(numbers)).order_by(col(Mail.id))):
            number = mail.id or 0
            opens = opening_for(site, composer, number, now)
            if opens is not None:
                too_early.append((number, opens))
                continue
            try:
                composed = composer.compose(mail)
                if isinstance(composed, Stale):
                    stale.append((number, composed.why))
                    continue
                address = valid_address(composed.address)
                if address is None:
                    stale.append((number, Why.NO_ADDRESS))
                    continue
                message = message_of(site, mail, composed, address, now)
            except CycleError as error:
                delivered.unwritten[number] = error
                continue
            if composed.dropped:
                dropped[number] = composed.dropped
            digest = hashlib.sha256(message).hexdigest()
            jobs.append(Job(mail, message, Written(number, address, composed.subject, composed.text, digest)))
    for number, why in stale:
        delivered.cancelled += 1
        _cancel(site, number, MailState.MISSED if why is Why.TOO_LATE else MailState.CANCELLED, why, owner)
    if too_early:
        with site.journal.machinery() as machinery:
            for number, opens in too_early:
                release(machinery, [number], owner=owner, next_try_at=opens)
    for number, items in dropped.items():
        _drop_items(site, number, items, owner)
    return jobs


def _mark_abandoned(site: Site, delivered: Delivered) -> None:
    """Whoever held these died: they may have gone, so a person decides."""
    with site.journal.machinery() as machinery:
        numbers = abandoned(machinery, site.now())
    for number in numbers:
        with site.journal.entry("mail.unclear", by=SERVICE, now=site.now()) as entry:
            mail = row_of(entry.session, Mail, number)
            if mail.state != MailState.QUEUED:  # another process saw it too
                entry.leave_out()
                continue
            lost = Outcome(OutcomeKind.UNCLEAR, None, "abandoned", Phase.DOT)
            mark(entry, mail, lost, None, owner=mail.lease or "")
        delivered.unclear += 1


def _cancel(site: Site, number: int, state: MailState, why: Why, owner: str) -> None:
    type = "mail.missed" if state is MailState.MISSED else "mail.cancelled"
    with site.journal.entry(type, by=SERVICE, now=site.now()) as entry:
        mail = row_of(entry.session, Mail, number)
        if mail.lease != owner:
            entry.leave_out()
            return
        entry.change(mail, state=state, why=why.value)
        for item in items_of_mail(entry.session, number):
            entry.change(item, state=ItemState.MISSED if state is MailState.MISSED else ItemState.CANCELLED, why=why.value)
        entry.tell(mail=number, why=why.value)
    with site.journal.machinery() as machinery:
        release(machinery, [number], owner=owner)


def _drop_items(site: Site, number: int, items: Sequence[tuple[int, Why]], owner: str) -> None:
    with site.journal.entry("mail.cancelled", by=SERVICE, now=site.now()) as entry:
        mail = row_of(entry.session, Mail, number)
        if mail.lease != owner:
            entry.leave_out()
            return
        dropped = dict(items)
        inside = items_of_mail(entry.session, number)
        for item in inside:
            if item.id in dropped:
                entry.change(item, state=ItemState.CANCELLED, why=dropped[item.id].value)
        entry.change(mail, templates=[item.template for item in inside if item.id not in dropped])
        entry.tell(mail=number, items=list(dropped))
