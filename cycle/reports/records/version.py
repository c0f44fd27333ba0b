"""Gathers a version of a plan: the state of its themes, needs, measures and fields, now and at the version before."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session

from cycle.cycles.records import Standing, Year, cycles_of
from cycle.dates.rules import Calendar
from cycle.inventory.records import GapSnapshot, snapshot_of
from cycle.plan.records import measures_all, needs_all, themes_all
from cycle.plan.records.owning import owners
from cycle.plan.rules.status import COUNTING
from cycle.reports.records.decisions import decisions
from cycle.reports.records.dossier.proof import proof
from cycle.reports.records.year.plan import measure_line, need_line, theme_line
from cycle.reports.rules.plan import FieldState, PlanState, PlanTold, chapters


def plan_told(
    about: Year,
    public: Calendar | None,
    before: PlanState,
    since: date,
    since_label: str | None,
    *,
    municipality: str,
    unit: str,
) -> PlanTold:
    """The version that rests on a year; what changed is told against the state `before`, which was that of the day `since`.

    Raises:
        NotReady: `calendar_not_covering`, where working days cannot be counted.
    """
    cycle = about.cycle
    now = state_of(about.session, cycle.plan, cycle.year, about.today, public)
    return PlanTold(
        municipality=municipality,
        unit=unit,
        plan=cycle.plan,
        number=sum(each.year <= cycle.year for each in cycles_of(about.session, cycle.plan)),
        year=cycle.year,
        label=cycle.label,
        final=cycle.standing == Standing.CLOSED,
        seen=about.now,
        seen_on=about.today,
        since=since,
        since_label=since_label,
        analysed_on=now.analysed_on,
        decisions=tuple(each for each in decisions(about).decisions if each.outcome in COUNTING),
        chapters=chapters(about.workflow.vocab.get("fields", {}), now, before),
        proof=proof(about.session, cycle.key),
    )


def state_of(session: Session, plan: str, year: int, today: date, public: Calendar | None = None) -> PlanState:
    """A plan as a session sees it on a day; without a calendar lateness is not told."""
    measures = measures_all(session, plan)
    known = owners(session, measures)
    snapshot = _last_snapshot(session, plan, year)
    return PlanState(
        fields=_fields(snapshot),
        analysed_on=snapshot.recorded_on if snapshot else None,
        themes={row.number: theme_line(row, today, date.max, {}, False) for row in themes_all(session, plan)},
        needs={row.number: need_line(row, year, None, ()) for row in needs_all(session, plan)},
        measures={row.number: measure_line(row, known, today, public, year) for row in measures},
    )


def _last_snapshot(session: Session, plan: str, year: int) -> GapSnapshot | None:
    """The gap analysis of the year, or of the latest before that has one."""
    for cycle in reversed([each for each in cycles_of(session, plan) if each.year <= year]):
        if found := snapshot_of(session, cycle.id or 0):
            return found
    return None


def _fields(snapshot: GapSnapshot | None) -> Mapping[str, FieldState]:
    if snapshot is None:
        return {}
    told = snapshot.result
    counts, rated = told["field_count_full"], told["field_status"]
    return {word: FieldState(counts.get(word, 0), share, rated[word]) for word, share in told["field_share"].items()}
