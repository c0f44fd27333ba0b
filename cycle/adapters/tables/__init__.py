"""Tables as people keep them: CSV, XLSX, XLS and ODS read with German headers in any order, and written so that Excel
opens them and runs nothing.

Knows no house and no vocabulary: a caller names its columns and their headers, and what a cell must be.
"""

from cycle.adapters.tables.cells import (
    CellError,
    as_cell,
    clean,
    codes,
    count,
    day,
    filled,
    filled_day,
    labels,
    repaired_day,
    whole,
)
from cycle.adapters.tables.habits import Habits, habits_of
from cycle.adapters.tables.report import Grade, Mended, Record, Report, mended, value
from cycle.adapters.tables.sources import Source
from cycle.adapters.tables.table import Problem, Row, Skipped, Table, read
from cycle.adapters.tables.writing import harmless, write_csv, write_template

__all__ = [
    "CellError",
    "Grade",
    "Habits",
    "Mended",
    "Problem",
    "Record",
    "Report",
    "Row",
    "Skipped",
    "Source",
    "Table",
    "as_cell",
    "clean",
    "codes",
    "count",
    "day",
    "filled",
    "filled_day",
    "habits_of",
    "harmless",
    "labels",
    "mended",
    "read",
    "repaired_day",
    "value",
    "whole",
    "write_csv",
    "write_template",
]
