"""Stories 1, 2, 9 and 19: a year is opened, seen as it stands and as it stood, and two run at once."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cycle.app.places import data_root

DEMO = data_root() / "config" / "demo"
PROJECTS_2026 = Path(__file__).parents[1] / "data" / "projects.csv"
EXPECTED = Path(__file__).parents[1] / "dates" / "deadlines_expected.csv"


def expected_dates(year: int) -> list[tuple[str, str, str, str | None]]:
    with EXPECTED.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter=";") if row["Zyklus"] == str(year)]
    return [(row["Schlüssel"], row["Roh"], row["Datum"], row["Grund der Verschiebung"] or None) for row in rows]


def entries(cycle: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cycle("history list --json").out)["entries"]
    return found


def test_started_year_has_the_28_expected_dates_with_their_shifts_and_reasons(cycle: Any) -> None:
    cycle("start 2027", at="2027-01-11T09:00:00+01:00")

    told = json.loads(cycle("date list 2027 --json").out)

    found = [(d["key"], d["raw"], d["planned"], d["shift_reason"]) for d in told["deadlines"]]
    assert len(found) == 28
    assert sorted(found) == sorted(expected_dates(2027))
    assert [d["first_planned"] for d in told["deadlines"]] == [d["planned"] for d in told["deadlines"]]


def test_second_start_of_a_year_is_wrong_use_and_changes_nothing(cycle: Any) -> None:
    cycle("start 2027", at="2027-01-11T09:00:00+01:00")
    before = entries(cycle)

    said = cycle("start 2027", at="2027-01-12T09:00:00+01:00", code=2)

    assert said.err == "Das Jahr 2027 ist schon eröffnet. Den Stand zeigt: cycle status 2027\n"
    assert entries(cycle) == before


def test_start_at_a_phase_in_midyear_skips_the_dates_that_are_past_and_mails_nothing_for_them(cycle: Any) -> None:
    cycle("group import " + str(DEMO / "network_groups.csv"), at="2025-06-10T09:00:00+02:00")
    cycle("partner import " + str(DEMO / "partners_2025.csv"))
    cycle("start 2025 --at focus_theme")
    cycle("date confirm 2025 round_table")

    cycle("run --once")
    told = json.loads(cycle("date list 2025 --json").out)["deadlines"]
    first = json.loads(cycle("mail list --json").out)["mails"]
    cycle("run --once", at="2025-06-17T08:00:00+02:00")
    mails = json.loads(cycle("mail list --json").out)["mails"]

    assert sorted(d["key"] for d in told if d["status"] == "skipped_at_open") == sorted(
        d["key"] for d in told if d["planned"] < "2025-06-10"
    )
    assert {d["status"] for d in told if d["planned"] >= "2025-06-10"} == {"open"}
    assert first == []
    assert Counter(tuple(mail["templates"]) for mail in mails) == {("invitation_round_table",): 58}


def test_year_does_not_start_in_a_phase_that_is_unknown_or_final(cycle: Any) -> None:
    before = entries(cycle)

    cycle("start 2025 --at sommerfest", code=4)
    cycle("start 2025 --at closed", code=2)

    assert entries(cycle) == before


def test_status_as_of_a_day_tells_phase_next_dates_failing_checks_and_who_is_silent(
    story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = story("minutes missing")

    (told,) = json.loads(cycle("status 2025 --as-of 2025-03-20 --json").out)["cycles"]

    assert (told["phase"], told["round"], told["standing"]) == ("status_analysis", 1, "open")
    assert [(d["key"], d["planned"], d["working_days_left"]) for d in told["next"]] == [
        ("survey_due", "2025-04-01", 8),
        ("spring_invitation", "2025-04-01", 8),
        ("survey_hard_close", "2025-04-08", 13),
    ]
    assert [check["check"] for check in told["checks"] if not check["met"]] == ["S1", "S2", "S3", "S4", "S5"]
    assert told["not_answered"] == 44
    assert told["overdue"] == []


def test_status_as_of_a_minute_before_and_after_the_council_changed_the_theme(
    story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = story("reviews missing")

    (before,) = json.loads(cycle("status 2025 --as-of 2025-07-17T23:59 --json").out)["cycles"]
    (after,) = json.loads(cycle("status 2025 --as-of 2025-07-18T08:40 --json").out)["cycles"]

    assert (before["phase"], before["round"]) == ("round_table", 1)
    assert (after["phase"], after["round"]) == ("focus_theme", 2)


def test_two_years_run_at_once_and_the_later_waits_before_its_round_table_for_the_earlier(story: Any) -> None:
    cycle = story("two years at once")
    told = json.loads(cycle("status --json").out)["cycles"]
    assert [(each["year"], each["phase"], each["standing"]) for each in told] == [
        (2025, "measures", "open"),
        (2026, "status_analysis", "open"),
    ]
    through_the_spring(cycle)

    cycle("advance 2026", at="2026-06-05T09:00:00+02:00", code=3)

    (last,) = json.loads(cycle("history list 2026 --json --last 1").out)["entries"]
    assert (last["type"], last["data"]["findings"]) == (
        "phase.refused",
        [{"check": None, "key": "previous_still_open", "facts": {"previous": "2025", "phase": "round_table"}}],
    )
    (now,) = json.loads(cycle("status 2026 --json").out)["cycles"]
    assert now["phase"] == "focus_theme"


def test_third_year_does_not_start_while_two_run(story: Any) -> None:
    cycle = story("two years at once")

    cycle("start 2027", code=3)

    assert (entries(cycle)[-1]["type"], entries(cycle)[-1]["data"]["findings"]) == (
        "command.refused",
        [{"check": None, "key": "too_many_running", "facts": {"most": 2, "running": ["2025", "2026"]}}],
    )
    assert [each["year"] for each in json.loads(cycle("status --json").out)["cycles"]] == [2025, 2026]


def through_the_spring(cycle: Any) -> None:
    """2026 comes to its focus theme, with the theme of two years confirmed."""
    minutes = DEMO / "documents_2025" / "minutes_spring.txt"
    cycle("survey import 2026 " + str(DEMO / "survey_2026.csv") + " --until 2026-03-25", at="2026-03-25T09:00:00+01:00")
    cycle("survey close 2026")
    cycle("project import 2026 " + str(PROJECTS_2026))
    cycle("gap 2026 --record")
    cycle("meeting held 2026 spring --on-site 40 --online 12", at="2026-04-28T19:00:00+02:00")
    cycle(f"document file 2026 minutes --of spring --file {minutes}", at="2026-05-04T09:00:00+02:00")
    cycle('need none 2026 --reason "Alle Bedarfe laufen weiter"')
    cycle("advance 2026")
    cycle("theme confirm 2026 T2")
