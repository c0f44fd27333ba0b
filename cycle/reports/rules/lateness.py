"""Which deadlines were met, which were not, by how many working days and why; who moved them.

A move is one act with all that followed from it: a moved anchor counts once, however many dates went along
(DOMAIN.md §7, story 20). What was late before a date was moved stays counted (§3.5).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cycle.dates.rules import Calendar, DateStatus, working_days_between
from cycle.reports.rules.acts import Act


@dataclass(frozen=True)
class Moved:
    """One act that moved a date or a meeting: `key` is the date, or the meeting's name where it has a day of its own.

    `followers` are the dates that went along, `missed` those of them that came too late for it; `anew` is a date that was
    given anew after a step back.
    """

    act: Act
    key: str
    before: date | None
    after: date | None
    followers: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    anew: bool = False


@dataclass(frozen=True)
class Attempt:
    """A body that was to decide and came to no result on a day (no quorum, postponed, rejected)."""

    on: date
    body: str
    outcome: str
    reference: str | None


@dataclass(frozen=True)
class DateAsked:
    """One date of the year as it stands, with what its workflow says of it. `actual` is the day it ended."""

    id: int
    key: str
    phase: str
    anchor: bool
    first_planned: date
    planned: date
    actual: date | None
    status: str
    shift_reason: str | None = None
    overdue_on: date | None = None
    done: str = ""
    done_value: str | None = None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True)
class DateLine:
    """One deadline: first plan, plan, actual; `late` in working days against the plan (up to today while it is open),
    `late_before` what had been counted before it was moved; `moved_by` the numbers of the entries that moved it;
    `open_checks` what stood open when it became overdue."""

    date: DateAsked
    late: int
    late_before: int = 0
    open: bool = False
    moved_by: tuple[int, ...] = ()
    open_checks: tuple[str, ...] = ()

    @property
    def late_in_all(self) -> int:
        """The working days late against all plans it had."""
        return self.late + self.late_before


@dataclass(frozen=True)
class Lateness:
    """The deadlines of a year in the order of its workflow, and every move once."""

    year: int
    lines: tuple[DateLine, ...]
    moves: tuple[Moved, ...]

    @property
    def late(self) -> tuple[DateLine, ...]:
        """The deadlines that were late, or are."""
        return tuple(line for line in self.lines if line.late_in_all)

    @property
    def moved_dates(self) -> int:
        """How many dates were moved at least once."""
        return sum(bool(line.moved_by) for line in self.lines)


def lateness_of(year: int, dates: Sequence[DateAsked], acts: Sequence[Act], today: date, public: Calendar | None) -> Lateness:
    """Every date with its lateness, and the moves behind it, from the acts of its cycle in their order.

    Raises:
        NotReady: `calendar_not_covering`.
    """
    keys = {each.id: each.key for each in dates}
    moves = tuple(move for act in acts for move in _moves(act, keys))
    before = _late_before(dates, acts, public)
    checks = _open_checks(acts)
    return Lateness(
        year,
        tuple(
            DateLine(
                date=each,
                late=_late(each, today, public),
                late_before=before.get(each.id, 0),
                open=_is_open(each),
                moved_by=tuple(m.act.seq for m in moves if each.key == m.key or each.key in m.followers),
                open_checks=checks.get(each.key, ()),
            )
            for each in dates
        ),
        moves,
    )


def _is_open(asked: DateAsked) -> bool:
    return asked.actual is None and asked.status == DateStatus.OPEN


def _late(asked: DateAsked, today: date, public: Calendar | None) -> int:
    if asked.actual is not None:
        return working_days_between(asked.planned, asked.actual, public)
    return working_days_between(asked.planned, today, public) if _is_open(asked) else 0


def _moves(act: Act, keys: Mapping[int, str]) -> Iterator[Moved]:
    """The moves of one act: of a command that moves, one; of a step back, one for each date that is given anew."""
    changed = [c for c in act.changes if c.get("change") == "deadline" and "moves" in c["fields"] and c["id"] in keys]
    if act.type == "phase.returned":
        for change in changed:
            yield Moved(act, keys[change["id"]], *_plan(change), anew=True)
    elif act.type in ("date.moved", "meeting.moved"):
        followers = {m["key"]: m for m in act.data.get("moved", ()) if m.get("follows") is not None}
        by_hand = [c for c in changed if keys[c["id"]] not in followers and not _follows(c)]
        went_along = [keys[c["id"]] for c in changed if c not in by_hand]
        missed = [keys[c["id"]] for c in changed if c["fields"].get("status", [None, None])[1] == DateStatus.MISSED]
        if by_hand:
            first = Moved(act, keys[by_hand[0]["id"]], *_plan(by_hand[0]))
        else:
            first = Moved(act, str(act.data.get("meeting", act.data.get("date"))), *_told_days(act))
        yield replace(first, followers=tuple(went_along), missed=tuple(missed))


def _follows(change: Mapping[str, object]) -> bool:
    fields = change["fields"]
    assert isinstance(fields, Mapping)
    return fields.get("moved_with", [None, None])[1] is not None


def _plan(change: Mapping[str, object]) -> tuple[date | None, date | None]:
    fields = change["fields"]
    assert isinstance(fields, Mapping)
    before, after = fields.get("planned", [None, None])
    return _day(before), _day(after)


def _told_days(act: Act) -> tuple[date | None, date | None]:
    return _day(act.data.get("from")), _day(act.data.get("to"))


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) else None


def _late_before(dates: Sequence[DateAsked], acts: Iterable[Act], public: Calendar | None) -> dict[int, int]:
    """The working days that each date was late against the plans it had before its last one."""
    only_passes = {each.id for each in dates if each.done == "passed"}
    states: dict[int, dict[str, object]] = {}
    late: dict[int, int] = {}
    for act in acts:
        for change in act.changes:
            if change.get("add") == "deadline":
                for number, row in zip(change["ids"], change["rows"], strict=True):
                    states[number] = dict(zip(change["fields"], row, strict=True))
            elif change.get("change") == "deadline" and change["id"] in states:
                state, fields = states[change["id"]], change["fields"]
                if "moves" in fields and change["id"] not in only_passes and state.get("status") == DateStatus.OPEN:
                    planned, actual = _day(state.get("planned")), _day(state.get("actual"))
                    until = actual if actual is not None else act.day
                    if planned is not None and planned < until:
                        late[change["id"]] = late.get(change["id"], 0) + working_days_between(planned, until, public)
                state.update({name: after for name, (_, after) in fields.items()})
    return late


def _open_checks(acts: Iterable[Act]) -> dict[str, tuple[str, ...]]:
    """What stood open when each date became overdue, the last time it did."""
    told: dict[str, tuple[str, ...]] = {}
    for act in acts:
        if act.type == "date.overdue":
            for each in act.data.get("dates", ()):
                told[each["key"]] = tuple(each.get("findings", ()))
    return told
