"""The gap analysis: what share of the projects each target group and field has, and what that is called.

Shares are fractional (a project with n groups gives each 1/n), so that they add up to a whole; the matrix and the full
counts take a project once in each of its groups.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import combinations, product
from typing import Any, NamedTuple

from cycle.errors import WrongInput
from cycle.inventory.rules.funding import funding
from cycle.inventory.rules.review import ProjectStatus
from cycle.inventory.rules.shares import share
from cycle.workflow.model import GapRule, Word


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
# What is rated: the name of it in a result, and the list of the vocabulary it is taken from.
KINDS = {"target_group": "target_groups", "field": "fields"}
RATED = tuple(f"{kind}_{what}" for kind in KINDS for what in ("share", "status"))


class Offer(NamedTuple):
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

    A monitored word without a project is listed with share 0; one that is not monitored only where it has projects. Each
    share is rounded by itself, so that all together may miss a whole by some ten-thousandths. `other` holds how the same
    inventory is rated in the other scope.
    """
    other = Scope.ACTIVE if scope == Scope.ALL else Scope.ALL
    taken, rated = _counted(offers, scope, rule, fields, target_groups)
    besides, rated_besides = _counted(offers, other, rule, fields, target_groups)
    together = [organisations for offer in taken if len(organisations := _organisations(offer)) >= 2]
    return {
        "scope": scope.value,
        "projects": len(taken),
        "carriers": len({offer.carrier for offer in taken if offer.carrier is not None}),
        "project_status": dict(Counter(offer.status for offer in taken)),
        **rated,
        "matrix_full_count": _matrix(taken, list(rated["target_group_share"]), list(rated["field_share"])),
        **funding([offer.amount for offer in taken], rule.funding_bands_eur, rule.small_funding_eur),
        "cooperation": len(together),
        "cooperation_share": share(len(together), len(taken)),
        "cooperation_pairs": [list(pair) for pair in sorted({pair for each in together for pair in _pairs(each)})],
        "other": {"scope": other.value, "projects": len(besides)} | {name: rated_besides[name] for name in RATED},
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


def _counted(
    offers: Sequence[Offer], scope: Scope, rule: GapRule, fields: Mapping[str, Word], target_groups: Mapping[str, Word]
) -> tuple[Sequence[Offer], dict[str, Any]]:
    taken = [offer for offer in offers if offer.status in ACTIVE] if scope == Scope.ACTIVE else offers
    groups = _rated("target_group", taken, lambda offer: offer.target_groups, target_groups, rule)
    return taken, groups | _rated("field", taken, lambda offer: offer.fields, fields, rule)


def _rated(
    name: str, offers: Iterable[Offer], words_of: Callable[[Offer], Sequence[str]], words: Mapping[str, Word], rule: GapRule
) -> dict[str, Any]:
    parts: Counter[tuple[str, int]] = Counter()  # how often a word is one of so many: adding fractions up is dear
    for listed, count in Counter(tuple(words_of(offer)) for offer in offers).items():
        chosen = set(listed)
        for word in chosen:
            parts[word, len(chosen)] += count
    weights: dict[str, Fraction] = {}
    full: Counter[str] = Counter()
    for (word, among), count in parts.items():
        weights[word] = weights.get(word, Fraction(0)) + Fraction(count, among)
        full[word] += count
    total = sum(weights.values(), Fraction(0))
    monitored = {word: words[word].monitored if word in words else True for word in {*weights, *words}}
    exact = {word: weights.get(word, Fraction(0)) / (total or 1) for word, kept in monitored.items() if kept or word in weights}
    order = sorted(exact, key=lambda word: (-exact[word], word))
    return {
        f"{name}_share": {word: share(exact[word], 1) for word in order},
        f"{name}_status": {word: status_of(exact[word], rule, monitored=monitored[word]).value for word in order},
        f"{name}_count_full": {word: full[word] for word in order},
        f"{name}_focus": [word for word in order if monitored[word] and total and exact[word] * 100 >= rule.focus_from_percent],
    }


def _matrix(offers: Sequence[Offer], groups: Sequence[str], fields: Sequence[str]) -> dict[str, dict[str, int]]:
    counts: Counter[tuple[str, str]] = Counter()
    for (chosen, among), count in Counter((tuple(offer.target_groups), tuple(offer.fields)) for offer in offers).items():
        for pair in product(set(chosen), set(among)):
            counts[pair] += count
    return {group: {field: counts[group, field] for field in fields} for group in groups}


def _pairs(organisations: set[int]) -> Iterable[tuple[int, int]]:
    return combinations(sorted(organisations), 2)


def _organisations(offer: Offer) -> set[int]:
    return {*offer.partners, *([] if offer.carrier is None else [offer.carrier])}
