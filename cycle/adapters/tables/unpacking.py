"""A process of its own that reads a workbook, so that a file made to break its reader breaks nothing else.

Run as a program with the file's bytes on standard input. It writes lines of JSON: `{"sheet": name, "hidden": bool}`, then
each row of that sheet as a list of texts; at last `{"end": true}`, or instead `{"error": why}`. It imports nothing of cycle.
"""

import json
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

MEMORY = 1_000_000_000
SECONDS = 60
MAX_ROWS = 200_000
MAX_COLUMNS = 500


def main() -> None:
    """Read the workbook on standard input."""
    _limit()
    from python_calamine import (  # noqa: PLC0415 - below the limits
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        with CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read())) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ == SheetTypeEnum.WorkSheet:
                    _tell({"sheet": sheet.name, "hidden": sheet.visible != SheetVisibleEnum.Visible})
                    _rows(book.get_sheet_by_name(sheet.name))
    except PasswordError:
        _tell({"error": "file_encrypted"})
    except TooLarge:
        _tell({"error": "sheet_too_large"})
    except MemoryError:
        _tell({"error": "file_unpacks_too_large"})
    except (CalamineError, OSError, ValueError):
        _tell({"error": "file_not_workbook"})
    else:
        _tell({"end": True})


class TooLarge(Exception):
    """More rows or columns than anybody fills in."""


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _rows(sheet: Any) -> None:
    if sheet.start is None:
        return
    # Most of a sheet may be nothing but formats: what counts is where its data end.
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        raise TooLarge
    table = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        # What stands in merged cells holds for each row of them.
        if top < len(table) and left < len(table[top]):
            for at in range(top + 1, min(bottom + 1, len(table))):
                table[at][left] = table[top][left]
    for row in table:
        sys.stdout.write(json.dumps([_text(cell) for cell in row], ensure_ascii=False) + "\n")


def _text(cell: Any) -> str:
    """A cell as a German office would write it into a CSV file."""
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
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _tell(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
