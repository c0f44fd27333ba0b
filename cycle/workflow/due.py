"""Checks that the dates of a workflow file can be computed and come in the order of its phases.

Works on the file's own values, as `cycle.workflow.values` gives them. Days are compared without calendars and shifts, in seven
sample years, so that each weekday and a leap year are among them.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from cycle.errors import Mistake
from cycle.workflow.grammar import LAST, Fixed, NthWeekday, Relative, Rule, Unit, When
from cycle.workflow.reading import Reading
from cycle.workflow.values import entries, rule_of

_SAMPLE_YEARS = range(2026, 2033)
_LONGEST_PERIOD = 60  # years in which one `when` is compared with another


def complain_of_due(reading: Reading, whole: Mapping[str, Any]) -> None:
    """Notes circles among the date rules, dates that do not exist in every year needed, phases due in the wrong order."""
    rules = {str(place[1]): rule for place, entry in entries(whole, "dates") if (rule := rule_of(entry.get("rule")))}
    in_circles = _circles(reading, rules)
    _existence(reading, whole, rules)
    _due_in_order(reading, whole, {key: rule for key, rule in rules.items() if key not in in_circles})


def rough_day(rules: Mapping[str, Rule], key: str, year: int) -> date | None:
    """The day of a date in a cycle of that year without calendars and shifts; None where a rule is missing."""
    rule = rules.get(key)
    if isinstance(rule, Fixed):
        return date(year + rule.year_offset, rule.month, rule.day)
    if isinstance(rule, NthWeekday):
        return _nth_weekday(rule, year + rule.year_offset)
    base = rough_day(rules, rule.key, year) if rule else None
    if base is None or not isinstance(rule, Relative):
        return None
    return base + timedelta(days=rule.count) if rule.unit is Unit.DAYS else _working_days_from(base, rule.count)


def _circles(reading: Reading, rules: Mapping[str, Rule]) -> set[str]:
    """Notes each circle once, at its first date; gives all dates that lead into one."""
    in_circles: set[str] = set()
    told: set[str] = set()
    for key in rules:
        chain = [key]
        while isinstance(rule := rules.get(chain[-1]), Relative) and rule.key in rules and rule.key not in chain:
            chain.append(rule.key)
        rule = rules.get(chain[-1])
        if isinstance(rule, Relative) and rule.key in chain:
            in_circles.update(chain)
            circle = chain[chain.index(rule.key) :]
            if not told & set(circle):
                told.update(circle)
                way = " -> ".join([*circle, circle[0]])
                reading.complain(("dates", circle[0], "rule"), Mistake("dates_in_circle", way=way))
    return in_circles


def _existence(reading: Reading, whole: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    whens = {str(place[1]): entry.get("when") for place, entry in entries(whole, "dates")}
    for key, rule in rules.items():
        if isinstance(rule, Relative) and not _always_with(whens.get(key), whens.get(rule.key)):
            reading.complain(("dates", key, "rule"), Mistake("base_not_always", date=rule.key, of=key))
    for place, phase in entries(whole, "phases"):
        due = phase.get("due")
        if isinstance(due, str) and due in whens and not _always_with(phase.get("when"), whens[due]):
            reading.complain((*place, "due"), Mistake("due_not_always", date=due))


def _due_in_order(reading: Reading, whole: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    phases = list(entries(whole, "phases"))
    for year in _SAMPLE_YEARS:
        before: tuple[str, str, date] | None = None
        for place, phase in phases:
            due, when = phase.get("due"), _when(phase.get("when"))
            day = rough_day(rules, due, year) if isinstance(due, str) and (when is None or when.applies(year)) else None
            if day is None:
                continue
            if before and day < before[2]:
                earlier = {"phase": before[0], "date": before[1], "before": before[2]}
                reading.complain((*place, "due"), Mistake("due_too_early", year=year, day=day, **earlier))
                reading.spoilt.add((*place, "due"))  # once is enough, not in every sample year
            before = (str(phase.get("id")), str(due), day)


def _when(value: Any) -> When | None:
    if not isinstance(value, dict) or set(value) != {"every", "first"}:
        return None
    every, first = value["every"], value["first"]
    good = type(every) is int and type(first) is int and every > 0
    return When(every, first) if good else None


def _always_with(dependent: Any, base: Any) -> bool:
    when = _when(base)
    if when is None:
        return True
    if dependent is None:
        return False
    other = _when(dependent)
    years = range(other.first, other.first + _LONGEST_PERIOD) if other else ()
    return all(when.applies(year) for year in years if other and other.applies(year))


def _nth_weekday(rule: NthWeekday, year: int) -> date:
    first = date(year, rule.month, 1)
    day = 1 + (rule.weekday - first.weekday()) % 7
    last = monthrange(year, rule.month)[1]
    weeks = (last - day) // 7 if rule.nth == LAST else min(rule.nth - 1, (last - day) // 7)
    return first.replace(day=day + 7 * weeks)


def _working_days_from(day: date, count: int) -> date:
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while day.weekday() > 4:
            day += step
    return day
