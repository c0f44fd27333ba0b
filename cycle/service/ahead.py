"""The days ahead, lived through on a private copy by the very functions that send: nothing of the site is touched.

Nobody answers there, nothing is moved, approved or advanced; every mail that goes is taken at once.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from cycle.adapters.clock import SetClock, day_of
from cycle.adapters.outcome import Outcome, OutcomeKind, Phase
from cycle.app.site import Site
from cycle.cycles.records import Standing, cycles_of
from cycle.errors import CycleError, MailsFailed, WrongInput
from cycle.journal.aside import copied
from cycle.outbox.records import Mail, MailState
from cycle.reminders.records import LedgerItem
from cycle.reminders.rules.window import next_opening
from cycle.service.deliver import anything_queued, deliver
from cycle.service.tick import tick

# What one mail server of the copy takes at a time does not matter: each takes everything.
DOORS = 50


@dataclass(frozen=True)
class Ahead:
    """A site that has lived through the days until `until`. What was known before: the last item of the ledger, the last
    mail, and the mails that were queued or held."""

    site: Site
    since: datetime
    until: date
    last_item: int
    last_mail: int
    queued: frozenset[int]
    held: frozenset[int]
    troubles: tuple[CycleError, ...]

    def is_new(self, item: LedgerItem) -> bool:
        """Whether an item was made on the days ahead."""
        return (item.id or 0) > self.last_item


@contextmanager
def lived(site: Site, until: date) -> Iterator[Ahead]:
    """The site as it will be on the evening of a day, if nobody answers and nothing is moved.

    Raises:
        WrongInput: for a day that has passed.
    """
    now = site.now()
    today = day_of(now, site.zone)
    if until < today:
        raise WrongInput("day_has_passed", day=until, today=today)
    with site.journal.reading() as session:
        database = copied(session)
        known = _known(session)
        moments = _moments(site, session, now, until)
    clock = SetClock(now)
    other = site.beside(database, clock)
    try:
        _let_go(other, now)
        troubles: dict[str, CycleError] = {}
        for moment in moments:
            clock.set(moment)
            _live(other, moment, troubles)
        yield Ahead(other, now, until, *known, tuple(troubles.values()))
    finally:
        database.dispose()


def _known(session: Session) -> tuple[int, int, frozenset[int], frozenset[int]]:
    item = session.exec(select(func.max(LedgerItem.id))).one() or 0
    mail = session.exec(select(func.max(Mail.id))).one() or 0
    queued, held = (
        frozenset(number for number in session.exec(select(Mail.id).where(Mail.state == state)) if number is not None)
        for state in (MailState.QUEUED, MailState.HELD)
    )
    return item, mail, queued, held


def _moments(site: Site, session: Session, now: datetime, until: date) -> list[datetime]:
    """Now, and when the send window of each cycle's plan opens on the days after."""
    found = {now}
    going = [cycle for cycle in cycles_of(session) if cycle.standing != Standing.CANCELLED]
    for cycle in {cycle.workflow_sha256: cycle for cycle in going}.values():
        about = site.year(session, cycle, now)
        calendars = site.files.calendars(about.workflow)
        local = next_opening(now.astimezone(about.zone), about.workflow.send_window, calendars)
        while local.date() <= until:
            found.add(local.astimezone(now.tzinfo))
            local = next_opening(local, about.workflow.send_window, calendars)
    return sorted(found)


def _let_go(other: Site, now: datetime) -> None:
    """What another process is sending at this moment has gone as far as anybody can tell: here it goes at once."""
    with other.journal.machinery() as machinery:
        machinery.change(Mail, col(Mail.leased_until) >= now, lease=None, leased_until=None, ahead=None)


def _live(other: Site, moment: datetime, troubles: dict[str, CycleError]) -> None:
    for error in tick(other, now=moment).troubles.values():
        if not isinstance(error, CycleError):
            raise error
        troubles.setdefault(str(error), error)
    if anything_queued(other):
        try:
            asyncio.run(deliver(other, [_Taken()] * DOORS))
        except MailsFailed as error:
            troubles.setdefault(str(error.facts.get("problem")), error)


class _Taken:
    """A mail server that takes everything."""

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        return Outcome(OutcomeKind.SENT, None, "", Phase.DOT)

    async def close(self) -> None:
        """Nothing is held open."""
