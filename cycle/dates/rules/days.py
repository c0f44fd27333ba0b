"""What a day is: named in a calendar, a working day, so many working days before or after another, late."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from cycle.errors import NotReady
from cycle.workflow.grammar import Offset, Unit

PUBLIC = "public"
ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Days that have a name, and the span for which that is known, but for the years in `gaps`."""

    name: str
    named: Callable[[date], str | None]
    first: date
    last: date
    gaps: frozenset[int] = frozenset()

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last and day.year not in self.gaps

    def reason(self, day: date) -> str | None:
        """What the day is called ("Osterferien"), or None.

        Raises:
            NotReady: `calendar_not_covering`; what a calendar does not know is never "no holiday".
        """
        if not self.covers(day):
            raise NotReady("calendar_not_covering", calendar=self.name, year=day.year, day=day, last=self.last)
        return self.named(day)


Calendars = Mapping[str, Calendar]


def public_calendar(calendars: Calendars) -> Calendar | None:
    """The calendar that working days are counted by; without one, every Monday to Friday is a working day."""
    return calendars.get(PUBLIC)


def is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def is_working_day(day: date, public: Calendar | None) -> bool:
    """Monday to Friday and not a named day of the public calendar."""
    return not is_weekend(day) and (public is None or public.reason(day) is None)


@lru_cache(maxsize=4096)  # the steps of a year are the same at every tick
def add_working_days(day: date, count: int, public: Calendar | None) -> date:
    """The day so many working days after, or with a negative count before; 0 is the day itself, whatever it is."""
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day, public):
            day += step
    return day


def working_days_between(start: date, end: date, public: Calendar | None) -> int:
    """The working days after `start` up to and with `end`; 0 if `end` is not later."""
    return sum(is_working_day(start + offset * ONE_DAY, public) for offset in range(1, (end - start).days + 1))


def step_day(day: date, offset: Offset, public: Calendar | None) -> date:
    """The day of a reminder step; the send window, not this, decides what happens on a day without post."""
    if offset.unit is Unit.WORKING_DAYS:
        return add_working_days(day, offset.count, public)
    return day + offset.count * ONE_DAY


def late_from(day: date, public: Calendar | None) -> date:
    """Due is due until 23:59 of the day in the plan's zone; from this day on, the next working day, it is late."""
    return add_working_days(day, 1, public)


def working_days_late(planned: date, actual: date, public: Calendar | None) -> int:
    """How late something ended, in working days; 0 if in time."""
    return working_days_between(planned, actual, public)
