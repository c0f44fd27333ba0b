"""The clock, and instants as people write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cycle.adapters.clock import Clock, SetClock, SystemClock, day_of, parse_instant
from cycle.errors import WrongInput

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-01-09T08:50:00+01:00", datetime(2025, 1, 9, 7, 50, tzinfo=UTC)),
        ("2025-07-18T08:40", datetime(2025, 7, 18, 6, 40, tzinfo=UTC)),
        ("2025-03-20", datetime(2025, 3, 19, 23, 0, tzinfo=UTC)),
        (" 2025-01-09T07:50:00Z ", datetime(2025, 1, 9, 7, 50, tzinfo=UTC)),
        ("2025-10-26T02:30", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_local_unless_it_says_otherwise(text: str, instant: datetime) -> None:
    assert parse_instant(text, BERLIN) == instant
    assert parse_instant(text, BERLIN).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "gestern", "20.03.2025", "2025-02-30", "2025-03-20T25:00", "0001-01-01"])
def test_what_is_no_instant_is_told(text: str) -> None:
    with pytest.raises(WrongInput) as refused:
        parse_instant(text, BERLIN)

    assert (refused.value.key, refused.value.facts) == ("bad_instant", {"text": text})


def test_an_hour_that_summer_time_leaves_out_is_told() -> None:
    with pytest.raises(WrongInput) as refused:
        parse_instant("2025-03-30T02:30", BERLIN)

    assert (refused.value.key, refused.value.facts) == ("no_such_time", {"text": "2025-03-30T02:30"})


def test_a_day_ends_at_local_midnight() -> None:
    assert day_of(datetime(2025, 7, 17, 21, 59, tzinfo=UTC), BERLIN) == date(2025, 7, 17)
    assert day_of(datetime(2025, 7, 17, 22, 0, tzinfo=UTC), BERLIN) == date(2025, 7, 18)
    with pytest.raises(ValueError, match="needs an offset"):
        day_of(datetime(2025, 7, 17, 22, 0), BERLIN)  # noqa: DTZ001  a naive instant is the case here


def test_a_set_clock_stands_still_until_it_is_set_and_never_counts_backwards() -> None:
    clock = SetClock(datetime(2025, 1, 10, 9, 0, tzinfo=BERLIN))
    seen = [(clock.now(), clock.monotonic())]

    for at in (datetime(2025, 1, 10, 8, 1, tzinfo=UTC), datetime(2025, 1, 10, 8, 0, tzinfo=UTC)):
        clock.set(at)
        seen.append((clock.now(), clock.monotonic()))

    assert seen == [
        (datetime(2025, 1, 10, 8, 0, tzinfo=UTC), 0.0),
        (datetime(2025, 1, 10, 8, 1, tzinfo=UTC), 60.0),
        (datetime(2025, 1, 10, 8, 0, tzinfo=UTC), 60.0),
    ]


def test_the_machines_clock_is_aware_and_runs_forward() -> None:
    clock: Clock = SystemClock()
    first, started = clock.now(), clock.monotonic()

    assert first.tzinfo is UTC
    assert clock.now() >= first
    assert clock.monotonic() >= started
