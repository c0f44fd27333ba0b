"""The grammar of date rules, offsets and `when`: what it reads, how it writes it back, what it says to a mistake."""

import re

import pytest

from cycle.workflow.grammar import LAST, Fixed, NthWeekday, Offset, Relative, Rule, Unit, When, parse_offset, parse_rule


def whole(sentence: str) -> str:
    return f"^{re.escape(sentence)}$"


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
    ("text", "sentence"),
    [
        ("fixed(02-30)", "fixed(02-30): there is no day 02-30; write month and day (MM-DD), such as fixed(02-28)."),
        ("fixed(00-10)", "fixed(00-10): there is no day 00-10; write month and day (MM-DD), such as fixed(02-28)."),
        ("fixed(02-29)", "fixed(02-29): 02-29 exists only in leap years; write fixed(02-28) or fixed(03-01)."),
        (
            "fixed(1-10)",
            "fixed(1-10) is not complete; write fixed(MM-DD) or fixed(MM-DD, year+1), such as fixed(01-10).",
        ),
        (
            "fixed(01-10, next)",
            'fixed(01-10, next): "next" is no year; write year+1 (up to year+9), or leave it out.',
        ),
        ("nth_weekday(13, Tue, 3)", "nth_weekday(13, Tue, 3): there is no month 13; write 1 to 12."),
        (
            "nth_weekday(4, Di, 3)",
            "nth_weekday(4, Di, 3): there is no weekday Di; write Mon, Tue, Wed, Thu, Fri, Sat or Sun.",
        ),
        ("nth_weekday(4, Tue, 6)", "nth_weekday(4, Tue, 6): 6 is none of a month's weekdays; write 1 to 5, or last."),
        (
            "nth_weekday(4, Tue)",
            "nth_weekday(4, Tue) is not complete; write nth_weekday(MONTH, Mon..Sun, 1..5 or last), such as (4, Tue, 3).",
        ),
    ],
)
def test_a_wrong_rule_is_told_what_would_be_right(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=whole(sentence)):
        parse_rule(text)


@pytest.mark.parametrize("text", ["", "easter(2)", "spring_meeting", "spring_meeting - 70", "2nd - 70d", "a - 1000d", "a − 5d"])
def test_what_is_no_rule_at_all_is_told_the_whole_grammar(text: str) -> None:
    sentence = (
        f'"{text}" is no date rule; write fixed(MM-DD), nth_weekday(MONTH, Mon..Sun, 1..5 or last),'
        " or another date with its distance, such as spring_meeting - 70d or spring_meeting + 5wd (at most 999)."
    )

    with pytest.raises(ValueError, match=whole(sentence)):
        parse_rule(text)


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
    ("text", "sentence"),
    [
        ("5wd", '"5wd" does not say before or after; write -5wd or +5wd.'),
        ("-5", '"-5" is no offset; write a sign, at most three digits and d or wd: -5wd, 0d, +1wd.'),
        ("soon", '"soon" is no offset; write a sign, at most three digits and d or wd: -5wd, 0d, +1wd.'),
    ],
)
def test_a_wrong_offset_is_told_what_would_be_right(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=whole(sentence)):
        parse_offset(text)


def test_when_names_its_years() -> None:
    when = When(every=3, first=2026)

    assert [year for year in range(2020, 2033) if when.applies(year)] == [2026, 2029, 2032]
    assert str(when) == "{every: 3, first: 2026}"


def test_when_without_a_distance_is_refused() -> None:
    with pytest.raises(ValueError, match=whole("every: 0 is no number of years; write 1 or more.")):
        When(every=0, first=2026)
