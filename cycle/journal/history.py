"""Reading the journal: entries as they were recorded, and the openings of their private values."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any

from sqlalchemy import bindparam, false, func, or_, select
from sqlmodel import Session, col

from cycle.adapters.prepared import Question
from cycle.errors import Broken
from cycle.journal.form import parse_instant
from cycle.journal.questions import asked
from cycle.journal.records import Event, Opening

_AT_ONCE = 50
_LAST = 2**31 - 1  # no chain is longer: the column's greatest number
_WILD = re.compile("[%_/]")  # what LIKE does not take as it is


@dataclass(frozen=True)
class Told:
    """One entry, read: its number, hash and body."""

    seq: int
    hash: str
    body: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def type(self) -> str:
        return str(self.body["type"])

    @property
    def cycle(self) -> str | None:
        return self.body["cycle"]  # type: ignore[no-any-return]

    @property
    def data(self) -> dict[str, Any]:
        return self.body["data"]  # type: ignore[no-any-return]

    @property
    def recorded_at(self) -> datetime:
        return parse_instant(self.body["recorded_at"])

    @property
    def effective_on(self) -> date:
        return date.fromisoformat(self.body["effective_on"])


def entries(
    session: Session,
    *,
    cycle: str | None = None,
    cycles: Collection[str] | None = None,
    types: Sequence[str] = (),
    after: int = 0,
    until: int | None = None,
    newest_first: bool = False,
    mentioning: str | None = None,
) -> Iterator[Told]:
    """The entries in their order, or newest first; of one cycle or of some, of some types, after one number, up to another;
    those whose body holds a text.

    They are read as they are asked for, so stopping early is cheap.
    """
    among = None if cycles is None else tuple(sorted(cycles))
    question = _some(cycle is not None, among, tuple(types), newest_first, mentioning is not None)
    holding = None if mentioning is None else "%" + _WILD.sub(r"/\g<0>", mentioning) + "%"
    last = _LAST if until is None else until
    while True:
        found = asked(session, question, after=after, last=last, most=_AT_ONCE, cycle=cycle, holding=holding)
        for seq, digest, body in found:
            yield Told(seq, digest, body_of(seq, body))
        if len(found) < _AT_ONCE:
            return
        after, last = (after, found[-1][0] - 1) if newest_first else (found[-1][0], last)


@cache
def _some(
    of_cycle: bool, cycles: tuple[str, ...] | None, types: tuple[str, ...], newest_first: bool, mentioning: bool
) -> Question:
    seq = col(Event.seq)
    query = select(seq, col(Event.hash), col(Event.body)).where(seq > bindparam("after"), seq <= bindparam("last"))
    if of_cycle:
        query = query.where(col(Event.cycle) == bindparam("cycle"))
    if cycles is not None:
        query = query.where(or_(false(), *(col(Event.cycle) == each for each in cycles)))
    if types:
        query = query.where(or_(*(col(Event.type) == type for type in types)))
    if mentioning:
        query = query.where(col(Event.body).like(bindparam("holding"), escape="/"))
    return query.order_by(seq.desc() if newest_first else seq).limit(bindparam("most"))


def body_of(seq: int, text: str) -> Any:
    """What an entry says. Raises Broken `entry_unreadable`: only somebody's hand made it so."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise Broken("entry_unreadable", seq=seq) from error


def by_id(session: Session, event_id: str) -> Told | None:
    """The entry of an id, None if there is none; every body is looked at, newest first."""
    found = entries(session, newest_first=True, mentioning=f'"id":"{event_id}"')
    return next((told for told in found if told.id == event_id), None)


def delay_days(told: Told, zone: tzinfo) -> int:
    """How many days after the day it counts from an entry was recorded, by the local day; 0 for one that was in time."""
    return (told.recorded_at.astimezone(zone).date() - told.effective_on).days


def written_by(session: Session, found: Sequence[Told]) -> dict[int, str]:
    """Of each entry, by number, the version of the programme that wrote it.

    Each entry says so itself; one older than that habit was written by the version that the last one before it names.
    """
    versions = {told.seq: str(told.data["software"]) for told in found if "software" in told.data}
    unsaid = [told.seq for told in found if told.seq not in versions]
    if unsaid:
        known = "?"
        named = iter([*entries(session, types=_NAMING, until=max(unsaid))])
        upcoming = next(named, None)
        for seq in sorted(unsaid):
            while upcoming is not None and upcoming.seq <= seq:
                known = str(upcoming.data.get("software", known))
                upcoming = next(named, None)
            versions[seq] = known
    return versions


# The entries that named their version before every one did.
_NAMING = ("log.opened", "migration.applied", "service.started", "service.stopped")


def head_seq(session: Session) -> int:
    """The number of the last entry, 0 before the first."""
    ((newest,),) = asked(session, _newest())
    return newest or 0


@cache
def _newest() -> Question:
    return select(func.max(Event.seq))


def touched_since(session: Session, seq: int) -> list[tuple[str | None, str]]:
    """(cycle, type) of the entries after a number, each once."""
    return [(cycle, kind) for cycle, kind in asked(session, _touched_since(), seq=seq)]


@cache
def _touched_since() -> Question:
    return select(col(Event.cycle), col(Event.type)).where(col(Event.seq) > bindparam("seq")).distinct()


def reason(session: Session, told: Told) -> str | None:
    """The reason given for an entry, None where there was none or it was erased."""
    value = opened(session, told.body["private"].get("reason"))
    return None if value is None else str(value)


def opened(session: Session, promised: str | None) -> Any:
    """The private value behind a commitment, None if there is none or its opening is gone."""
    if promised is None:
        return None
    value = session.execute(select(col(Opening.value)).where(col(Opening.commitment) == promised)).scalar()
    return None if value is None else json.loads(value)
