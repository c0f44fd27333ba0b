"""Writes a form as a workbook (XLSX) that people fill in: locked but for its input cells. The one door to XlsxWriter.

The same form gives the same bytes. Text is always written as text: no cell starts a formula.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from typing import Any

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_LIBRARY = "xlsxwriter"  # loaded when the first form is written: most commands write none
_CENTURY = (date(1950, 1, 1), date(2099, 12, 31))
_MOST_EURO = 1_000_000_000
_LONGEST_TITLE, _LONGEST_TEXT = 32, 255  # of a hint beside a cell


class Look(StrEnum):
    """How a cell looks; what begins with `input` is for the person who fills in."""

    TITLE = "title"
    LEAD = "lead"
    STEP = "step"
    HEAD = "head"
    HEAD_NEW = "head_new"
    LABEL = "label"
    HINT = "hint"
    KEY = "key"
    QUIET = "quiet"
    INPUT = "input"
    INPUT_DAY = "input_day"
    INPUT_EURO = "input_euro"
    INPUT_COUNT = "input_count"


@dataclass(frozen=True)
class Hint:
    """What a person reads who stands on an input cell, and what when something else was typed than may stand there."""

    title: str
    text: str
    refusal: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell, from `column` to `until` where it is wider. `choices` names a list of the form; they and the hint hold for
    all cells up to `alike`."""

    row: int
    column: int
    value: str | int | date | None
    look: Look
    until: int | None = None
    choices: str | None = None
    hint: Hint | None = None
    alike: int | None = None


@dataclass(frozen=True)
class Form:
    """A form: one sheet to fill in and, hidden, the lists it offers and what the programme reads first (`marks`).

    `widths` are those of the columns (0 hides one), `heights` those of rows in points (0 hides, too); `repeated`
    columns stand on every printed page; `made_on` is the day that the file says it was made.
    """

    sheet: str
    lists_sheet: str
    title: str
    made_on: date
    widths: Sequence[int]
    heights: Mapping[int, float]
    cells: Sequence[Cell]
    lists: Mapping[str, Sequence[str]]
    marks: Sequence[tuple[str, str]]
    repeated: tuple[int, int]
    footer: str = ""


def written(form: Form) -> bytes:
    """The form as a workbook. Who is reminded gets it again, and a forecast looks at each: what was made stays at hand."""
    key = sha256(repr(form).encode()).hexdigest()
    made = _MADE.pop(key, None) or _made(form)
    _MADE[key] = made
    if len(_MADE) > _MOST_MADE:
        del _MADE[next(iter(_MADE))]
    return made


