"""Tables as people keep them: CSV read with German headers in any order, and written so that Excel opens it and runs
nothing.

Knows no house and no vocabulary: a caller names its columns and their headers, and what a cell must be.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, TextIO, TypeVar

from cycle.adapters.files import read_file
from cycle.adapters.numbers import LARGEST
from cycle.errors import WrongInput

MAX_BYTES = 20_000_000

_DELIMITERS = ";,\t|"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{2}|[0-9]{4})")
_WHOLE = re.compile(r"-?([0-9]{1,15}|[0-9]{1,3}(\.[0-9]{3}){1,4})")
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = range(20_000, 80_000)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

T = TypeVar("T")


class CellError(ValueError):
    """A cell that is not what it should be; `key` names its sentence in the wording, `facts` fill it."""

    def __init__(self, key: str, **facts: Any) -> None:
        self.key = key
        self.facts = facts
        super().__init__(", ".join([key, *(f"{name}={fact}" for name, fact in facts.items())]))


def as_cell(error: WrongInput) -> CellError:
    """The same complaint about a cell of a file."""
    return CellError(error.key, **error.facts)


class Problem(str):
    """One line of an error's `problems`: reads `file:line: column: key, facts`, and keeps its parts for the wording.

    `column` is "" where the whole row is meant.
    """

    file: str
    line: int
    column: str
    key: str
    facts: Mapping[str, Any]

    def __new__(cls, file: str, line: int, column: str, key: str, /, **facts: Any) -> "Problem":
        place = f"{file}:{line}: {column}: " if column else f"{file}:{line}: "
        problem = super().__new__(cls, place + str(CellError(key, **facts)))
        problem.file, problem.line, problem.column, problem.key, problem.facts = file, line, column, key, facts
        return problem


@dataclass(frozen=True)
class Row:
    """One record: its first line in the file, its number (1 = the header), its cells by column name.

    `values` are NFC and stripped, "" for a column the file lacks; `raw` are the same cells as they were written.
    """

    line: int
    record: int
    values: Mapping[str, str]
    raw: Mapping[str, str]


@dataclass(frozen=True)
class Skipped:
    """A record that carries nothing: `why` is blank_row or repeated_header."""

    line: int
    record: int
    why: str


@dataclass(frozen=True)
class Table:
    """A file's rows. `headers` gives each column found its header there, `unknown` the headers nobody asked for."""

    file: str
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[Problem, ...]
    headers: Mapping[str, str]
    unknown: tuple[str, ...]
    encoding: str
    delimiter: str


def read(path: Path, *, columns: Mapping[str, Sequence[str]], required: Collection[str]) -> Table:
    """The table in a CSV file. `columns` gives each name the headers it may have (case does not matter).

    Encoding: what a byte order mark says, else UTF-8, else cp1252. The delimiter (; , tab |) is the one that finds most
    columns in the header. Rows with too few or too many cells are `problems`, not rows.

    Raises:
        NotFound, WrongInput: as `files.read_file`; `file_empty`, `file_not_text`, `file_not_csv`, `column_missing`,
            `column_twice`.
    """
    text, encoding = _text(path)
    names = {_folded(header): name for name, headers in columns.items() for header in headers}
    delimiter = _delimiter(text, names)
    records = [(line, cells) for line, cells in _records(path, text, delimiter) if cells]
    start = next((at for at, (_, cells) in enumerate(records) if any(map(str.strip, cells))), None)
    if start is None:
        raise WrongInput("file_empty", file=path.name)
    header = [clean(cell) for cell in records[start][1]]
    places = _places(path, header, names, columns, required)

    rows: list[Row] = []
    skipped: list[Skipped] = []
    problems: list[Problem] = []
    for record, (line, cells) in enumerate(records[start + 1 :], start=2):
        values = [clean(cell) for cell in cells]
        if not any(values):
            skipped.append(Skipped(line, record, "blank_row"))
        elif values == header:
            skipped.append(Skipped(line, record, "repeated_header"))
        elif len(cells) < len(header) or any(values[len(header) :]):
            problems.append(Problem(path.name, line, "", "row_cells", expected=len(header), found=len(cells)))
        else:
            found = {name: values[at] for name, at in places.items()}
            raw = {name: cells[at] for name, at in places.items()}
            rows.append(Row(line, record, dict.fromkeys(columns, "") | found, dict.fromkeys(columns, "") | raw))
    return Table(
        file=path.name,
        rows=tuple(rows),
        skipped=tuple(skipped),
        problems=tuple(problems),
        headers={name: header[at] for name, at in places.items()},
        unknown=tuple(title for title in header if title and _folded(title) not in names),
        encoding=encoding,
        delimiter=delimiter,
    )


