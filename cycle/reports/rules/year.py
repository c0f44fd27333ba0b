"""What a year's report for the council holds: values only, in the order of its pages. Shares in ten-thousandths, money in
whole euros, lateness in working days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cycle.reports.rules.decisions import Decided
from cycle.reports.rules.dossier import Asked, Gaps, MeetingTold, PhaseTold, Proof
from cycle.reports.rules.exceptions import Corrected, Override, Waived
from cycle.reports.rules.figures import Figures
from cycle.reports.rules.lateness import Lateness


@dataclass(frozen=True)
class YearHead:
    """Whose year it is. `final` once it is closed: told is what held on its last day, `seen_on`; before, what is known at
    the moment `seen`."""

    municipality: str
    unit: str
    plan: str
    year: int
    label: str
    phase: str
    standing: str
    started_on: date
    closed_on: date | None
    seen: datetime
    seen_on: date
    final: bool


@dataclass(frozen=True)
class ThemeLine:
    """A theme that the year dealt with; `valid` whether it holds in the year; `reason` why it was chosen or changed, as far
    as it may still be read; `needs` are those it follows from."""

    number: str
    title: str
    field: str
    primary: bool
    valid: bool
    valid_from: date
    valid_to: date
    status: str
    body: str | None
    decided_on: date | None
    reference: str | None
    reason: str | None
    needs: tuple[str, ...]
    confirmed: bool


@dataclass(frozen=True)
class NeedLine:
    """A need that the year reported or disposed of; `carried_to` the later year it goes on in; `measures` that serve it."""

    number: str
    year: int
    title: str
    field: str
    target_group: str | None
    status: str
    carried_to: int | None
    carry_count: int
    reason: str | None
    measures: tuple[str, ...]


@dataclass(frozen=True)
class MeasureLine:
    """A measure that the year had to do with; `late` against the date that held; `carried_to` the later year it was carried
    into; `reason` the last that was given (of a carry, a drop)."""

    number: str
    year: int
    title: str
    field: str | None
    owner: str | None
    interim: str | None
    due_first: date | None
    due: date | None
    done_on: date | None
    status: str
    percent: int
    carry_count: int
    carried_to: int | None
    late: int
    cost: int | None
    secured: str | None
    theme: str | None
    needs: tuple[str, ...]
    partners: frozenset[int]
    reason: str | None


@dataclass(frozen=True)
class Promise:
    """What was promised to a body: by when, whether it was kept."""

    number: str
    title: str
    body: str | None
    due: date | None
    done_on: date | None


@dataclass(frozen=True)
class YearTold:
    """One year for the council, whole. `first` whether the plan had no year before in this history; `caution` whether the
    response is so low that the shares are uncertain; `empty` are, by target group that has
    too little, the fields without any project for it."""

    head: YearHead
    first: bool
    themes: tuple[ThemeLine, ...]
    decisions: tuple[Decided, ...]
    phases: tuple[PhaseTold, ...]
    meetings: tuple[MeetingTold, ...]
    lateness: Lateness
    waivers: tuple[Waived, ...]
    steps_back: tuple[Override, ...]
    corrections: tuple[Corrected, ...]
    asked: Asked
    caution: bool
    gaps: Gaps | None
    gap_edges: tuple[int, int]
    empty: Mapping[str, tuple[str, ...]]
    small_euro: int
    needs: tuple[NeedLine, ...]
    no_needs: bool
    measures: tuple[MeasureLine, ...]
    no_measures: bool
    promises: tuple[Promise, ...]
    figures: Figures
    proof: Proof

    @property
    def theme(self) -> ThemeLine | None:
        """The primary theme that holds in the year."""
        return next((each for each in self.themes if each.primary and each.valid), None)
