"""Records a gap analysis: what was found on that day, never computed again."""

from collections.abc import Sequence
from typing import Any

from cycle.cycles.records import Year
from cycle.errors import WrongInput
from cycle.inventory.records import GapSnapshot, gap_of
from cycle.inventory.rules.gap import Scope
from cycle.journal.entry import Entry


def record_gap(
    entry: Entry,
    about: Year,
    *,
    scope: Scope,
    result: dict[str, Any] | None = None,
    unfunded: Sequence[dict[str, Any]] = (),
) -> GapSnapshot:
    """The snapshot of this cycle's inventory, with the survey's net response.

    `result` is what `gap_of` found at an earlier moment; without it the inventory is counted now. `unfunded` are the
    needs without money (number, title, amount in whole euros), which another house knows.

    Raises:
        WrongInput: `gap_without_projects`, where there is no project to count.
    """
    found = result if result is not None else gap_of(about, scope)
    if not found["projects"]:
        raise WrongInput("gap_without_projects", year=about.cycle.year)
    snapshot = entry.add(
        GapSnapshot(
            cycle_id=about.cycle_id,
            recorded_on=entry.effective_on,
            scope=found["scope"],
            projects=found["projects"],
            response_net=found["survey"]["net"],
            result=found | {"needs_unfunded": list(unfunded)},
        )
    )
    entry.tell(scope=snapshot.scope, projects=snapshot.projects, response_net=snapshot.response_net, as_of=found["as_of"])
    return snapshot
