"""The gap analysis: what share of the projects each target group and field has, and what that is called.

Shares are fractional (a project with n groups gives each 1/n), so that they add up to a whole; the matrix and the full
counts take a project once in each of its groups.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from cycle.errors import WrongInput
from cycle.inventory.rules.review import ProjectStatus
from cycle.inventory.rules.shares import share
from cycle.workflow.model import GapRule, Word

SMALL_EURO = 5_000  # the edge that the city reports on: projects up to 5,000 euros


class Scope(StrEnum):
    """Which projects are counted: every one of the inventory, or those that are not over."""

    ALL = "all"
    ACTIVE = "active"


class GapStatus(StrEnum):
    """What a share is called."""

    GAP = "gap"
    EXPANDABLE = "expandable"
    COVERED = "covered"
    NOT_MONITORED = "not_monitored"


ACTIVE = frozenset({ProjectStatus.PLANNED, ProjectStatus.RUNNING, ProjectStatus.PAUSED, ProjectStatus.UNOWNED})


@dataclass(frozen=True)
class Offer:
    """A project as the analysis sees it. `amount` in whole euros, None unknown."""

    status: str
    carrier: int | None
    partners: Sequence[int]
    fields: Sequence[str]
    target_groups: Sequence[str]
    amount: int | None


def analysis(
    offers: Sequence[Offer],
    *,
    scope: Scope,
    rule: GapRule,
    fields: Mapping[str, Word],
    target_groups: Mapping[str, Word],
) -> dict[str, Any]:
    """The whole result, as it is stored: ids as keys, shares in ten-thousandths, money in whole euros (source: DOMAIN.md §4.4).

    A monitored word without a project is listed with share 0; one that is not monitored only where it has projects.
    """
    taken = [offer for offer in offers if scope == Scope.ALL or offer.status in ACTIVE]
    groups = _rated("target_group", taken, lambda offer: offer.target_groups, target_groups, rule)
    chapters = _rated("field", taken, lambda offer: offer.fields, fields, rule)
    return {
        "scope": scope.value,
        "projects": len(taken),
        **groups,
        **chapters,
        "matrix_full_count": _matrix(taken, list(groups["target_group_share"]), list(chapters["field_share"])),
        **_funding(taken, rule.funding_bands_eur),
        "cooperation_share": share(sum(_together(offer) for offer in taken), len(taken)),
    }


def chosen_scope(text: str) -> Scope:
    """The scope that a person named; all projects when nothing was said. Raises WrongInput `gap_scope_unknown`."""
    if text and text not in list(Scope):
        raise WrongInput("gap_scope_unknown", text=text, known=", ".join(Scope))
    return Scope(text or Scope.ALL)


def status_of(value: Fraction, rule: GapRule, *, monitored: bool) -> GapStatus:
    """What a share (of 1) is called; decided on the exact share, never on the rounded one."""
    if not monitored:
        return GapStatus.NOT_MONITORED
    if value * 100 < rule.gap_below_percent:
        return GapStatus.GAP
    return GapStatus.EXPANDABLE if value * 100 < rule.expandable_below_percent else GapStatus.COVERED


def _rated(
    name: str, offers: Sequence[Offer], words_of: Callable[[Offer], Sequence[str]], words: Mapping[str, Word], rule: GapRule
) -> dict[str, Any]:
    weights: dict[str, Fraction] = {}
    full: Counter[str] = Counter()
    for offer in offers:
        chosen = words_of(offer)
        for word in chosen:
            weights[word] = weights.get(word, Fraction(0)) + Fraction(1, len(chosen))
            full[word] += 1
    total = sum(weights.values(), Fraction(0))
    monitored = {word: words[word].monitored if word in words else True for word in {*weights, *words}}
    exact = {word: weights.get(word, Fraction(0)) / (total or 1) for word, kept in monitored.items() if kept or word in weights}
    order = sorted(exact, key=lambda word: (-exact[word], word))
    return {
        f"{name}_share": {word: share(exact[word], 1) for word in order},
        f"{name}_status": {word: status_of(exact[word], rule, monitored=monitored[word]).value for word in order},
        f"{name}_count_full": {word: full[word] for word in order},
    }


def _matrix(offers: Sequence[Offer], groups: Sequence[str], fields: Sequence[str]) -> dict[str, dict[str, int]]:
    counts = Counter((group, field) for offer in offers for group in offer.target_groups for field in offer.fields)
    return {group: {field: counts[group, field] for field in fields} for group in groups}


def _funding(offers: Sequence[Offer], edges: Sequence[int]) -> dict[str, Any]:
    amounts = sorted(offer.amount for offer in offers if offer.amount is not None)
    bands = {"none": 0, **{f"b{number}": 0 for number in range(1, len(edges) + 2)}}
    for amount in amounts:
        bands[f"b{1 + sum(amount > edge for edge in edges)}" if amount else "none"] += 1
    bands["unknown"] = len(offers) - len(amounts)
    return {
        "funding_known": len(amounts),
        "funding_unknown": len(offers) - len(amounts),
        "funding_le_5000_share": share(sum(amount <= SMALL_EURO for amount in amounts), len(amounts)),
        "funding_median": _median(amounts),
        "funding_total": sum(amounts),
        "funding_bands": bands,
    }


def _median(amounts: Sequence[int]) -> int | None:
    if not amounts:
        return None
    middle = len(amounts) // 2
    return amounts[middle] if len(amounts) % 2 else (amounts[middle - 1] + amounts[middle]) // 2


def _together(offer: Offer) -> bool:
    return len({*offer.partners, *([] if offer.carrier is None else [offer.carrier])}) >= 2
