"""A plan's cycles, the workflow text each is pinned to, and the `Year` that checks and audiences are asked about."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Index, UniqueConstraint, bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, select

from cycle.adapters.prepared import Question
from cycle.errors import NotFound
from cycle.journal.questions import Asks, asked, rows_where
from cycle.journal.records import Row, machinery
from cycle.vocabulary import Lent
from cycle.workflow.canonical import from_canonical
from cycle.workflow.model import Workflow


class Standing(StrEnum):
    """Held and cancelled are no phases: a cycle keeps its phase and resumes in it."""

    OPEN = "open"
    HELD = "held"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class WorkflowText(Row, table=True):
    """A workflow file in its canonical form, kept whole; its SHA-256 is what cycles are pinned to."""

    __tablename__ = "workflow_text"

    sha256: str = Field(unique=True)
    plan: str
    edition: str
    text: str


class Cycle(Row, table=True):
    """One year (or more) of one plan. `secret` is a random word by which what the cycle gives away is known again when it
    comes back; it never leaves the database."""

    __tablename__ = "cycle"
    __table_args__ = (UniqueConstraint("plan", "year"), Index("ix_cycle_wake", "standing", "wake_at"))

    key: str = Field(unique=True)
    plan: str
    year: int
    label: str
    workflow_sha256: str = Field(foreign_key="workflow_text.sha256")
    phase: str
    round: int = 1
    standing: str = Standing.OPEN
    started_on: date
    review_on: date | None = None
    closed_on: date | None = None
    wake_at: datetime | None = machinery()
    secret: str | None = machinery()


@dataclass(frozen=True)
class Year:
    """What a check, an audience or an end of a date is asked about: one cycle as a session sees it, on one day."""

    session: Session
    cycle: Cycle
    workflow: Workflow
    now: datetime
    today: date
    organiser: int | None = None
    lent: Lent = field(default_factory=Lent)

    @cached_property
    def cycle_id(self) -> int:
        """The cycle's row number."""
        return self.cycle.id or 0

    @cached_property
    def zone(self) -> ZoneInfo:
        """The plan's time zone: what a day is."""
        return ZoneInfo(self.workflow.timezone)

    @property
    def first_day(self) -> date:
        """The first day of the cycle, by the workflow's start."""
        month, day = map(int, self.workflow.cycle.start.split("-"))
        return date(self.cycle.year, month, day)

    @property
    def last_day(self) -> date:
        """The last day of the cycle, before the next begins."""
        month, day = map(int, self.workflow.cycle.start.split("-"))
        following = date(self.cycle.year + self.workflow.cycle.length_years, month, day)
        return date.fromordinal(following.toordinal() - 1)


def cycle_of(session: Session, plan: str, year: int) -> Cycle:
    """The cycle of a plan's year.

    Raises:
        NotFound: with the years there are.
    """
    cycle = session.exec(select(Cycle).where(Cycle.plan == plan, Cycle.year == year)).first()
    if cycle is None:
        raise _unknown_year(session, plan, year)
    return cycle


def _unknown_year(session: Asks, plan: str, year: int) -> NotFound:
    known = ", ".join(str(each) for (each,) in asked(session, _years(), plan=plan))
    return NotFound("unknown_year", year=year, known=known or "-")


@cache
def _years() -> Question:
    return sa_select(col(Cycle.year)).where(col(Cycle.plan) == bindparam("plan")).order_by(col(Cycle.year))


@dataclass(frozen=True)
class Glimpse:
    """A cycle as it was when a command started: what its version, standing and workflow were then."""

    id: int
    key: str
    year: int
    version: int
    standing: str
    closed_on: date | None
    workflow_sha256: str


def glimpse(session: Asks, plan: str, year: int) -> Glimpse:
    """One cycle, read without loading it. Raises NotFound as `cycle_of`."""
    found = asked(session, _glimpse(), plan=plan, year=year)
    if not found:
        raise _unknown_year(session, plan, year)
    return Glimpse(*found[0])


@cache
def _glimpse() -> Question:
    columns = (Cycle.id, Cycle.key, Cycle.year, Cycle.version, Cycle.standing, Cycle.closed_on, Cycle.workflow_sha256)
    query = sa_select(*(col(column) for column in columns))
    return query.where(col(Cycle.plan) == bindparam("plan"), col(Cycle.year) == bindparam("year"))


def cycles_of(session: Session, plan: str | None = None) -> list[Cycle]:
    """All cycles, or those of one plan, by plan and year."""
    rows = rows_where(session, Cycle, plan=plan) if plan else rows_where(session, Cycle)
    return sorted(rows, key=lambda cycle: (cycle.plan, cycle.year))


def running(session: Session, plan: str | None = None) -> list[Cycle]:
    """The cycles that are neither closed nor cancelled: open or held."""
    return [cycle for cycle in cycles_of(session, plan) if cycle.standing in (Standing.OPEN, Standing.HELD)]


def previous(session: Session, cycle: Cycle) -> Cycle | None:
    """The plan's cycle before this one, None for the first."""
    query = select(Cycle).where(Cycle.plan == cycle.plan, Cycle.year < cycle.year).order_by(col(Cycle.year).desc())
    return session.exec(query).first()


def workflow_of(session: Session, cycle: Cycle) -> Workflow:
    """The workflow that the cycle is pinned to, whatever the file says today."""
    return pinned(session, cycle.workflow_sha256)


def pinned(session: Asks, sha256: str) -> Workflow:
    """The workflow of a stored text; parsed once in a process."""
    known = _PARSED.get(sha256)
    if known is None:
        ((text,),) = asked(session, _text(), sha256=sha256)
        known = _PARSED[sha256] = _parse(text)
    return known


@cache
def _text() -> Question:
    return sa_select(col(WorkflowText.text)).where(col(WorkflowText.sha256) == bindparam("sha256"))


def workflows_of(session: Session) -> list[Workflow]:
    """Every workflow that a cycle is pinned to, the newest last."""
    return [pinned(session, sha256) for (sha256,) in asked(session, _pinned_to())]


@cache
def _pinned_to() -> Question:
    return sa_select(col(WorkflowText.sha256)).order_by(col(WorkflowText.id))


_PARSED: dict[str, Workflow] = {}


@lru_cache(maxsize=64)
def _parse(text: str) -> Workflow:
    return from_canonical(text)
