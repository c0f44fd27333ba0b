"""The plan's new version as values: what stands in it by field of action, and what changed since the version before.

A version is the state of a plan at the close of one of its cycles; while a cycle runs it is a draft of the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from cycle.inventory.rules.gap import GapStatus
from cycle.plan.rules.status import FINISHED, SETTLED
from cycle.reports.rules.decisions import Decided
from cycle.reports.rules.dossier import Proof
from cycle.reports.rules.year import MeasureLine, NeedLine, ThemeLine


class Mark(StrEnum):
    """What happened to something since the version before."""

    NEW = "new"
    CHANGED = "changed"
    ENDED = "ended"


@dataclass(frozen=True)
class Change:
    """One value that is another now."""

    what: str
    before: Any
    now: Any


@dataclass(frozen=True)
class Marked:
    """A theme, need or measure of this version, with what happened to it since the one before (None: nothing)."""

    row: Any
    mark: Mark | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class FieldState:
    """What a gap analysis said of a field: its projects, its share in ten-thousandths, its rating."""

    projects: int
    share: int
    status: str


@dataclass(frozen=True)
class PlanState:
    """A plan as it stood at a moment, by numbers; `analysed_on` the day of the gap analysis its fields are told from."""

    fields: Mapping[str, FieldState] = field(default_factory=dict)
    analysed_on: date | None = None
    themes: Mapping[str, ThemeLine] = field(default_factory=dict)
    needs: Mapping[str, NeedLine] = field(default_factory=dict)
    measures: Mapping[str, MeasureLine] = field(default_factory=dict)


@dataclass(frozen=True)
class Chapter:
    """One field of action, None for what has none: its state now and before, and what stands in it."""

    field: str | None
    state: FieldState | None
    before: FieldState | None
    themes: tuple[Marked, ...]
    needs: tuple[Marked, ...]
    measures: tuple[Marked, ...]

    @property
    def unanswered(self) -> bool:
        """Whether it is rated a gap and no measure is under way."""
        under_way = any(each.mark != Mark.ENDED for each in self.measures)
        return self.state is not None and self.state.status == GapStatus.GAP and not under_way


@dataclass(frozen=True)
class PlanTold:
    """A version of a plan, whole: its number, the year it rests on, the decisions, its chapters; `since` the day of the
    version that it is compared with, `since_label` that version's year where it was one."""

    municipality: str
    unit: str
    plan: str
    number: int
    year: int
    label: str
    final: bool
    seen: datetime
    seen_on: date
    since: date
    since_label: str | None
    analysed_on: date | None
    decisions: tuple[Decided, ...]
    chapters: tuple[Chapter, ...]
    proof: Proof

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many themes, needs and measures are there, new, changed, ended."""
        found = {kind: [each for chapter in self.chapters for each in getattr(chapter, kind)] for kind in KINDS}
        return {
            kind: {"all": len(rows), **{mark.value: sum(each.mark == mark for each in rows) for mark in Mark}}
            for kind, rows in found.items()
        }


KINDS = ("themes", "needs", "measures")
# What of something is told as changed: what a reader of the plan relies on, not how far it is.
WATCHED = {
    "themes": ("title", "valid_to", "status"),
    "needs": ("title", "status", "carried_to"),
    "measures": ("title", "field", "owner", "due", "status"),
}
OVER: Mapping[str, frozenset[str]] = {
    "needs": frozenset(SETTLED),
    "measures": frozenset(FINISHED),
}

Row = TypeVar("Row", ThemeLine, NeedLine, MeasureLine)


def chapters(fields: Iterable[str], now: PlanState, before: PlanState) -> tuple[Chapter, ...]:
    """The chapters in the order of the fields; last what belongs to none of them, if there is any."""
    rows = {kind: marked(kind, getattr(now, kind), getattr(before, kind)) for kind in KINDS}
    known = list(fields)
    found = [_chapter(name, rows, now, before, lambda each, name=name: each == name) for name in known]
    rest = _chapter(None, rows, now, before, lambda each: each not in known)
    return (*found, *([rest] if rest.themes or rest.needs or rest.measures else []))


def marked(kind: str, now: Mapping[str, Row], before: Mapping[str, Row]) -> tuple[Marked, ...]:
    """What stands in a version, by number: what was over in the version before already is left out."""
    found = []
    for number, row in sorted(now.items()):
        earlier = before.get(number)
        if earlier is not None and _over(kind, earlier) and _over(kind, row):
            continue
        changes = _changes(kind, earlier, row) if earlier is not None else ()
        if _over(kind, row):
            mark: Mark | None = Mark.ENDED
        elif earlier is None:
            mark = Mark.NEW
        else:
            mark = Mark.CHANGED if changes else None
        found.append(Marked(row, mark, changes))
    return tuple(found)


def _over(kind: str, row: Any) -> bool:
    return not row.valid if kind == "themes" else row.status in OVER[kind]


def _changes(kind: str, before: Any, now: Any) -> tuple[Change, ...]:
    pairs = [(what, getattr(before, what), getattr(now, what)) for what in WATCHED[kind]]
    return tuple(Change(what, was, becomes) for what, was, becomes in pairs if was != becomes)


def _chapter(name: str | None, rows: Mapping[str, tuple[Marked, ...]], now: PlanState, before: PlanState, own: Any) -> Chapter:
    kept = {kind: tuple(each for each in found if own(each.row.field)) for kind, found in rows.items()}
    return Chapter(
        field=name,
        state=now.fields.get(name or ""),
        before=before.fields.get(name or ""),
        themes=kept["themes"],
        needs=kept["needs"],
        measures=kept["measures"],
    )
