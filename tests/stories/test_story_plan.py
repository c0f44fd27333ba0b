"""Stories 7, 8 and 10: a theme of two years confirmed, the gaps seen, a measure carried with its number kept."""

import json
from pathlib import Path
from typing import Any

from cycle.app.places import data_root

DEMO = data_root() / "config" / "demo"
DATA = Path(__file__).parents[1] / "data"


def answered(cycle: Any, line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cycle(f"{line} --json").out)
    return found


def to_the_theme(cycle: Any) -> None:
    """2026 comes to its focus theme; 2025 is closed by then."""
    cycle(f"survey import 2026 {DEMO / 'survey_2026.csv'} --until 2026-03-25", at="2026-03-25T09:00:00+01:00")
    cycle("survey close 2026")
    cycle(f"project import 2026 {DATA / 'projects.csv'}")
    cycle("gap 2026 --record")
    cycle("meeting held 2026 spring --on-site 40 --online 12", at="2026-04-28T19:00:00+02:00")
    minutes = DEMO / "documents_2025" / "minutes_spring.txt"
    cycle(f"document file 2026 minutes --of spring --file {minutes}", at="2026-05-04T09:00:00+02:00")
    cycle("need none 2026")
    cycle("advance 2026")


def test_theme_of_two_years_is_confirmed_and_satisfies_both_checks(story: Any) -> None:
    cycle = story("the whole story")
    to_the_theme(cycle)
    cycle("advance 2026", code=3)
    (refusal,) = answered(cycle, "history list 2026 --last 1")["entries"]
    assert [finding["check"] for finding in refusal["data"]["findings"]] == ["F2"]

    cycle("theme confirm 2026 T2")
    cycle("advance 2026")

    (decided,) = answered(cycle, "decision list 2026")["decisions"]
    assert (decided["theme"], decided["outcome"], decided["confirms"]) == ("T2", "adopted", True)
    assert cycle("decision list 2026").out.splitlines()[1].split("\t")[1:4] == ["Thema T2", "Gemeinderat", "bestätigt"]
    assert {each["confirms"] for each in answered(cycle, "decision list 2025")["decisions"]} == {False}
    (told,) = answered(cycle, "status 2026")["cycles"]
    assert told["phase"] == "round_table"
    (advanced,) = answered(cycle, "history list 2026 --last 1")["entries"]
    assert [each["check"] for each in advanced["data"]["checks"] if each["met"]] == ["F1", "F2", "F3"]


def test_second_primary_theme_in_the_same_time_is_refused(story: Any) -> None:
    cycle = story("the whole story")
    before = answered(cycle, "theme list 2026")["themes"]

    cycle(
        'theme propose 2026 "Wohnen im Quartier" --field housing --primary --valid-from 2026-01-01 --valid-to 2026-12-31',
        code=3,
    )

    (refusal,) = answered(cycle, "history list 2026 --last 1")["entries"]
    assert (refusal["type"], [finding["check"] for finding in refusal["data"]["findings"]]) == ("command.refused", ["F1"])
    assert answered(cycle, "theme list 2026")["themes"] == before


def test_gap_of_2026_has_the_expected_shares_statuses_and_money(cycle: Any) -> None:
    cycle(f"group import {DEMO / 'network_groups.csv'}", at="2026-03-20T09:00:00+01:00")
    cycle(f"partner import {DEMO / 'partners_2025.csv'}")
    cycle("start 2026")
    cycle(f"project import 2026 {DATA / 'projects.csv'}")

    told = answered(cycle, "gap 2026")

    expected = json.loads((DATA / "expected_2026.json").read_text(encoding="utf-8"))
    labels = told["labels"]
    for part in ("target_group", "field"):
        german = labels[f"{part}s"]
        for kind in ("share", "status", "count_full"):
            if f"{part}_{kind}" in expected:
                found = {german[word]: value for word, value in told[f"{part}_{kind}"].items()}
                assert found == expected[f"{part}_{kind}"]
    money = ("projects", "funding_known", "funding_unknown", "funding_le_5000_share", "funding_total", "funding_median")
    assert {name: told[name] for name in (*money, "cooperation_share")} == {
        name: expected[name] for name in (*money, "cooperation_share")
    }
    matrix = {
        labels["target_groups"][group]: {labels["fields"][field]: count for field, count in row.items()}
        for group, row in told["matrix_full_count"].items()
    }
    assert (matrix, told["carriers"]) == (expected["matrix_full_count"], expected["carriers"])
    empty = {(labels["target_groups"][group], labels["fields"][field]) for group, field in told["matrix_empty"]}
    assert empty == {(group, field) for group, row in matrix.items() for field, count in row.items() if not count}


def test_gap_of_2026_has_the_expected_survey_and_is_compared_with_the_snapshot_of_2025(story: Any) -> None:
    cycle = story("the whole story")
    to_the_theme(cycle)

    now, before = answered(cycle, "gap 2026"), answered(cycle, "gap 2025")

    expected = json.loads((DATA / "expected_2025.json").read_text(encoding="utf-8"))["gap"]
    assert {name: before[name] for name in expected} == expected
    survey = json.loads((DATA / "expected_2026.json").read_text(encoding="utf-8"))["survey_2026"]
    assert {name: now["survey"][name] for name in survey} == survey
    changed = now["compared"]
    assert (changed["year"], changed["recorded_on"], changed["gap_closure"], changed["new_pairs"]) == (
        2025,
        "2025-04-17",
        0.0,
        6,
    )
    assert {kind: (changed[kind]["kept"], changed[kind]["new"]) for kind in ("target_group", "field")} == {
        "target_group": (["seniors", "young_adults"], ["youth"]),
        "field": (["housing", "work"], []),
    }
    assert {line["word"]: line["status"] for line in now["differing"]} == {"values": "expandable", "work": "expandable"}


def test_gap_is_looked_at_without_being_recorded(cycle: Any) -> None:
    cycle("start 2026", at="2026-03-20T09:00:00+01:00")
    before = answered(cycle, "history list")["entries"]

    assert answered(cycle, "gap 2026")["recorded"] is None

    assert answered(cycle, "history list")["entries"] == before


def test_carried_measure_keeps_its_number_and_first_day_and_the_sponsor_hears_of_it(story: Any) -> None:
    cycle = story("measures to carry")
    before = answered(cycle, "measure show 2025 M-2024-03")
    assert (before["carry_count"], before["due_first"], before["due"]) == (1, "2024-12-31", "2025-12-31")

    cycle('measure carry 2025 M-2024-03 --to 2026 --due 2026-12-31 --reason "keine Mittel"')
    cycle("run --once")

    after = answered(cycle, "measure show 2025 M-2024-03")
    assert after == before | {
        "carry_count": 2,
        "carried_to": [2025, 2026],
        "due": "2026-12-31",
        "days_late": after["days_late"],
        "at_close": "carried",
        "reason": "keine Mittel",
    }
    notes = answered(cycle, "mail list --template sponsor_note")["mails"]
    assert [(mail["state"], mail["role"], mail["level"], mail["subject"]) for mail in notes] == [
        ("sent", "sponsor", 4, "[IP-2025] Zum 2. Mal übertragen: Maßnahme M-2024-03")
    ]
    assert answered(cycle, "measure show 2026 M-2024-03")["number"] == "M-2024-03"


def test_measure_is_not_carried_without_a_reason(story: Any) -> None:
    cycle = story("measures to carry")
    before = answered(cycle, "history list")["entries"]

    cycle("measure carry 2025 M-2024-03 --to 2026 --due 2026-12-31", code=2)

    assert answered(cycle, "history list")["entries"] == before
