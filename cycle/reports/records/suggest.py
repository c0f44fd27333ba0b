"""What a year's recorded gap analysis and its open needs suggest as focus themes."""

from cycle.cycles.records import Year
from cycle.errors import NotReady
from cycle.inventory.records import GapSnapshot, snapshot_of
from cycle.plan.records import needs_all
from cycle.plan.rules.needs import age, groups_of, owes
from cycle.reports.rules.suggest import Suggestion, Wanting, suggestions


def suggested(about: Year) -> tuple[GapSnapshot, tuple[Suggestion, ...]]:
    """The snapshot and the suggestions from it and from the needs that the year must still dispose of.

    Raises:
        NotReady: `gap_not_recorded` while the year has no snapshot: what is not recorded cannot be a reason.
    """
    snapshot = snapshot_of(about.session, about.cycle_id)
    if snapshot is None:
        raise NotReady("gap_not_recorded", year=about.cycle.year)
    year, length = about.cycle.year, about.workflow.cycle.length_years
    wanting = [
        Wanting(need.number, need.title, need.field, tuple(groups_of(need)), age(need, year, length))
        for need in needs_all(about.session, about.cycle.plan)
        if owes(need, year)
    ]
    return snapshot, suggestions(snapshot.result, wanting)
