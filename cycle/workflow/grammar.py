"""The small words of a workflow file: date rules, offsets and the years a thing exists in, each read from one text.

Pure; what a day is good for (working days, calendars, shifts) is decided in `cycle.dates.rules`. Every value's `str()`
is its canonical text, so that two spellings of one rule are pinned as the same rule.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from enum import StrEnum

from cycle.errors import Mistake

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LAST = -1

_LEAP_YEAR = 2028
_CALL = re.compile(r"\s*(\w+)\s*\((.*)\)\s*")
_RELATIVE = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*([+-])\s*([0-9]{1,3})\s*(d|wd)\s*")
_OFFSET = re.compile(r"\s*([+-]?)\s*([0-9]{1,3})\s*(d|wd)\s*")
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_YEAR_OFFSET = re.compile(r"year\s*\+\s*([1-9])")


class Unit(StrEnum):
    """What an offset counts: calendar days, or working days (Mon to Fri, not in the calendar `public`)."""

    DAYS = "d"
    WORKING_DAYS = "wd"


@dataclass(frozen=True)
class Fixed:
    """The same day every year, `year_offset` years after the cycle's own."""

    month: int
    day: int
    year_offset: int = 0

    def __str__(self) -> str:
        return f"fixed({self.month:02}-{self.day:02}{_year_text(self.year_offset)})"


@dataclass(frozen=True)
class NthWeekday:
    """The nth weekday (0 = Monday) of a month; nth 1 to 5, or LAST."""

    month: int
    weekday: int
    nth: int
    year_offset: int = 0

    def __str__(self) -> str:
        nth = "last" if self.nth == LAST else str(self.nth)
        return f"nth_weekday({self.month}, {WEEKDAYS[self.weekday]}, {nth}{_year_text(self.year_offset)})"


@dataclass(frozen=True)
class Relative:
    """So many days before (negative) or after another date of the same file."""

    key: str
    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.key} {'-' if self.count < 0 else '+'} {abs(self.count)}{self.unit}"


Rule = Fixed | NthWeekday | Relative


@dataclass(frozen=True)
class Offset:
    """A step of the reminder ladder: so many days before (negative), on, or after a date."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count:+}{self.unit}" if self.count else f"0{self.unit}"


@dataclass(frozen=True)
class When:
    """The years in which something exists: `first`, and then every so many years.

    Raises:
        Mistake: `every` is less than 1.
    """

    every: int
    first: int

    def __post_init__(self) -> None:
        if self.every < 1:
            raise Mistake("no_years", every=self.every)

    def applies(self, year: int) -> bool:
        return year >= self.first and (year - self.first) % self.every == 0

    def __str__(self) -> str:
        return f"{{every: {self.every}, first: {self.first}}}"


def parse_rule(text: str) -> Rule:
    """A date rule from its text.

    Raises:
        Mistake: the text is none.
    """
    relative = _RELATIVE.fullmatch(text)
    if relative:
        key, sign, count, unit = relative.groups()
        return Relative(key, int(sign + count), Unit(unit))
    call = _CALL.fullmatch(text)
    if call and call[1] == "fixed":
        return _fixed(text.strip(), [part.strip() for part in call[2].split(",")])
    if call and call[1] == "nth_weekday":
        return _nth_weekday(text.strip(), [part.strip() for part in call[2].split(",")])
    raise Mistake("no_rule", text=text)


def parse_offset(text: str) -> Offset:
    """An offset such as -5wd, 0d or +1wd.

    Raises:
        Mistake: the text is none.
    """
    match = _OFFSET.fullmatch(text)
    if not match:
        raise Mistake("no_offset", text=text)
    sign, count, unit = match.groups()
    if not sign and int(count):
        raise Mistake("offset_without_sign", text=text, distance=f"{count}{unit}")
    return Offset(int(sign + count), Unit(unit))


def _fixed(text: str, parts: list[str]) -> Fixed:
    match = _MONTH_DAY.fullmatch(parts[0])
    if not match or len(parts) > 2:
        raise Mistake("fixed_incomplete", text=text)
    month, day = int(match[1]), int(match[2])
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(_LEAP_YEAR, month)[1]:
        raise Mistake("no_day", text=text, day=parts[0])
    if (month, day) == (2, 29):
        raise Mistake("leap_day", text=text)
    return Fixed(month, day, _year_offset(text, parts[1:]))


def _nth_weekday(text: str, parts: list[str]) -> NthWeekday:
    if not 3 <= len(parts) <= 4:
        raise Mistake("nth_weekday_incomplete", text=text)
    month, weekday, nth = parts[:3]
    if not re.fullmatch(r"0?[1-9]|1[0-2]", month):
        raise Mistake("no_month", text=text, month=month)
    if weekday not in WEEKDAYS:
        raise Mistake("nth_weekday_unknown", text=text, weekday=weekday, known=WEEKDAYS)
    if not re.fullmatch(r"[1-5]|last", nth):
        raise Mistake("nth_of_no_month", text=text, nth=nth)
    count = LAST if nth == "last" else int(nth)
    return NthWeekday(int(month), WEEKDAYS.index(weekday), count, _year_offset(text, parts[3:]))


def _year_offset(text: str, rest: list[str]) -> int:
    if not rest:
        return 0
    match = _YEAR_OFFSET.fullmatch(rest[0])
    if not match:
        raise Mistake("no_year_offset", text=text, given=rest[0])
    return int(match[1])


def _year_text(year_offset: int) -> str:
    return f", year+{year_offset}" if year_offset else ""
