"""The passes of a cycle through its phases, with what was waived and approved in each. Nothing is deleted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, func
from sqlmodel import Field, Session, col, select

from cycle.adapters.prepared import Question
from cycle.cycles.records import Year
from cycle.journal.questions import asked, rows_of_cycle, rows_where
from cycle.journal.records import Row, private
from cycle.vocabulary import Finding


class PhaseStay(Row, table=True):
    """One pass: `round` counts how often this cycle entered the phase; `left_by` advance, back, skip, reopen."""

    __tablename__ = "phase_stay"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    phase: str
    round: int
    entered_at: datetime
    left_at: datetime | None = None
    left_by: str | None = None


class Waiver(Row, table=True):
    """A soft check that need not be met in one pass, with the written reason."""

    __tablename__ = "waiver"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    check: str
    phase: str
    round: int
    waived_at: datetime
    reason: str | None = private()


class Approval(Row, table=True):
    """A second person's yes to one step in one pass, bound to the SHA-256 of the facts it was given on."""

    __tablename__ = "approval"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    step: str
    phase: str
    round: int
    by: str
    role: str
    approved_at: datetime
    facts_sha256: str


def stays(session: Session, cycle_id: int) -> list[PhaseStay]:
    """All passes of a cycle in their order."""
    return rows_of_cycle(session, PhaseStay, cycle_id)


def rounds(session: Session, cycle_id: int) -> dict[str, int]:
    """How often a cycle has entered each phase it was in."""
    return dict(asked(session, _rounds(), cycle_id=cycle_id))


@cache
def _rounds() -> Question:
    query = select(PhaseStay.phase, func.max(PhaseStay.round)).where(col(PhaseStay.cycle_id) == bindparam("cycle_id"))
    return query.group_by(col(PhaseStay.phase))


def current(session: Session, cycle_id: int) -> list[PhaseStay]:
    """The pass that a cycle is in; none before its first."""
    return rows_where(session, PhaseStay, cycle_id=cycle_id, left_at=None)


def waivers(session: Session, cycle_id: int) -> list[Waiver]:
    """All waivers of a cycle."""
    return rows_of_cycle(session, Waiver, cycle_id)


def approvals(session: Session, cycle_id: int) -> list[Approval]:
    """All approvals of a cycle."""
    return rows_of_cycle(session, Approval, cycle_id)


def findings(about: Year, checks: Sequence[str]) -> list[Finding]:
    """What the checks find now, each with its id, hardness and whether it is waived in this pass."""
    if not checks:
        return []
    waived = {
        waiver.check
        for waiver in waivers(about.session, about.cycle_id)
        if waiver.phase == about.cycle.phase and waiver.round == about.cycle.round
    }
    return [find(about, check, waived=check in waived) for check in checks]


def find(about: Year, check: str, *, waived: bool = False) -> Finding:
    """What one check of the workflow finds now."""
    rule = about.workflow.checks[check]
    found = about.lent.checks[rule.check](about, **rule.params)
    return replace(found, check=check, hard=rule.hard, waived=waived)
