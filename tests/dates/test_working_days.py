"""Working days, lateness and the steps of the reminder ladder, counted by the public calendar of Baden-Württemberg."""

import pytest
from dates_of_musterstadt import calendars, day

from cycle.dates.rules import (
    add_working_days,
    is_working_day,
    late_from,
    public_calendar,
    step_day,
    working_days_between,
    working_days_late,
)
from cycle.errors import NotReady
from cycle.workflow.grammar import parse_offset

PUBLIC = public_calendar(calendars())

# What 2025 counted: planned, actual, working days late.
LATE = [
    ("2025-04-01", "2025-04-08", 5),
    ("2025-05-27", "2025-05-28", 1),
    ("2025-06-04", "2025-06-03", 0),
    ("2025-06-26", "2025-07-03", 5),
    ("2025-05-26", "2025-06-05", 7),
    ("2025-10-14", "2025-11-24", 29),
    ("2025-11-14", "2025-11-18", 2),
    ("2025-11-21", "2025-11-24", 1),
    ("2025-11-28", "2025-12-09", 7),
]


@pytest.mark.parametrize(("planned", "actual", "late"), LATE)
def test_the_dates_of_2025_were_late_by_working_days(planned: str, actual: str, late: int) -> None:
    assert working_days_late(day(planned), day(actual), PUBLIC) == late


def test_weekends_holidays_and_the_extra_days_are_no_working_days() -> None:
    days = ["2025-04-17", "2025-04-18", "2025-04-19", "2025-10-31", "2025-12-23", "2025-12-24", "2025-12-31"]

    assert [each for each in days if is_working_day(day(each), PUBLIC)] == ["2025-04-17", "2025-10-31", "2025-12-23"]


def test_working_days_are_added_over_easter_in_both_directions() -> None:
    assert add_working_days(day("2025-04-17"), 1, PUBLIC) == day("2025-04-22")
    assert add_working_days(day("2025-04-22"), -1, PUBLIC) == day("2025-04-17")
    assert add_working_days(day("2025-04-19"), 0, PUBLIC) == day("2025-04-19")
    assert add_working_days(day("2025-04-17"), 1, None) == day("2025-04-18")


def test_working_days_between_leave_out_the_first_day_and_count_the_last() -> None:
    assert working_days_between(day("2025-04-17"), day("2025-04-22"), PUBLIC) == 1
    assert working_days_between(day("2025-04-22"), day("2025-04-22"), PUBLIC) == 0
    assert working_days_between(day("2025-04-22"), day("2025-04-17"), PUBLIC) == 0


def test_a_date_is_late_from_the_next_working_day() -> None:
    assert late_from(day("2025-04-01"), PUBLIC) == day("2025-04-02")
    assert late_from(day("2025-11-21"), PUBLIC) == day("2025-11-24")
    assert late_from(day("2025-04-17"), PUBLIC) == day("2025-04-22")


@pytest.mark.parametrize(
    ("at", "falls"),
    [("-10wd", "2025-03-18"), ("-3wd", "2025-03-27"), ("0d", "2025-04-01"), ("+1wd", "2025-04-02"), ("+4d", "2025-04-05")],
)
def test_a_reminder_step_falls_so_many_days_from_its_date(at: str, falls: str) -> None:
    assert step_day(day("2025-04-01"), parse_offset(at), PUBLIC) == day(falls)


def test_what_a_calendar_does_not_know_is_told_even_within_its_span() -> None:
    school = calendars()["school"]

    assert school.covers(day("2030-09-07"))
    with pytest.raises(NotReady):
        school.reason(day("2023-12-31"))
