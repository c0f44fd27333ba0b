"""What the inventory remembers: the survey and its answers, the partners' projects and their yearly review, gap snapshots."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, Session, col, select

from cycle.cycles.records import Year
from cycle.inventory.rules.gap import Scope
from cycle.journal.questions import asked_once, rows_of_cycle, rows_where
from cycle.journal.records import Row, private


class Survey(Row, table=True):
    """The survey of a cycle. `invited` (numbers of partners) is frozen when it closes; before, it is who is asked now."""

    __tablename__ = "survey"

    cycle_id: int = Field(foreign_key="cycle.id", unique=True)
    closed_on: date | None = None
    invited: list[int] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class Answer(Row, table=True):
    """One answer of one partner. Every version is kept, the last counts; `late` came after the date, or after the close.

    Of an answer by the survey form: `form_sha256` is the hash of what the form says, `reported` the projects as it tells
    them, `remark` its free text.
    """

    __tablename__ = "answer"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    partner: int
    answered_on: date
    channel: str | None = None
    usable: bool = True
    late: bool = False
    after_close: bool = False
    projects: int | None = None
    form_sha256: str | None = None
    reported: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    remark: str | None = private()


class Project(Row, table=True):
    """A partner's project as last reported. `carrier` None: without one. `amount` in whole euros, None unknown, 0 none."""

    __tablename__ = "project"

    number: int = Field(unique=True)
    title: str
    carrier: int | None = Field(default=None, index=True)
    partners: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    fields: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    target_groups: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    direction: str | None = None
    starts: date | None = None
    ends: date | None = None
    status: str
    amount: int | None = None
    funding: str | None = None
    participants: int | None = None
    district: str | None = None
    inventory_year: int | None = Field(default=None, index=True)
    answered_on: date | None = None
    remark: str | None = private()


class ProjectReview(Row, table=True):
    """What a carrier said of a project in one cycle's review; the last counts."""

    __tablename__ = "project_review"
    __table_args__ = (UniqueConstraint("cycle_id", "project"),)

    cycle_id: int = Field(foreign_key="cycle.id")
    project: int
    answered_on: date
    channel: str | None = None
    status: str | None = None
    ended_on: date | None = None
    reached: int | None = None
    obstacles: str | None = private()
    remark: str | None = private()


class GapSnapshot(Row, table=True):
    """A gap analysis as it was recorded; never computed again for the past. Shares in ten-thousandths."""

    __tablename__ = "gap_snapshot"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    recorded_on: date
    scope: str
    projects: int
    response_net: int | None = None
    result: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


def survey_of(session: Session, cycle_id: int) -> Survey | None:
    """The survey of a cycle, None before anything was recorded of it."""
    return next(iter(rows_of_cycle(session, Survey, cycle_id)), None)


def all_answers(session: Session, cycle_id: int) -> list[Answer]:
    """Every answer of a cycle's survey, all versions, by day and then as they came in."""
    return sorted(rows_of_cycle(session, Answer, cycle_id), key=lambda answer: answer.answered_on)


def answers_of(session: Session, cycle_id: int) -> dict[int, Answer]:
    """The answer that counts of each partner: the last that came before the close, else the last."""
    answers: dict[int, Answer] = {}
    for answer in all_answers(session, cycle_id):
        known = answers.get(answer.partner)
        if known is None or known.after_close or not answer.after_close:
            answers[answer.partner] = answer
    return answers


def projects_all(session: Session) -> list[Project]:
    """Every project by number."""
    return list(asked_once(session, Project, "all", lambda: sorted(rows_where(session, Project), key=lambda row: row.number)))


def project_of(session: Session, number: int) -> Project | None:
    """One project by number, None if there is none."""
    return next(iter(rows_where(session, Project, number=number)), None)


def projects_of(year: Year) -> list[Project]:
    """The projects last reported in the inventory of this cycle, by number."""
    query = select(Project).where(
        col(Project.inventory_year) >= year.cycle.year,
        col(Project.inventory_year) < year.cycle.year + year.workflow.cycle.length_years,
    )
    return list(year.session.exec(query.order_by(col(Project.number))))


def reviews_of(session: Session, cycle_id: int) -> dict[int, ProjectReview]:
    """The reviews of a cycle by project number."""
    return {row.project: row for row in rows_of_cycle(session, ProjectReview, cycle_id)}


def snapshot_of(session: Session, cycle_id: int, scope: Scope | None = None) -> GapSnapshot | None:
    """The last snapshot of a cycle, or the last of a scope."""
    rows = rows_where(session, GapSnapshot, cycle_id=cycle_id)
    return next((row for row in reversed(rows) if scope is None or row.scope == scope), None)
