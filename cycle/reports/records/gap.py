"""The gap analysis of a year, as it was recorded or as it would be now; and the needs without money that it tells of."""

from typing import Any

from cycle.cycles.records import Year, previous, workflow_of
from cycle.inventory.records import GapSnapshot, gap_of, response, snapshot_of
from cycle.inventory.rules.gap import Scope
from cycle.plan.records import costs_in
from cycle.reports.rules.gap import GapTold, told
from cycle.workflow.model import Workflow


def stored_gap(about: Year, scope: Scope | None = None) -> tuple[GapTold, dict[str, Any]] | None:
    """The last snapshot of a year (of a scope, if one is named) with its result as stored; None where none was recorded."""
    row = snapshot_of(about.session, about.cycle_id, scope)
    return None if row is None else (told_of(about, row), row.result)


def told_of(about: Year, row: GapSnapshot) -> GapTold:
    """What a snapshot of the year says."""
    result, last_day = row.result | {"scope": row.scope}, about.last_day
    return told(result, about.workflow.gap, response=row.response_net, recorded_on=row.recorded_on, last_day=last_day)


def counted_gap(about: Year, scope: Scope) -> tuple[GapTold, dict[str, Any]]:
    """The year's inventory counted at its moment, with its result as it would be stored."""
    result = gap_of(about, scope) | {"needs_unfunded": unfunded_needs(about)}
    net, last_day = response(about).net, about.last_day
    return told(result, about.workflow.gap, response=net, recorded_on=None, last_day=last_day), result


def unfunded_needs(about: Year) -> list[dict[str, Any]]:
    """The plan's needs beyond what small funds do that nobody has money for yet, by number."""
    return [
        {"number": need.number, "title": need.title, "amount": need.amount}
        for need in costs_in(about).needs
        if need.large and not need.funded
    ]


def workflow_before(about: Year) -> Workflow | None:
    """The workflow of the cycle before, which knows what its words were called; None for the first."""
    before = previous(about.session, about.cycle)
    return None if before is None else workflow_of(about.session, before)