def value(table: Table, row: Row, column: str, parse: Callable[[str], T], problems: list[Problem]) -> T | None:
    """A cell's value, or None with one more line in `problems`."""
    try:
        return parse(row.values[column])
    except CellError as error:
        problems.append(Problem(table.file, row.line, table.headers.get(column, column), error.key, **error.facts))
        return None


def clean(text: str) -> str:
    """Text as it is kept: NFC, without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def filled(text: str) -> str:
    """The text itself. Raises CellError `cell_empty`."""
    if not text:
        raise CellError("cell_empty")
    return text


def day(text: str) -> date | None:
    """A day written dd.mm.yyyy or yyyy-mm-dd; None when empty. Raises CellError `cell_no_day`."""
    german = _GERMAN_DAY.fullmatch(text)
    try:
        if german and len(german[3]) == 4:
            return date(int(german[3]), int(german[2]), int(german[1]))
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CellError("cell_no_day", text=text) from None


def filled_day(text: str) -> date:
    """A day that must be there. Raises CellError `cell_empty`, `cell_no_day`."""
    found = day(filled(text))
    if found is None:
        raise CellError("cell_empty")
    return found


def repaired_day(text: str) -> date | None:
    """As `day`, but also dd.mm.yy (of this century) and Excel's count of days. Raises CellError `cell_no_day`."""
    german = _GERMAN_DAY.fullmatch(text)
    if german and len(german[3]) == 2:
        return day(f"{german[1]}.{german[2]}.20{german[3]}")
    if text.isascii() and text.isdigit() and int(text) in _EXCEL_DAYS:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    return day(text)


def whole(text: str) -> int | None:
    """A whole number, with dots for thousands or without; None when empty. Raises CellError `cell_no_whole_number`."""
    if not text:
        return None
    number = int(text.replace(".", "")) if _WHOLE.fullmatch(text) else None
    if number is None or abs(number) > LARGEST:
        raise CellError("cell_no_whole_number", text=text)
    return number


def count(text: str) -> int | None:
    """A whole number that is not below zero; None when empty. Raises CellError `cell_no_whole_number`."""
    number = whole(text)
    if number is not None and number < 0:
        raise CellError("cell_no_whole_number", text=text)
    return number


def codes(text: str) -> tuple[str, ...]:
    """Codes or numbers separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def labels(text: str) -> tuple[str, ...]:
    """Labels separated by upright bars."""
    return tuple(part.strip() for part in text.split("|") if part.strip())


def write_csv(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a table for Excel: byte order mark, semicolons, CRLF; None is an empty cell.

    Text that a spreadsheet would take for a formula gets a leading apostrophe. A file is opened with `newline=""`.
    """
    stream.write("\ufeff")
    writer = csv.writer(stream, delimiter=";")
    writer.writerow([_harmless(cell) for cell in header])
    writer.writerows([_harmless(cell) for cell in row] for row in rows)


def _text(path: Path) -> tuple[str, str]:
    data = read_file(path, MAX_BYTES)
    marked = next((encoding for mark, encoding in _BOMS.items() if data.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not data.startswith(b"PK\x03\x04"):
            return text, encoding
        break
    raise WrongInput("file_not_text", file=path.name)


def _delimiter(text: str, names: Mapping[str, str]) -> str:
    # Not csv.Sniffer: it looks at letters, too, and takes the comma of a list for a delimiter.
    first = next((line for line in text.splitlines() if line.strip(_DELIMITERS + " ")), "")

    def found(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return sum(_folded(cell) in names for cell in cells), len(cells)

    return max(_DELIMITERS, key=found)


def _records(path: Path, text: str, delimiter: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise WrongInput("file_not_csv", file=path.name, line=line, detail=str(error)) from None


def _places(
    path: Path,
    header: Sequence[str],
    names: Mapping[str, str],
    columns: Mapping[str, Sequence[str]],
    required: Collection[str],
) -> dict[str, int]:
    places: dict[str, int] = {}
    for at, title in enumerate(header):
        name = names.get(_folded(title))
        if name in places:
            raise WrongInput("column_twice", file=path.name, column=title, other=header[places[name]])
        if name is not None:
            places[name] = at
    missing = [columns[name][0] for name in columns if name in required and name not in places]
    if missing:
        have = ", ".join(title for title in header if title)
        raise WrongInput("column_missing", file=path.name, column=", ".join(missing), have=have)
    return places


def _folded(header: str) -> str:
    return " ".join(clean(header).casefold().split())


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
