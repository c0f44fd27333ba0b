"""A lot of claimed mails put into words by one reading: those that can go, and why the others cannot. It changes nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select

from cycle.adapters.addresses import valid_address
from cycle.adapters.clock import day_of
from cycle.app.site import Site
from cycle.errors import CycleError
from cycle.outbox.actions import Written, given_up
from cycle.outbox.records import Mail
from cycle.reminders.actions.approval import still_approved
from cycle.reminders.actions.compose import Stale
from cycle.reminders.rules.ladder import Why
from cycle.service.delivery import Job
from cycle.service.desk import Desk
from cycle.service.write import message_of, opening_for

# So many bytes of mails wait at most to be handed out, with what they enclose; the others are claimed again later.
MOST_BYTES = 20_000_000


@dataclass
class Lot:
    """What became of claimed mails when they were written, true as of entry `head` and the moment `now`.

    `jobs` can go. By their numbers: `stale` will not go, and why; `changed` have changed since their approval; `early` may go
    only at a time; `later` are too many at once; `unwritten` cannot be put into words; of `dropped` some items are stale.
    """

    head: int
    now: datetime
    jobs: list[Job] = field(default_factory=list)
    stale: dict[int, Why] = field(default_factory=dict)
    changed: list[int] = field(default_factory=list)
    early: dict[int, datetime] = field(default_factory=dict)
    later: list[int] = field(default_factory=list)
    unwritten: dict[int, tuple[CycleError, list[str]]] = field(default_factory=dict)
    dropped: dict[int, tuple[tuple[int, Why], ...]] = field(default_factory=dict)


def write_lot(site: Site, numbers: Sequence[int], desk: Desk, now: datetime, *, share: int = 1) -> Lot:
    """Put these mails into words, as of now; so many lots `share` the bytes that may wait."""
    with site.journal.looking() as session:
        composer = desk.composer(session, now)
        composer.read(numbers)
        lot, size, today = Lot(desk.seen, now), 0, day_of(now, site.zone)
        mails = session.exec(select(Mail).where(col(Mail.id).in_(numbers)).order_by(col(Mail.id))).all()
        for mail in mails:
            number = mail.id or 0
            if session.in_transaction():
                session.commit()  # SQLite would let nobody write while letters are written
            if size >= MOST_BYTES // share:
                lot.later.append(number)
                continue
            if mail.attempts and given_up(mail, today):
                lot.stale[number] = Why.TOO_LATE
                continue
            opens = opening_for(site, composer, mail, now)
            if opens is not None:
                lot.early[number] = opens
                continue
            try:
                composed = composer.compose(mail)
                if isinstance(composed, Stale):
                    lot.stale[number] = composed.why
                    continue
                if not still_approved(mail, composed):
                    lot.changed.append(number)
                    continue
                address = valid_address(composed.address)
                if address is None:
                    lot.stale[number] = Why.NO_ADDRESS
                    continue
                message = message_of(site, mail, composed, address, now)
            except CycleError as error:
                lot.unwritten[number] = (error, mail.templates)
                continue
            if composed.dropped:
                lot.dropped[number] = composed.dropped
            digest = hashlib.sha256(message).hexdigest()
            written = Written(number, address, composed.subject, composed.text, digest, composed.versions)
            lot.jobs.append(Job(mail, message, written))
            size += len(message)
    return lot
