"""`decide` as a table: a workflow, facts and a step in, the next state or every reason out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cycle.errors import NotFound
from cycle.phases.rules import Approved, Decision, Facts, Step, StepKind, checks_for, decide, facts_hash
from cycle.vocabulary import Finding
from cycle.workflow.model import Workflow

NOW = datetime(2025, 6, 3, 7, 0, tzinfo=UTC)
ADVANCE = Step(StepKind.ADVANCE)
BACK_TO_THEME = Step(StepKind.BACK, to="focus_theme")
HOLD = Step(StepKind.HOLD, until=date(2025, 9, 1))
RESUME, CANCEL, REOPEN = Step(StepKind.RESUME), Step(StepKind.CANCEL), Step(StepKind.REOPEN)
ROUNDS = {"planned": 1, "status_analysis": 1, "focus_theme": 1, "round_table": 1}


def facts(phase: str, **given: Any) -> Facts:
    return replace(Facts(year=2025, phase=phase, standing="open", rounds=ROUNDS), **given)


def unmet(check: str, **given: Any) -> Finding:
    return Finding("missing", check=check, **given)


def came_to(decision: Decision) -> tuple[str, int, str]:
    assert decision.refused == ()
    return decision.phase, decision.round, decision.standing


def keys(decision: Decision) -> list[str]:
    return [finding.key for finding in decision.refused]


@pytest.mark.parametrize(
    ("phase", "step", "state"),
    [
        ("planned", ADVANCE, ("status_analysis", 2, "open")),
        ("round_table", ADVANCE, ("autumn_review", 1, "open")),
        ("measures", ADVANCE, ("closed", 1, "closed")),
        ("round_table", BACK_TO_THEME, ("focus_theme", 2, "open")),
        ("autumn_review", Step(StepKind.BACK, to="round_table"), ("round_table", 2, "open")),
        ("focus_theme", Step(StepKind.SKIP, to="autumn_review", code="force_majeure"), ("autumn_review", 1, "open")),
        ("autumn_review", Step(StepKind.SKIP, to="closed", code="no_measures_needed"), ("closed", 1, "closed")),
        ("autumn_review", HOLD, ("autumn_review", 1, "held")),
    ],
)
def test_step_that_nothing_stands_against_leads_on(
    workflow: Workflow, phase: str, step: Step, state: tuple[str, int, str]
) -> None:
    assert came_to(decide(workflow, facts(phase), step, NOW)) == state


def test_skip_names_the_phases_that_it_leaves_out(workflow: Workflow) -> None:
    to_the_autumn = Step(StepKind.SKIP, to="autumn_review", code="newsletter_instead")

    assert decide(workflow, facts("focus_theme"), to_the_autumn, NOW).skipped == ("round_table",)
    assert decide(workflow, facts("focus_theme"), ADVANCE, NOW).skipped == ()


@pytest.mark.parametrize(
    ("phase", "step"),
    [
        ("focus_theme", Step(StepKind.SKIP, to="autumn_review", code="plan_rewrite")),
        ("focus_theme", Step(StepKind.SKIP, to="measures", code="force_majeure")),
        ("status_analysis", Step(StepKind.BACK, to="planned")),
        ("planned", REOPEN),
        ("closed", HOLD),
        ("closed", ADVANCE),
    ],
)
def test_step_that_the_workflow_has_not_is_refused_with_the_ways_there_are(workflow: Workflow, phase: str, step: Step) -> None:
    closed = phase == "closed"

    decision = decide(workflow, facts(phase, standing="closed" if closed else "open"), step, NOW)

    (reason,) = [each for each in decision.refused if each.key == "step_not_allowed"]
    ways = {
        "planned": ["advance", "skip --to focus_theme --code plan_rewrite", "hold", "cancel"],
        "status_analysis": ["advance", "hold", "cancel"],
        "focus_theme": [
            "advance",
            "skip --to autumn_review --code merged_with_spring|force_majeure|newsletter_instead",
            "back --to status_analysis",
            "hold",
            "cancel",
        ],
        "closed": ["reopen --to measures"],
    }
    assert reason.facts == {"phase": phase, "to": step.to, "allowed": ways[phase]}
    assert (decision.phase, decision.standing) == (phase, "closed" if closed else "open")


def test_unknown_phase_is_not_found(workflow: Workflow) -> None:
    with pytest.raises(NotFound) as raised:
        decide(workflow, facts("round_table"), Step(StepKind.BACK, to="sommerfest"), NOW)

    assert (raised.value.key, raised.value.facts["phase"]) == ("unknown_phase", "sommerfest")


def test_every_reason_is_told_at_once_and_waived_or_met_checks_are_none(workflow: Workflow) -> None:
    found = (unmet("F1"), unmet("F2", met=True), unmet("F3", hard=False, waived=True), unmet("F4", hard=False))

    decision = decide(workflow, facts("focus_theme", findings=found, previous="2024", standing="held"), ADVANCE, NOW)

    assert keys(decision) == ["not_open", "missing", "missing", "previous_still_open"]
    assert [each.check for each in decision.refused] == [None, "F1", "F4", None]
    assert decision.refused[-1].facts == {"previous": "2024", "phase": "round_table"}
    assert (decision.phase, decision.round, decision.standing) == ("focus_theme", 1, "held")
    assert decision.findings == found


def test_waived_check_lets_the_step_pass(workflow: Workflow) -> None:
    decision = decide(workflow, facts("autumn_review", findings=(unmet("A2", hard=False, waived=True),)), ADVANCE, NOW)

    assert came_to(decision) == ("measures", 1, "open")


@pytest.mark.parametrize(
    ("phase", "step", "refused"),
    [
        ("status_analysis", ADVANCE, []),
        ("focus_theme", ADVANCE, ["previous_still_open"]),
        ("focus_theme", Step(StepKind.SKIP, to="autumn_review", code="force_majeure"), ["previous_still_open"]),
        ("round_table", ADVANCE, []),
        ("round_table", BACK_TO_THEME, []),
    ],
)
def test_previous_year_must_be_closed_only_before_the_phase_that_says_so(
    workflow: Workflow, phase: str, step: Step, refused: list[str]
) -> None:
    assert keys(decide(workflow, facts(phase, previous="2024"), step, NOW)) == refused


def test_skip_that_needs_a_document_waits_for_it(workflow: Workflow) -> None:
    rewrite = Step(StepKind.SKIP, to="focus_theme", code="plan_rewrite")

    without = decide(workflow, facts("planned"), rewrite, NOW)
    with_it = decide(workflow, facts("planned", documents=frozenset({"gap_of_last_year"})), rewrite, NOW)

    assert [(each.key, each.facts) for each in without.refused] == [("document_needed", {"kind": "gap_of_last_year"})]
    assert came_to(with_it) == ("focus_theme", 2, "open")


@pytest.mark.parametrize(
    ("phase", "step", "checks"),
    [
        ("measures", ADVANCE, ("M1", "M2", "M3", "M4", "M5")),
        ("focus_theme", Step(StepKind.SKIP, to="autumn_review", code="force_majeure"), ("F1", "F2", "F3")),
        ("autumn_review", Step(StepKind.SKIP, to="closed", code="no_measures_needed"), ("A3", "M2", "M3", "M5")),
        ("round_table", BACK_TO_THEME, ()),
        ("round_table", HOLD, ()),
        ("round_table", CANCEL, ()),
    ],
)
def test_checks_that_a_step_needs(workflow: Workflow, phase: str, step: Step, checks: tuple[str, ...]) -> None:
    assert checks_for(workflow, phase, step) == checks


@pytest.mark.parametrize(
    ("standing", "step", "refused"),
    [
        ("open", RESUME, ["wrong_standing"]),
        ("held", RESUME, []),
        ("held", HOLD, ["wrong_standing"]),
        ("open", Step(StepKind.HOLD), ["review_day_needed"]),
        ("open", Step(StepKind.HOLD, until=date(2025, 6, 3)), ["review_day_needed"]),
        ("held", ADVANCE, ["not_open"]),
        ("cancelled", ADVANCE, ["not_open"]),
        ("cancelled", RESUME, ["wrong_standing"]),
        ("cancelled", CANCEL, ["wrong_standing", "approval_missing"]),
        ("cancelled", REOPEN, ["not_open", "step_not_allowed"]),
        ("held", CANCEL, ["approval_missing"]),
    ],
)
def test_standing_that_a_step_needs(workflow: Workflow, standing: str, step: Step, refused: list[str]) -> None:
    assert keys(decide(workflow, facts("round_table", standing=standing), step, NOW)) == refused


@pytest.mark.parametrize(
    ("phase", "standing", "step", "command"),
    [
        ("round_table", "held", ADVANCE, "cycle resume 2025 --reason …"),
        ("round_table", "held", HOLD, "cycle resume 2025 --reason …"),
        ("round_table", "held", BACK_TO_THEME, "cycle resume 2025 --reason …"),
        ("closed", "closed", HOLD, "cycle reopen 2025 --reason …"),
        ("round_table", "cancelled", ADVANCE, None),
        ("round_table", "open", RESUME, None),
    ],
)
def test_standing_that_forbids_a_step_names_the_command_that_leaves_it(
    workflow: Workflow, phase: str, standing: str, step: Step, command: str | None
) -> None:
    assert decide(workflow, facts(phase, standing=standing), step, NOW).refused[0].command == command


@pytest.mark.parametrize(("standing", "allowed"), [("held", ["resume", "cancel"]), ("cancelled", ["-"])])
def test_ways_from_a_year_that_does_not_run_are_those_of_its_standing(
    workflow: Workflow, standing: str, allowed: list[str]
) -> None:
    refused = decide(workflow, facts("round_table", standing=standing), REOPEN, NOW).refused

    assert [finding.facts["allowed"] for finding in refused if finding.key == "step_not_allowed"] == [allowed]


def test_closed_year_that_can_be_reopened_no_more_does_not_name_the_command(workflow: Workflow) -> None:
    long_ago = facts("closed", standing="closed", closed_on=date(2025, 1, 2))

    assert decide(workflow, long_ago, HOLD, NOW).refused[0].command is None


def test_resumed_cycle_is_in_the_phase_and_pass_it_was_held_in(workflow: Workflow) -> None:
    held = facts("focus_theme", standing="held", rounds={"focus_theme": 2})

    assert came_to(decide(workflow, held, RESUME, NOW)) == ("focus_theme", 2, "open")


def test_days_are_days_of_the_plans_own_time_zone(workflow: Workflow) -> None:
    after_midnight_in_berlin = datetime(2025, 6, 3, 22, 30, tzinfo=UTC)

    until_today = decide(workflow, facts("round_table"), Step(StepKind.HOLD, until=date(2025, 6, 4)), after_midnight_in_berlin)

    assert keys(until_today) == ["review_day_needed"]


@pytest.mark.parametrize(
    ("now", "refused"),
    [
        (datetime(2026, 3, 29, 7, 0, tzinfo=UTC), []),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), []),
        (datetime(2026, 3, 29, 22, 1, tzinfo=UTC), ["too_late_to_reopen"]),
        (datetime(2026, 3, 30, 7, 0, tzinfo=UTC), ["too_late_to_reopen"]),
    ],
)
def test_reopening_is_possible_for_thirty_days(workflow: Workflow, now: datetime, refused: list[str]) -> None:
    closed = facts("closed", standing="closed", closed_on=date(2026, 2, 27), actor="p:admin")
    approved = replace(closed, approvals=(Approved("reopen", "p:sponsor", facts_hash(closed, REOPEN)),))

    decision = decide(workflow, approved, REOPEN, now)

    assert keys(decision) == refused
    assert decision.phase == ("closed" if refused else "measures")


def approved_by(given: Facts, step: Step, by: str) -> Facts:
    return replace(given, approvals=(*given.approvals, Approved(step.kind, by, facts_hash(given, step))))


def test_end_needs_the_yes_of_somebody_else(workflow: Workflow) -> None:
    alone = facts("round_table", actor="p:sponsor")

    assert [(each.key, each.command) for each in decide(workflow, alone, CANCEL, NOW).refused] == [
        ("approval_missing", "cycle approve 2025 cancel")
    ]
    assert keys(decide(workflow, approved_by(alone, CANCEL, "p:sponsor"), CANCEL, NOW)) == ["approval_own"]
    assert keys(decide(workflow, approved_by(alone, REOPEN, "p:deputy"), CANCEL, NOW)) == ["approval_missing"]
    assert came_to(decide(workflow, approved_by(alone, CANCEL, "p:deputy"), CANCEL, NOW)) == (
        "round_table",
        1,
        "cancelled",
    )


def test_yes_is_bound_to_the_facts_that_it_was_given_on(loaded: Callable[..., Workflow]) -> None:
    strict = loaded("integration.yaml", ("four_eyes: false}", "four_eyes: true}"))
    then = facts("measures", findings=(unmet("M4", hard=False, waived=True),), actor="p:coordinator")
    approved = approved_by(then, ADVANCE, "p:head")
    now = replace(approved, findings=(unmet("M4", met=True),))

    assert came_to(decide(strict, approved, ADVANCE, NOW)) == ("closed", 1, "closed")
    assert keys(decide(strict, now, ADVANCE, NOW)) == ["approval_outdated"]
    assert keys(decide(strict, then, ADVANCE, NOW)) == ["approval_missing"]


def test_hold_that_needs_a_day_and_a_second_person_tells_both(loaded: Callable[..., Workflow]) -> None:
    strict = loaded(
        "integration.yaml",
        ("from: every_active,  needs: review_date}", "from: every_active,  needs: review_date, four_eyes: true}"),
    )

    assert keys(decide(strict, facts("measures"), Step(StepKind.HOLD), NOW)) == ["review_day_needed", "approval_missing"]


@pytest.mark.parametrize("step", [BACK_TO_THEME, Step(StepKind.BACK, to="round_table")])
def test_way_back_may_need_a_second_person_too(loaded: Callable[..., Workflow], step: Step) -> None:
    strict = loaded("integration.yaml", ("to: [round_table, focus_theme]}", "to: [round_table, focus_theme], four_eyes: true}"))
    alone = facts("autumn_review", actor="p:coordinator")

    assert keys(decide(strict, alone, step, NOW)) == ["approval_missing"]
    assert keys(decide(strict, approved_by(alone, Step(StepKind.BACK), "p:head"), step, NOW)) == []


def test_skip_may_need_a_second_person_too(loaded: Callable[..., Workflow]) -> None:
    strict = loaded("integration.yaml", ("also: [M2, M3, M5]}", "also: [M2, M3, M5], four_eyes: true}"))
    alone = facts("autumn_review", findings=(unmet("A3", met=True),), actor="p:coordinator")
    to_the_close = Step(StepKind.SKIP, to="closed", code="no_measures_needed")

    assert keys(decide(strict, alone, to_the_close, NOW)) == ["approval_missing"]
    assert keys(decide(strict, approved_by(alone, Step(StepKind.SKIP), "p:head"), to_the_close, NOW)) == []


def test_decision_is_the_same_however_often_it_is_asked(workflow: Workflow) -> None:
    given = facts("focus_theme", findings=(unmet("F1"),))

    assert decide(workflow, given, ADVANCE, NOW) == decide(workflow, given, ADVANCE, NOW)
