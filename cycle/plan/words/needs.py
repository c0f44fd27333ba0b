"""Checks on the open needs of a cycle."""

from cycle.cycles.records import Year
from cycle.plan.records import declared_none, needs_all
from cycle.plan.rules.needs import owed
from cycle.plan.rules.status import NEEDS
from cycle.vocabulary import Finding


def needs_recorded_or_none_declared(year: Year) -> Finding:
    """The cycle has at least one need of its own, or says that there are none."""
    own = [need for need in needs_all(year.session, year.cycle.plan) if need.year == year.cycle.year]
    return Finding(
        "needs_recorded",
        met=bool(own) or declared_none(year.session, year.cycle_id, NEEDS),
        facts={"count": len(own), "year": year.cycle.year},
        owed_by=year.workflow.escalation[0],
        command=f"cycle need add {year.cycle.year} … --field … --source …",
    )


def needs_settled(year: Year) -> Finding:
    """Every need of the cycle, and every earlier one that came into it, is covered, rejected, partly covered or carried on."""
    left = [need.number for need in owed(needs_all(year.session, year.cycle.plan), year.cycle.year)]
    command = f"cycle need settle {year.cycle.year} {left[0]} --as … --reason …" if left else None
    return Finding(
        "needs_settled",
        met=not left,
        facts={"numbers": left, "count": len(left)},
        owed_by=year.workflow.escalation[0],
        command=command,
    )
