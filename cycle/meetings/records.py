"""Meetings of a cycle, who was there, who is excused. A meeting that names a date has no day of its own."""

from datetime import date
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from cycle.journal.questions import rows_of_cycle
from cycle.journal.records import Row, private


class MeetingStatus(StrEnum):
    """What became of a meeting."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"
    EXCUSED = "excused"


class Meeting(Row, table=True):
    """One meeting. `rule` is its key in the workflow file, `name` unique in the cycle (spring, group_session/NG1).

    `day` is None where `date_key` names a date: its planned day is the meeting's. `online_at_least` marks a lower bound.
    """

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("cycle_id", "name"),)

    cycle_id: int = Field(foreign_key="cycle.id")
    name: str
    rule: str
    kind: str
    group: str | None = None
    date_key: str | None = None
    day: date | None = None
    opens: str | None = None
    closes: str | None = None
    venue: str | None = None
    mode: str | None = None
    sequence: int = 0
    status: str = MeetingStatus.PLANNED
    held_on: date | None = None
    on_site: int | None = None
    online: int | None = None
    online_at_least: bool = False
    note: str | None = private()


class Participation(Row, table=True):
    """A partner's word on a meeting: registered (on site or online) or excused."""

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("meeting_id", "partner"),)

    meeting_id: int = Field(foreign_key="meeting.id")
    partner: int
    status: str
    mode: str | None = None
    said_on: date
    needs: str | None = private()


def meetings_of(session: Session, cycle_id: int) -> list[Meeting]:
    """Every meeting of a cycle in the order entered."""
    return rows_of_cycle(session, Meeting, cycle_id)


def participations(session: Session, meeting_id: int) -> list[Participation]:
    """Who said what of a meeting."""
    return list(session.exec(select(Participation).where(Participation.meeting_id == meeting_id)))
