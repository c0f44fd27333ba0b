"""The small texts inside a workflow (ids, days, times, rules), each with its check, its value and its canonical text.

What is wrong with one of them is a Mistake.
"""

import re
from datetime import date, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from cycle.errors import Mistake
from cycle.workflow.grammar import WEEKDAYS, Offset, Rule, parse_offset, parse_rule

_LEAP_YEAR = 2028
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _month_day(text: str) -> str:
    try:
        date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError:
        raise Mistake("no_month_day", text=text) from None
    return text


def _day_range(text: str) -> str:
    first, dots, last = text.partition("..")
    if not dots:
        raise Mistake("no_day_range", text=text)
    _month_day(first)
    _month_day(last)
    return text


def _clock_text(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise Mistake("no_clock_time", text=text)
    return text


def _clock_time(text: Any) -> time:
    return text if isinstance(text, time) else time.fromisoformat(_clock_text(_text(text)))


def _weekdays(text: str) -> str:
    weekdays_of(text)
    return text


def _weekday(text: str) -> str:
    if text not in WEEKDAYS:
        raise Mistake("no_weekday", text=text, known=WEEKDAYS)
    return text


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Mistake("no_timezone", text=name) from None
    return name


def _file_name(text: str) -> str:
    if "/" in text or "\\" in text or text.startswith("."):
        raise Mistake("no_file_name", text=text)
    return text


def _rule(text: Any) -> Rule:
    return text if isinstance(text, Rule) else parse_rule(_text(text))


def _offset(text: Any) -> Offset:
    return text if isinstance(text, Offset) else parse_offset(_text(text))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    return value


def weekdays_of(text: str) -> frozenset[int]:
    """The weekdays (0 = Monday) that "Mon-Fri" or "Tue, Thu" or a mix of both means.

    Raises:
        Mistake: the text is none.
    """
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = (each.strip() for each in part.partition("-"))
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise Mistake("no_weekdays", text=text)
        begin = WEEKDAYS.index(first)
        length = (WEEKDAYS.index(last) - begin) % 7 if dash else 0
        found.update((begin + step) % 7 for step in range(length + 1))
    return frozenset(found)


Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]
Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=1)]
MonthDay = Annotated[str, AfterValidator(_month_day)]
DayRange = Annotated[str, AfterValidator(_day_range)]
ClockText = Annotated[str, AfterValidator(_clock_text)]
Weekdays = Annotated[str, AfterValidator(_weekdays)]
Weekday = Annotated[str, AfterValidator(_weekday)]
TimezoneName = Annotated[str, AfterValidator(_timezone)]
FileName = Annotated[Text, AfterValidator(_file_name)]
ClockTime = Annotated[
    time,
    PlainValidator(_clock_time),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": _CLOCK.pattern}),
]
DateRuleText = Annotated[Rule, PlainValidator(_rule), PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string"})]
OffsetText = Annotated[
    Offset, PlainValidator(_offset), PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string"})
]
