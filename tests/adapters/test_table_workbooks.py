"""Workbooks as Excel and LibreOffice save them, and files that only look like one: a table or one sentence."""

import os
import struct
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from workbooks import Formula, ods, xlsx

from cycle import adapters
from cycle.adapters.tables import Source, Table, harmless, read, write_template
from cycle.adapters.tables.books import Book, read_books
from cycle.adapters.tables.workbook import TABLES
from cycle.errors import NotFound, WrongInput

HERE = Path(__file__).parent
COLUMNS = {"number": ("Nr",), "title": ("Titel",), "due": ("Frist",), "amount": ("Betrag",)}
HEAD = ["Nr", "Titel", "Frist", "Betrag"]
ROW = [1, "Gärten", date(2024, 3, 1), 12500.5]
FAR = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>'
)
FOUND = {"number": "1", "title": "Gärten", "due": "01.03.2024", "amount": "12500,5"}


def table(file: Path | Source) -> Table:
    return read(file, columns=COLUMNS, required=("number", "title"))


def rows(file: Path | Source) -> list[dict[str, str]]:
    return [dict(row.values) for row in table(file).rows]


def told(file: Path | Source) -> tuple[str, dict[str, Any]]:
    with pytest.raises((WrongInput, NotFound)) as refused:
        table(file)
    return refused.value.key, refused.value.facts


@pytest.mark.parametrize("write", [xlsx, ods])
def test_numbers_days_and_text_are_read_as_an_office_would_write_them(write: Any, tmp_path: Path) -> None:
    assert rows(write(tmp_path / "a.book", {"Blatt": [HEAD, ROW, ["00012", "zwei\nZeilen", None, 4800]]})) == [
        FOUND,
        {"number": "00012", "title": "zwei\nZeilen", "due": "", "amount": "4800"},
    ]


def test_an_old_excel_file_is_read(tmp_path: Path) -> None:
    columns = {"number": ("Nr",), "name": ("Name",), "since": ("Mitglied seit",)}

    found = read(HERE / "old_excel.xls", columns=columns, required=columns)

    assert [dict(row.values) for row in found.rows] == [
        {"number": "50", "name": "FC Internationale e. V.", "since": "10.10.2013"}
    ]
    assert (found.sheet, found.unknown) == ("Partner", ("Kürzel", "Art"))


def test_a_formula_gives_its_last_result_and_an_error_nothing(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "a.xlsx", {"Blatt": [HEAD, [Formula("A1+1 → 7"), "a", None, Formula("1/0 → ")]]})

    assert rows(file) == [{"number": "7", "title": "a", "due": "", "amount": ""}]


def test_titles_empty_rows_and_columns_around_the_table_do_not_matter(tmp_path: Path) -> None:
    grid = [["Maßnahmen der Stadt"], ["Stand: 1.3.2024"], [], [None, *HEAD], [None, *ROW], [], [None, 2, "b"], [None], []]
    found = table(xlsx(tmp_path / "a.xlsx", {"Blatt": grid}))

    assert [(row.line, row.record, row.values["number"]) for row in found.rows] == [(5, 2, "1"), (7, 4, "2")]
    assert [(skipped.line, skipped.why) for skipped in found.skipped] == [(6, "blank_row")]


def test_what_stands_in_merged_cells_holds_for_every_row_of_them(tmp_path: Path) -> None:
    grid = [["Nr", "Angaben"], [None, "Titel", "Frist", "Betrag"], [1, "a"], [None, "b"]]

    found = rows(xlsx(tmp_path / "a.xlsx", {"Blatt": grid}, merged=["A1:A2", "B1:D1", "A3:A4"]))

    assert [(row["number"], row["title"]) for row in found] == [("1", "a"), ("1", "b")]


