"""A process of its own that reads workbooks, so that a file made to break its reader breaks nothing else.

Run as a program: `unpacking.py texts|values ROWS COLUMNS`, on standard input each file's length (eight bytes, big-endian) and
its bytes. Of each it writes lines of JSON: `{"sheet": name, "hidden": bool}`, then each row of that sheet as a list of cells;
at last `{"end": true}`, or instead `{"error": why}`. It imports nothing of cycle.

`texts` are cells as a German office would write them into a CSV file. `values` keep what a cell is: null, text, number, truth,
`{"day": ISO}` or `{"at": ISO}`.
"""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

MEMORY = 1_000_000_000
SECONDS = 60  # for each file


def main() -> None:
    """Read the workbooks on standard input."""
    shape, rows, columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    _limit_memory()
    import python_calamine  # noqa: F401, PLC0415 - below the limits

    for data in _files():
        _limit_time()
        _read(data, shape, rows, columns)
        sys.stdout.flush()


class TooLarge(Exception):
    """More rows or columns than anybody fills in."""


def _files() -> Iterator[bytes]:
    while head := sys.stdin.buffer.read(8):
        yield sys.stdin.buffer.read(int.from_bytes(head, "big"))


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + SECONDS, most))


def _read(data: bytes, shape: str, rows: int, columns: int) -> None:
    from python_calamine import (  # noqa: PLC0415 - below the limits
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ == SheetTypeEnum.WorkSheet:
                    _tell({"sheet": sheet.name, "hidden": sheet.visible != SheetVisibleEnum.Visible})
                    _rows(book.get_sheet_by_name(sheet.name), shape, rows, columns)
    except PasswordError:
        _tell({"error": "file_encrypted"})
    except (TooLarge, MemoryError):
        _tell({"error": "sheet_too_large"})
    except (CalamineError, OSError, ValueError):
        _tell({"error": "file_not_workbook"})
    else:
        _tell({"end": True})


def _rows(sheet: Any, shape: str, rows: int, columns: int) -> None:
    if sheet.start is None:
        return
    # Most of a sheet may be nothing but formats: what counts is where its data end.
    if sheet.total_height > rows or sheet.total_width > columns:
        raise TooLarge
    table = sheet.to_python(skip_empty_area=False)
    if shape == "texts":
        _fill_merged(sheet, table)
    told = _text if shape == "texts" else _value
    for row in table:
        sys.stdout.write(json.dumps([told(cell) for cell in row], ensure_ascii=False) + "\n")


def _fill_merged(sheet: Any, table: list[list[Any]]) -> None:
    """What stands in merged cells holds for each row of them."""
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top < len(table) and left < len(table[top]):
            for at in range(top + 1, min(bottom + 1, len(table))):
                table[at][left] = table[top][left]


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else str(cell).replace(".", ",")
    if isinstance(cell, datetime):
        return cell.strftime("%d.%m.%Y") if cell.time() == time(0) else cell.strftime("%d.%m.%Y %H:%M:%S")
    if isinstance(cell, date):
        return cell.strftime("%d.%m.%Y")
    return str(cell)


def _value(cell: Any) -> Any:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, datetime):
        return {"day": cell.date().isoformat()} if cell.time() == time(0) else {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if isinstance(cell, str | int | float | bool) else str(cell)


def _tell(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
