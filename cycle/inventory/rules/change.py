"""What changed from one gap analysis to the next: shares, gaps closed and new, words that came and went, new pairs."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cycle.inventory.rules.gap import KINDS, GapStatus
from cycle.inventory.rules.shares import share

Words = Mapping[str, Collection[str]]


def compare(
    now: Mapping[str, Any], before: Mapping[str, Any], *, words: Words, words_before: Words, merged: Mapping[int, int]
) -> dict[str, Any] | None:
    """The change between two stored analyses; None where the earlier one did not count the projects of this scope.

    A gap is closed where a word rated `gap` before is rated better now; `gap_closure` is the share of those (in
    ten-thousandths, None without any) among the gaps of before that are still rated (source: DOMAIN.md §4.4). A word that
    has left the vocabulary or is not rated any more is neither closed nor kept open, but `gone`. `words` are the ids of
    the vocabulary by kind; `merged` leads from an organisation to the one it is today.
    """
    was = _in_scope(before, now["scope"])
    if was is None:
        return None
    kinds = {kind: _words_changed(kind, now, was, words[kind], words_before[kind]) for kind in KINDS}
    found = {what: sum(len(each[what]) for each in kinds.values()) for what in ("closed", "kept")}
    return {
        **kinds,
        "gap_closure": share(found["closed"], found["closed"] + found["kept"]),
        "new_pairs": _new_pairs(now, was, merged),
    }


def _in_scope(result: Mapping[str, Any], scope: str) -> Mapping[str, Any] | None:
    """How a stored analysis rated the projects of a scope: its own, or the other that it keeps."""
    found = (each for each in (result, result.get("other") or {}) if each.get("scope") == scope)
    return next(found, None)


def _words_changed(
    kind: str, now: Mapping[str, Any], was: Mapping[str, Any], words: Collection[str], words_before: Collection[str]
) -> dict[str, Any]:
    shares, rated = was[f"{kind}_share"], was[f"{kind}_status"]
    today = now[f"{kind}_status"]
    gaps = sorted(word for word, status in rated.items() if status == GapStatus.GAP)
    still = [word for word in gaps if today.get(word, GapStatus.NOT_MONITORED) != GapStatus.NOT_MONITORED]
    known = {*words_before, *shares}
    return {
        "before": {word: shares.get(word, 0) for word in today if word in known},
        "status_before": {word: rated[word] for word in today if word in rated},
        "added": sorted({*words, *today} - known),
        "removed": sorted(known - {*words, *today}),
        "closed": [word for word in still if today[word] != GapStatus.GAP],
        "kept": [word for word in still if today[word] == GapStatus.GAP],
        "gone": [word for word in gaps if word not in still],
        "new": [w for w, s in sorted(today.items()) if s == GapStatus.GAP and rated.get(w) in _BETTER],
    }


_BETTER = (GapStatus.EXPANDABLE, GapStatus.COVERED)


def _new_pairs(now: Mapping[str, Any], was: Mapping[str, Any], merged: Mapping[int, int]) -> int | None:
    """How many pairs of organisations work together that did not before; None where nobody kept who did."""
    if "cooperation_pairs" not in was:
        return None
    return len(_pairs(now["cooperation_pairs"], merged) - _pairs(was["cooperation_pairs"], merged))


def _pairs(pairs: Sequence[Sequence[int]], merged: Mapping[int, int]) -> set[frozenset[int]]:
    today = (frozenset(merged.get(number, number) for number in pair) for pair in pairs)
    return {pair for pair in today if len(pair) == 2}
