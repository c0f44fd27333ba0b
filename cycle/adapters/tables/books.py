"""Workbooks that somebody filled in and sent (XLSX or ODS): small, every sheet by its name, each cell as the value it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cycle.adapters.files import read_file
from cycle.adapters.tables import archive
from cycle.adapters.tables.door import Cells, Limits, opened
from cycle.errors import CycleError, WrongInput

SUFFIXES = (".xlsx", ".ods")
FORMS = Limits(bytes=3_000_000, unpacked=20_000_000, rows=2_000, columns=300)

Value = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Book:
    """A workbook's sheets by name, each a list of rows from A1 on; `saved` is when it says it was saved, "" if it does not."""

    file: str
    sheets: dict[str, list[list[Value]]]
    saved: str


def read_books(paths: Sequence[Path]) -> Iterator[Book | CycleError]:
    """Each of the files in their order: the cells of a workbook, of a formula what it last came to; or why it is not read, as
    `files.read_file` and `door.opened` say."""
    contents = [_content(path) for path in paths]
    files = [(path, data) for path, data in zip(paths, contents, strict=True) if isinstance(data, bytes)]
    found = opened(files, Cells.VALUES, FORMS)
    for path, data in zip(paths, contents, strict=True):
        yield data if isinstance(data, CycleError) else _book(path, data, next(found))


def _content(path: Path) -> bytes | CycleError:
    try:
        return read_file(path, FORMS.bytes)
    except CycleError as error:
        return error


def _book(path: Path, data: bytes, told: list[Any] | WrongInput) -> Book | WrongInput:
    if isinstance(told, WrongInput):
        return told
    sheets: dict[str, list[list[Value]]] = {}
    rows: list[list[Value]] = []
    for line in told:
        if isinstance(line, list):
            rows.append(list(map(_value, line)))
        else:
            rows = sheets.setdefault(str(line["sheet"]), [])
    return Book(path.name, sheets, archive.saved(data))


def _value(cell: Any) -> Value:
    if isinstance(cell, dict):
        return date.fromisoformat(cell["day"]) if "day" in cell else datetime.fromisoformat(cell["at"])
    return cell  # type: ignore[no-any-return]  # JSON's own kinds are the others
