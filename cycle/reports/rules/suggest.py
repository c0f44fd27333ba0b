"""Which focus themes a recorded gap analysis and the open needs would bear: gap × needs × age, each with what speaks for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cycle.inventory.rules.gap import GapStatus

# How much a rating weighs; a field without a gap can still bear a theme if its needs are many and old.
WEIGHT = {GapStatus.GAP: 3, GapStatus.EXPANDABLE: 2, GapStatus.COVERED: 1, GapStatus.NOT_MONITORED: 1}


@dataclass(frozen=True)
class Wanting:
    """An open need as far as a theme could follow from it; `age` in cycles."""

    number: str
    title: str
    field: str
    groups: tuple[str, ...]
    age: int


@dataclass(frozen=True)
class Rated:
    """A word of the analysis with its share (in ten-thousandths) and rating."""

    word: str
    share: int
    status: GapStatus


@dataclass(frozen=True)
class Suggestion:
    """A field that could become a theme: how it stands, the target groups concerned, its needs with the oldest first.

    `weight` is the sum over its needs of rating of the field × worst rating of the need's groups × age in cycles; a gap
    without any need weighs its rating alone.
    """

    field: Rated
    groups: tuple[Rated, ...]
    needs: tuple[Wanting, ...]
    weight: int


def suggestions(result: Mapping[str, Any], needs: Iterable[Wanting]) -> tuple[Suggestion, ...]:
    """The heaviest first. Fields that are neither a gap nor have a need are left out. `result`: a recorded analysis."""
    fields = _rated(result, "field")
    groups = _rated(result, "target_group")
    by_field: dict[str, list[Wanting]] = {word: [] for word in fields}
    for need in needs:
        by_field.setdefault(need.field, []).append(need)
    found = [
        _suggestion(fields.get(word, Rated(word, 0, GapStatus.GAP)), groups, own)
        for word, own in by_field.items()
        if own or fields[word].status in (GapStatus.GAP, GapStatus.EXPANDABLE)
    ]
    return tuple(sorted(found, key=lambda each: (-each.weight, each.field.share, each.field.word)))


def _rated(result: Mapping[str, Any], kind: str) -> dict[str, Rated]:
    shares, statuses = result[f"{kind}_share"], result[f"{kind}_status"]
    return {word: Rated(word, share, GapStatus(statuses[word])) for word, share in shares.items()}


def _suggestion(field: Rated, groups: Mapping[str, Rated], needs: Sequence[Wanting]) -> Suggestion:
    oldest_first = tuple(sorted(needs, key=lambda need: (-need.age, need.number)))
    named = dict.fromkeys(word for need in oldest_first for word in need.groups)
    concerned = tuple(groups[word] for word in named if word in groups and groups[word].status is not GapStatus.COVERED)
    concerned = tuple(each for each in concerned if each.status is not GapStatus.NOT_MONITORED)
    weight = sum(WEIGHT[field.status] * _worst(groups, need) * need.age for need in needs) or WEIGHT[field.status]
    return Suggestion(field, concerned, oldest_first, weight)


def _worst(groups: Mapping[str, Rated], need: Wanting) -> int:
    return max((WEIGHT[groups[word].status] for word in need.groups if word in groups), default=1)
