"""Survey forms as they come back from real people, and from people who mean no good: each gets its sentence, none stops the
others, nothing is taken that is not plain."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filled_form import PROJECTS, FilledForm, rewritten
from openpyxl import Workbook
from small_town import settle
from workbooks import ods

AT = "2025-03-05T09:00:00+01:00"
Change = Callable[[FilledForm], None]


@pytest.fixture(scope="module")
def played(command_line: Any, empty_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with its projects, once for all tests here."""
    home = tmp_path_factory.mktemp("town") / "home"
    shutil.copytree(empty_site, home)
    with pytest.MonkeyPatch.context() as patch:
        town = settle(command_line(home, patch))
        (home / "projekte.csv").write_text(PROJECTS, encoding="utf-8-sig", newline="")
        town(f"project import 2025 {home / 'projekte.csv'}")
        for number in (2, 3):
            town(f"survey form 2025 {number} --to {home / f'form{number}.xlsx'}")
        neighbours = tmp_path_factory.mktemp("neighbours") / "home"
        shutil.copytree(empty_site, neighbours)
        settle(command_line(neighbours, patch))(f"survey form 2025 2 --to {home / 'other_town.xlsx'}")
    return home


@pytest.fixture
def town(cycle: Any, played: Path) -> Any:
    """The town with its projects; `form2.xlsx` and `form3.xlsx` are the forms of two partners."""
    shutil.rmtree(cycle.home)
    shutil.copytree(played, cycle.home)
    cycle.at(AT)
    return cycle


def form(town: Any, number: int = 2) -> FilledForm:
    return FilledForm((town.home / f"form{number}.xlsx").read_bytes())


def told_of(town: Any, change: Change, number: int = 2, options: str = "", code: int = 0) -> dict[str, Any]:
    """What is told of a form after it was changed; code 2 where something in it could not be taken."""
    changed = form(town, number)
    change(changed)
    changed.save(town.home / "back" / "a.xlsx")
    return dict(json.loads(town(f"survey import 2025 {town.home / 'back'} {options} --json", code=code).out)["files"][0])


