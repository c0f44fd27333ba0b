"""The only reader of time: the clock of the machine, or one that is set by hand; and instants as people write them.

Everything else takes `now` or `today` as an argument. Instants are aware and UTC; days are days of the plan's zone.
"""

import time
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Protocol

from cycle.errors import WrongInput


class Clock(Protocol):
    """What the service and the commands need of a clock."""

    def now(self) -> datetime:
        """This instant, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment; never runs backwards."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SetClock:
    """A clock that stands still until it is set: for tests, and for CYCLE_NOW in a sandbox."""

    def __init__(self, at: datetime) -> None:
        self._at = _utc(at)
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._elapsed

    def set(self, at: datetime) -> None:
        """Sets the clock, backwards too; `monotonic` counts only the steps forward."""
        self._elapsed += max(0.0, (_utc(at) - self._at).total_seconds())
        self._at = _utc(at)


@lru_cache(maxsize=64)  # in a sandbox the same one is asked for at every step
def parse_instant(text: str, zone: tzinfo) -> datetime:
    """An instant in UTC from ISO 8601; without an offset it is local time in `zone`, a day alone its first minute there.

    Raises:
        WrongInput: `bad_instant`, no such form or day; `no_such_time`, an hour that summer time leaves out.
    """
    try:
        given = datetime.fromisoformat(text.strip())
        if given.tzinfo is not None:
            return given.astimezone(UTC)
        instant = given.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongInput("bad_instant", text=text) from None
    if instant.astimezone(zone).replace(tzinfo=None) != given:
        raise WrongInput("no_such_time", text=text)
    return instant


def day_of(instant: datetime, zone: tzinfo) -> date:
    """The day on which people in `zone` live through an instant: what is due on a day is due until 23:59 there."""
    return _utc(instant).astimezone(zone).date()


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return at.astimezone(UTC)
