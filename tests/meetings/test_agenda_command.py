"""The programme of a meeting: item by item, whole from a table, in the invitation and in the calendar."""

import json
from pathlib import Path
from typing import Any

import pytest
from played import played_once

DEMO = Path(__file__).parents[2] / "config" / "demo"
HEADER = "Titel;Art;Referent/in;Beginn;Minuten;Schwerpunktthema;Dokument;Honorar EUR"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """A site with the year 2025."""
    cycle("start 2025")
    return cycle


def agenda(town: Any, meeting: str = "spring") -> list[tuple[Any, ...]]:
    items = json.loads(town(f"meeting agenda list 2025 {meeting} --json").out)["items"]
    return [(each["number"], each["start"], each["kind"], each["title"], each["speaker"]) for each in items]


def last_entry(town: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(town("history list 2025 --json").out)["entries"][-1]
    return found


def table(folder: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8-sig") -> Path:
    file = folder / "programm.csv"
    file.write_bytes("\r\n".join([header, *lines, ""]).encode(encoding))
    return file


def test_a_whole_programme_is_read_from_a_table_in_one_command(town: Any) -> None:
    town(f"meeting agenda import 2025 spring {DEMO / 'agenda_2025.csv'}")

    assert agenda(town) == [
        (1, "14:00", "welcome", "Begrüßung", None),
        (2, "14:15", "report", "Ergebnisse der Bestandserhebung 2025", None),
        (3, "15:00", "talk", "Schule und Herkunft: Wo Wege enden", "Prof. Dr. Mara Lindqvist"),
        (4, "16:00", "break", "Pause", None),
        (5, "16:20", "workshop", "Welche Bedarfe sehen Sie? Arbeit in den Netzwerkgruppen", None),
        (6, "17:30", "agreement", "Verabredungen und Ausblick", None),
    ]


def test_who_speaks_is_never_in_the_chain(town: Any) -> None:
    town(f"meeting agenda import 2025 spring {DEMO / 'agenda_2025.csv'}")

    assert "Lindqvist" not in town("history list --json").out
    assert "Lindqvist" in town("meeting show 2025 spring").out


def test_the_same_table_twice_changes_nothing_and_a_corrected_one_mends(town: Any, tmp_path: Path) -> None:
    first = table(tmp_path, "Begrüßung;;;14:00;15;;;", "Pause;;;;20;;;", "Ausklang;;;;;;;")
    town(f"meeting agenda import 2025 spring {first}")
    before = last_entry(town)["seq"]
    again = town(f"meeting agenda import 2025 spring {first}")
    assert last_entry(town)["seq"] == before
    assert again.err.startswith("Das Programm von Netzwerktreffen steht schon so da (3 Punkte)")

    town(f"meeting agenda import 2025 spring {table(tmp_path, 'Begrüßung;;;14:00;15;;;', 'Vortrag;Vortrag;Dr. Neu;;45;;;')}")

    assert agenda(town) == [(1, "14:00", None, "Begrüßung", None), (2, "14:15", "talk", "Vortrag", "Dr. Neu")]


def test_a_table_from_excel_in_cp1252_with_other_headers_is_read(town: Any, tmp_path: Path) -> None:
    file = table(tmp_path, "14.00 Uhr\tGrußwort\t10 Min.", header="Uhrzeit\tTOP\tDauer", encoding="cp1252")

    town(f"meeting agenda import 2025 spring {file}")

    assert agenda(town) == [(1, "14:00", None, "Grußwort", None)]


def test_every_wrong_cell_is_told_with_its_place_and_nothing_is_done(town: Any, tmp_path: Path) -> None:
    file = table(tmp_path, "Begrüßung;Tanz;;25:00;viele;T9;protokoll.pdf;-3", ";Vortrag;;;;;;")
    before = last_entry(town)["seq"]

    said = town(f"meeting agenda import 2025 spring {file}", code=2)

    assert last_entry(town)["seq"] == before
    lines = said.err.splitlines()
    assert lines[0] == "In programm.csv stimmt etwas nicht (7 Stellen); es ist nichts geändert. Berichtigen Sie:"
    assert [line.split(": ")[:2] for line in lines[1:]] == [
        ["  programm.csv:2", "Art"],
        ["  programm.csv:2", "Beginn"],
        ["  programm.csv:2", "Minuten"],
        ["  programm.csv:2", "Schwerpunktthema"],
        ["  programm.csv:2", "Dokument"],
        ["  programm.csv:2", "Honorar EUR"],
        ["  programm.csv:3", "Titel"],
    ]
    assert lines[2] == "  programm.csv:2: Beginn: „25:00“ ist keine Uhrzeit. Schreiben Sie SS:MM, zum Beispiel 14:00."


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        (["A;;;15:00;10;;;", "B;;;14:00;10;;;"], "  programm.csv:3: Beginn: Punkt 2 würde um 14:00 Uhr beginnen"),
        ([], "In programm.csv steht kein Punkt."),
    ],
)
def test_a_programme_out_of_order_or_empty_is_told(town: Any, tmp_path: Path, lines: list[str], start: str) -> None:
    said = town(f"meeting agenda import 2025 spring {table(tmp_path, *lines)}", code=2)

    assert any(line.startswith(start) for line in said.err.splitlines())
    assert agenda(town) == []


