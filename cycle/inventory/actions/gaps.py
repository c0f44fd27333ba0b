"""Records a gap analysis: what was found on that day, never computed again."""

from cycle.cycles.records import Year
from cycle.errors import WrongInput
from cycle.inventory.records import GapSnapshot, gap_of, response
from cycle.inventory.rules.gap import Scope
from cycle.journal.entry import Entry


def record_gap(entry: Entry, about: Year, *, scope: Scope) -> GapSnapshot:
    """The snapshot of this cycle's inventory, with the survey's net response.

    Raises:
        WrongInput: there is no project to count.
    """
    result = gap_of(about, scope)
    if not result["projects"]:
        raise WrongInput("gap_without_projects", year=about.cycle.year)
    snapshot = entry.add(
        GapSnapshot(
            cycle_id=about.cycle_id,
            recorded_on=entry.effective_on,
            scope=scope.value,
            projects=result["projects"],
            response_net=response(about).net,
            result=result,
        )
    )
    entry.tell(scope=scope.value, projects=snapshot.projects, response_net=snapshot.response_net)
    return snapshot
