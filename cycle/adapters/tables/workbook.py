"""The sheets of a workbook (XLSX, XLS, ODS) as rows of texts. The library reads it in a process of its own (`unpacking`)."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cycle.adapters.tables import archive, unpacking
from cycle.errors import WrongInput

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # XLS; and everything that Office encrypts

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PATIENCE = 90.0


@dataclass(frozen=True)
class Grid:
    """Rows of texts with the line each begins in; `name` of its sheet, or encoding and delimiter of a text."""

    name: str
    rows: Sequence[tuple[int, list[str]]]
    encoding: str = ""
    delimiter: str = ""


def sheets(path: Path, data: bytes) -> list[Grid]:
    """The sheets with anything in them, in the workbook's order; hidden ones only where no other has anything.

    A day is written dd.mm.yyyy, a fraction with a comma, whatever the cell's format; a formula is its last result.

    Raises:
        WrongInput: `file_not_workbook`, `file_encrypted`, `file_unpacks_too_large`, `sheet_too_large`.
    """
    if archive.is_archive(data):
        archive.check(path.name, data)
    elif _ENCRYPTED in data:
        raise WrongInput("file_encrypted", file=path.name)
    found: list[tuple[bool, Grid]] = []
    rows: list[tuple[int, list[str]]] = []
    for told in _unpacked(path, data):
        if isinstance(told, list):
            rows.append((len(rows) + 1, told))
        elif "error" in told:
            raise _refused(path, told["error"])
        elif "sheet" in told:
            rows = []
            found.append((bool(told["hidden"]), Grid(str(told["sheet"]), rows)))
    for _, grid in found:
        while grid.rows and not any(map(str.strip, grid.rows[-1][1])):
            grid.rows.pop()  # type: ignore[attr-defined]  # formats below the data are no blank rows
    filled = [(hidden, grid) for hidden, grid in found if grid.rows]
    return [grid for hidden, grid in filled if not hidden] or [grid for _, grid in filled]


def _unpacked(path: Path, data: bytes) -> list[Any]:
    # -P: the folder of the program is not searched for modules; isolated, what is installed for one user would be lost.
    command = [sys.executable, "-P", "-X", "utf8", str(Path(unpacking.__file__))]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise _refused(path, "file_not_workbook") from None
    lines = done.stdout.splitlines()
    told: list[Any] = [json.loads(line) for line in lines] if lines and done.returncode == 0 else []
    if not told or isinstance(told[-1], list):
        # It broke: the file asked for more memory or time than there is, or the library gave up.
        raise _refused(path, "file_not_workbook")
    return told


def _refused(path: Path, why: str) -> WrongInput:
    facts: dict[str, Any] = {}
    if why == "file_unpacks_too_large":
        facts = {"megabytes": archive.MAX_UNPACKED // 1_000_000}
    elif why == "sheet_too_large":
        facts = {"rows": unpacking.MAX_ROWS, "columns": unpacking.MAX_COLUMNS}
    return WrongInput(why, file=path.name, **facts)
