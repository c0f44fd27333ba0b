"""The one door to `holidays` and to calendar files: which days have a name, and for which time that is known at all.

Returns plain data (`Days`); what follows from a named day is decided in `cycle.dates.rules`.
"""

import re
import sys
from collections.abc import Callable, Sequence
from datetime import MAXYEAR, date, timedelta
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from cycle.errors import NotFound, WrongInput

_COLUMNS = {"type": ("Art",), "name": ("Name",), "first": ("Von",), "last": ("Bis",)}
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
_LEAP_YEAR = 2028
_LONGEST_DAYS = 366


class Days(NamedTuple):
    """A calendar's knowledge: the name of a day or None, asked from `first` to `last`, except in the years `gaps`."""

    named: Callable[[date], str | None]
    first: date
    last: date
    gaps: frozenset[int] = frozenset()


def days_of(calendar: Any, folders: Sequence[Path]) -> Days:
    """What one of the workflow's calendars knows. A file is taken from the first of the `folders` that has it.

    Each calendar has a `kind` and what belongs to it: `holidays` (region, extra), `file` (path, type), `ranges` (ranges).

    Raises:
        NotFound, WrongInput: as the functions below.
    """
    match calendar.kind:
        case "holidays":
            return public_days(calendar.region, calendar.extra)
        case "file":
            return file_days(_find(calendar.path, folders), calendar.type)
        case "ranges":
            return range_days(calendar.ranges)
        case kind:
            raise ValueError(f"a calendar of kind {kind} is unknown here")


def public_days(region: str, extra: Sequence[str] = ()) -> Days:
    """The public holidays of a region such as DE-BW, named in its own language, and every year's `extra` days (MM-DD).

    Raises:
        WrongInput: `unknown_region`, `bad_month_day`.
    """
    first_year, last_year = _span(region)
    extra_names = {_month_day(text): f"{text[3:]}.{text[:2]}." for text in extra}

    def named(day: date) -> str | None:
        return _public_holidays(region, day.year).get(day) or extra_names.get((day.month, day.day))

    return Days(named, date(first_year, 1, 1), date(last_year, 12, 31))


def file_days(path: Path, type: str) -> Days:
    """The rows of one type in a calendar file (Art;Name;Von;Bis, ISO or dd.mm.yyyy, both days included).

    Covered are whole years, from the first to the last in which a row begins; a year without a row is a gap, never "no
    holidays". If the last year has fewer rows than the year before, the table stops in mid-year (as the school holidays
    of calendar_bw.csv do in September 2030), and the cover with it, on the last named day.

    Raises:
        NotFound: `file_not_found`.
        WrongInput: `calendar_malformed` with every problem, `calendar_without_type`, or what `tables.read` finds.
    """
    from cycle.adapters import tables  # a door for many kinds of file, which public holidays do not need

    table = tables.read(path, columns=_COLUMNS, required=_COLUMNS)
    problems = list(table.problems)
    spans: list[tuple[date, date]] = []
    names: dict[date, str] = {}
    for row in table.rows:
        if row.values["type"].casefold() != type.casefold():
            continue
        name = tables.value(table, row, "name", tables.filled, problems)
        first = tables.value(table, row, "first", tables.filled_day, problems)
        last = tables.value(table, row, "last", tables.filled_day, problems)
        if not (name and first and last):
            continue
        if not first <= last <= first + timedelta(days=_LONGEST_DAYS):
            problems.append(tables.Problem(path.name, row.line, "Bis", "range_backwards", first=first, last=last))
            continue
        spans.append((first, last))
        for offset in range((last - first).days + 1):
            names.setdefault(first + timedelta(days=offset), name)
    if problems:
        raise WrongInput("calendar_malformed", problems=problems, file=path.name)
    if not spans:
        raise WrongInput("calendar_without_type", file=path.name, type=type)
    return Days(names.get, *_coverage(spans))


def range_days(ranges: Sequence[str]) -> Days:
    """The same days every year, such as 08-01..08-31 or, over the new year, 12-23..01-06; covers every year.

    Raises:
        WrongInput: `bad_range`, `bad_month_day`.
    """
    spans = [_range(text) for text in ranges]

    def named(day: date) -> str | None:
        today = (day.month, day.day)
        for first, last in spans:
            inside = first <= today <= last if first <= last else today >= first or today <= last
            if inside:
                return f"{first[1]:02}.{first[0]:02}.–{last[1]:02}.{last[0]:02}."
        return None

    return Days(named, date.min, date(MAXYEAR, 12, 31))


def _find(path: str, folders: Sequence[Path]) -> Path:
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise WrongInput("calendar_outside", file=path)
    for folder in folders:
        if (folder / path).is_file():
            return folder / path
    raise NotFound("calendar_file_not_found", file=path, folders=", ".join(str(folder) for folder in folders))


def _coverage(spans: Sequence[tuple[date, date]]) -> tuple[date, date, frozenset[int]]:
    years = [first.year for first, _ in spans]
    first_year, last_year = min(years), max(years)
    last_day = max(last for _, last in spans)
    year_end = date(last_year, 12, 31)
    whole = last_day >= year_end or years.count(last_year) >= years.count(last_year - 1)
    gaps = frozenset(range(first_year, last_year)) - frozenset(years)
    return date(first_year, 1, 1), year_end if whole else last_day, gaps


def _range(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    first, dots, last = text.partition("..")
    if not dots:
        raise WrongInput("bad_range", text=text)
    return _month_day(first.strip()), _month_day(last.strip())


def _month_day(text: str) -> tuple[int, int]:
    match = _MONTH_DAY.fullmatch(text)
    try:
        if match:
            date(_LEAP_YEAR, int(match[1]), int(match[2]))
            return int(match[1]), int(match[2])
    except ValueError:
        pass
    raise WrongInput("bad_month_day", text=text)


@lru_cache
def _span(region: str) -> tuple[int, int]:
    found = _country_holidays(region)
    return found.start_year, found.end_year


@lru_cache
def _public_holidays(region: str, year: int) -> dict[date, str]:
    # Without a language the names follow the locale of the process.
    return dict(_country_holidays(region, years=year, language=_country_holidays(region).default_language))


def _country_holidays(region: str, **options: Any) -> Any:
    country, _, subdivision = region.partition("-")
    try:
        return _library().country_holidays(country, subdiv=subdivision or None, **options)
    except NotImplementedError:
        raise WrongInput("unknown_region", region=region) from None


@cache
def _library() -> Any:
    """`holidays`, loaded when it is first asked. Its package of countries reads all 250 of them to find one, which is a
    tenth of what a short command takes; as a package that reads nothing itself it finds the one."""
    library = import_module("holidays")
    if "holidays.countries" not in sys.modules:
        countries = ModuleType("holidays.countries")
        countries.__path__ = [str(Path(folder) / "countries") for folder in library.__path__]
        sys.modules[countries.__name__] = countries
    return library
