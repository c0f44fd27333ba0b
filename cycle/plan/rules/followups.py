"""Which promises a year has to do with, which are late, and which a person should hear of now."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Protocol, TypeVar

from cycle.dates.rules import Calendar, working_days_late

DAYS_AHEAD = 14  # as far as the weekly mail looks ahead


class FollowUplike(Protocol):
    """A promise as far as its days go."""

    @property
    def year(self) -> int: ...
    @property
    def due(self) -> date: ...
    @property
    def done_on(self) -> date | None: ...
    @property
    def done_in(self) -> int | None: ...


F = TypeVar("F", bound=FollowUplike)


def of_year(followups: Iterable[F], year: int) -> list[F]:
    """Those given or kept in the year, and the earlier ones not kept by then."""
    return [
        each for each in followups if each.year <= year and (each.year == year or each.done_in is None or each.done_in >= year)
    ]


def days_late(followup: FollowUplike, today: date, public: Calendar | None) -> int:
    """Working days from the due day to the day it was kept, or to today; 0 if in time."""
    return working_days_late(followup.due, followup.done_on or today, public)


def pressing(followups: Iterable[F], today: date) -> list[F]:
    """The open ones that are overdue or due within two weeks, the oldest due day first."""
    until = today + timedelta(days=DAYS_AHEAD)
    return sorted((each for each in followups if each.done_on is None and each.due <= until), key=lambda each: each.due)
