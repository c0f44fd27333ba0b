"""What the state machine lends: checks on roles and the previous year, ends by phase or check, facts of steps."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from cycle.cycles.records import Standing, Year, previous
from cycle.people.records import holders
from cycle.phases.records import find, stays
from cycle.vocabulary import CheckId, Fact, Finding, Lent, PhaseId, RoleId


def roles_filled(year: Year, *, roles: list[RoleId]) -> Finding:
    """Every one of the roles is held by somebody today."""
    held = {span.role for _, span in holders(year.session, roles, year.today)}
    missing = [role for role in roles if role not in held]
    return Finding(
        "roles_filled",
        met=not missing,
        facts={"missing": missing},
        owed_by=next(iter(year.workflow.roles)),
        command=f"cycle people add LOGIN --name NAME --mail MAIL --role {missing[0]}" if missing else None,
    )


def previous_cycle(year: Year, *, phase: list[PhaseId], accept: list[str]) -> Finding:
    """The year before has come to one of the phases, or is what `accept` lists (cancelled, none)."""
    before = previous(year.session, year.cycle)
    if before is None:
        state = "none"
    elif before.standing == Standing.CANCELLED:
        state = "cancelled"
    else:
        state = before.phase
    return Finding(
        "previous_cycle",
        met=state in phase or state in accept,
        facts={"previous": before.label if before else "-", "state": state, "phases": list(phase)},
        owed_by=year.workflow.escalation[0],
        command=f"cycle advance {before.year}" if before else None,
    )


def entered(year: Year, value: PhaseId) -> date | None:
    """The day the phase was first entered."""
    passes = [stay for stay in stays(year.session, year.cycle_id) if stay.phase == value]
    return _day(year, passes[0].entered_at) if passes else None


def left(year: Year, value: PhaseId) -> date | None:
    """The day the phase was last left; None while the cycle is in it."""
    passes = [stay for stay in stays(year.session, year.cycle_id) if stay.phase == value]
    return _day(year, passes[-1].left_at) if passes and passes[-1].left_at else None


def met(year: Year, value: CheckId) -> date | None:
    """Today, if the check is met now."""
    return year.today if find(year, value).met else None


def _day(year: Year, moment: datetime) -> date:
    return moment.astimezone(year.zone).date()


def _skipped(data: Mapping[str, Any], narrow: Mapping[str, str]) -> bool:
    return "phase" not in narrow or narrow["phase"] in data.get("skipped", ())


def _closed(data: Mapping[str, Any], _narrow: Mapping[str, str]) -> bool:
    return data.get("standing") == Standing.CLOSED


LENT = Lent(
    checks={"roles_filled": roles_filled, "previous_cycle": previous_cycle},
    ends={"entered": entered, "left": left, "met": met},
    facts={
        "phase_skipped": Fact(frozenset({"phase.skipped"}), _skipped, frozenset({"phase"})),
        "cycle_closed": Fact(frozenset({"phase.advanced", "phase.skipped"}), _closed),
    },
)
