"""Reads a workbook that somebody sent (XLSX or ODS): small, and looked into before it is opened. One door to python-calamine.

A workbook is a ZIP of XML: what it unpacks to, and how far its cells reach, is measured first, since a reader makes room
for every cell up to the last.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from cycle.errors import NotFound, WrongInput

SUFFIXES = (".xlsx", ".ods")
MAX_BYTES = 3_000_000
MAX_UNPACKED = 20_000_000
MAX_MEMBERS = 500
MAX_ROWS, MAX_COLUMNS = 2_000, 300

_LIBRARY = "python_calamine"  # loaded when the first workbook is read
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_CHUNK = 65_536
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb"<(?:\w+:)?c\b")
_PLACE = re.compile(rb"""\br=["']([A-Z]{0,4})([0-9]{1,9})["']""")
_ODS_TABLE = re.compile(rb"<(?:\w+:)?table[\s>]")
_ODS_ROW = re.compile(rb"<(?:\w+:)?table-row\b")
_ODS_ROW_END = re.compile(rb"</(?:\w+:)?table-row\b")
_ODS_CELL = re.compile(rb"<(?:\w+:)?(?:covered-)?table-cell\b")
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated=["']([0-9]{1,9})["']""")
_FILLED = re.compile(rb"value-type=|<(?:\w+:)?p\b")
_SAVED = re.compile(rb"<(?:dcterms:modified|dc:date)\b[^>]*>([0-9T:.Z+-]{10,40})<")

Value = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Book:
    """A workbook's sheets by name, each a list of rows from A1 on; `saved` is when it says it was saved, "" if it does not."""

    file: str
    sheets: dict[str, list[list[Value]]]
    saved: str


def read(path: Path) -> Book:
    """The cells of a workbook: text, numbers, days; of a formula what it last came to.

    Raises:
        NotFound: `file_not_found`.
        WrongInput: `book_too_large`, `book_unpacks_too_far`, `book_reaches_too_far`, `book_locked`, `book_not_read`.
    """
    data = _bytes(path)
    parts = dict(_unpacked(path, data))
    for content in parts.values():
        _measure(path, content)
    calamine = import_module(_LIBRARY)
    try:
        book = calamine.load_workbook(BytesIO(data))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except calamine.PasswordError:
        raise WrongInput("book_locked", file=path.name) from None
    except calamine.CalamineError as error:
        raise WrongInput("book_not_read", file=path.name, detail=str(error)[:120]) from None
    except BaseException as error:  # a panic of its Rust is no Exception, and has no name to import
        if type(error).__name__ != "PanicException":
            raise
        raise WrongInput("book_not_read", file=path.name, detail=type(error).__name__) from None
    found = [_SAVED.search(parts[name]) for name in ("docProps/core.xml", "meta.xml") if name in parts]
    saved = next((each[1].decode("ascii")[:19] for each in found if each), "")
    return Book(path.name, {name: [list(map(_plain, row)) for row in rows] for name, rows in sheets.items()}, saved)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound("file_not_found", file=str(path))
    if path.stat().st_size > MAX_BYTES:
        raise WrongInput("book_too_large", file=path.name, megabytes=MAX_BYTES // 1_000_000)
    data = path.read_bytes()
    if data.startswith(_OLE):
        raise WrongInput("book_locked", file=path.name)
    if not data.startswith(_ZIP):
        raise WrongInput("book_not_read", file=path.name, detail="ZIP")
    return data


def _unpacked(path: Path, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every part of the ZIP, unpacked as far as all of it may reach: what a ZIP says of its own size counts for nothing."""
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise WrongInput("book_unpacks_too_far", file=path.name, megabytes=MAX_UNPACKED // 1_000_000)
            for member in members:
                pieces = []
                with archive.open(member) as stream:
                    while piece := stream.read(_CHUNK):
                        left -= len(piece)
                        if left < 0:
                            raise WrongInput("book_unpacks_too_far", file=path.name, megabytes=MAX_UNPACKED // 1_000_000)
                        pieces.append(piece)
                yield member.filename, b"".join(pieces)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        raise WrongInput("book_not_read", file=path.name, detail=type(error).__name__) from None


def _measure(path: Path, content: bytes) -> None:
    rows = _ROW.split(content)
    places = [(_column(column), int(row)) for column, row in _PLACE.findall(content)] if len(rows) > 1 else []
    wide = max([len(_CELL.findall(row)) for row in rows[1:]] + [column for column, _ in places], default=0)
    high = max([len(rows) - 1] + [row for _, row in places])
    ods_high, ods_wide = _reach_of_ods(content)
    if max(high, ods_high) > MAX_ROWS or max(wide, ods_wide) > MAX_COLUMNS:
        raise WrongInput("book_reaches_too_far", file=path.name, rows=MAX_ROWS, columns=MAX_COLUMNS)


def _reach_of_ods(content: bytes) -> tuple[int, int]:
    """How far filled rows and cells reach; an empty one repeated to the end of the sheet is how ODS is always written."""
    high = wide = 0
    for table in _ODS_TABLE.split(content)[1:]:
        row_at = 0
        for row in _ODS_ROW.split(table)[1:]:
            head, *cells = _ODS_CELL.split(_ODS_ROW_END.split(row, maxsplit=1)[0])
            row_at += _times(head)
            column_at = 0
            for cell in cells:
                column_at += _times(cell.partition(b">")[0])
                if _FILLED.search(cell):
                    wide, high = max(wide, column_at), max(high, row_at)
    return high, wide


def _times(tag: bytes) -> int:
    found = _REPEATED.search(tag)
    return int(found[1]) if found else 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _plain(value: Any) -> Value:
    if value == "" or value is None:
        return None
    if isinstance(value, datetime):
        return value.date() if (value.hour, value.minute, value.second) == (0, 0, 0) else value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | float | bool | date) else str(value)
