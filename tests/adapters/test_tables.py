"""CSV as people keep it: found by its headers, in any order, encoding and delimiter, with every problem told."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from cycle.adapters.tables import (
    CellError,
    Problem,
    Row,
    Skipped,
    Table,
    codes,
    day,
    filled,
    filled_day,
    labels,
    read,
    repaired_day,
    value,
    whole,
    write_csv,
)
from cycle.adapters.tables.workbook import TABLES
from cycle.errors import NotFound, WrongInput

COLUMNS = {"number": ("Nr",), "title": ("Maßnahme", "Titel"), "due": ("Frist",)}


def table(folder: Path, data: bytes | str, required: tuple[str, ...] = ("number", "title")) -> Table:
    path = folder / "measures.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read(path, columns=COLUMNS, required=required)


def rows(found: Table) -> list[dict[str, str]]:
    return [dict(row.values) for row in found.rows]


def test_columns_are_found_by_their_headers_in_any_order_and_others_are_left_alone(tmp_path: Path) -> None:
    found = table(tmp_path, "\ufeffTITEL ; Stand;nr\r\n Garten ;x;M-1\r\n")

    assert found == Table(
        file="measures.csv",
        rows=(Row(2, 2, {"number": "M-1", "title": "Garten", "due": ""}, {"number": "M-1", "title": " Garten ", "due": ""}),),
        skipped=(),
        problems=(),
        headers={"title": "TITEL", "number": "nr"},
        unknown=("Stand",),
        encoding="utf-8-sig",
        delimiter=";",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = delimiter.join(["Nr", "Maßnahme", "Frist"]) + "\n" + delimiter.join(["1", '"Straße, Gärten; Größe | €"', ""])

    found = table(tmp_path, text.encode(encoding))

    assert rows(found) == [{"number": "1", "title": "Straße, Gärten; Größe | €", "due": ""}]
    assert (found.encoding, found.delimiter) == (encoding, delimiter)


def test_a_single_column_is_a_table_too(tmp_path: Path) -> None:
    assert rows(table(tmp_path, "Nr\n1\n", required=("number",))) == [{"number": "1", "title": "", "due": ""}]


def test_letters_of_two_characters_become_one_and_raw_keeps_them(tmp_path: Path) -> None:
    found = table(tmp_path, "Nr;Maßnahme\n1;Ga\u0308rten\n")

    assert [(row.values["title"], row.raw["title"]) for row in found.rows] == [("G\u00e4rten", "Ga\u0308rten")]


def test_line_breaks_quotes_and_a_formula_stay_in_their_cell_and_lines_are_counted(tmp_path: Path) -> None:
    found = table(tmp_path, 'Nr;Maßnahme\n1;"zwei\nZeilen; ""so"""\n2;"=HYPERLINK(""x"")"\n')

    assert [(row.line, row.record, row.values["title"]) for row in found.rows] == [
        (2, 2, 'zwei\nZeilen; "so"'),
        (4, 3, '=HYPERLINK("x")'),
    ]


def test_blank_rows_and_repeated_headers_are_skipped_and_kept_count_of(tmp_path: Path) -> None:
    found = table(tmp_path, "\nNr;Maßnahme\n1;a\n;\n\nNr;Maßnahme\n2;b\n")

    assert [(row.line, row.record) for row in found.rows] == [(3, 2), (7, 5)]
    assert found.skipped == (Skipped(4, 3, "blank_row"), Skipped(6, 4, "repeated_header"))


def test_a_row_with_too_many_or_too_few_cells_is_a_problem_and_empty_cells_too_many_are_not(tmp_path: Path) -> None:
    found = table(tmp_path, "Nr;Maßnahme\n1\n2;b;c\n3;c;;\n")

    assert found.problems == (
        Problem("measures.csv", 2, "", "row_cells", expected=2, found=1),
        Problem("measures.csv", 3, "", "row_cells", expected=2, found=3),
    )
    assert rows(found) == [{"number": "3", "title": "c", "due": ""}]


