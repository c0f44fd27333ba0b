"""Cells as people really fill them in: each gives its value, or the value with what had to be mended, or an error."""

import re
from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from cycle.adapters.numbers import LARGEST
from cycle.adapters.tables.cells import LONGEST_LINE, LONGEST_TEXT, CellError, bounded, day, filled, folded, repaired_day
from cycle.adapters.tables.habits import Habits
from cycle.adapters.tables.report import Grade, Mended, mended

_GERMAN_DAY = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}")
_TIME_BEHIND = re.compile(r"(\S+)[T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?( ?Uhr)?")
_LOOSE_DAY = re.compile(r"([0-9]{1,2})\s*[./-]\s*([0-9]{1,2})\s*[./-]\s*([0-9]{4}|[0-9]{2})")
_WRITTEN_DAY = re.compile(r"([0-9]{1,2})\.?\s*([^\W\d]{3,})\.?\s+([0-9]{4})")
_CENTURY_ENDS = 70  # two digits up to here are of this century
_LAST_YEAR, _FIRST_YEAR = 2200, 1900

_PLAIN = re.compile(r"([0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(,[0-9]{1,2})?")
_ENGLISH = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]{1,2})|([0-9]{4,}|[0-9]+(?=\.00))(\.[0-9]{1,2})")
_SPACED = re.compile(r"([0-9]{1,3}(?:[ '’][0-9]{3})+)(,[0-9]{1,2})?")
_LONG_FRACTION = re.compile(r"([0-9]+),([0-9]+)")
_DASHED = re.compile(r",\s*[-–—]{1,2}$")
_POWER = re.compile(r"[0-9]+([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MISREAD = re.compile("[ÂÃÄÅâ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_LOST_IN_WORD = re.compile(r"\w\?\w|�")
_LOST_IN_NAME = re.compile(r"[?�]")


def any_day(text: str) -> date | Mended[date | None] | None:
    """A day written dd.mm.yyyy, else mended: yyyy-mm-dd, two digits for the year, a month's name, a time behind it, Excel's
    count of days. None when empty. Raises CellError `cell_no_day`."""
    if not text or _GERMAN_DAY.fullmatch(text):
        return _sensible(day(text), text)
    found = _sensible(_other_day(text), text)
    return mended("cell_day_mended", found, text=text, day=found)


def filled_any_day(text: str) -> date | Mended[date | None] | None:
    """The same of a cell that must not be empty. Raises CellError `cell_empty`, `cell_no_day`."""
    return any_day(filled(text))


def amounts(habits: Habits) -> Callable[[str], int | Mended[int | None] | None]:
    """Parses whole numbers and amounts in whole euros: "4800", "12.500" and "7.500,00" as they are; mended are units, rough
    figures, cents (left out), other countries' ways to write. None when empty. Raises CellError `cell_no_whole_number`."""

    def parse(text: str) -> int | Mended[int | None] | None:
        if not text:
            return None
        bare, is_rough = _bare(text, habits)
        found = _number(bare)
        if found is None or found[0] > LARGEST:
            raise CellError("cell_no_whole_number", text=text)
        number, is_plain, has_cents = found
        if is_rough:
            return mended("cell_about", number, text=text, number=number)
        if has_cents:
            return mended("cell_cents", number, text=text, number=number)
        return number if is_plain and bare == text else mended("cell_number_mended", number, text=text, number=number)

    return parse


def words(text: str) -> str | Mended[str | None] | None:
    """Text of several lines, None when empty. Misread letters are put right, lost ones and formulas told.

    Raises CellError `cell_control_character`, `cell_too_long`.
    """
    return _words(bounded(text, LONGEST_TEXT), _LOST_IN_WORD)


def line(text: str) -> str | Mended[str | None] | None:
    """Text of one line: line breaks become spaces. Otherwise as `words`."""
    if "\n" in text or "\r" in text:
        return mended("cell_one_line", _value(_words(bounded(" ".join(text.split()), LONGEST_LINE), _LOST_IN_WORD)))
    return _words(bounded(text, LONGEST_LINE), _LOST_IN_WORD)


def filled_line(text: str) -> str | Mended[str | None] | None:
    """The same of a cell that must not be empty. Raises CellError `cell_empty`."""
    return line(filled(text))


def name(text: str) -> str | Mended[str | None] | None:
    """A person's name, in which no question mark is meant. Otherwise as `line`."""
    return _words(bounded(" ".join(text.split()), LONGEST_LINE), _LOST_IN_NAME)


def telephone(text: str) -> str | Mended[str | None] | None:
    """A telephone number. Raises CellError `cell_number_lost` for what a spreadsheet has rounded (4,93023E+11)."""
    if _POWER.fullmatch(text):
        raise CellError("cell_number_lost", text=text)
    if text.isascii() and text.isdigit() and len(text) > 5 and not text.startswith("0"):
        return mended("cell_zero_lost", text, grade=Grade.WARNING, text=text)
    return line(text)


def postcode(text: str) -> str | Mended[str | None] | None:
    """A postcode; one of four digits gets the zero back that a spreadsheet took, with a warning: it may be of abroad."""
    bare = re.sub(r"^D[ -]+", "", text)
    if bare.isascii() and bare.isdigit() and len(bare) == 4:
        return mended("cell_postcode", f"0{bare}", grade=Grade.WARNING, text=text, postcode=f"0{bare}")
    return mended("cell_mended", bare, text=text, value=bare) if bare != text else line(text)


def mailbox_meant(mail: str, habits: Habits) -> str | None:
    """The address that was probably meant where the domain is nearly one of the large providers'."""
    before, _, domain = mail.rpartition("@")
    close = get_close_matches(domain.casefold(), habits.mailboxes, n=1, cutoff=0.82)
    return f"{before}@{close[0]}" if close and domain.casefold() not in habits.mailboxes else None


def had_lost_letters(text: str, known: str) -> bool:
    """Whether a text is a known one of which some letters became question marks."""
    return "?" in text and len(text) == len(known) and all(a in ("?", b) for a, b in zip(text, known, strict=True))


def _other_day(text: str) -> date | None:
    behind = _TIME_BEHIND.fullmatch(text)
    if behind:
        text = behind[1]
    loose = _LOOSE_DAY.fullmatch(text)
    if loose and ("/" not in text and "-" not in text):
        year = int(loose[3])
        if len(loose[3]) == 2:
            year += 2000 if year < _CENTURY_ENDS else 1900
        return day(f"{loose[1]}.{loose[2]}.{year}")
    written = _WRITTEN_DAY.fullmatch(text)
    if written:
        month = _months().get(folded(written[2])[:3])
        return day(f"{written[1]}.{month}.{written[3]}") if month else day(text)
    return repaired_day(text)


def _sensible(found: date | None, text: str) -> date | None:
    if found is not None and not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise CellError("cell_no_day", text=text)
    return found


@cache
def _months() -> dict[str, int]:
    """The months by the first three letters of their names, in German and English."""
    babel = import_module("babel")
    names = [babel.Locale.parse(language).months["format"]["wide"] for language in ("de", "en")]
    return {name.casefold()[:3]: number for each in names for number, name in each.items()}


def _bare(text: str, habits: Habits) -> tuple[str, bool]:
    """A number without what stands around it, and whether that made it a rough one."""
    bare, is_rough, found = text.strip(), False, True
    while found:
        found = False
        for word in habits.about:
            if folded(bare).startswith(word) and not bare[len(word) :][:1].isalpha():
                bare, is_rough, found = bare[len(word) :].lstrip(". "), True, True
                break
        for unit in habits.units:
            if bare.casefold().endswith(unit) and not bare[: -len(unit)][-1:].isalpha():
                bare, found = bare[: -len(unit)].rstrip(), True
            elif bare.casefold().startswith(unit) and not bare[len(unit) :][:1].isalpha():
                bare, found = bare[len(unit) :].lstrip(), True
    return bare, is_rough


def _number(text: str) -> tuple[int, bool, bool] | None:
    """The number without its fraction, whether it is written the German way, whether anything was cut off."""
    without_dash = _DASHED.sub("", text)
    plain = _PLAIN.fullmatch(without_dash)
    if plain:
        return _whole(plain[1]), without_dash == text, _has_cents(plain[2])
    english = _ENGLISH.fullmatch(without_dash)
    if english:
        return _whole(english[1] or english[3]), False, _has_cents(english[2] or english[4])
    spaced = _SPACED.fullmatch(without_dash)
    if spaced:
        return _whole(spaced[1]), False, _has_cents(spaced[2])
    long = _LONG_FRACTION.fullmatch(without_dash)
    if long and len(long[2]) > 3:  # a cell that was computed; three digits could be thousands
        return _whole(long[1]), False, _has_cents(long[2])
    return None


def _whole(digits: str) -> int:
    bare = re.sub(r"[.,' ’]", "", digits)
    return int(bare) if len(bare) < 16 else LARGEST + 1


def _has_cents(fraction: str | None) -> bool:
    return bool(fraction and fraction.strip(".,0"))


def _words(text: str, lost: re.Pattern[str]) -> str | Mended[str | None] | None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if _CONTROL.search(plain):
        raise CellError("cell_control_character")
    if not plain:
        return None
    meant = _as_meant(plain)
    if meant != plain:
        return mended("cell_misread", meant, grade=Grade.WARNING, text=plain, meant=meant)
    if lost.search(plain):
        return mended("cell_letters_lost", plain, grade=Grade.WARNING, text=plain)
    return mended("cell_formula", plain, text=plain) if plain.startswith(("=", "@")) else plain


def _as_meant(text: str) -> str:
    """Text that was UTF-8 and was read as cp1252, as it was meant; any other text as it is."""
    return text if text.isascii() or not _MISREAD.search(text) else _BEYOND_ASCII.sub(_run_as_meant, text)


def _run_as_meant(run: re.Match[str]) -> str:
    try:
        return b"".join(map(_byte, run[0])).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return run[0]


def _byte(letter: str) -> bytes:
    # Five bytes are no letters of cp1252: programs keep them as control characters.
    return letter.encode("latin-1") if letter < "\u00a0" else letter.encode("cp1252")


def _value(found: str | Mended[str | None] | None) -> str | None:
    return found.value if isinstance(found, Mended) else found
