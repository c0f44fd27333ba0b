"""Taking a step of the year: evaluate the checks, decide, and write what was decided. Called with an open entry."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from cycle.cycles.records import Standing, Year, previous
from cycle.cycles.rules import WAIVER_REASON, need_reason
from cycle.dates.records import DateStatus, Deadline, deadlines
from cycle.documents.records import documents_of
from cycle.errors import NotFound, Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.form import profiled
from cycle.journal.history import entries
from cycle.phases.records import Approval, PhaseStay, Waiver, approvals, current, findings, rounds, stays
from cycle.phases.rules import (
    Approved,
    Decision,
    Facts,
    Step,
    StepKind,
    checks_for,
    decide,
    facts_hash,
    needs_second,
    past_barrier,
)
from cycle.vocabulary import Finding

# The entries by which a cycle goes from one phase or standing to another.
STEP_TYPES = (
    "phase.advanced", "phase.returned", "phase.skipped", "phase.held", "phase.resumed", "phase.cancelled", "phase.reopened",
)  # fmt: skip


def enter_first(entry: Entry, about: Year) -> None:
    """The first pass of a new cycle, in the phase it was opened in.

    Raises:
        Refused: if the year before must be closed before that phase.
    """
    before = previous(about.session, about.cycle)
    if before and before.standing in (Standing.OPEN, Standing.HELD) and past_barrier(about.workflow, None, about.cycle.phase):
        raise Refused([Finding("previous_still_open", facts={"previous": before.label, "phase": about.cycle.phase})])
    entry.add(PhaseStay(cycle_id=about.cycle_id, phase=about.cycle.phase, round=1, entered_at=entry.now))


def take(entry: Entry, about: Year, step: Step) -> Decision:
    """Take a step, or refuse it with every reason.

    Raises:
        Refused: with all findings that stand against it.
        NotFound: for an unknown phase.
        WrongInput: for a missing reason where the step needs one, or a day before the last step's.
    """
    if step.kind is not StepKind.ADVANCE:
        need_reason(entry.reason)
    _not_before_the_last(entry, about)
    facts = facts_of(about, step, actor=entry.actor.ref)
    decision = decide(about.workflow, facts, step, about.now)
    if not decision.allowed:
        raise Refused(decision.refused)
    _name_the_second(entry, about, facts, step)
    _write(entry, about, decision)
    return decision


def decided(about: Year, step: Step, *, actor: str = "") -> Decision:
    """What would be decided now; changes nothing."""
    return decide(about.workflow, facts_of(about, step, actor=actor), step, about.now)


def facts_of(about: Year, step: Step, *, actor: str = "") -> Facts:
    """Everything the decision on a step rests on, read now."""
    cycle = about.cycle
    workflow = about.workflow
    ways = workflow.transitions_from(cycle.phase)
    # What no rule of this phase looks at is not read.
    before = previous(about.session, cycle) if workflow.cycle.previous_must_be_closed_before else None
    second = workflow.phase(cycle.phase).four_eyes or any(way.four_eyes for way in ways)
    given = approvals(about.session, about.cycle_id) if second else []
    in_pass = [a for a in given if a.phase == cycle.phase and a.round == cycle.round]
    filed = documents_of(about.session, about.cycle_id) if any(way.needs_document for way in ways) else []
    return Facts(
        year=cycle.year,
        phase=cycle.phase,
        standing=cycle.standing,
        rounds=rounds(about.session, about.cycle_id),
        findings=tuple(findings(about, checks_for(workflow, cycle.phase, step))),
        documents=frozenset(document.kind for document in filed),
        previous=before.label if before and before.standing in (Standing.OPEN, Standing.HELD) else None,
        closed_on=cycle.closed_on,
        actor=actor,
        approvals=tuple(Approved(a.step, a.by, a.facts_sha256) for a in in_pass),
    )


def waive(entry: Entry, about: Year, check: str) -> Waiver:
    """Let a soft check go in this pass, with a reason of at least ten characters.

    Raises:
        NotFound: if the phase has no such check.
        WrongInput: for a reason that is missing or too short.
        Refused: for a hard check, or one that is met or waived already.
    """
    cycle = about.cycle
    exit_checks = about.workflow.phase(cycle.phase).exit
    if check not in exit_checks:
        raise NotFound("unknown_check", check=check, known=", ".join(exit_checks) or "-")
    reason = need_reason(entry.reason, at_least=WAIVER_REASON)
    found = next(iter(findings(about, [check])))
    for key, stands_against in (("check_is_hard", found.hard), ("check_is_met", found.met), ("already_waived", found.waived)):
        if stands_against:
            raise Refused([replace(found, key=key, met=False, command=found.command if found.hard else None)])
    entry.tell(check=check, phase=cycle.phase, round=cycle.round, found=dict(found.facts))
    return entry.add(
        Waiver(cycle_id=about.cycle_id, check=check, phase=cycle.phase, round=cycle.round, waived_at=entry.now, reason=reason)
    )


def approve(entry: Entry, about: Year, name: str) -> Approval:
    """A second person's yes to `advance`, or to a kind of transition of the workflow, bound to the facts of now.

    Raises:
        WrongInput: if that step needs no second person.
    """
    kinds = {rule.kind.value for rule in about.workflow.transitions_from(about.cycle.phase) if rule.four_eyes}
    if about.workflow.phase(about.cycle.phase).four_eyes:
        kinds.add(StepKind.ADVANCE)
    if name not in kinds:
        raise WrongInput("needs_no_approval", step=name, known=", ".join(sorted(kinds)) or "-")
    step = Step(StepKind(name))
    bound_to = facts_hash(facts_of(about, step), step)
    entry.tell(step=name, phase=about.cycle.phase, round=about.cycle.round, facts_sha256=bound_to)
    return entry.add(
        Approval(
            cycle_id=about.cycle_id,
            step=name,
            phase=about.cycle.phase,
            round=about.cycle.round,
            by=entry.actor.ref,
            role=entry.actor.role,
            approved_at=entry.now,
            facts_sha256=bound_to,
        )
    )


def settle_dates(entry: Entry, about: Year) -> list[str]:
    """Give every open date that has ended by a fact its actual day; the keys of those that ended now.

    A date that ends when a check is met ends with the day at whose end it is met, so it may open again on that day.
    """
    ended = []
    reached = about.workflow.order.index(about.cycle.phase)
    for row in deadlines(about.session, about.cycle_id):
        rule = about.workflow.dates[row.key]
        until_evening = rule.done.word == "met" and row.actual == about.today
        if row.status != DateStatus.OPEN or (row.actual is not None and not until_evening):
            continue
        started = reached >= about.workflow.order.index(rule.phase)
        day = ended_on(about, row) if started or rule.done.word != "met" else None
        if day != row.actual:
            entry.change(row, actual=day)
            if day is not None:
                ended.append(row.key)
    return ended


def ended_on(about: Year, row: Deadline) -> date | None:
    """The day on which the fact that ends a date happened, None while it has not."""
    done = about.workflow.dates[row.key].done
    end = about.lent.ends[done.word]
    day = end(about, *([done.value] if done.value is not None else []), **done.narrow)
    if day is None and done.word == "answered":
        # Who has not answered when the phase is over is not asked any more.
        last = [stay for stay in stays(about.session, about.cycle_id) if stay.phase == about.workflow.dates[row.key].phase]
        if last and last[-1].left_at is not None:
            day = last[-1].left_at.astimezone(about.zone).date()
    if day is not None and row.moves and day < min(row.since, row.planned):
        return None  # it happened before the date was given anew
    return day


def note_overdue(entry: Entry, about: Year, late: Sequence[tuple[Deadline, date]], ended: Sequence[str] = ()) -> None:
    """Say once of each date that it is overdue since a day, with the checks that stand open; and what turned out to have
    ended (`ended`, keys of dates)."""
    told: list[dict[str, Any]] = []
    for row, since in late:
        entry.change(row, overdue_on=since)
        told.append({"key": row.key, "planned": row.planned, "since": since, "findings": _open_checks(about, row)})
    entry.tell(dates=told, **({"ended": list(ended)} if ended else {}))


def _open_checks(about: Year, row: Deadline) -> list[str]:
    done = about.workflow.dates[row.key].done
    if done.word == "met" and done.value is not None:
        return [done.value]
    if done.word == "left" and done.value == about.cycle.phase:
        open_checks = findings(about, about.workflow.phase(about.cycle.phase).exit)
        return [f.check for f in open_checks if f.check and not f.met and not f.waived]
    return []


def _write(entry: Entry, about: Year, decision: Decision) -> None:
    cycle = about.cycle
    told = [{"check": f.check, "met": f.met, "waived": f.waived} for f in decision.findings]
    entry.tell(
        **{"from": decision.before, "to": decision.phase},
        round=decision.round,
        standing=decision.standing,
        checks=told,
        workflow=cycle.workflow_sha256,
    )
    changes: dict[str, Any] = {"standing": decision.standing}
    if decision.step.kind in (StepKind.HOLD, StepKind.RESUME):
        changes["review_on"] = decision.step.until
    if decision.standing in (Standing.CLOSED, Standing.CANCELLED):
        changes["closed_on"] = entry.effective_on
    if decision.step.kind is StepKind.REOPEN:
        changes["closed_on"] = None
    if decision.step.code is not None:
        entry.tell(code=decision.step.code, skipped=list(decision.skipped))
    moved = decision.step.kind not in (StepKind.HOLD, StepKind.RESUME, StepKind.CANCEL)
    if moved:
        changes |= {"phase": decision.phase, "round": decision.round}
        _pass_on(entry, about, decision)
    entry.change(cycle, **changes)
    for row in deadlines(about.session, about.cycle_id) if decision.skipped else ():
        if about.workflow.dates[row.key].phase in decision.skipped and row.status == DateStatus.OPEN and row.actual is None:
            entry.change(row, status=DateStatus.ENDED_WITH_PHASE)


def _pass_on(entry: Entry, about: Year, decision: Decision) -> None:
    at = _taken_at(entry, about)
    for stay in current(about.session, about.cycle_id):
        entry.change(stay, left_at=at, left_by=decision.step.kind.value)
    entry.add(PhaseStay(cycle_id=about.cycle_id, phase=decision.phase, round=decision.round, entered_at=at))


def _taken_at(entry: Entry, about: Year) -> datetime:
    """When a step was taken: now, or by the end of the earlier day that it counts from."""
    if entry.effective_on == entry.today:
        return entry.now
    return datetime.combine(entry.effective_on, time(23, 59, 59), about.zone)


def _not_before_the_last(entry: Entry, about: Year) -> None:
    """A step recorded late counts from a day, but from none before the step that led to where it begins."""
    if entry.effective_on == entry.today:
        return  # nothing counts from a day to come
    types = ["cycle.started", *STEP_TYPES]
    last = next(iter(entries(about.session, cycle=about.cycle.key, types=types, newest_first=True)), None)
    if last is not None and entry.effective_on < last.effective_on:
        raise WrongInput("step_before_last", day=entry.effective_on, since=last.effective_on)


def _name_the_second(entry: Entry, about: Year, facts: Facts, step: Step) -> None:
    """Who said yes, and as what the step rests on the entry that says so, with the hash of the facts of both."""
    if not needs_second(about.workflow, facts.phase, step):
        return
    wanted = facts_hash(facts, step)
    given = [a for a in approvals(about.session, about.cycle_id) if a.facts_sha256 == wanted and a.by != facts.actor][-1]
    entry.second = {"ref": given.by, "role": given.role, "approved_at": _instant(given.approved_at)}
    for told in entries(about.session, cycle=about.cycle.key, types=["phase.approved"], newest_first=True):
        if any(change.get("add") == "approval" and given.id in change["ids"] for change in told.data["changes"]):
            entry.rest_on("approval", told.id, wanted)
            break


def _instant(moment: datetime) -> str:
    return str(profiled(moment))
