"""What may happen now, and what is missing: `decide` is pure, and the dry run calls the very same function.

One `transitions.Machine` a pinned workflow (and set of phases) says which steps exist; the findings say whether they may
be taken. Nothing here reads a database, a clock or a setting.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from cycle.errors import NotFound
from cycle.journal.form import canonical, profiled
from cycle.phases.rules.machine import Subject, machine_for
from cycle.vocabulary import Finding
from cycle.workflow.model import Transition, TransitionKind, Workflow


class StepKind(StrEnum):
    """What a person can ask of a cycle."""

    ADVANCE = "advance"
    BACK = "back"
    SKIP = "skip"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Step:
    """One request: back and skip name a phase, a skip its code, a hold the day of review."""

    kind: StepKind
    to: str | None = None
    code: str | None = None
    until: date | None = None


@dataclass(frozen=True)
class Approved:
    """Somebody's yes to a step in this pass, bound to the facts it was given on."""

    step: str
    by: str
    facts_sha256: str


@dataclass(frozen=True)
class Facts:
    """Everything the decision rests on: where the cycle stands, and what its checks found."""

    year: int
    phase: str
    standing: str
    rounds: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    documents: frozenset[str] = frozenset()
    previous: str | None = None
    closed_on: date | None = None
    actor: str = ""
    approvals: tuple[Approved, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The next state, or in `refused` every reason why not."""

    step: Step
    before: str
    phase: str
    round: int
    standing: str
    findings: tuple[Finding, ...] = ()
    refused: tuple[Finding, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the step may be taken."""
        return not self.refused


def checks_for(workflow: Workflow, phase: str, step: Step) -> tuple[str, ...]:
    """The ids of the checks that a step needs: forward and skip those of the phase they leave, a skip also its own."""
    if step.kind is StepKind.ADVANCE:
        return workflow.phase(phase).exit
    if step.kind is StepKind.SKIP:
        rule = _transition(workflow, phase, TransitionKind.SKIP, step)
        if rule is None:
            return ()
        needed = [check for check in workflow.phase(phase).exit if check not in rule.owed_later]
        if workflow.is_final(rule.to[0]):
            # To the close without the phases between: what they would check is named by `also`.
            needed = [check for check in needed if workflow.checks[check].hard]
        return tuple(dict.fromkeys([*needed, *rule.also]))
    return ()


def facts_hash(facts: Facts, step: Step) -> str:
    """What an approval is bound to: the kind of step, the pass and, going forward, what the checks found, as a SHA-256.

    A skip's checks depend on where it leads, which an approval does not name.
    """
    findings = () if step.kind is StepKind.SKIP else facts.findings
    told = {
        "step": step.kind.value,
        "phase": facts.phase,
        "round": facts.rounds.get(facts.phase, 1),
        "findings": [[f.check, f.met, f.waived, profiled(dict(f.facts))] for f in findings],
    }
    return hashlib.sha256(canonical(profiled(told)).encode()).hexdigest()


def needs_second(workflow: Workflow, phase: str, step: Step) -> bool:
    """Whether the workflow asks for a second person's yes to that step."""
    if step.kind is StepKind.ADVANCE:
        return workflow.phase(phase).four_eyes
    ways = [rule for rule in workflow.transitions_from(phase) if rule.kind.value == step.kind.value]
    return any(rule.four_eyes for rule in ways if step.to is None or not rule.to or step.to in rule.to)


def decide(workflow: Workflow, facts: Facts, step: Step, now: datetime) -> Decision:
    """The next state with its effects, or every reason why not. The same for a dry run, a real run and a forecast.

    Raises:
        NotFound: for a phase the workflow has not.
    """
    if step.to is not None and step.to not in workflow.order:
        raise NotFound("unknown_phase", phase=step.to, known=", ".join(workflow.order))
    stays = Decision(step, facts.phase, facts.phase, facts.rounds.get(facts.phase, 1), facts.standing, facts.findings)
    if step.kind in (StepKind.HOLD, StepKind.RESUME, StepKind.CANCEL):
        return _standing(workflow, facts, step, stays, now)
    subject = Subject(facts.phase)
    machine = machine_for(workflow, tuple(phase.id for phase in workflow.phases_in(facts.year)))
    trigger = _trigger(workflow, facts.phase, step)
    reasons: list[Finding] = []
    if facts.standing not in ("open", "closed") or (facts.standing == "closed") != (step.kind is StepKind.REOPEN):
        reasons.append(_not_now(workflow, facts, now, "not_open"))
    event = machine.events.get(trigger)
    if event is None or facts.phase not in event.transitions:
        reasons.append(
            Finding("step_not_allowed", facts={"phase": facts.phase, "to": step.to, "allowed": _allowed(workflow, facts)})
        )
        return replace(stays, refused=tuple(reasons))
    reasons += [finding for finding in facts.findings if not finding.met and not finding.waived]
    reasons += _conditions(workflow, facts, step, now)
    subject.reasons = tuple(reasons)
    if not event.trigger(subject):
        return replace(stays, refused=tuple(reasons))
    order = list(workflow.order)
    skipped = order[order.index(facts.phase) + 1 : order.index(subject.state)] if step.kind is StepKind.SKIP else []
    return replace(
        stays,
        phase=subject.state,
        round=facts.rounds.get(subject.state, 0) + 1,
        standing="closed" if workflow.is_final(subject.state) else "open",
        skipped=tuple(skipped),
    )


def _trigger(workflow: Workflow, phase: str, step: Step) -> str:
    if step.kind is StepKind.ADVANCE:
        return "advance"
    if step.kind is StepKind.SKIP:
        return f"skip:{step.to}:{step.code or ''}"
    if step.kind is StepKind.REOPEN:
        rule = _transition(workflow, phase, TransitionKind.REOPEN, step)
        return f"reopen:{rule.to[0]}" if rule else "reopen:"
    return f"{step.kind}:{step.to}"


def _transition(workflow: Workflow, phase: str, kind: TransitionKind, step: Step) -> Transition | None:
    for rule in workflow.transitions_from(phase):
        if rule.kind is kind and (step.to is None or not rule.to or step.to in rule.to):
            return rule
    return None


def _not_now(workflow: Workflow, facts: Facts, now: datetime, key: str, **told: Any) -> Finding:
    """That a standing forbids a step, and where it can be left the command that leaves it."""
    reopens = _transition(workflow, facts.phase, TransitionKind.REOPEN, Step(StepKind.REOPEN))
    leaves = {
        "held": "resume",
        "closed": "reopen" if reopens and not _too_late(workflow, facts, reopens, now) else None,
    }.get(facts.standing)
    command = f"cycle {leaves} {facts.year} --reason …" if leaves else None
    return Finding(key, facts={"standing": facts.standing, **told}, command=command)


def _too_late(workflow: Workflow, facts: Facts, rule: Transition, now: datetime) -> bool:
    """Whether the days are over within which a rule lets a closed year be reopened."""
    closed, days = facts.closed_on, rule.within_days
    return bool(closed and days and (_today(workflow, now) - closed).days > days)


def _allowed(workflow: Workflow, facts: Facts) -> list[str]:
    """The ways there are from here, as a person would write them."""
    if facts.standing == "cancelled":
        return ["-"]
    if facts.standing == "held":
        cancels = any(rule.kind is TransitionKind.CANCEL for rule in workflow.transitions_from(facts.phase))
        return ["resume", "cancel"] if cancels else ["resume"]
    told = []
    for rule in workflow.transitions_from(facts.phase):
        for target in rule.to or ("",):
            codes = "|".join(rule.codes)
            told.append(" ".join(filter(None, [rule.kind.value, target and f"--to {target}", codes and f"--code {codes}"])))
    return ([] if workflow.is_final(facts.phase) else ["advance"]) + told


def _conditions(workflow: Workflow, facts: Facts, step: Step, now: datetime) -> list[Finding]:
    """What a step needs beside its checks: a closed previous year, a document, a second person, a time limit."""
    found: list[Finding] = []
    order = [phase.id for phase in workflow.phases_in(facts.year)]
    target = step.to or (order[order.index(facts.phase) + 1] if not workflow.is_final(facts.phase) else facts.phase)
    forward = step.kind in (StepKind.ADVANCE, StepKind.SKIP)
    if forward and facts.previous and past_barrier(workflow, facts.phase, target):
        barrier = workflow.cycle.previous_must_be_closed_before
        found.append(Finding("previous_still_open", facts={"previous": facts.previous, "phase": barrier}))
    kind = {StepKind.SKIP: TransitionKind.SKIP, StepKind.REOPEN: TransitionKind.REOPEN}.get(step.kind)
    rule = _transition(workflow, facts.phase, kind, step) if kind else None
    if rule and rule.needs_document and rule.needs_document not in facts.documents:
        found.append(Finding("document_needed", facts={"kind": rule.needs_document}))
    if rule and _too_late(workflow, facts, rule, now):
        found.append(Finding("too_late_to_reopen", facts={"days": rule.within_days, "closed_on": facts.closed_on}))
    return found + _second_person(workflow, facts, step)


def past_barrier(workflow: Workflow, phase: str | None, target: str) -> bool:
    """Whether going from a phase (None: opening a cycle) to another enters what waits for the year before to be closed."""
    order = list(workflow.order)
    barrier = workflow.cycle.previous_must_be_closed_before
    if barrier not in order:
        return False
    return order.index(target) >= order.index(barrier) > (order.index(phase) if phase else -1)


def _second_person(workflow: Workflow, facts: Facts, step: Step) -> list[Finding]:
    if not needs_second(workflow, facts.phase, step):
        return []
    wanted = facts_hash(facts, step)
    given = [a for a in facts.approvals if a.step == step.kind]
    others = [a for a in given if a.by != facts.actor]
    if any(approval.facts_sha256 == wanted for approval in others):
        return []
    key = "approval_outdated" if others else "approval_own" if given else "approval_missing"
    return [Finding(key, facts={"step": step.kind.value}, command=f"cycle approve {facts.year} {step.kind}")]


def _standing(workflow: Workflow, facts: Facts, step: Step, stays: Decision, now: datetime) -> Decision:
    wanted = {StepKind.HOLD: ("open",), StepKind.RESUME: ("held",), StepKind.CANCEL: ("open", "held")}[step.kind]
    reasons: list[Finding] = []
    if facts.standing not in wanted:
        reasons.append(_not_now(workflow, facts, now, "wrong_standing", step=step.kind.value))
    if step.kind is not StepKind.RESUME:
        kind = TransitionKind(step.kind.value)
        rule = next((each for each in workflow.transitions_from(facts.phase) if each.kind is kind), None)
        if rule is None:
            reasons.append(
                Finding("step_not_allowed", facts={"phase": facts.phase, "to": None, "allowed": _allowed(workflow, facts)})
            )
        elif rule.needs == "review_date" and (step.until is None or step.until <= _today(workflow, now)):
            reasons.append(Finding("review_day_needed", facts={"until": step.until}))
    reasons += _second_person(workflow, facts, step)
    standing = {StepKind.HOLD: "held", StepKind.RESUME: "open", StepKind.CANCEL: "cancelled"}[step.kind]
    return replace(stays, refused=tuple(reasons)) if reasons else replace(stays, standing=standing)


def _today(workflow: Workflow, now: datetime) -> date:
    return now.astimezone(ZoneInfo(workflow.timezone)).date()