def test_of_several_sheets_the_one_that_fits_is_read(tmp_path: Path) -> None:
    sheets = {"Hinweise": [["Bitte ausfüllen"]], "Maßnahmen": [HEAD, ROW], "Listen": [["Nr"], ["x"]]}

    assert (table(xlsx(tmp_path / "a.xlsx", sheets)).sheet, rows(tmp_path / "a.xlsx")) == ("Maßnahmen", [FOUND])


def test_of_several_sheets_that_fit_none_is_guessed(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "a.xlsx", {"2024": [HEAD, ROW], "2025": [HEAD, [2, "b"]]})

    assert told(file) == ("sheet_ambiguous", {"file": "a.xlsx", "sheets": "2024, 2025", "sheet": "2024"})
    assert [row["number"] for row in rows(Source(file, sheet="2025"))] == ["2"]
    assert told(Source(file, sheet="2026")) == ("sheet_unknown", {"file": "a.xlsx", "sheet": "2026", "known": "2024, 2025"})


def test_a_hidden_sheet_is_left_alone(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "a.xlsx", {"alt": [HEAD, [9, "z"]], "neu": [HEAD, ROW]}, hidden=["alt"])

    assert table(file).sheet == "neu"


def test_a_workbook_without_the_columns_says_which_it_has(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "a.xlsx", {"Blatt": [["Nr", "Text"], [1, "a"]]})

    assert told(file) == ("column_missing", {"file": "a.xlsx", "column": "Titel", "have": "Nr, Text"})
    assert told(xlsx(tmp_path / "b.xlsx", {"Blatt": []})) == ("file_empty", {"file": "b.xlsx"})


def test_a_workbook_with_a_password_is_told(tmp_path: Path) -> None:
    assert told(HERE / "with_password.xlsx") == ("file_encrypted", {"file": "with_password.xlsx"})


@pytest.mark.parametrize(
    ("begins", "kind"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"<!DOCTYPE html><table>", "HTML"),
        (b"\xef\xbb\xbf<html>", "HTML"),
        (b'<?xml version="1.0"?><Workbook>', "XML"),
        (b"{\\rtf1", "RTF"),
    ],
)
def test_another_kind_of_file_is_named_whatever_it_is_called(begins: bytes, kind: str, tmp_path: Path) -> None:
    file = tmp_path / "partner.xlsx"
    file.write_bytes(begins + b"\n1;2;3\n")

    assert told(file) == ("file_is_other", {"file": "partner.xlsx", "kind": kind})


def test_an_archive_that_is_no_workbook_or_broken_is_told(tmp_path: Path) -> None:
    letter = tmp_path / "brief.xlsx"
    with zipfile.ZipFile(letter, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    half = tmp_path / "halb.xlsx"
    half.write_bytes(xlsx(tmp_path / "a.xlsx", {"Blatt": [HEAD, ROW]}).read_bytes()[:900])
    garbage = tmp_path / "alt.xls"
    garbage.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 20)

    for file in (letter, half, garbage):
        assert told(file) == ("file_not_workbook", {"file": file.name})


