"""Opening a cycle, pinned to the workflow text of that day."""

import secrets

from cycle.cycles.records import Cycle, Standing, WorkflowText, cycles_of, running
from cycle.cycles.rules import cycle_key, cycle_label
from cycle.errors import Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.vocabulary import Finding
from cycle.workflow.canonical import canonical_text, sha256_of
from cycle.workflow.model import Workflow

SECRET_BYTES = 32


def open_cycle(entry: Entry, workflow: Workflow, year: int, phase: str) -> Cycle:
    """A new cycle of the workflow's plan, in a phase, pinned to the workflow's canonical text.

    Raises:
        WrongInput: if the year was started before.
        Refused: if as many cycles run as the workflow allows.
    """
    plan = workflow.plan.id
    if any(cycle.year == year for cycle in cycles_of(entry.session, plan)):
        raise WrongInput("year_already_started", year=year)
    active = [cycle.label for cycle in running(entry.session, plan)]
    if len(active) >= workflow.cycle.max_active:
        raise Refused([Finding("too_many_running", facts={"running": active, "most": workflow.cycle.max_active})])
    text = canonical_text(workflow)
    sha256 = sha256_of(text)
    pin(entry, workflow, sha256, text)
    cycle = entry.add(
        Cycle(
            key=cycle_key(workflow.plan.ref, year),
            plan=plan,
            year=year,
            label=cycle_label(workflow.cycle.label, year, workflow.cycle.length_years),
            workflow_sha256=sha256,
            phase=phase,
            standing=Standing.OPEN,
            started_on=entry.effective_on,
            secret=secrets.token_hex(SECRET_BYTES),
        )
    )
    entry.tell(plan=plan, year=year, workflow=sha256, edition=workflow.plan.version, phase=phase)
    return cycle


def pin(entry: Entry, workflow: Workflow, sha256: str, text: str) -> None:
    """Keep the workflow's text, if it is not kept already."""
    kept = entry.session.connection().execute(WorkflowText.__table__.select().where(WorkflowText.__table__.c.sha256 == sha256))  # type: ignore[attr-defined]
    if kept.first() is None:
        entry.add(WorkflowText(sha256=sha256, plan=workflow.plan.id, edition=workflow.plan.version, text=text))
