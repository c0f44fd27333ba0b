"""Describes a time zone to calendars (RFC 5545 VTIMEZONE) by one rule for summer and one for winter.

icalendar's own description lists every change up to 2038; mail programs such as Outlook understand only one yearly rule
each. A zone that has no such rule in the years asked for is not described: its times go out in UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK = 7
_EPOCH_YEAR = 1970


@dataclass(frozen=True)
class _Change:
    """One change of the clock: from which offset, to which, and the local moment (by the offset before) as a yearly rule.

    `nth` is -1 for the last weekday of the month.
    """

    before: timedelta
    after: timedelta
    name: str
    month: int
    nth: int
    weekday: int
    hour: int
    minute: int


def described(zone: ZoneInfo, years: Iterable[int]) -> Timezone | None:
    """The zone as these years have it; None where two rules cannot say it."""
    found = [_changes(zone, year) for year in years]
    if zone.key == "UTC" or any(each != found[0] for each in found):
        return None
    timezone = Timezone()
    timezone.add("tzid", zone.key)
    if not found[0]:
        offset = datetime(next(iter(years)), 1, 1, tzinfo=zone).utcoffset() or timedelta(0)
        name = datetime(next(iter(years)), 1, 1, tzinfo=zone).tzname() or zone.key
        timezone.add_component(_part(TimezoneStandard(), datetime(_EPOCH_YEAR, 1, 1), offset, offset, name))  # noqa: DTZ001 - local
        return timezone
    if len(found[0]) != len(("summer", "winter")):
        return None
    for change in found[0]:
        part = TimezoneDaylight() if change.after > change.before else TimezoneStandard()
        _part(part, _first(change), change.before, change.after, change.name)
        rule = {"freq": "yearly", "bymonth": change.month, "byday": f"{change.nth}{_WEEKDAYS[change.weekday]}"}
        part.add("rrule", rule)
        timezone.add_component(part)
    return timezone


def _part(
    part: TimezoneStandard | TimezoneDaylight, start: datetime, before: timedelta, after: timedelta, name: str
) -> TimezoneStandard | TimezoneDaylight:
    part.add("dtstart", start)
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", after)
    part.add("tzname", name)
    return part


def _changes(zone: ZoneInfo, year: int) -> tuple[_Change, ...]:
    """The changes of the clock in a year, in order."""
    moment, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found = []
    while moment < end:
        later = moment + timedelta(days=1)
        if moment.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            found.append(_change(zone, moment, later))
        moment = later
    return tuple(found)


def _change(zone: ZoneInfo, first: datetime, last: datetime) -> _Change:
    """The change between two instants, to the minute."""
    before = first.astimezone(zone).utcoffset() or timedelta(0)
    while last - first > timedelta(minutes=1):
        half = first + timedelta(minutes=(last - first) // timedelta(minutes=2))
        if half.astimezone(zone).utcoffset() == before:
            first = half
        else:
            last = half
    after = last.astimezone(zone)
    local = (last + before).replace(tzinfo=None)
    is_last = (local + timedelta(days=_WEEK)).month != local.month
    return _Change(
        before=before,
        after=after.utcoffset() or timedelta(0),
        name=after.tzname() or zone.key,
        month=local.month,
        nth=-1 if is_last else (local.day - 1) // _WEEK + 1,
        weekday=local.weekday(),
        hour=local.hour,
        minute=local.minute,
    )


def _first(change: _Change) -> datetime:
    """The first such moment from 1970 on, as RFC 5545 wants a rule to begin at one."""
    days = [datetime(_EPOCH_YEAR, change.month, 1, change.hour, change.minute) + timedelta(days=n) for n in range(31)]  # noqa: DTZ001 - local
    fitting = [day for day in days if day.month == change.month and day.weekday() == change.weekday]
    return fitting[-1] if change.nth == -1 else fitting[change.nth - 1]