def outcomes(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Of each project, by its title, what became of it and the last thing said."""
    return {each["title"]: (each["outcome"], (each["notes"] or [""])[-1]) for each in told["projects"]}


def titles(town: Any) -> list[str]:
    return [each["title"] for each in json.loads(town("project list 2025 --json").out)["projects"]]


def refused(town: Any, file: Path) -> str:
    """Why a file alone is refused: one sentence, and nothing is recorded."""
    before = town("history list --json").out
    said = town(f"survey import 2025 {file}", code=2)
    assert town("history list --json").out == before
    (sentence,) = said.err.strip().splitlines()[1:]
    return re.sub(rf"^(?:(?:Die|In der) Datei )?{re.escape(file.name)} ", "", sentence.strip())


def test_moved_columns_are_known_by_their_heads(town: Any) -> None:
    def swap(filled: FilledForm) -> None:
        filled["#7", "amount"] = 900
        one, other = filled.columns["#7"], filled.columns["+1"]
        for row in range(1, filled.sheet.max_row + 1):
            cells = filled.sheet.cell(row, one), filled.sheet.cell(row, other)
            if "MergedCell" not in {type(cell).__name__ for cell in cells}:
                cells[0].value, cells[1].value = cells[1].value, cells[0].value

    told = told_of(town, swap)

    assert (told["outcome"], [(p["project"], p["changed"]) for p in told["projects"]]) == ("taken", [(8, []), (7, ["amount"])])


def test_sorted_lines_are_known_by_their_names(town: Any) -> None:
    def sort(filled: FilledForm) -> None:
        filled["#7", "amount"] = 900
        rows = range(filled.lines["title"], filled.lines["remark"] + 1)
        values = [[cell.value for cell in filled.sheet[row]] for row in rows]
        for row, line in zip(rows, sorted(values, key=lambda line: str(line[1])), strict=True):
            for at, value in enumerate(line, start=1):
                filled.sheet.cell(row, at).value = value

    told = told_of(town, sort)

    assert (told["outcome"], [p["changed"] for p in told["projects"]]) == ("taken", [["amount"], []])


@pytest.mark.parametrize("gone", [1, 2], ids=["names", "labels"])
def test_hidden_names_or_labels_may_be_gone(town: Any, gone: int) -> None:
    def clear(filled: FilledForm) -> None:
        filled["#7", "amount"] = 900
        for row in range(1, filled.sheet.max_row + 1):
            cell = filled.sheet.cell(row, gone)
            if type(cell).__name__ != "MergedCell":
                cell.value = None

    told = told_of(town, clear)

    assert (told["outcome"], [p["changed"] for p in told["projects"]]) == ("taken", [["amount"], []])


def test_a_deleted_column_leaves_its_project_as_it_was(town: Any) -> None:
    told = told_of(town, lambda filled: filled.sheet.delete_cols(filled.columns["#8"]))

    assert (told["outcome"], [p["project"] for p in told["projects"]]) == ("warning", [7])
    assert told["notes"] == ["Ohne Spalte sind diese Projekte: 8. Sie bleiben, wie sie waren. Bitte nachfragen."]


def test_a_deleted_line_leaves_what_it_said_as_it_was(town: Any) -> None:
    told = told_of(town, lambda filled: filled.sheet.delete_rows(filled.lines["funding"]))

    assert [p["changed"] for p in told["projects"]] == [[], []]
    assert told["notes"] == ["Finanzierung: Diese Zeile fehlt; was darin stand, bleibt, wie es war."]


def test_an_overwritten_head_loses_its_column_and_no_other(town: Any) -> None:
    def overwrite(filled: FilledForm) -> None:
        column = filled.columns["#8"]
        filled["#7", "amount"] = 900
        filled.sheet.cell(filled.lines["project"], column).value = "Unser Nähtreff"
        filled.sheet.cell(filled.lines["column"], column).value = "#7"

    told = told_of(town, overwrite, code=2)

    assert (told["outcome"], [p["project"] for p in told["projects"]], titles(town)) == ("error", [7], ["Sprachcafé"])
    assert told["notes"][0].startswith("Eine ausgefüllte Spalte („Nähtreff“) gehört zu keinem Projekt mehr")


def test_a_project_of_somebody_else_is_not_taken(town: Any) -> None:
    told = told_of(
        town, lambda filled: setattr(filled.sheet.cell(filled.lines["column"], filled.columns["#8"]), "value", "#9"), code=2
    )

    assert outcomes(told)["Nähtreff"] == ("error", "Projekt 9 gehört diesem Partner nicht. Die Spalte wurde nicht übernommen.")
    assert titles(town) == ["Sprachcafé"]


def test_what_cannot_be_taken_keeps_nothing_else_back(town: Any) -> None:
    def write(filled: FilledForm) -> None:
        filled["#7", "status"] = "läuft noch"
        filled["#8", "remark"] = '\'=HYPERLINK("http://x","y")'

    told = told_of(town, write, code=2)

    assert {title: outcome for title, (outcome, _) in outcomes(told).items()} == {"Sprachcafé": "error", "Nähtreff": "taken"}
    assert titles(town) == ["Nähtreff"]


def test_an_emptied_column_is_asked_for_and_an_empty_form_is_no_use(town: Any) -> None:
    def empty(filled: FilledForm) -> None:
        for name in ("#7", "#8"):
            for line in list(filled.lines):
                if line not in ("none", "missing", "column", "project"):
                    filled[name, line] = None

    told = told_of(town, empty)
    status = json.loads(town("survey status 2025 --json").out)

    assert (told["outcome"], told["projects"], len(told["notes"])) == ("warning", [], 3)
    assert (status["answered"], status["usable"], titles(town)) == (1, 0, [])


def test_no_project_and_a_project_at_once_count_as_the_project(town: Any) -> None:
    def both(filled: FilledForm) -> None:
        filled.once("none", "ja, kein Projekt")
        filled.add()

    told = told_of(town, both)

    assert (told["none"], titles(town)) == (False, ["Lesepatinnen"])
    assert told["notes"][0].startswith("Fehlanzeige ist angekreuzt, aber 1 Projekt ist eingetragen oder geändert")


def test_the_form_is_known_by_its_key_not_by_what_else_it_says(town: Any) -> None:
    def forge(filled: FilledForm) -> None:
        first, *_ = filled.keys
        first.value = "IP-2025-003-AAAA-BBBB-CCCC"

    told = told_of(town, forge)

    assert (told["partner"], told["outcome"]) == (2, "repaired")


def test_a_form_without_its_key_is_nobodys(town: Any) -> None:
    told = {}
    for key in (None, "IP-2025-003-AAAA-BBBB-CCCC", "IP-2031-002-AAAA-BBBB-CCCC"):
        filled = form(town)
        for cell in list(filled.keys):
            cell.value = key
        told[key] = refused(town, filled.save(town.home / "a.xlsx"))[:50]

    assert told == {
        None: "trägt keine Kennung eines Fragebogens. Tragen Sie ",
        "IP-2025-003-AAAA-BBBB-CCCC": "trägt die Kennung IP-2025-003-AAAA-BBBB-CCCC, die ",
        "IP-2031-002-AAAA-BBBB-CCCC": "trägt die Kennung IP-2031-002-AAAA-BBBB-CCCC, die ",
    }


def test_a_form_of_another_year_is_refused(town: Any) -> None:
    town("start 2026")
    town(f"survey form 2026 2 --to {town.home / 'a.xlsx'}")

    assert refused(town, town.home / "a.xlsx").startswith("ist ein Fragebogen einer anderen Erhebung (IP-2026-002-")


def test_a_form_of_another_town_is_refused(town: Any) -> None:
    ours, theirs = form(town), FilledForm((town.home / "other_town.xlsx").read_bytes())
    told = [str(next(iter(each.keys)).value)[:12] for each in (ours, theirs)]

    assert told == ["IP-2025-002-"] * 2
    assert "die nicht von hier stammt" in refused(town, town.home / "other_town.xlsx")


def test_two_keys_in_one_file_are_told_apart_by_nobody(town: Any) -> None:
    filled = form(town)
    next(iter(filled.keys)).value = next(iter(form(town, 3).keys)).value

    assert refused(town, filled.save(town.home / "a.xlsx")).startswith("trägt die Kennungen mehrerer Fragebögen (")


def test_files_that_are_no_form_are_told_and_the_others_go_on(town: Any) -> None:
    back = town.home / "back"
    form(town, 3).save(back / "gut.xlsx")
    (back / "brief.pdf").write_bytes(b"%PDF-1.7")
    (back / "leer.xlsx").write_bytes(b"")
    (back / "alt.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    (back / "~$gut.xlsx").write_bytes(b"lock")
    Workbook().save(back / "andere.xlsx")
    with zipfile.ZipFile(back / "zip.ods", "w") as archive:
        archive.writestr("x.txt", "x")
    told = json.loads(town(f"survey import 2025 {back} --json", code=2).out)["files"]

    assert {each["file"]: each["outcome"] for each in told} == {
        "gut.xlsx": "taken", "alt.xlsx": "error", "andere.xlsx": "error", "brief.pdf": "error", "leer.xlsx": "error",
        "zip.ods": "error",
    }  # fmt: skip
    assert all(len(each["notes"]) == 1 for each in told if each["outcome"] == "error")
    assert titles(town) == ["Fahrradkurs"]


def bomb(town: Any) -> Path:
    with zipfile.ZipFile(town.home / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 4_000_000)
    return town.home / "a.xlsx"  # type: ignore[no-any-return]


def far_cell(town: Any) -> Path:
    filled = form(town)
    filled.sheet.cell(900_000, 9_000).value = 1
    return filled.save(town.home / "a.xlsx")


def nameless_rows(town: Any) -> Path:
    file = form(town).save(town.home / "a.xlsx")
    rows = b"<row><c><v>1</v></c></row>" * 200_000
    return rewritten(file, "xl/worksheets/sheet1.xml", rb"</sheetData>", rows + b"</sheetData>")


def repeated(town: Any) -> Path:
    file = ods(town.home / "a.ods", {"Blatt": [["x"]]})
    far = (
        b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" office'
    )
    return rewritten(file, "content.xml", b"<table:table-row><table:table-cell office", far)


def test_a_file_that_would_fill_the_memory_is_not_opened(town: Any) -> None:
    told = {make.__name__: refused(town, make(town))[:40] for make in (bomb, far_cell, nameless_rows, repeated)}

    assert told == {
        "bomb": "würde ausgepackt mehr als 20 MB groß und",
        "far_cell": "reicht die Tabelle über 2000 Zeilen oder",
        "nameless_rows": "reicht die Tabelle über 2000 Zeilen oder",
        "repeated": "lässt sich nicht als Tabelle lesen: sie ",
    }


def test_a_site_that_may_only_read_writes_forms_and_imports_none(town: Any) -> None:
    town("people add a.kraut --name Prüfung --role auditor")
    town(f"survey form 2025 2 --to {town.home / 'x.xlsx'}", login="a.kraut")
    form(town).save(town.home / "back" / "a.xlsx")

    assert (town.home / "x.xlsx").read_bytes()[:2] == b"PK"
    assert town(f"survey import 2025 {town.home / 'back'}", login="a.kraut", code=None).code == 6


def test_wrong_use_is_told_in_one_sentence(town: Any) -> None:
    lines = {
        f"survey import 2025 {town.home}/nichts": (4, "nichts"),
        f"survey import 2025 {town.home}/projekte.csv": (2, "ist eine Tabelle: Nennen Sie mit --until"),
        f"survey import 2025 {town.home} --until 2025-03-01": (2, "--until gehört zu einer Tabelle"),
        "survey form 2025 2": (2, "Nennen Sie entweder die Nummer eines Partners oder --by-post"),
        "survey form 2025 99 --to x.xlsx": (4, "99"),
        "survey answer 2025 --partner 2 --none --projects 3": (2, "schließen einander aus"),
    }
    told = {line: town(line, code=None) for line in lines}

    assert {line: (said.code, lines[line][1] in said.err) for line, said in told.items()} == {
        line: (code, True) for line, (code, _) in lines.items()
    }


def test_a_folder_in_the_folder_is_told_and_not_passed_over(town: Any) -> None:
    (town.home / "back" / "von Karla").mkdir(parents=True)
    form(town).save(town.home / "back" / "a.xlsx")
    form(town, 3).save(town.home / "back" / "von Karla" / "b.xlsx")

    told = json.loads(town(f"survey import 2025 {town.home / 'back'} --json", code=2).out)["files"]

    assert [(each["file"], each["partner"], each["outcome"]) for each in told] == [
        ("a.xlsx", 2, "taken"),
        ("von Karla", None, "error"),
    ]
    assert "was darin liegt, wurde nicht gelesen" in told[1]["notes"][0]
