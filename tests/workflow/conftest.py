"""A small `Lent` with the signatures that the shipped workflow files use, and a way to load a changed text."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from cycle.errors import WrongInput
from cycle.vocabulary import (
    AudienceName,
    CheckId,
    DateKey,
    DecisionSubject,
    DocumentKind,
    Fact,
    Finding,
    Lent,
    MailId,
    MeetingKey,
    NumberId,
    PhaseId,
    Recipient,
    RoleId,
)
from cycle.wording import Wording
from cycle.workflow.load import load
from cycle.workflow.model import Workflow

ROOT = Path(__file__).parents[2]
GERMAN = Wording([ROOT / "templates"], ["de"])
DEFAULTS = ROOT / "config" / "workflow_defaults.yaml"
Attendance = tuple[Literal["on_site", "online"], ...]


def nothing_asked(year: Any) -> Finding:
    raise AssertionError("loading calls no check")


def roles_filled(year: Any, *, roles: tuple[RoleId, ...]) -> Finding:
    return nothing_asked(year)


def dates_confirmed(year: Any, *, dates: Literal["anchors"] | list[DateKey]) -> Finding:
    return nothing_asked(year)


def previous_cycle(year: Any, *, phase: tuple[PhaseId, ...], accept: tuple[Literal["cancelled", "none"], ...] = ()) -> Finding:
    return nothing_asked(year)


def response_rate(year: Any, *, count: Literal["net", "gross"], at_least_percent: int) -> Finding:
    return nothing_asked(year)


def meeting_held(
    year: Any,
    *,
    meeting: MeetingKey,
    attendance: Attendance = (),
    document: DocumentKind | None = None,
    at_least: int = 1,
    present_at_least: int = 0,
) -> Finding:
    return nothing_asked(year)


def primary_theme_valid(year: Any, *, exactly: int) -> Finding:
    return nothing_asked(year)


def theme_decided(year: Any, *, needs: tuple[Literal["body", "date", "reference"], ...]) -> Finding:
    return nothing_asked(year)


def theme_linked_to_need(year: Any, *, accept: Literal["reason"] | None = None) -> Finding:
    return nothing_asked(year)


def mail_accepted(year: Any, *, any_of: list[MailId], to: AudienceName) -> Finding:
    return nothing_asked(year)


def projects_reviewed(year: Any, *, at_least_percent: int) -> Finding:
    return nothing_asked(year)


def measures_updated_since(year: Any, *, date: DateKey, at_least_percent: int = 100) -> Finding:
    return nothing_asked(year)


def measures_complete(year: Any, *, needs: list[str]) -> Finding:
    return nothing_asked(year)


def document_filed(year: Any, *, kind: DocumentKind, each: Literal["fields"] | None = None) -> Finding:
    return nothing_asked(year)


def decision_recorded(year: Any, *, subject: DecisionSubject) -> Finding:
    return nothing_asked(year)


def number_recorded(year: Any, *, number: NumberId, of: NumberId, thresholds: dict[str, int]) -> Finding:
    return nothing_asked(year)


def assessments_recorded(year: Any, *, of: Literal["open_measures"], roles: list[RoleId]) -> Finding:
    return nothing_asked(year)


def ends_with_phase(year: Any, value: PhaseId) -> date | None:
    return None


def ends_with_meeting(year: Any, value: MeetingKey) -> date | None:
    return None


def ends_with_mail(year: Any, value: MailId) -> date | None:
    return None


def ends_with_answers(year: Any, value: Literal["survey", "review"]) -> date | None:
    return None


def ends_with_document(year: Any, value: DocumentKind, *, of: MeetingKey | None = None) -> date | None:
    return None


def ends_with_decision(year: Any, value: Literal["theme"] | DecisionSubject) -> date | None:
    return None


def ends_with_check(year: Any, value: CheckId) -> date | None:
    return None


def ends_by_itself(year: Any) -> date | None:
    return None


def ends_when_recorded(year: Any, value: Literal["gap"]) -> date | None:
    return None


def nobody(year: Any, fact: Any) -> list[Recipient]:
    return []


CHECKS = {
    each.__name__: each
    for each in (
        roles_filled,
        dates_confirmed,
        previous_cycle,
        response_rate,
        meeting_held,
        primary_theme_valid,
        theme_decided,
        theme_linked_to_need,
        mail_accepted,
        projects_reviewed,
        measures_updated_since,
        measures_complete,
        document_filed,
        decision_recorded,
        number_recorded,
        assessments_recorded,
    )
}
BARE_CHECKS = (
    "partners_reachable",
    "survey_closed",
    "gap_recorded",
    "needs_recorded_or_none_declared",
    "every_group_met_or_excused",
    "needs_settled",
    "unfinished_measures_decided",
)
AUDIENCES = (
    "partners",
    "active_partners",
    "invited",
    "told_of_meeting",
    "invited_before_move",
    "members_to_meet",
    "not_declined",
    "survey_silent",
    "answering_partner",
    "review_owed",
    "review_silent",
    "group_members",
    "measure_owner",
)
NARROWS = {"document_filed": frozenset({"kind", "of"}), "phase_skipped": frozenset({"phase"})}
FACTS = (
    "meeting_moved",
    "meeting_edited",
    "meeting_cancelled",
    "document_filed",
    "survey_answered",
    "theme_decided",
    "phase_skipped",
    "measure_assigned",
    "second_carry",
    "measure_unowned",
    "cycle_closed",
)


def nothing_enclosed(year: Any, recipient: Any, wording: Any, settings: Any) -> None:
    return None


LENT = Lent(
    checks={**CHECKS, **dict.fromkeys(BARE_CHECKS, nothing_asked)},
    audiences=dict.fromkeys(AUDIENCES, nobody),
    ends={
        "entered": ends_with_phase,
        "left": ends_with_phase,
        "held": ends_with_meeting,
        "sent": ends_with_mail,
        "answered": ends_with_answers,
        "closed": ends_with_answers,
        "recorded": ends_when_recorded,
        "document": ends_with_document,
        "decided": ends_with_decision,
        "met": ends_with_check,
        "passed": ends_by_itself,
    },
    dated={name: (lambda year: []) for name in ("each_measure_due", "each_search_due", "each_followup_due")},
    attachments={"survey_form": nothing_enclosed, "document_filed": nothing_enclosed},
    facts={name: Fact(frozenset(), lambda entry, narrow: True, NARROWS.get(name, frozenset())) for name in FACTS},
)
TEMPLATES = frozenset(
    [
        "invitation",
        "reminder",
        "budget_ahead",
        "date_ahead",
        "weekly_digest",
        "survey_invitation",
        "autumn_review_request",
        "contact_check",
        "measure_assigned",
        "survey_reminder_1",
        "survey_reminder_2",
        "survey_overdue",
        "meeting_reminder",
        "autumn_review_reminder",
        "autumn_review_overdue",
        "measure_due",
        "measure_overdue",
        "save_the_date_spring",
        "invitation_spring",
        "meeting_rescheduled",
        "meeting_changed",
        "meeting_cancelled",
        "minutes_sent",
        "minutes_round_table",
        "theme_announcement",
        "save_the_date_round_table",
        "invitation_round_table",
        "info_letter",
        "group_session_invitation",
        "survey_thanks",
        "cycle_closed",
        "escalation_overdue",
        "phone_list",
        "sponsor_note",
        "task_unowned",
        "press_text",
        "data_letter",
        "data_reminder",
        "data_overdue",
        "invitation_team",
        "invitation_audit",
        "status_letter",
        "status_reminder",
        "status_overdue",
        "invitation_workshop",
        "invitation_expert_talk",
        "save_the_date_forum",
        "invitation_forum",
    ]
)


def _load(path: Path) -> Workflow:
    return load(path, lent=LENT, templates=TEMPLATES, defaults=DEFAULTS)


@pytest.fixture(scope="session")
def shipped() -> Callable[[str], Workflow]:
    """Loads one of the shipped workflows by its name."""
    return lambda name: _load(ROOT / "workflows" / f"{name}.yaml")


@pytest.fixture(scope="session")
def shipped_from() -> Callable[[Path], Workflow]:
    """Loads a workflow from any file."""
    return _load


@pytest.fixture
def problems(tmp_path: Path) -> Callable[[str], list[str]]:
    """The problem lines of a text in German, without the folder; none for a good one."""

    def problems_of(text: str | bytes) -> list[str]:
        path = tmp_path / "wf.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            _load(path)
        except WrongInput as error:
            return [GERMAN.problem(problem).removeprefix(f"{tmp_path}/") for problem in error.problems]
        return []

    return problems_of


@pytest.fixture
def toy() -> str:
    """The text of the smallest workflow."""
    return (ROOT / "workflows" / "toy.yaml").read_text()


@pytest.fixture
def integration() -> str:
    """The text of the whole workflow."""
    return (ROOT / "workflows" / "integration.yaml").read_text()


@pytest.fixture
def climate() -> str:
    """The text of a workflow with a phase that not every year has."""
    return (ROOT / "workflows" / "climate_eea.yaml").read_text()


@pytest.fixture
def defaults() -> Path:
    """The file with what a workflow may leave out."""
    return DEFAULTS
