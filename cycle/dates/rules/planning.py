"""The first plan of a year: every rule's raw day, and where the calendars shift it, each step with its reason."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from cycle.dates.rules.days import ONE_DAY, Calendars, is_weekend, public_calendar, step_day
from cycle.errors import NotReady, WrongInput
from cycle.workflow.grammar import LAST, Fixed, NthWeekday, Offset, Relative, Rule, When

_WEEK = timedelta(days=7)
_STEPS = {"next_workday": ONE_DAY, "prev_workday": -ONE_DAY, "plus_week": _WEEK}
_MOST_STEPS = 60


class DateRule(Protocol):
    """A date of the workflow file, as far as its day goes. `shift` is a value such as next_workday, or none."""

    @property
    def rule(self) -> Rule: ...
    @property
    def avoid(self) -> tuple[str, ...]: ...
    @property
    def shift(self) -> str: ...
    @property
    def when(self) -> When | None: ...
    @property
    def anchor(self) -> bool: ...


@dataclass(frozen=True)
class PlannedDay:
    """The day a rule gives, the day it became, and why, one reason a step ("Osterferien, Osterferien")."""

    raw: date
    day: date
    shift_reason: str | None = None


def anchor_of(rules: Mapping[str, DateRule], key: str) -> str | None:
    """The day that people agree on from which a date counts, itself included; None where its chain of rules has none."""
    while not rules[key].anchor:
        rule = rules[key].rule
        if not isinstance(rule, Relative):
            return None
        key = rule.key
    return key


def first_plan(dates: Mapping[str, DateRule], year: int, calendars: Calendars, weekend: str) -> dict[str, PlannedDay]:
    """The days of a cycle that begins in `year`, in the order of the file.

    Dates whose `when` leaves the year out are left out, and so is what hangs on them. A relative date counts from the
    shifted day of the other. `weekend` is the reason told for a Saturday or Sunday.

    Raises:
        NotReady: `calendar_not_covering`, `no_free_day`.
        WrongInput: `no_such_weekday`, a fifth weekday in a month that has four.
    """
    found: dict[str, PlannedDay | None] = {}

    def plan(key: str) -> PlannedDay | None:
        if key not in found:
            found[key] = _plan(key)
        return found[key]

    def _plan(key: str) -> PlannedDay | None:
        date_rule = dates[key]
        if date_rule.when and not date_rule.when.applies(year):
            return None
        rule = date_rule.rule
        if isinstance(rule, Relative):
            other = plan(rule.key)
            return other and relative_day(key, date_rule, other.day, calendars, weekend)
        return shifted(key, date_rule, _raw(key, rule, year), calendars, weekend)

    return {key: planned for key in dates if (planned := plan(key))}


def relative_day(key: str, date_rule: DateRule, other: date, calendars: Calendars, weekend: str) -> PlannedDay:
    """The day of a relative date, given the day it counts from. Raises as `first_plan` does."""
    rule = date_rule.rule
    if not isinstance(rule, Relative):
        raise TypeError(f"{key} does not count from another date: {rule}")
    raw = step_day(other, Offset(rule.count, rule.unit), public_calendar(calendars))
    return shifted(key, date_rule, raw, calendars, weekend)


def shifted(key: str, date_rule: DateRule, raw: date, calendars: Calendars, weekend: str) -> PlannedDay:
    """A raw day, moved as the date's `shift` says until nothing speaks against it. Raises as `first_plan` does."""
    step = _STEPS.get(date_rule.shift)
    if step is None:
        return PlannedDay(raw, raw)
    weekend_counts = step != _WEEK
    day, reasons = raw, list[str]()
    while reason := against(day, date_rule.avoid, calendars, weekend if weekend_counts else None):
        reasons.append(reason)
        if len(reasons) > _MOST_STEPS:
            raise NotReady("no_free_day", date=key, day=raw, reason=reason)
        day += step
    return PlannedDay(raw, day, ", ".join(reasons) or None)


def against(day: date, avoid: tuple[str, ...], calendars: Calendars, weekend: str | None) -> str | None:
    """What speaks against a day: the weekend (unless None), else its name in the first avoided calendar that has one."""
    if weekend and is_weekend(day):
        return weekend
    return next((reason for name in avoid if (reason := calendars[name].reason(day))), None)


def _raw(key: str, rule: Fixed | NthWeekday, year: int) -> date:
    year += rule.year_offset
    if isinstance(rule, Fixed):
        return date(year, rule.month, rule.day)
    days = list(_weekdays(year, rule.month, rule.weekday))
    if rule.nth == LAST:
        return days[-1]
    if rule.nth > len(days):
        raise WrongInput("no_such_weekday", date=key, rule=str(rule), year=year, month=rule.month, count=len(days))
    return days[rule.nth - 1]


def _weekdays(year: int, month: int, weekday: int) -> Iterator[date]:
    for day in range(1, monthrange(year, month)[1] + 1):
        if date(year, month, day).weekday() == weekday:
            yield date(year, month, day)
