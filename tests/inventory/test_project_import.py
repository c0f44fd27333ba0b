"""Projects, answers and reviews on the command line: from any table, record by record, and a second time nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_town import settle
from workbooks import xlsx

from cycle.inventory.records import project_of

HEAD = ["Projektname", "Projekt-Nr.", "Träger", "Handlungsfeld", "Zielgruppe", "Projektstatus", "Kosten", "Beginn", "Farbe"]


@pytest.fixture
def town(cycle: Any) -> Any:
    """A small town whose year is open."""
    return settle(cycle)


def entries_of(town: Any) -> int:
    return len(json.loads(town("history list --json").out)["entries"])


def table(path: Path, *rows: list[Any]) -> Path:
    return xlsx(path, {"Übersicht": [["Projekte der Stadt"], [], ["bitte nur hier eintragen"]], "Projekte": [HEAD, *rows]})


GOOD = ["Chor", 1, 2, "Bildung", "Frauen | Kinder", "laufend", "ca. 5000", "1.3.25", "rot"]


def test_what_is_right_is_taken_and_each_record_says_what_became_of_it(town: Any, tmp_path: Path) -> None:
    file = table(
        tmp_path / "projekte.xlsx",
        GOOD,
        ["Garten", "0002", 3, "Wohnen\nBildung", "Senioren", "laufend", "12.500,50 €", None, None],
        ["Bad", 3, 99, "Bildung", "Frauen", "laufend", None, None, None],
        ["Schach", 4, 1, "Strategie", "Frauen", "läuft irgendwie", "viel", "Mai", None],
        GOOD,
        ["Gesamt", None, None, None, None, None, 17500, None, None],
    )

    dry = town(f"project import 2025 {file} --report --json --dry-run", code=2)
    real = town(f"project import 2025 {file} --report --json", code=2)

    told = json.loads(real.out)
    assert json.loads(dry.out)["records"] == told["records"]
    assert (told["sheet"], told["unknown_columns"], told["added"], told["changed"]) == ("Projekte", ["Farbe"], 2, 0)
    assert [(each["line"], each["class"], [note["key"] for note in each["notes"]]) for each in told["records"]] == [
        (2, "repaired", ["cell_day_mended", "cell_about"]),
        (3, "repaired", ["cell_cents"]),
        (4, "error", ["project_partner_unknown"]),
        (5, "error", ["unknown_word", "cell_no_day", "unknown_word", "cell_no_whole_number"]),
        (6, "repaired", ["cell_day_mended", "cell_about", "row_twice"]),
        (7, "skipped", ["sum_row"]),
    ]
    entries = json.loads(town("history list 2025 --json").out)["entries"]
    (kept,) = [each["data"] for each in entries if each["type"] == "project.imported"]
    assert (kept["added"], kept["changed"], kept["left_out"]) == (2, 0, 2)
    with town.site.journal.reading() as session:
        first, second = project_of(session, 1), project_of(session, 2)
    assert first is not None
    assert second is not None
    assert (first.title, first.amount, str(first.starts), first.target_groups) == (
        "Chor",
        5000,
        "2025-03-01",
        ["women", "children"],
    )
    assert (second.amount, second.fields) == (12500, ["housing", "education"])


def test_a_partner_may_be_named_where_its_number_belongs(town: Any, tmp_path: Path) -> None:
    head = "Nr;Projekttitel;Träger;Kooperation mit;Handlungsfelder;Zielgruppen;Status\n"
    file = tmp_path / "projekte.csv"
    names = [(each["short"], each["name"]) for each in json.loads(town("partner list --json").out)["partners"]]
    lines = [f"1;Chor;{names[0][1]};{names[1][0]}, 3;Bildung;Frauen;laufend", "2;Schach;Verein Niemand;;Bildung;Frauen;laufend"]
    file.write_text(head + "\n".join(lines), encoding="utf-8")

    told = json.loads(town(f"project import 2025 {file} --json", code=2).out)

    with town.site.journal.reading() as session:
        found = project_of(session, 1)
    assert found is not None
    assert (found.carrier, found.partners) == (1, [2, 3])
    assert [(each["class"], [note["key"] for note in each["notes"]]) for each in told["records"]] == [
        ("repaired", ["cell_mended", "cell_mended"]),
        ("error", ["cell_no_whole_number"]),
    ]


def test_a_second_import_writes_nothing_and_a_corrected_file_only_what_changed(town: Any, tmp_path: Path) -> None:
    wrong = ["Schach", 4, 99, "Bildung", "Frauen", "laufend", None, None, None]
    town(f"project import 2025 {table(tmp_path / 'a.xlsx', GOOD, wrong)}", code=2)
    before = entries_of(town)

    assert "Das Projekt in a.xlsx ist schon so erfasst" in town(f"project import 2025 {tmp_path / 'a.xlsx'}", code=2).err
    assert entries_of(town) == before

    right = ["Schach", 4, 5, "Bildung", "Frauen", "laufend", None, None, None]
    told = json.loads(town(f"project import 2025 {table(tmp_path / 'b.xlsx', GOOD, right)} --json").out)
    assert (told["added"], told["changed"], entries_of(town)) == (1, 0, before + 1)


def test_a_file_in_which_nothing_is_right_changes_nothing(town: Any, tmp_path: Path) -> None:
    before = entries_of(town)
    wrong = ["Schach", "x", 99, "Bildung", "Frauen", "laufend", None, None, None]

    said = town(f"project import 2025 {table(tmp_path / 'a.xlsx', wrong)}", code=2)

    assert "Aus a.xlsx ist nichts übernommen; es wurde nichts geändert." in said.err
    assert (entries_of(town), said.out) == (before, "")


def test_answers_without_a_day_are_skipped_and_unknown_partners_left_out(town: Any, tmp_path: Path) -> None:
    file = tmp_path / "antworten.csv"
    file.write_text(
        "Partner-Nr,Eingang,Antwort per\n1,2025-01-09,Telefon\n2,,\n3,11.01.2025,\n99,09.01.2025,\n", encoding="utf-8"
    )

    told = json.loads(town(f"survey import 2025 {file} --until 2025-01-10 --json", code=2).out)

    assert [(each["line"], each["class"], [note["key"] for note in each["notes"]]) for each in told["records"]] == [
        (2, "repaired", ["cell_day_mended"]),
        (3, "skipped", ["row_not_answered"]),
        (4, "skipped", ["row_after_until"]),
        (5, "error", ["answer_partner_unknown"]),
    ]
    assert "--until" in town(f"survey import 2025 {file}", code=2).err


def test_reviews_of_unknown_projects_are_left_out(town: Any, tmp_path: Path) -> None:
    town(f"project import 2025 {table(tmp_path / 'a.xlsx', GOOD)}")
    file = tmp_path / "rueckmeldungen.csv"
    file.write_text(
        "Projekt Nr;Beantwortet;Stand;Erreichte Personen\n1;09.01.2025;laufend;rund 40\n9;09.01.2025;laufend;\n",
        encoding="utf-8",
    )

    told = json.loads(town(f"project review 2025 --file {file} --until 2025-01-10 --json", code=2).out)

    assert (told["counts"]["repaired"], told["counts"]["error"]) == (1, 1)


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("project import 2025 {} --template", "Nr"),
        ("project review 2025 --file {} --template", "Projekt Nr"),
        ("survey import 2025 {} --template", "Partner Nr"),
        ("need import 2025 {} --template", "Nr"),
        ("measure import 2025 {} --template", "Nr"),
        ("group import {} --template", "Nr"),
    ],
)
def test_every_import_has_its_template(town: Any, tmp_path: Path, line: str, first: str) -> None:
    town(line.format(tmp_path / "vorlage.csv"))

    assert (tmp_path / "vorlage.csv").read_text(encoding="utf-8-sig").split(";")[0] == first


def test_needs_are_taken_record_by_record_too(town: Any, tmp_path: Path) -> None:
    file = tmp_path / "bedarfe.csv"
    file.write_text(
        "Nr;Zyklus;Bedarf;Handlungsfeld;Quelle;Status;Kosten;Gemeldet am\n"
        "B-2024-01;2024;Praktika;Arbeit;Netzwerktreffen;offen;5.000 Euro;2024-04-02\n"
        "B-2024-02;2024;Chor;Musik;Netzwerktreffen;offen;;02.04.2024\n",
        encoding="utf-8",
    )
    told = json.loads(town(f"need import 2025 {file} --json", code=2).out)
    before = entries_of(town)

    assert (told["added"], told["counts"]["repaired"], told["counts"]["error"]) == (["B-2024-01"], 1, 1)
    assert json.loads(town(f"need import 2025 {file} --json", code=2).out)["known"] == ["B-2024-01"]
    assert entries_of(town) == before


@pytest.mark.parametrize("line", ["project import 2025", "partner import", "need import 2025"])
def test_the_auditor_may_not_import(town: Any, tmp_path: Path, line: str) -> None:
    town("people add a.kraut --name 'Anton Kraut' --mail a.kraut@stadt.example.de --role auditor")

    before = entries_of(town)

    assert town(f"{line} {table(tmp_path / 'a.xlsx', GOOD)}", login="a.kraut", code=None).code == 6
    assert entries_of(town) == before
