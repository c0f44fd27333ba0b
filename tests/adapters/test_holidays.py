"""Public holidays, calendar files and ranges: which days have a name, and for which time that is known."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from cycle.adapters.holidays import days_of, file_days, public_days, range_days
from cycle.errors import NotFound, WrongInput

CALENDARS = Path(__file__).parents[2] / "config" / "calendars"
BW = CALENDARS / "calendar_bw.csv"


@dataclass(frozen=True)
class AFile:
    path: str
    type: str
    kind: str = "file"


@dataclass(frozen=True)
class Others:
    kind: str
    region: str = "DE-BW"
    extra: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()


def write(folder: Path, *rows: str, name: str = "local.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["Art;Name;Von;Bis", *rows]) + "\n", "utf-8")
    return path


def test_the_public_holidays_of_every_year_in_the_table_are_those_of_the_library() -> None:
    public, table = public_days("DE-BW"), file_days(BW, "Feiertag")
    days = [date(2024, 1, 1) + timedelta(days=offset) for offset in range(7 * 365 + 2)]

    assert days[-1] == date(2030, 12, 31)
    assert [day for day in days if public.named(day)] == [day for day in days if table.named(day)]


def test_extra_days_are_named_by_their_date_every_year_and_yield_to_a_holidays_name() -> None:
    named = public_days("DE-BW", ["12-24", "12-25"]).named
    days = [date(2025, 6, 19), date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28)]

    assert [named(day) for day in days] == ["Fronleichnam", "24.12.", "Erster Weihnachtstag", None]


def test_a_region_that_does_not_exist_is_told() -> None:
    for region in ("DE-XX", "ZZ"):
        with pytest.raises(WrongInput) as refused:
            public_days(region)
        assert (refused.value.key, refused.value.facts) == ("unknown_region", {"region": region})


def test_a_calendar_file_covers_its_years_and_the_last_only_as_far_as_it_goes() -> None:
    school, religious = file_days(BW, "Schulferien"), file_days(BW, "Religiöser Festtag")

    assert (school.first, school.last, school.gaps) == (date(2024, 1, 1), date(2030, 9, 7), frozenset())
    assert (religious.first, religious.last) == (date(2024, 1, 1), date(2030, 12, 31))
    days = [date(2025, 4, 13), date(2025, 4, 14), date(2025, 4, 26), date(2025, 4, 27)]
    assert [school.named(day) for day in days] == [None, "Osterferien", "Osterferien", None]


def test_a_year_in_the_middle_without_a_row_is_a_gap(tmp_path: Path) -> None:
    path = write(tmp_path, "Sperrtag;Stadtfest;2026-07-04;2026-07-05", "Sperrtag;Stadtfest;08.07.2028;09.07.2028")

    days = file_days(path, "Sperrtag")

    assert (days.first, days.last, days.gaps) == (date(2026, 1, 1), date(2028, 12, 31), frozenset({2027}))


def test_a_malformed_calendar_file_is_told_with_every_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Sperrtag;Stadtfest;2026-07-05;2026-07-04",
        "Sperrtag;;2026-07-05;morgen",
        "Sperrtag;Markt;2026-07-05",
        "Feiertag;anderes;;",
    )

    with pytest.raises(WrongInput) as refused:
        file_days(path, "Sperrtag")

    assert (refused.value.key, refused.value.facts) == ("calendar_malformed", {"file": "local.csv"})
    assert refused.value.problems == (
        "local.csv:4: row_cells, expected=4, found=3",
        "local.csv:2: Bis: range_backwards, first=2026-07-05, last=2026-07-04",
        "local.csv:3: Name: cell_empty",
        "local.csv:3: Bis: cell_no_day, text=morgen",
    )


def test_a_type_that_no_row_has_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongInput) as refused:
        file_days(write(tmp_path, "Feiertag;Neujahr;2026-01-01;2026-01-01"), "Ferien")

    assert (refused.value.key, refused.value.facts) == (
        "calendar_without_type",
        {"file": "local.csv", "type": "Ferien"},
    )


def test_ranges_hold_every_year_and_over_the_new_year() -> None:
    quiet = range_days(["08-01..08-31", "12-23..01-06"])
    days = [date(2026, 7, 31), date(2026, 8, 1), date(2099, 8, 31), date(2026, 12, 23), date(1900, 1, 6)]

    assert [quiet.named(day) for day in [*days, date(2026, 1, 7)]] == [
        None,
        "01.08.–31.08.",
        "01.08.–31.08.",
        "23.12.–06.01.",
        "23.12.–06.01.",
        None,
    ]
    assert (quiet.first, quiet.last) == (date.min, date.max)


@pytest.mark.parametrize(
    ("text", "key"), [("08-01", "bad_range"), ("08-01..02-30", "bad_month_day"), ("8-1..08-31", "bad_month_day")]
)
def test_what_is_no_range_is_told(text: str, key: str) -> None:
    with pytest.raises(WrongInput) as refused:
        range_days([text])

    assert refused.value.key == key


def test_a_sites_own_file_goes_before_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, "Schulferien;Eigene Ferien;2026-05-04;2026-05-04", name="calendar_bw.csv")
    asked = {
        "school": AFile("calendar_bw.csv", "Schulferien"),
        "public": Others("holidays", extra=("12-24",)),
        "quiet": Others("ranges", ranges=("05-01..05-31",)),
    }

    day = date(2026, 5, 4)

    assert {name: days_of(calendar, [tmp_path, CALENDARS]).named(day) for name, calendar in asked.items()} == {
        "school": "Eigene Ferien",
        "public": None,
        "quiet": "01.05.–31.05.",
    }
    assert days_of(asked["school"], [tmp_path / "none", CALENDARS]).named(day) is None


def test_a_calendar_file_that_is_nowhere_or_outside_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as nowhere:
        days_of(AFile("none.csv", "Schulferien"), [tmp_path])
    with pytest.raises(WrongInput) as outside:
        days_of(AFile("../calendar_bw.csv", "Schulferien"), [CALENDARS])

    assert (nowhere.value.key, nowhere.value.facts) == (
        "calendar_file_not_found",
        {"file": "none.csv", "folders": str(tmp_path)},
    )
    assert (outside.value.key, outside.value.facts) == ("calendar_outside", {"file": "../calendar_bw.csv"})