def _made(form: Form) -> bytes:
    memory = BytesIO()
    book = import_module(_LIBRARY).Workbook(memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": form.title, "created": datetime.combine(form.made_on, time())})
    sheet, lists = book.add_worksheet(form.sheet), book.add_worksheet(form.lists_sheet)
    looks = {name: book.add_format({**_EVERY, **how}) for name, how in _LOOKS.items()}
    ranges = _write_lists(lists, form)
    _set_page(sheet, form)
    for cell in form.cells:
        _write(sheet, cell, looks[cell.look])
        if cell.hint is not None:
            _validate(sheet, cell, cell.hint, ranges)
    sheet.protect("", {"format_columns": True, "format_rows": True, "format_cells": False})
    lists.protect()
    lists.very_hidden()
    book.close()
    return memory.getvalue()


_MADE: dict[str, bytes] = {}
_MOST_MADE = 300

_EVERY: Mapping[str, Any] = {"font_name": "Calibri", "font_size": 11, "valign": "vcenter", "text_wrap": True, "locked": True}
_INPUT: Mapping[str, Any] = {"bg_color": "#FFF8D6", "border": 1, "border_color": "#8C8C8C", "locked": False, "align": "left"}
_LOOKS: Mapping[Look, Mapping[str, Any]] = {
    Look.TITLE: {"bold": True, "font_size": 18, "font_color": "#12395B"},
    Look.LEAD: {"font_size": 11, "valign": "top"},
    Look.STEP: {"bold": True, "font_size": 13, "font_color": "#FFFFFF", "bg_color": "#12395B"},
    Look.HEAD: {"bold": True, "bg_color": "#D6E4F0", "border": 1, "border_color": "#8C8C8C"},
    Look.HEAD_NEW: {"bold": True, "bg_color": "#DDEFD9", "border": 1, "border_color": "#8C8C8C"},
    Look.LABEL: {"bold": True, "border": 1, "border_color": "#8C8C8C"},
    Look.HINT: {"font_size": 10, "font_color": "#404040", "border": 1, "border_color": "#8C8C8C"},
    Look.KEY: {"font_size": 10, "font_name": "Courier New", "font_color": "#404040"},
    Look.QUIET: {"font_size": 10, "font_color": "#404040"},
    Look.INPUT: _INPUT,
    Look.INPUT_DAY: {**_INPUT, "num_format": "dd.mm.yyyy"},
    Look.INPUT_EURO: {**_INPUT, "num_format": '#,##0 "€"'},
    Look.INPUT_COUNT: {**_INPUT, "num_format": "#,##0"},
}


def _set_page(sheet: Any, form: Form) -> None:
    for column, width in enumerate(form.widths):
        sheet.set_column(column, column, width or 1, None, {"hidden": width == 0})
    for row, height in form.heights.items():
        sheet.set_row(row, height or None, None, {"hidden": height == 0})
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_columns(*form.repeated)
    sheet.fit_to_pages(0, 1)
    sheet.set_footer(f"&L&8{form.footer.replace('&', '&&')}&R&8&P / &N")
    sheet.hide_gridlines(2)
    sheet.freeze_panes(0, form.repeated[1] + 1)
    sheet.set_zoom(100)


def _write_lists(sheet: Any, form: Form) -> dict[str, str]:
    """The hidden sheet: a column for each list, then what the programme reads first. Where each list stands, by name."""
    ranges = {}
    for column, (name, values) in enumerate(form.lists.items()):
        for row, value in enumerate(values):
            sheet.write_string(row, column, value)
        letter = chr(ord("A") + column)
        ranges[name] = f"='{form.lists_sheet}'!${letter}$1:${letter}${len(values)}"
    beside = len(form.lists) + 1
    for row, (name, value) in enumerate(form.marks):
        sheet.write_string(row, beside, name)
        sheet.write_string(row, beside + 1, value)
    return ranges


def _write(sheet: Any, cell: Cell, look: Any) -> None:
    if cell.until is not None and cell.until > cell.column:
        sheet.merge_range(cell.row, cell.column, cell.row, cell.until, "", look)
    if isinstance(cell.value, date):
        sheet.write_datetime(cell.row, cell.column, datetime.combine(cell.value, time()), look)
    elif isinstance(cell.value, int):
        sheet.write_number(cell.row, cell.column, cell.value, look)
    elif cell.value:
        sheet.write_string(cell.row, cell.column, cell.value, look)
    else:
        sheet.write_blank(cell.row, cell.column, None, look)


def _validate(sheet: Any, cell: Cell, hint: Hint, ranges: Mapping[str, str]) -> None:
    rule: dict[str, Any] = {"validate": "any"}
    if cell.choices is not None:
        rule = {"validate": "list", "source": ranges[cell.choices]}
    elif cell.look is Look.INPUT_DAY:
        rule = {"validate": "date", "criteria": "between", "minimum": _CENTURY[0], "maximum": _CENTURY[1]}
    elif cell.look in (Look.INPUT_EURO, Look.INPUT_COUNT):
        rule = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": _MOST_EURO}
    rule |= {"input_title": hint.title[:_LONGEST_TITLE], "input_message": hint.text[:_LONGEST_TEXT]}
    if hint.refusal:
        rule |= {"error_title": hint.title[:_LONGEST_TITLE], "error_message": hint.refusal[:_LONGEST_TEXT]}
    sheet.data_validation(cell.row, cell.column, cell.row, cell.alike or cell.column, rule)
