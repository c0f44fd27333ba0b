"""The first plan of a year: 84 days known beforehand, and the edges of the rules."""

from datetime import date
from pathlib import Path

import pytest
from dates_of_musterstadt import WEEKEND, ADate, calendars, day, rules

from cycle.adapters.tables import read
from cycle.dates.rules import Calendar, PlannedDay, first_plan
from cycle.errors import NotReady, WrongInput
from cycle.workflow.grammar import Fixed, When, parse_rule

EXPECTED = Path(__file__).with_name("deadlines_expected.csv")
COLUMNS = {
    "year": ("Zyklus",),
    "key": ("Schlüssel",),
    "raw": ("Roh",),
    "day": ("Datum",),
    "reason": ("Grund der Verschiebung",),
}


def expected(year: int) -> dict[str, PlannedDay]:
    table = read(EXPECTED, columns=COLUMNS, required=COLUMNS)
    return {
        row["key"]: PlannedDay(day(row["raw"]), day(row["day"]), row["reason"] or None)
        for row in (each.values for each in table.rows)
        if row["year"] == str(year)
    }


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_28_dates_of_a_year_fall_as_they_were_worked_out(year: int) -> None:
    planned = first_plan(rules(), year, calendars(), WEEKEND)

    assert planned == expected(year)
    assert len(planned) == 28
    assert list(planned) == list(rules())


def test_a_date_exists_only_in_its_years_and_so_does_what_hangs_on_it() -> None:
    dates = rules("climate_eea.yaml")
    every_year = [key for key in dates if key not in ("documents_due", "external_audit")]

    present = {year: list(first_plan(dates, year, calendars(), WEEKEND)) for year in (2026, 2027, 2028, 2029)}

    assert present == {2026: list(dates), 2027: every_year, 2028: every_year, 2029: list(dates)}


def test_a_relative_date_without_a_when_of_its_own_is_left_out_with_its_anchor() -> None:
    dates = {
        "papers": ADate(parse_rule("audit - 30d")),
        "audit": ADate(parse_rule("fixed(09-23)"), when=When(every=3, first=2026)),
    }

    assert first_plan(dates, 2027, {}, WEEKEND) == {}


def test_a_year_that_a_calendar_does_not_know_is_refused_not_free_of_holidays() -> None:
    with pytest.raises(NotReady) as refused:
        first_plan(rules(), 2031, calendars(), WEEKEND)

    assert (refused.value.key, refused.value.facts["calendar"], refused.value.facts["year"]) == (
        "calendar_not_covering",
        "school",
        2031,
    )


def test_the_last_year_of_the_table_can_be_planned_only_as_far_as_the_table_goes() -> None:
    with pytest.raises(NotReady) as refused:
        first_plan(rules(), 2030, calendars(), WEEKEND)

    assert refused.value.facts == {
        "calendar": "school",
        "year": 2030,
        "day": date(2030, 9, 17),
        "last": date(2030, 9, 7),
    }
    assert len(first_plan(rules(), 2029, calendars(), WEEKEND)) == 28


def test_a_fifth_weekday_in_a_month_that_has_four_is_told() -> None:
    dates = {"talk": ADate(parse_rule("nth_weekday(4, Tue, 5)"))}

    with pytest.raises(WrongInput) as refused:
        first_plan(dates, 2026, {}, WEEKEND)

    assert (refused.value.key, refused.value.facts) == (
        "no_such_weekday",
        {"date": "talk", "rule": "nth_weekday(4, Tue, 5)", "year": 2026, "month": 4, "count": 4},
    )
    assert first_plan({"talk": ADate(parse_rule("nth_weekday(6, Tue, 5)"))}, 2026, {}, WEEKEND) == {
        "talk": PlannedDay(date(2026, 6, 30), date(2026, 6, 30))
    }


def test_a_day_that_is_never_free_is_told_instead_of_sought_for_ever() -> None:
    closed = Calendar("closed", lambda _: "geschlossen", date.min, date.max)
    dates = {"talk": ADate(Fixed(4, 15), avoid=("closed",), shift="plus_week")}

    with pytest.raises(NotReady) as refused:
        first_plan(dates, 2026, {"closed": closed}, WEEKEND)

    assert (refused.value.key, refused.value.facts) == (
        "no_free_day",
        {"date": "talk", "day": date(2026, 4, 15), "reason": "geschlossen"},
    )


def test_a_weekend_is_stepped_over_by_workday_shifts_only() -> None:
    dates = {
        shift: ADate(Fixed(1, 10), avoid=("public",), shift=shift)
        for shift in ("next_workday", "prev_workday", "plus_week", "none")
    }

    assert first_plan(dates, 2026, calendars(), WEEKEND) == {
        "next_workday": PlannedDay(date(2026, 1, 10), date(2026, 1, 12), "Wochenende, Wochenende"),
        "prev_workday": PlannedDay(date(2026, 1, 10), date(2026, 1, 9), "Wochenende"),
        "plus_week": PlannedDay(date(2026, 1, 10), date(2026, 1, 10)),
        "none": PlannedDay(date(2026, 1, 10), date(2026, 1, 10)),
    }
