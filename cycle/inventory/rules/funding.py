"""The money of the projects: how many are known, in which bands, and what lies in the middle. Nothing known is not nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cycle.inventory.rules.shares import median, share

NONE = "none"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Band:
    """The amounts above `above` up to `up_to` (None: without end), in whole euros; `none` is 0, `unknown` has no edges."""

    key: str
    above: int | None = None
    up_to: int | None = None


def bands(edges: Sequence[int]) -> tuple[Band, ...]:
    """The bands of a workflow by their upper edges: none, b1, b2, … and what is not known."""
    ends = [*(edge for edge in edges if edge > 0), None]
    paid = [Band(f"b{number}", above, end) for number, (above, end) in enumerate(zip([0, *ends], ends, strict=False), start=1)]
    return (Band(NONE, up_to=0), *paid, Band(UNKNOWN))


def funding(amounts: Sequence[int | None], edges: Sequence[int], small: int) -> dict[str, Any]:
    """What the amounts come to: counts by band, the share up to `small` of those known, median and total in whole
    euros.

    Two keys are named for the 5,000 euros that the edge is by default: snapshots have them, whatever edge their workflow has.
    Source: DOMAIN.md §4.4.
    """
    known = sorted(amount for amount in amounts if amount is not None)
    up_to = sum(amount <= small for amount in known)
    return {
        "funding_known": len(known),
        "funding_unknown": len(amounts) - len(known),
        "funding_le_5000": up_to,
        "funding_le_5000_share": share(up_to, len(known)),
        "funding_median": median(known),
        "funding_total": sum(known),
        "funding_bands": _by_band(known, len(amounts) - len(known), edges),
    }


def _by_band(known: Sequence[int], unknown: int, edges: Sequence[int]) -> dict[str, int]:
    counts = {band.key: 0 for band in bands(edges)}
    rising = [edge for edge in edges if edge > 0]
    for amount in known:
        counts[f"b{1 + sum(amount > edge for edge in rising)}" if amount else NONE] += 1
    return counts | {UNKNOWN: unknown}
