"""Shares and medians as whole numbers (shares in ten-thousandths), so that nothing is ever a float."""

from collections.abc import Iterable
from fractions import Fraction


def share(part: Fraction | int, whole: Fraction | int) -> int | None:
    """`part / whole` in ten-thousandths, a half rounded up; None where the whole is nothing."""
    if not whole:
        return None
    return int(Fraction(part) * 10_000 / Fraction(whole) + Fraction(1, 2))


def median(numbers: Iterable[int]) -> int | None:
    """What lies in the middle, of an even number halfway between the two, a half cut off; None of none."""
    ordered = sorted(numbers)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def whole_percent(ten_thousandths: int | None) -> int:
    """Whole percent, rounded down, so that 59.9 never reads as 60; 0 where there is no share."""
    return (ten_thousandths or 0) // 100


def percent_text(ten_thousandths: int | None, language: str) -> str:
    """Percent with one place as a person reads it: "68,9" in German, "68.9" elsewhere; a dash where there is no share."""
    if ten_thousandths is None:
        return "–"
    tenths = (ten_thousandths + 5) // 10
    return f"{tenths // 10}{',' if language == 'de' else '.'}{tenths % 10}"
