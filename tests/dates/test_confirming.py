"""Who agreed upon a day agreed upon that day: one that moves along with another is to be confirmed again."""

import json
from typing import Any

import pytest
from small_town import open_year


@pytest.fixture
def town(cycle: Any) -> Any:
    """A town whose round table counts from the day on which the theme is decided."""
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    found = next(line for line in text.splitlines() if line.strip().startswith("round_table:") and "nth_weekday" in line)
    counted = found.replace('"nth_weekday(7, Tue, 3)"', '"theme_decision + 26d"')
    assert counted != found
    file.write_text(text.replace(found, counted), encoding="utf-8")
    return open_year(cycle)


def confirmed(town: Any) -> dict[str, str | None]:
    told = json.loads(town("date list 2025 --json").out)["deadlines"]
    return {each["key"]: each["confirmed"] for each in told if each["key"] in ("theme_decision", "round_table")}


def move(town: Any, day: str) -> str:
    return str(town(f'date move 2025 theme_decision {day} --reason "Sitzung verlegt"').err)


def test_a_confirmed_day_that_moves_along_is_open_again_and_the_entry_and_the_person_are_told(town: Any) -> None:
    town("date confirm 2025 theme_decision")
    town("date confirm 2025 round_table")

    said = move(town, "2025-07-03")

    assert confirmed(town) == {"theme_decision": "2025-01-10", "round_table": None}
    assert "! „Runder Tisch“ war bestätigt und ist mitgewandert: Der neue Tag, 29.07.2025, ist noch zu bestätigen mit: " in said
    last = json.loads(town("history list 2025 --json --last 1").out)["entries"][0]
    assert last["data"]["open_again"] == ["round_table"]
    assert "Wieder zu bestätigen: Runder Tisch." in town("history list 2025 --last 1").out
    assert "Runder Tisch" in town("advance 2025", code=3).err
    town(said.partition("zu bestätigen mit: cycle ")[2].splitlines()[0])
    assert confirmed(town)["round_table"] == "2025-01-10"


def test_what_nobody_had_confirmed_and_what_keeps_its_day_stay_as_they_were(town: Any) -> None:
    town("date confirm 2025 theme_decision")

    said = move(town, "2025-07-03")

    assert "mitgewandert" not in said
    assert "open_again" not in json.loads(town("history list 2025 --json --last 1").out)["entries"][0]["data"]


def test_a_day_moved_by_hand_counts_as_agreed_upon_and_keeps_it(town: Any) -> None:
    town("date confirm 2025 round_table")
    town('date move 2025 round_table 2025-07-30 --reason "Saal"')

    assert confirmed(town)["round_table"] == "2025-01-10"
