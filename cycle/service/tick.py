"""A tick: asks whether the journal has moved or the day has come, and if so makes of what is due ledger items and mails."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlmodel import Session, col

from cycle.adapters.addresses import valid_address
from cycle.app.site import Site
from cycle.cycles.records import Cycle, Standing, Year, cycles_of
from cycle.dates.records import Deadline
from cycle.dates.rules import Calendars
from cycle.errors import WrongInput
from cycle.journal.actor import SERVICE
from cycle.journal.entry import Entry
from cycle.journal.history import head_seq, touched_since
from cycle.journal.machinery import Machinery
from cycle.journal.questions import asked, row_of
from cycle.journal.records import Event
from cycle.phases.actions import note_overdue, settle_dates
from cycle.reminders.actions.derive import derive
from cycle.reminders.actions.look import Derived
from cycle.reminders.actions.queue import hold_back, in_pieces, miss, queue
from cycle.reminders.records import LedgerItem
from cycle.reminders.rules.ladder import Item, Why
from cycle.reminders.rules.window import is_open, next_opening
from cycle.service.records import ONCE, Pulse

T = TypeVar("T")

PULSE = 1
# The head of a journal that was not looked at.
UNSEEN = -1
# Longer without a heartbeat, and a service is not there any more.
SILENT_SECONDS = 120
# Entries that make nothing due: the service's own, and talk.
SILENT = ("mail.", "date.overdue", "service.", "log.", "comment.", "command.", "phase.refused", "gap.")

# Built once: an idle tick is this question and nothing else.
_HEAD = select(func.max(col(Event.seq))).scalar_subquery()
_PULSE = select(_HEAD, col(Pulse.seen), col(Pulse.wake_at)).where(col(Pulse.id) == PULSE)
_WAKING = select(func.min(col(Cycle.wake_at))).where(col(Cycle.standing) != Standing.CANCELLED)
_BEAT = select(col(Pulse.holder), col(Pulse.beat_at)).where(col(Pulse.id) == PULSE)


@dataclass
class Ticked:
    """What a tick made: per cycle how many items went into mails or letters, wait for approval, were missed, are overdue.

    `troubles` are the cycles that could not be looked at, with the reason; they are looked at again at the next tick.
    """

    queued: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    overdue: dict[str, list[str]] = field(default_factory=dict)
    looked: int = 0
    troubles: dict[str, Exception] = field(default_factory=dict)


def tick(site: Site, *, now: datetime | None = None, hold: bool = False, beats: str | None = None) -> Ticked:
    """Look at every cycle that something happened to, or whose hour has come; nothing else is read.

    With `hold` every mail waits for a person's approval; with `beats` this was also the heartbeat of that holder. What goes
    wrong in one cycle keeps no other from its mails.
    """
    now = now or site.now()
    ticked = Ticked()
    beat = {"beat_at": now, "holder": beats} if beats else {}
    with site.journal.reading() as session:
        head, seen, wake_at = pulse(session)
        idle = head == seen and (wake_at is None or now < wake_at)
        look_at = {} if idle else _cycles(session, seen, now)
    if idle:
        if beat:
            with site.journal.machinery() as machinery:
                keep_pulse(site, machinery, **beat)
        return ticked
    wakes: dict[int, datetime | None] = {}
    domain = message_domain(site) if look_at else ""
    for cycle_id, key in look_at.items():
        try:
            wakes[cycle_id] = _look(site, cycle_id, now, ticked, domain=domain, hold=hold)
        except Exception as error:
            wakes[cycle_id], ticked.troubles[key] = now, error
    with site.journal.machinery() as machinery:
        for cycle_id, wake in wakes.items():
            machinery.change_row(Cycle, cycle_id, holding={}, wake_at=wake)
        ((waking,),) = asked(machinery.session, _WAKING)
        keep_pulse(site, machinery, seen=head, wake_at=waking, **beat)
    return ticked


def keep_pulse(site: Site, machinery: Machinery, **fields: Any) -> None:
    """Write the one row of the pulse; of two processes that make it at once the second finds the first one's."""
    if not machinery.change_row(Pulse, PULSE, holding={}, **fields):
        site.database.head_lock(machinery.session.connection())
        if not machinery.change_row(Pulse, PULSE, holding={}, **fields):
            machinery.add(Pulse, {"id": PULSE, **fields})


def another_beats(session: Session, holder: str, now: datetime) -> bool:
    """Whether the last heartbeat was that of another service, and not long ago."""
    for last, beat_at in asked(session, _BEAT):
        if last in (None, ONCE, holder) or beat_at is None:
            return False
        return bool(abs((now - beat_at).total_seconds()) < SILENT_SECONDS)
    return False


def pulse(session: Session) -> tuple[int, int, datetime | None]:
    """The journal's head, the last entry a tick looked at, and when the next look is due: one question."""
    for head, seen, wake_at in asked(session, _PULSE):
        return head or 0, seen, wake_at
    return head_seq(session), 0, None


def _cycles(session: Session, seen: int, now: datetime) -> dict[int, str]:
    """The cycles to look at, with keys: touched since, all after an entry of no cycle, and those whose hour has come."""
    touched = [(cycle, kind) for cycle, kind in touched_since(session, seen) if not kind.startswith(SILENT)]
    names = {cycle for cycle, _ in touched}
    found = {}
    for cycle in cycles_of(session):
        if cycle.standing == Standing.CANCELLED:
            continue
        hour_has_come = cycle.wake_at is not None and cycle.wake_at <= now
        if None in names or cycle.key in names or hour_has_come or (seen == 0 and cycle.standing == Standing.OPEN):
            found[cycle.id or 0] = cycle.key
    return found


