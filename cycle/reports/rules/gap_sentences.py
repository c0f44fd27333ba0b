"""What a gap analysis says in sentences: which ones, and with which facts. Their words stand in templates/wording."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cycle.inventory.rules.gap import GapStatus
from cycle.reports.rules.gap import Changed, GapTold, Line

Pair = tuple[str, str]


@dataclass(frozen=True)
class Percent:
    """A share in ten-thousandths."""

    share: int | None


@dataclass(frozen=True)
class Scoped:
    """A scope by its name."""

    scope: str


@dataclass(frozen=True)
class Rated:
    """A word with its share and what that is called."""

    line: Line


Fact = int | str | date | Percent | Scoped | tuple[Line, ...] | tuple[Rated, ...] | tuple[Pair, ...] | None

# Every sentence there is: what stands behind `gap.say.`. One that counts something has a form for none or for one of it.
SENTENCES = (
    "nothing", "basis", "basis.one", "focus.target_group", "focus.target_group.one", "focus.field", "focus.field.one",
    "gap.target_group", "gap.target_group.one", "gap.target_group.none", "gap.field", "gap.field.one", "gap.field.none",
    "expandable.target_group", "expandable.target_group.one", "expandable.field", "expandable.field.one",
    "empty", "empty.one", "small", "small.none", "unknown", "unknown.one", "large", "large.one",
    "cooperation", "cooperation.one", "cooperation.none", "new_pairs", "new_pairs.one", "new_pairs.none",
    "closed", "closed.one", "closed.none", "new", "new.one", "unfunded", "unfunded.one",
    "differing", "added", "removed", "gone", "other_rule", "alone", "rounded", "over",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One sentence: `key` behind `gap.say.`, and its facts."""

    key: str
    facts: dict[str, Fact]


def headlines(told: GapTold) -> tuple[Said, ...]:
    """The sentences to quote, the most important first; each number is one of the snapshot."""
    if not told.projects:
        return (Said("nothing", {"scope": Scoped(told.scope)}),)
    found = [*_rated(told), *_money(told), *_together(told)]
    if told.changed:
        found += _since(told.changed)
    basis = _counted("basis", told.projects, projects=told.projects, scope=Scoped(told.scope), as_of=told.as_of)
    return (basis, *found)


def notes(told: GapTold) -> tuple[Said, ...]:
    """What must be known to read it right: a late day, another scope, other words or thresholds, rounding."""
    found = [Said("over", {"as_of": told.as_of})] if told.over else []
    if told.differing:
        scope = Scoped(told.other_scope or "")
        found.append(
            Said("differing", {"scope": scope, "projects": told.other_projects, "words": tuple(map(Rated, told.differing))})
        )
    changed = told.changed
    if changed is None:
        found.append(Said("alone", {}))
    else:
        for key, words in (("added", changed.added), ("removed", changed.removed), ("gone", changed.gone)):
            if words:
                found.append(Said(key, {"label": changed.label, "words": words}))
        if changed.other_rule:
            found.append(Said("other_rule", {"label": changed.label}))
    if any(sum(line.share for line in lines) not in (0, 10_000) for lines in (told.groups, told.fields)):
        found.append(Said("rounded", {}))
    return tuple(found)


def _rated(told: GapTold) -> Iterator[Said]:
    for kind, lines in (("target_group", told.groups), ("field", told.fields)):
        if focus := tuple(line for line in lines if line.focus):
            yield _counted(f"focus.{kind}", len(focus), words=focus)
        gaps = tuple(line for line in lines if line.status == GapStatus.GAP)
        yield _counted(f"gap.{kind}", len(gaps), words=gaps)
        if some := tuple(line for line in lines if line.status == GapStatus.EXPANDABLE):
            yield _counted(f"expandable.{kind}", len(some), words=some)
    if told.empty:
        yield _counted("empty", len(told.empty), count=len(told.empty), cells=len(told.groups) * len(told.fields))


def _money(told: GapTold) -> Iterator[Said]:
    known, share, edge = told.funding_known, Percent(told.small_share), told.rule.small_funding_eur
    yield _counted("small", known, known=known, share=share, edge=edge, median=told.funding_median)
    if told.funding_unknown and known:
        yield _counted("unknown", told.funding_unknown, count=told.funding_unknown)
    large = known - told.small if told.small is not None else 0
    if large:
        yield _counted("large", large, count=large, edge=edge)
    if told.unfunded:
        total = sum(need.amount for need in told.unfunded)
        yield _counted("unfunded", len(told.unfunded), count=len(told.unfunded), edge=edge, total=total)


def _together(told: GapTold) -> Iterator[Said]:
    if told.cooperation is not None:
        share = Percent(told.cooperation_share)
        yield _counted("cooperation", told.cooperation, count=told.cooperation, projects=told.projects, share=share)
    changed = told.changed
    if changed is not None and changed.new_pairs is not None:
        yield _counted("new_pairs", changed.new_pairs, count=changed.new_pairs, label=changed.label)


def _since(changed: Changed) -> Iterator[Said]:
    closed, count = len(changed.closed), len(changed.closed) + len(changed.kept)
    if count:
        share = Percent(changed.gap_closure)
        yield _counted("closed", closed, closed=closed, count=count, share=share, label=changed.label, words=changed.closed)
    if changed.new:
        yield _counted("new", len(changed.new), label=changed.label, words=changed.new)


def _counted(key: str, number: int, **facts: Fact) -> Said:
    """The sentence in the form that its number asks for, where there is one of its own."""
    form = {0: f"{key}.none", 1: f"{key}.one"}.get(number, key)
    return Said(form if form in SENTENCES else key, facts)
