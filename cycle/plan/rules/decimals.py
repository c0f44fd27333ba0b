"""Numbers with decimals as people write them, kept as text: a history holds no floats."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from cycle.errors import WrongInput

GOAL = ("indicator", "indicator_unit", "target")

_DECIMAL = re.compile(r"-?[0-9]{1,12}([.,][0-9]{1,4})?")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+")


def decimal_text(text: str) -> str:
    """The number with a point and no needless noughts: "12,50" is "12.5", "007" is "7".

    Raises:
        WrongInput: `not_decimal`; `decimal_doubtful` for 1.200, twelve hundred in German and one and a fifth elsewhere.
    """
    given = text.strip()
    if _THOUSANDS.fullmatch(given):
        raise WrongInput("decimal_doubtful", text=given, whole=given.replace(".", ""), decimal=_short(given).replace(".", ","))
    if not _DECIMAL.fullmatch(given):
        raise WrongInput("not_decimal", text=given)
    plain = _short(f"{Decimal(given.replace(',', '.')):f}")
    return "0" if plain == "-0" else plain


def goal(known: Mapping[str, str | None], indicator: str | None, unit: str | None, target: str | None) -> dict[str, Any]:
    """What a measure counts, in which unit, and how far it is to go (`GOAL`); what is not given stays as it is known.

    Raises:
        WrongInput: `target_of_nothing` for a unit or target without an indicator, and as `decimal_text`.
    """
    given = (indicator, unit, None if target is None else decimal_text(target))
    told = {name: known.get(name) if text is None else text.strip() or None for name, text in zip(GOAL, given, strict=True)}
    if told["indicator"] is None and (told["indicator_unit"] is not None or told["target"] is not None):
        raise WrongInput("target_of_nothing")
    return told


def decimal_shown(text: str, language: str) -> str:
    """The number as a person reads it: with a comma in German."""
    return text.replace(".", ",") if language == "de" else text


def reached(target: str | None, actual: str | None) -> int | None:
    """How much of the target the actual value is, in ten-thousandths, a half rounded up; None where one is missing or the
    target is nothing."""
    if target is None or actual is None or Decimal(target) == 0:
        return None
    return int(Fraction(actual) * 10_000 / Fraction(target) + Fraction(1, 2))


def _short(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
