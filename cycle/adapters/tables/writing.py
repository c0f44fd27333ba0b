"""Tables for a spreadsheet: the one place where a cell is kept from starting a formula."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import TextIO

from cycle.adapters.files import write_whole
from cycle.adapters.tables.cells import FORMULA
from cycle.errors import WrongInput

_BELOW_ZERO = re.compile(r"-[0-9]+([.,][0-9]+)?")


def write_csv(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a table for Excel: byte order mark, semicolons, CRLF; None is an empty cell.

    Text that a spreadsheet would take for a formula gets a leading apostrophe. A file is opened with `newline=""`.
    """
    stream.write("\ufeff")
    writer = csv.writer(stream, delimiter=";")
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)


def harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula: such text gets a leading apostrophe (`read` takes it off again).

    A number below zero is a number, and stays one.
    """
    if not isinstance(cell, str) or not cell.startswith(FORMULA) or _BELOW_ZERO.fullmatch(cell):
        return cell
    return f"'{cell}"


def write_template(path: Path, header: Sequence[str]) -> None:
    """An empty table with its headings, as a CSV file that is not there yet.

    Raises:
        WrongInput: `file_is_there`, `file_unwritable`.
    """
    if path.exists() or path.is_symlink():
        raise WrongInput("file_is_there", file=str(path))
    stream = StringIO(newline="")
    write_csv(stream, header, ())
    write_whole(path, stream.getvalue().encode())