@pytest.mark.parametrize(
    ("data", "key", "facts"),
    [
        (
            "Nr;Frist\n1;\n",
            "column_missing",
            {"file": "measures.csv", "column": "Maßnahme", "have": "Nr, Frist"},
        ),
        (
            "Nr;Titel;Maßnahme\n",
            "column_twice",
            {"file": "measures.csv", "column": "Maßnahme", "other": "Titel"},
        ),
        ("", "file_empty", {"file": "measures.csv"}),
        ("\ufeff\r\n;;\r\n", "file_empty", {"file": "measures.csv"}),
        (b"PK\x03\x04 an Excel workbook", "file_not_workbook", {"file": "measures.csv"}),
        (b"Nr;\x00\x01", "file_not_text", {"file": "measures.csv"}),
        (b"Nr;\x81", "file_not_text", {"file": "measures.csv"}),
        (
            'Nr;Titel\n1;a\n2;"b\n3;c\n',
            "file_not_csv",
            {"file": "measures.csv", "line": 3, "detail": "unexpected end of data"},
        ),
        (b" " * (TABLES.bytes + 1), "file_too_large", {"file": "measures.csv", "megabytes": 20}),
    ],
)
def test_a_file_that_is_no_such_table_is_told(tmp_path: Path, data: bytes | str, key: str, facts: dict[str, object]) -> None:
    with pytest.raises(WrongInput) as refused:
        table(tmp_path, data)

    assert (refused.value.key, refused.value.facts) == (key, facts)


def test_a_file_that_is_not_there_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as nowhere:
        read(tmp_path / "none.csv", columns=COLUMNS, required=())
    with pytest.raises(WrongInput) as folder:
        read(tmp_path, columns=COLUMNS, required=())

    assert (nowhere.value.key, nowhere.value.facts) == ("file_not_found", {"file": str(tmp_path / "none.csv")})
    assert (folder.value.key, folder.value.facts) == ("file_is_folder", {"file": str(tmp_path)})


def test_cells_are_read_with_every_problem_collected_at_its_place(tmp_path: Path) -> None:
    found = table(tmp_path, "Nr;Titel;Frist\n1;a;30.06.2025\n2;;31.06.2025\n")
    problems: list[Problem] = []

    due = [value(found, row, "due", day, problems) for row in found.rows]
    titles = [value(found, row, "title", filled, problems) for row in found.rows]

    assert due == [date(2025, 6, 30), None]
    assert titles == ["a", None]
    assert problems == ["measures.csv:3: Frist: cell_no_day, text=31.06.2025", "measures.csv:3: Titel: cell_empty"]
    assert (problems[0].line, problems[0].column, problems[0].key, problems[0].facts) == (
        3,
        "Frist",
        "cell_no_day",
        {"text": "31.06.2025"},
    )


def test_cells_have_their_values() -> None:
    assert [day(text) for text in ("01.03.2024", "1.3.2024", "2024-03-01", "")] == [date(2024, 3, 1)] * 3 + [None]
    assert [repaired_day(text) for text in ("1.3.24", "45352", "01.03.2024")] == [date(2024, 3, 1)] * 3
    assert [whole(text) for text in ("0", "4800", "12.500", "-3", "")] == [0, 4800, 12500, -3, None]
    assert codes("NG1, NG2,") == ("NG1", "NG2")
    assert labels("Werte, Regeln und Normen | Bildung") == ("Werte, Regeln und Normen", "Bildung")
    assert (codes(""), labels("")) == ((), ())


@pytest.mark.parametrize(
    ("parse", "text", "key"),
    [
        (day, "1.3.24", "cell_no_day"),
        (day, "45352", "cell_no_day"),
        (day, "2024-02-30", "cell_no_day"),
        (repaired_day, "12", "cell_no_day"),
        (repaired_day, "k. A.", "cell_no_day"),
        (filled_day, "", "cell_empty"),
        (whole, "12,5", "cell_no_whole_number"),
        (whole, "1.25", "cell_no_whole_number"),
        (whole, "٣", "cell_no_whole_number"),
        (filled, "", "cell_empty"),
    ],
)
def test_a_cell_that_is_something_else_is_told(parse: object, text: str, key: str) -> None:
    assert callable(parse)
    with pytest.raises(CellError) as refused:
        parse(text)

    assert refused.value.key == key


def test_a_table_is_written_so_that_excel_opens_it_and_runs_nothing() -> None:
    stream = StringIO(newline="")

    write_csv(stream, ["Nr", "Text"], [[1, "=1+1"], [-5, "+49 30"], [None, "-"], [2, "@x"], [3, "\tx"], [4, 'a;"b"']])

    assert stream.getvalue() == ('\ufeffNr;Text\r\n1;\'=1+1\r\n-5;\'+49 30\r\n;\'-\r\n2;\'@x\r\n3;\'\tx\r\n4;"a;""b"""\r\n')


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "measures.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, ["Nr", "Titel"], [["M-1", "Gärten; und\nStraßen"]])

    assert rows(read(path, columns=COLUMNS, required=())) == [{"number": "M-1", "title": "Gärten; und\nStraßen", "due": ""}]
