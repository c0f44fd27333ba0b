"""The one door to workbooks (XLSX, XLS, ODS): looked into before they are opened, and opened in a process of its own.

The library's process (`unpacking`) has limits of memory and time. One reads many files; a file that breaks it costs only
itself, the ones behind it are read by the next.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cycle.adapters.tables import archive, unpacking
from cycle.errors import WrongInput

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # XLS; and everything that Office encrypts

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PATIENCE = 90.0
_AT_ONCE = 20_000_000  # bytes for one process

# What is told of a file: `{"sheet": name, "hidden": bool}`, the rows of that sheet, the next one.
Told = list[Any]


class Cells(StrEnum):
    """What becomes of a cell: text as an office writes it, merged cells filled; or the value that it is."""

    TEXTS = "texts"
    VALUES = "values"


@dataclass(frozen=True)
class Limits:
    """How large a file of one kind may be: its bytes, what comes out of it, and how far its cells reach."""

    bytes: int
    unpacked: int
    rows: int
    columns: int


def is_workbook(data: bytes) -> bool:
    """Whether it begins as workbooks do."""
    return archive.is_archive(data) or data.startswith(OLE)


def opened(files: Sequence[tuple[Path, bytes]], cells: Cells, limits: Limits) -> Iterator[Told | WrongInput]:
    """What each of the files holds, in their order, or why it is not read: `file_not_workbook`, `file_encrypted`,
    `file_unpacks_too_large`, `sheet_too_large`."""
    batch: list[tuple[Path, bytes | WrongInput]] = []
    size = 0
    for path, data in files:
        wrong = _wrong(path, data, limits)
        if batch and size + len(data) > _AT_ONCE:
            yield from _batch(batch, cells, limits)
            batch, size = [], 0
        batch.append((path, wrong or data))
        size += 0 if wrong else len(data)
    yield from _batch(batch, cells, limits)


def _wrong(path: Path, data: bytes, limits: Limits) -> WrongInput | None:
    try:
        if archive.is_archive(data):
            archive.check(path.name, data, limits.unpacked)
        elif not data.startswith(OLE):
            return WrongInput("file_not_workbook", file=path.name)
        elif _ENCRYPTED in data:
            return WrongInput("file_encrypted", file=path.name)
    except WrongInput as error:
        return error
    return None


def _batch(batch: Sequence[tuple[Path, bytes | WrongInput]], cells: Cells, limits: Limits) -> Iterator[Told | WrongInput]:
    found = _told([data for _, data in batch if isinstance(data, bytes)], cells, limits)
    for path, data in batch:
        told = data if isinstance(data, WrongInput) else next(found)
        yield _refused(path, told, limits) if isinstance(told, str) else told


def _told(files: Sequence[bytes], cells: Cells, limits: Limits) -> Iterator[Told | str]:
    """Of each file what it holds, or why it cannot be told."""
    left = files
    while left:
        lines, far = _run(left, cells, limits)
        done = 0
        told: Told = []
        for line in lines:
            if isinstance(line, dict) and ("end" in line or "error" in line):
                yield line.get("error") or told
                done, told = done + 1, []
            else:
                told.append(line)
        if not done:  # the first one broke a process of its own: it asked for more memory or time than there is, or worse
            yield "sheet_too_large" if far else "file_not_workbook"
        left = left[max(done, 1) :]


def _run(files: Sequence[bytes], cells: Cells, limits: Limits) -> tuple[list[Any], bool]:
    """The lines that were told of the files, up to one that broke the process; and whether it broke for want of memory."""
    # -P: the folder of the program is not searched for modules; isolated, what is installed for one user would be lost.
    program = [sys.executable, "-P", "-X", "utf8", str(Path(unpacking.__file__))]
    command = [*program, cells.value, str(limits.rows), str(limits.columns)]
    given = b"".join(part for data in files for part in (len(data).to_bytes(8, "big"), data))
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        return _lines(error.stdout or b""), False
    # What comes out of a file was counted: for want of memory it breaks where its cells reach too far.
    return _lines(done.stdout), b"memory allocation" in done.stderr or b"MemoryError" in done.stderr


def _lines(told: bytes) -> list[Any]:
    # A process that broke may have left half a line.
    return [json.loads(line) for line in told[: told.rfind(b"\n") + 1].split(b"\n")[:-1]]


def _refused(path: Path, why: str, limits: Limits) -> WrongInput:
    facts: dict[str, Any] = {}
    if why == "sheet_too_large":
        facts = {"rows": limits.rows, "columns": limits.columns}
    return WrongInput(why, file=path.name, **facts)
