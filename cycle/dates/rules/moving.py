"""What moves when a date is moved: its followers, which of them come too late for that, and what a person should know."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Protocol

from cycle.dates.rules.days import ONE_DAY, SATURDAY, Calendars, add_working_days, public_calendar
from cycle.dates.rules.planning import DateRule, against, relative_day
from cycle.errors import NotFound
from cycle.vocabulary import Finding
from cycle.workflow.grammar import NthWeekday, Relative


class DateStatus(StrEnum):
    """How a date stands. OPEN also when it has ended (`actual`); the others never become due."""

    OPEN = "open"
    SKIPPED_AT_OPEN = "skipped_at_open"
    MISSED = "missed"
    ENDED_WITH_PHASE = "ended_with_phase"


class DateState(Protocol):
    """A date of a running cycle."""

    @property
    def planned(self) -> date: ...
    @property
    def actual(self) -> date | None: ...
    @property
    def status(self) -> str: ...


@dataclass(frozen=True)
class Move:
    """One date's move. `follows` is the date moved by hand; there `shift_reason` is None and says nothing new.

    A missed one was still to come, and its new day, `after`, is past: its mails are no longer sent.
    """

    key: str
    before: date
    after: date
    shift_reason: str | None = None
    follows: str | None = None
    missed: bool = False


def move(
    planned: Mapping[str, DateState],
    rules: Mapping[str, DateRule],
    key: str,
    day: date,
    *,
    today: date,
    calendars: Calendars,
    weekend: str,
) -> tuple[Move, ...]:
    """The moved date, then all that follow from it, directly or not, in the order of the file.

    The day given is taken as it is: a person decided it. A follower keeps its date if it has ended or its day has been
    reached; one whose day stays the same is no move. One moved by hand earlier is computed anew, as its anchor moves.

    Raises:
        NotFound: `unknown_date`.
        NotReady: `calendar_not_covering`, `no_free_day`.
    """
    if key not in planned:
        raise NotFound("unknown_date", date=key, known=", ".join(planned))
    moved = {key: Move(key, planned[key].planned, day)}
    followers = _followers(rules, key)
    waiting = [other for other in followers if other in planned and _to_come(planned[other], today)]
    for follower in waiting:
        rule = rules[follower].rule
        if isinstance(rule, Relative) and rule.key in moved:
            new = relative_day(follower, rules[follower], moved[rule.key].after, calendars, weekend)
            before = planned[follower].planned
            if new.day != before:
                moved[follower] = Move(follower, before, new.day, new.shift_reason, key, missed=new.day < today)
    return tuple(moved[each] for each in [key, *(other for other in rules if other != key)] if each in moved)


def warnings(
    days: Mapping[str, date],
    rules: Mapping[str, DateRule],
    calendars: Calendars,
    weekend: str,
    *,
    about: Collection[str] | None = None,
    near: Mapping[str, int] | None = None,
) -> tuple[Finding, ...]:
    """What a person should know of a year's anchors, given every date's day; `about` limits it to these dates.

    `anchors_in_one_week` (date, other, day, other_day): two anchors from Monday to Sunday of one week.
    `anchor_on_avoided_day` (date, day, reason): such as one moved into the holidays; a Saturday or Sunday counts, too,
    unless the rule itself asks for it. `anchor_near_a_day` (date, day, near, reason, working_days): a day of one of the
    calendars in `near` (council sessions, say) is at most so many working days away; that day itself is no neighbour.
    """
    anchors = [key for key, rule in rules.items() if rule.anchor and key in days]
    asked = set(anchors if about is None else about)
    told: list[Finding | None] = []
    for key in anchors:
        rule = rules[key].rule
        wants_weekend = isinstance(rule, NthWeekday) and rule.weekday >= SATURDAY
        reason = against(days[key], rules[key].avoid, calendars, None if wants_weekend else weekend)
        if key in asked and reason:
            told.append(_warning("anchor_on_avoided_day", date=key, day=days[key], reason=reason))
        told += [_near(key, days[key], within, name, calendars) for name, within in (near or {}).items() if key in asked]
    for key, other in combinations(anchors, 2):
        same_week = days[key].isocalendar()[:2] == days[other].isocalendar()[:2]
        if same_week and asked & {key, other}:
            facts = {"date": key, "other": other, "day": days[key], "other_day": days[other]}
            told.append(_warning("anchors_in_one_week", **facts))
    return tuple(each for each in told if each is not None)


def _near(key: str, day: date, within: int, name: str, calendars: Calendars) -> Finding | None:
    """The nearest day of a calendar around an anchor, if one is within so many working days."""
    public = public_calendar(calendars)
    for distance in range(1, within + 1):
        for count in (-distance, distance):
            last = add_working_days(day, count, public)
            before = add_working_days(day, count - 1 if count > 0 else count + 1, public)
            for near in _days(before, last):
                if reason := calendars[name].reason(near):
                    return _warning("anchor_near_a_day", date=key, day=day, near=near, reason=reason, working_days=distance)
    return None


def _days(first: date, last: date) -> list[date]:
    """The days after one up to and with the other, in whichever direction, the nearest first."""
    step = ONE_DAY if last > first else -ONE_DAY
    return [first + number * step for number in range(1, abs((last - first).days) + 1)]


def _followers(rules: Mapping[str, DateRule], key: str) -> list[str]:
    """All that hang on a date, directly or not; each after the one it counts from."""
    found = [key]
    for each in found:
        found += [other for other, rule in rules.items() if isinstance(rule.rule, Relative) and rule.rule.key == each]
    return found[1:]


def _to_come(state: DateState, today: date) -> bool:
    return state.actual is None and state.status == DateStatus.OPEN and state.planned > today


def _warning(key: str, **facts: object) -> Finding:
    return Finding(key, facts=facts, hard=False)