def test_items_are_added_moved_and_dropped_one_by_one(town: Any) -> None:
    town("meeting agenda add 2025 spring Bericht --kind Bericht --minutes 30")
    town("meeting agenda add 2025 spring Ausklang")
    town("meeting agenda add 2025 spring Begrüßung --place 1 --minutes 15")
    town("meeting agenda move 2025 spring 3 --to 2")
    assert agenda(town) == [
        (1, "14:00", None, "Begrüßung", None),
        (2, "14:15", None, "Ausklang", None),
        (3, None, "report", "Bericht", None),
    ]

    town("meeting agenda drop 2025 spring 2")

    assert agenda(town) == [(1, "14:00", None, "Begrüßung", None), (2, "14:15", "report", "Bericht", None)]
    assert last_entry(town)["data"]["fields"] == ["agenda"]


def test_an_item_knows_its_theme_and_its_document(town: Any, tmp_path: Path) -> None:
    (tmp_path / "studie.txt").write_text("Studie", encoding="utf-8")
    town(f"document file 2025 evidence --file {tmp_path / 'studie.txt'}")
    town("theme propose 2025 Bildung --field education --valid-from 2025-01-01 --valid-to 2026-12-31 --reason 'Aus dem Bedarf'")
    town("meeting agenda add 2025 spring Vortrag --theme t1 --document studie.txt --fee 400")

    (item,) = json.loads(town("meeting agenda list 2025 spring --json").out)["items"]
    assert (item["theme"], item["document"], item["fee"]) == ("T1", "studie.txt", 400)


def test_a_programme_longer_than_the_meeting_is_warned_of(town: Any) -> None:
    said = town("meeting agenda add 2025 spring Vortrag --at 17:30 --minutes 45")

    assert "! Das Programm von Netzwerktreffen geht über das Ende des Treffens (18:00 Uhr) hinaus." in said.err


WRONG = {
    "agenda add 2025 spring ''": 2,
    "agenda add 2025 spring Titel --kind Tanz": 2,
    "agenda add 2025 spring Titel --at 25:00": 2,
    "agenda add 2025 spring Titel --place 3": 2,
    "agenda add 2025 spring Titel --theme T9": 4,
    "agenda add 2025 spring Titel --document nichts": 2,
    "agenda move 2025 spring 1 --to 2": 2,
    "agenda drop 2025 spring 1": 2,
    "agenda import 2025 spring nirgends.csv": 4,
    "agenda list 2025 sommerfest": 4,
}


def test_a_wrong_agenda_command_says_why_and_changes_nothing(town: Any) -> None:
    before = last_entry(town)["seq"]

    answers = {line: town(f"meeting {line}", code=None) for line in WRONG}

    assert {line: answer.code for line, answer in answers.items()} == WRONG
    assert [line for line, answer in answers.items() if not answer.err.strip() or "Traceback" in answer.err] == []
    assert last_entry(town)["seq"] == before


def test_a_dry_run_of_a_programme_leaves_no_trace(town: Any) -> None:
    town(f"meeting agenda import 2025 spring {DEMO / 'agenda_2025.csv'} --dry-run")

    assert agenda(town) == []