def _look(site: Site, cycle_id: int, now: datetime, ticked: Ticked, *, domain: str, hold: bool) -> datetime | None:
    """Look at one cycle and write what is due; when to look again without anything happening before."""
    ticked.looked += 1
    seen = _see(site, cycle_id, now)
    key = seen.about.cycle.key
    if seen.derived.overdue:
        with _entry(site, "date.overdue", cycle_id, now) as (entry, fresh):
            # A fact outside the cycle, such as a partner that left, may have ended what looks overdue.
            ended = settle_dates(entry, fresh)
            late = _still_late(fresh, seen.derived.overdue)
            note_overdue(entry, fresh, late, ended)
            if not late and not ended:
                entry.leave_out()
            ticked.overdue[key] = [row.key for row, _ in late]
        if ended:
            seen = _see(site, cycle_id, now)
    about, calendars, next_day = seen.about, seen.calendars, seen.derived.next_day
    local, window = now.astimezone(about.zone), about.workflow.send_window
    again = next_opening(local, window, calendars)
    if not is_open(local, window, calendars):
        return again if seen.derived.due or seen.derived.missed or next_day else None
    templates = {item.notice.template for item in seen.derived.due}
    approval = about.workflow.mails.every if hold else about.workflow.policy.approval
    if seen.derived.missed:
        ticked.missed[key] = _write(site, seen, now, "mail.missed", _missed, miss)
    if not templates.isdisjoint(approval):
        waits = partial(_due, among=approval, inside=True)
        ticked.held[key] = _write(site, seen, now, "mail.held", waits, partial(hold_back, domain=domain))
    if not templates <= {*approval}:
        goes = partial(_due, among=approval, inside=False)
        ticked.queued[key] = _write(site, seen, now, "mail.queued", goes, partial(queue, domain=domain), then=settle_dates)
        return again
    return _opening_of(next_day, again, local, about, calendars)


@dataclass
class _Seen:
    """One cycle as it was read: what is due in it, and the journal's head at that time."""

    about: Year
    calendars: Calendars
    derived: Derived
    head: int


def _see(site: Site, cycle_id: int, now: datetime) -> _Seen:
    with site.journal.reading() as session:
        about = site.year(session, row_of(session, Cycle, cycle_id), now)
        calendars = site.files.calendars(about.workflow)
        return _Seen(about, calendars, derive(about, calendars), head_seq(session))


def _missed(derived: Derived) -> deque[Sequence[tuple[Item, Why]]]:
    return in_pieces(derived.missed, lambda each: each[0].partner)


def _due(derived: Derived, *, among: Collection[str], inside: bool) -> deque[Sequence[Item]]:
    found = [item for item in derived.due if (item.notice.template in among) is inside]
    return in_pieces(found, lambda item: item.partner)


def _write(
    site: Site,
    seen: _Seen,
    now: datetime,
    type: str,
    pick: Callable[[Derived], deque[Sequence[T]]],
    write: Callable[[Entry, Year, Sequence[T]], Sequence[LedgerItem]],
    then: Callable[[Entry, Year], object] | None = None,
) -> int:
    """Write what is picked of what is due, and `then` what follows of it; how many items that were.

    It is one transaction. An entry tells of so many items at most: who makes it, and whoever reads the journal, holds those
    of one at a time.
    """
    made = 0
    with site.journal.together() as together:
        pieces = pick(_seen_again(site, seen, together.session, now))
        while pieces:
            piece = pieces.popleft()
            with together.entry(type, by=SERVICE, now=now, cycle=seen.about.cycle.key) as entry:
                fresh = site.year(entry.session, row_of(entry.session, Cycle, seen.about.cycle_id), now)
                made += len(write(entry, fresh, piece))
                if made and not pieces and then is not None:
                    then(entry, fresh)
                if not entry.changes:
                    entry.leave_out()
    return made


def _opening_of(day: date | None, again: datetime, local: datetime, about: Year, calendars: Any) -> datetime | None:
    if day is None:
        return None
    if day <= local.date():
        return again
    midnight = datetime.combine(day, datetime.min.time(), local.tzinfo)
    return next_opening(midnight, about.workflow.send_window, calendars)


def _seen_again(site: Site, seen: _Seen, session: Session, now: datetime) -> Derived:
    """What is due, seen with the lock held: as it was, unless the journal has moved since. It is let go of as it is given:
    there may be very much of it."""
    derived, seen.derived = seen.derived, Derived()
    head, seen.head = seen.head, UNSEEN
    if head == head_seq(session):
        return derived
    del derived
    return derive(site.year(session, row_of(session, Cycle, seen.about.cycle_id), now), seen.calendars)


def _still_late(about: Year, late: Sequence[tuple[Deadline, date]]) -> list[tuple[Deadline, date]]:
    found = [(row_of(about.session, Deadline, row.id), since) for row, since in late]
    return [(row, since) for row, since in found if row.actual is None and row.overdue_on is None]


@contextmanager
def _entry(site: Site, type: str, cycle_id: int, now: datetime) -> Iterator[tuple[Entry, Year]]:
    with site.journal.reading() as session:
        key = row_of(session, Cycle, cycle_id).key
    with site.journal.entry(type, by=SERVICE, now=now, cycle=key) as entry:
        yield entry, site.year(entry.session, row_of(entry.session, Cycle, cycle_id), now)


def message_domain(site: Site) -> str:
    """The domain of Message-IDs: the setting, else that of the sender. Raises WrongInput as `sender`."""
    return site.settings.mail.message_id_domain or sender(site).rpartition("@")[2]


def sender(site: Site) -> str:
    """The address that mails come from.

    Raises:
        WrongInput: if the settings name none that is one.
    """
    given = site.settings.mail.sender
    if valid_address(given) is None:
        raise WrongInput("bad_sender", sender=given, file=site.home / "config" / "cycle.toml")
    return given
