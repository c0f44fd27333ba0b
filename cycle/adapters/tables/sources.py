"""What lies in a file, before anybody looks for a table in it: rows of texts, or one sentence why there are none.

A file is judged by its first bytes, never by its name: people rename, and programs write web pages called .xls.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from cycle.adapters.files import read_file
from cycle.adapters.tables.cells import folded
from cycle.adapters.tables.door import is_workbook
from cycle.adapters.tables.habits import NONE, Habits
from cycle.adapters.tables.workbook import TABLES, Grid, sheets
from cycle.errors import WrongInput

_DELIMITERS = ";,\t|"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_LOOK_AT = 40  # lines, to find the delimiter
_LONGEST_LINE = 500_000  # characters: no row of a table, but one that takes long to find out
_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # Excel's own hint
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"{\\rtf": "RTF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"\x7fELF": "ELF",
}
_MARKED_UP = re.compile(rb"\s*<(!doctype html|html|head|table|meta|\?xml)", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A file to read: of a workbook the `sheet` to take (None: the one that fits), and how people there fill in tables."""

    path: Path
    sheet: str | None = None
    habits: Habits = NONE


def grids(source: Source, headings: frozenset[str]) -> list[Grid]:
    """What the file holds: one grid of a text, one a sheet of a workbook. `headings` (folded) help to find the delimiter.

    Encoding of a text: what a byte order mark says, else UTF-8, else cp1252. Delimiter (; , tab |): the one that finds most
    of the headings in one of the first lines, then most columns.

    Raises:
        NotFound, WrongInput: as `files.read_file`; `file_is_other`, `file_not_text`, `file_not_csv`,
            `file_empty`, `sheet_too_large`, or what `workbook.sheets` says.
    """
    data = read_file(source.path, TABLES.bytes)
    if is_workbook(data):
        found = sheets(source.path, data)
        if not found:
            raise WrongInput("file_empty", file=source.path.name)
        return found
    text, encoding = _text(source.path, data)
    if any(len(line) > _LONGEST_LINE for line in text.split("\n")):
        raise WrongInput("sheet_too_large", file=source.path.name, rows=TABLES.rows, columns=TABLES.columns)
    hint = _SEP.match(text)
    delimiter = hint[1] if hint else _delimiter(text, headings)
    rows = tuple((line, cells) for line, cells in _records(source.path, text, delimiter) if cells)
    return [Grid("", rows[1:] if hint else rows, encoding, delimiter)]


def _text(path: Path, data: bytes) -> tuple[str, str]:
    kind = next((kind for mark, kind in _OTHERS.items() if data.startswith(mark)), None)
    body = data.removeprefix(b"\xef\xbb\xbf")
    if kind is None and _MARKED_UP.match(body):
        kind = "XML" if body.lstrip()[:5].lower() == b"<?xml" else "HTML"
    if kind is not None:
        raise WrongInput("file_is_other", file=path.name, kind=kind)
    marked = next((encoding for mark, encoding in _BOMS.items() if data.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
        break
    raise WrongInput("file_not_text", file=path.name)


def _delimiter(text: str, headings: frozenset[str]) -> str:
    # Not csv.Sniffer: it looks at letters, too, and takes the comma of a list for a delimiter.
    lines = [line for line in _first_lines(text) if line.strip(_DELIMITERS + " ")]

    def found(delimiter: str) -> tuple[int, int]:
        rows = _rows(lines, delimiter)
        return max(((sum(folded(cell) in headings for cell in row), len(row)) for row in rows), default=(0, 0))

    return max(_DELIMITERS, key=found)


def _first_lines(text: str) -> list[str]:
    ends = -1
    for _ in range(_LOOK_AT):
        after = text.find("\n", ends + 1)
        if after < 0:
            return text.splitlines()[:_LOOK_AT]
        ends = after
    return text[:ends].splitlines()


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def _records(path: Path, text: str, delimiter: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise WrongInput("file_not_csv", file=path.name, line=line, detail=str(error)) from None
