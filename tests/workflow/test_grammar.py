"""The grammar of date rules, offsets and `when`: what it reads, how it writes it back, what it says to a mistake."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cycle.errors import Mistake
from cycle.workflow.grammar import (
    LAST,
    WEEKDAYS,
    Fixed,
    NthWeekday,
    Offset,
    Relative,
    Rule,
    Unit,
    When,
    parse_offset,
    parse_rule,
)


def mistake_of(read: Callable[[str], object], text: str) -> tuple[str, Mapping[str, Any]]:
    with pytest.raises(Mistake) as caught:
        read(text)
    return caught.value.key, caught.value.facts


RULES: list[tuple[str, Rule, str]] = [
    ("fixed(01-10)", Fixed(1, 10), "fixed(01-10)"),
    (" fixed( 02-28,year+1 ) ", Fixed(2, 28, 1), "fixed(02-28, year+1)"),
    ("nth_weekday(4, Tue, 3)", NthWeekday(4, 1, 3), "nth_weekday(4, Tue, 3)"),
    ("nth_weekday(01,Thu,last,year + 1)", NthWeekday(1, 3, LAST, 1), "nth_weekday(1, Thu, last, year+1)"),
    ("spring_meeting - 70d", Relative("spring_meeting", -70, Unit.DAYS), "spring_meeting - 70d"),
    ("survey_due +5 wd", Relative("survey_due", 5, Unit.WORKING_DAYS), "survey_due + 5wd"),
    ("talk+0d", Relative("talk", 0, Unit.DAYS), "talk + 0d"),
]


@pytest.mark.parametrize(("text", "rule", "canonical"), RULES)
def test_a_rule_is_read_and_written_back_in_one_spelling(text: str, rule: Rule, canonical: str) -> None:
    assert parse_rule(text) == rule
    assert str(rule) == canonical
    assert parse_rule(canonical) == rule


@pytest.mark.parametrize(
    ("text", "key", "facts"),
    [
        ("fixed(02-30)", "no_day", {"day": "02-30"}),
        ("fixed(00-10)", "no_day", {"day": "00-10"}),
        ("fixed(02-29)", "leap_day", {}),
        ("fixed(1-10)", "fixed_incomplete", {}),
        ("fixed(01-10, next)", "no_year_offset", {"given": "next"}),
        ("nth_weekday(13, Tue, 3)", "no_month", {"month": "13"}),
        ("nth_weekday(4, Di, 3)", "nth_weekday_unknown", {"weekday": "Di", "known": WEEKDAYS}),
        ("nth_weekday(4, Tue, 6)", "nth_of_no_month", {"nth": "6"}),
        ("nth_weekday(4, Tue)", "nth_weekday_incomplete", {}),
    ],
)
def test_a_wrong_rule_is_told_what_is_wrong_with_it(text: str, key: str, facts: dict[str, Any]) -> None:
    assert mistake_of(parse_rule, text) == (f"mistake.{key}", {"text": text, **facts})


@pytest.mark.parametrize("text", ["", "easter(2)", "spring_meeting", "spring_meeting - 70", "2nd - 70d", "a - 1000d", "a − 5d"])
def test_what_is_no_rule_at_all_is_told_so(text: str) -> None:
    assert mistake_of(parse_rule, text) == ("mistake.no_rule", {"text": text})


@pytest.mark.parametrize(
    ("text", "offset", "canonical"),
    [
        ("-5wd", Offset(-5, Unit.WORKING_DAYS), "-5wd"),
        ("+1wd", Offset(1, Unit.WORKING_DAYS), "+1wd"),
        ("0d", Offset(0, Unit.DAYS), "0d"),
        ("+0d", Offset(0, Unit.DAYS), "0d"),
        ("- 70 d", Offset(-70, Unit.DAYS), "-70d"),
    ],
)
def test_an_offset_is_read_and_written_back_in_one_spelling(text: str, offset: Offset, canonical: str) -> None:
    assert parse_offset(text) == offset
    assert str(offset) == canonical


@pytest.mark.parametrize(
    ("text", "key", "facts"),
    [
        ("5wd", "offset_without_sign", {"distance": "5wd"}),
        ("-5", "no_offset", {}),
        ("soon", "no_offset", {}),
    ],
)
def test_a_wrong_offset_is_told_what_is_wrong_with_it(text: str, key: str, facts: dict[str, Any]) -> None:
    assert mistake_of(parse_offset, text) == (f"mistake.{key}", {"text": text, **facts})


def test_when_names_its_years() -> None:
    when = When(every=3, first=2026)

    assert [year for year in range(2020, 2033) if when.applies(year)] == [2026, 2029, 2032]
    assert str(when) == "{every: 3, first: 2026}"


def test_when_without_a_distance_is_refused() -> None:
    assert mistake_of(lambda first: When(every=0, first=int(first)), "2026") == ("mistake.no_years", {"every": 0})
