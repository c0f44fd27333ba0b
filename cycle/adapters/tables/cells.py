"""What a cell must be: days, numbers, lists. Strict ones here; those that repair what people write are in `mending`."""

import re
import unicodedata
from datetime import date, timedelta
from typing import Any

from cycle.adapters import numbers
from cycle.errors import WrongInput

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula
_GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{2}|[0-9]{4})")
_BETWEEN_CODES = re.compile(r"[,;|\n]")
_BETWEEN_LABELS = re.compile(r"[|;\n]")
_EXCEL_EPOCH = date(1899, 12, 30)
LONGEST_LINE, LONGEST_TEXT = 200, 2_000  # characters, as many as a survey form takes
_EXCEL_DAYS = range(20_000, 80_000)


class CellError(ValueError):
    """A cell that is not what it should be; `key` names its sentence in the wording, `facts` fill it."""

    def __init__(self, key: str, **facts: Any) -> None:
        self.key = key
        self.facts = facts
        super().__init__(", ".join([key, *(f"{name}={fact}" for name, fact in facts.items())]))


def as_cell(error: WrongInput) -> CellError:
    """The same complaint about a cell of a file."""
    return CellError(error.key, **error.facts)


def clean(text: str) -> str:
    """Text as it is kept: NFC, without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def folded(text: str) -> str:
    """A heading or a word as it is compared: composed, in one case, single spaces, no dot or colon at its end."""
    return " ".join(clean(text).casefold().split()).rstrip(":. ") or clean(text)


def filled(text: str) -> str:
    """The text itself. Raises CellError `cell_empty`."""
    if not text:
        raise CellError("cell_empty")
    return text


def bounded(text: str, most: int) -> str:
    """The text itself. Raises CellError `cell_too_long` if it has more characters."""
    if len(text) > most:
        raise CellError("cell_too_long", given=len(text), most=most)
    return text


def day(text: str) -> date | None:
    """A day written dd.mm.yyyy or yyyy-mm-dd; None when empty. Raises CellError `cell_no_day`."""
    german = _GERMAN_DAY.fullmatch(text)
    try:
        if german and len(german[3]) == 4:
            return date(int(german[3]), int(german[2]), int(german[1]))
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CellError("cell_no_day", text=text) from None


def filled_day(text: str) -> date:
    """A day that must be there. Raises CellError `cell_empty`, `cell_no_day`."""
    found = day(filled(text))
    if found is None:
        raise CellError("cell_empty")
    return found


def repaired_day(text: str) -> date | None:
    """As `day`, but also dd.mm.yy (of this century) and Excel's count of days. Raises CellError `cell_no_day`."""
    german = _GERMAN_DAY.fullmatch(text)
    if german and len(german[3]) == 2:
        return day(f"{german[1]}.{german[2]}.20{german[3]}")
    if text.isascii() and text.isdigit() and int(text) in _EXCEL_DAYS:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    return day(text)


def whole(text: str) -> int | None:
    """A whole number, with dots for thousands or without; None when empty. Raises CellError `cell_no_whole_number`."""
    if not text:
        return None
    number = numbers.whole(text)
    if number is None or abs(number) > numbers.LARGEST:
        raise CellError("cell_no_whole_number", text=text)
    return number


def count(text: str) -> int | None:
    """A whole number that is not below zero; None when empty. Raises CellError `cell_no_whole_number`."""
    number = whole(text)
    if number is not None and number < 0:
        raise CellError("cell_no_whole_number", text=text)
    return number


def codes(text: str) -> tuple[str, ...]:
    """Codes or numbers separated by commas (semicolons, bars and line breaks are taken, too)."""
    return tuple(part.strip() for part in _BETWEEN_CODES.split(text) if part.strip())


def labels(text: str) -> tuple[str, ...]:
    """Labels separated by upright bars (semicolons and line breaks are taken, too; a label may hold a comma)."""
    return tuple(part.strip() for part in _BETWEEN_LABELS.split(text) if part.strip())