def test_a_bomb_is_told_before_it_goes_off(tmp_path: Path) -> None:
    honest = tmp_path / "ehrlich.xlsx"
    with zipfile.ZipFile(honest, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sheet.xml", "w") as part:
        for _ in range(TABLES.unpacked // 10_000_000 + 1):
            part.write(b"0" * 10_000_000)
    data = bytearray(honest.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 1_000)  # it says that a thousand bytes come out
    lying = tmp_path / "gelogen.xlsx"
    lying.write_bytes(data)
    assert zipfile.ZipFile(BytesIO(data)).infolist()[0].file_size == 1_000

    for file in (honest, lying):
        assert told(file) == ("file_unpacks_too_large", {"file": file.name, "megabytes": TABLES.unpacked // 1_000_000})


def test_a_sheet_that_reaches_to_the_end_of_the_world_is_told_and_harms_nothing(tmp_path: Path) -> None:
    file = xlsx(tmp_path / "a.xlsx", {"Blatt": [HEAD]}, more={"xl/worksheets/sheet1.xml": FAR.encode()})
    begun = perf_counter()

    assert told(file) == ("sheet_too_large", {"file": "a.xlsx", "rows": TABLES.rows, "columns": TABLES.columns})
    assert perf_counter() - begun < 10


def test_too_many_columns_are_told(tmp_path: Path) -> None:
    rows = [[str(number) for number in range(600)]]

    assert told(xlsx(tmp_path / "a.xlsx", {"Blatt": rows}))[0] == "sheet_too_large"


def test_nothing_but_an_ordinary_file_is_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "rohr.xlsx"
    os.mkfifo(pipe)

    assert told(pipe) == ("not_a_file", {"file": str(pipe)})
    assert told(Path("/dev/zero")) == ("not_a_file", {"file": "/dev/zero"})
    assert told(tmp_path) == ("file_is_folder", {"file": str(tmp_path)})
    assert told(tmp_path / "weg.xlsx") == ("file_not_found", {"file": str(tmp_path / "weg.xlsx")})
    assert told(tmp_path / ("x" * 300))[0] == "file_unreadable"


def test_what_an_export_made_harmless_is_read_as_it_was(tmp_path: Path) -> None:
    for text in ('=HYPERLINK("x")', "+49 30 1", "-", "@x"):
        assert str(harmless(text)).startswith("'")
        file = tmp_path / "a.csv"
        file.write_text("Nr;Titel\n1;" + '"' + str(harmless(text)).replace('"', '""') + '"\n', encoding="utf-8")
        assert rows(file)[0]["title"] == text


def test_a_template_has_the_headings_and_takes_no_other_files_place(tmp_path: Path) -> None:
    file = tmp_path / "vorlage.csv"

    write_template(file, HEAD)

    assert file.read_bytes().decode("utf-8") == "\ufeffNr;Titel;Frist;Betrag\r\n"
    assert (table(file).rows, table(file).headers["due"]) == ((), "Frist")
    with pytest.raises(WrongInput, match="file_is_there"):
        write_template(file, HEAD)


def test_a_line_that_never_ends_is_no_table(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("ab;" * 1_000_000, encoding="utf-8")

    assert told(file)[0] == "sheet_too_large"


def test_a_number_below_zero_stays_a_number_in_an_export() -> None:
    assert [harmless(cell) for cell in ("-3", "-3,5", "-3+1", "+3", -3, "a")] == ["-3", "-3,5", "'-3+1", "'+3", -3, "a"]


def test_a_file_that_breaks_the_reader_keeps_back_none_of_the_others(tmp_path: Path) -> None:
    good = [xlsx(tmp_path / f"{name}.xlsx", {"Blatt": [[name, 1.5, date(2024, 3, 1), True]]}) for name in "abc"]
    far = xlsx(tmp_path / "far.xlsx", {"Blatt": [HEAD]}, more={"xl/worksheets/sheet1.xml": FAR.encode()})
    text = tmp_path / "text.xlsx"
    text.write_text("no workbook")
    gone = tmp_path / "gone.xlsx"

    found = list(read_books([good[0], far, gone, good[1], HERE / "with_password.xlsx", text, far, good[2]]))

    assert [each.sheets if isinstance(each, Book) else each.key for each in found] == [
        {"Blatt": [["a", 1.5, date(2024, 3, 1), True]]},
        "sheet_too_large",
        "file_not_found",
        {"Blatt": [["b", 1.5, date(2024, 3, 1), True]]},
        "file_encrypted",
        "file_not_workbook",
        "sheet_too_large",
        {"Blatt": [["c", 1.5, date(2024, 3, 1), True]]},
    ]


def test_nothing_but_the_process_of_its_own_names_the_library() -> None:
    sources = Path(adapters.__file__).parent.parent

    assert [file.name for file in sources.rglob("*.py") if "python_calamine" in file.read_text()] == ["unpacking.py"]


def test_a_template_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match="file_unwritable"):
        write_template(tmp_path / "weg" / "vorlage.csv", HEAD)
