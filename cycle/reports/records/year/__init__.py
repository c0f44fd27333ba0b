"""Gathers what a year's report for the council holds, as its session sees it: now, or what held on the day it closed."""

from cycle.cycles.records import Standing, Year, previous
from cycle.dates.rules import Calendar
from cycle.inventory.records import snapshot_of
from cycle.plan.records import declared_none
from cycle.plan.rules.status import MEASURES, NEEDS
from cycle.reports.records.acts import acts_of
from cycle.reports.records.decisions import decisions
from cycle.reports.records.dossier import content, times
from cycle.reports.records.dossier.proof import proof
from cycle.reports.records.exceptions import exceptions
from cycle.reports.records.lateness import lateness
from cycle.reports.records.year import figures, plan
from cycle.reports.records.year.promises import promises
from cycle.reports.rules.dossier import Asked
from cycle.reports.rules.year import YearHead, YearTold

__all__ = ["year_told"]


def year_told(about: Year, public: Calendar | None, *, municipality: str, unit: str) -> YearTold:
    """One year, whole.

    Raises:
        NotReady: `calendar_not_covering`, where working days cannot be counted.
    """
    session = about.session
    acts = acts_of(about)
    late = lateness(about, public)
    found = exceptions(about, public)
    asked = content.asked(about)
    needs, measures = plan.needs(about, acts), plan.measures(about, public)
    meetings = times.meetings(about, acts)
    snapshot = snapshot_of(session, about.cycle_id)
    rule = about.workflow.gap
    back = tuple(each for each in found.overrides if each.act.type == "phase.returned")
    return YearTold(
        head=_head(about, municipality, unit),
        first=previous(session, about.cycle) is None,
        themes=plan.themes(about, acts),
        decisions=decisions(about).decisions,
        phases=times.phases(about, public),
        meetings=meetings,
        lateness=late,
        waivers=found.waivers,
        steps_back=back,
        corrections=found.corrections,
        asked=asked,
        caution=_is_low(asked, snapshot is not None, rule.caution_below_response_percent),
        gaps=content.gaps(about),
        gap_edges=(rule.gap_below_percent, rule.expandable_below_percent),
        empty=figures.empty_cells(snapshot),
        small_euro=rule.small_funding_eur,
        needs=needs,
        no_needs=declared_none(session, about.cycle_id, NEEDS),
        measures=measures,
        no_measures=declared_none(session, about.cycle_id, MEASURES),
        promises=promises(about),
        figures=figures.figures(about, needs, measures, meetings, late, found, asked, snapshot),
        proof=proof(session, about.cycle.key),
    )


def _is_low(asked: Asked, analysed: bool, percent: int) -> bool:
    """Whether so few answered that the shares are uncertain; while the survey runs that is not known."""
    told = analysed or asked.closed_on is not None
    return told and asked.net is not None and asked.net < percent * 100


def _head(about: Year, municipality: str, unit: str) -> YearHead:
    cycle = about.cycle
    return YearHead(
        municipality=municipality,
        unit=unit,
        plan=cycle.plan,
        year=cycle.year,
        label=cycle.label,
        phase=cycle.phase,
        standing=cycle.standing,
        started_on=cycle.started_on,
        closed_on=cycle.closed_on,
        seen=about.now,
        seen_on=about.today,
        final=cycle.standing in (Standing.CLOSED, Standing.CANCELLED),
    )
