"""The sheets of a workbook that holds tables, as rows of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cycle.adapters.tables.door import Cells, Limits, opened
from cycle.errors import WrongInput

TABLES = Limits(bytes=20_000_000, unpacked=200_000_000, rows=200_000, columns=500)


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
        WrongInput: what `door.opened` says of it.
    """
    (told,) = opened([(path, data)], Cells.TEXTS, TABLES)
    if isinstance(told, WrongInput):
        raise told
    found: list[tuple[bool, Grid]] = []
    rows: list[tuple[int, list[str]]] = []
    for line in told:
        if isinstance(line, list):
            rows.append((len(rows) + 1, line))
        else:
            rows = []
            found.append((bool(line["hidden"]), Grid(str(line["sheet"]), rows)))
    for _, grid in found:
        while grid.rows and not any(map(str.strip, grid.rows[-1][1])):
            grid.rows.pop()  # type: ignore[attr-defined]  # formats below the data are no blank rows
    filled = [(hidden, grid) for hidden, grid in found if grid.rows]
    return [grid for hidden, grid in filled if not hidden] or [grid for _, grid in filled]
