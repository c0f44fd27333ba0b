"""The dates of a cycle: first planned, planned, actual. What is due is derived from them, never stored."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from cycle.dates.rules import DateStatus, anchor_of
from cycle.errors import NotFound
from cycle.journal.questions import rows_of_cycle
from cycle.journal.records import Row
from cycle.workflow.model import DateRule

__all__ = ["DateStatus", "Deadline", "deadline", "deadlines", "ended", "unconfirmed"]


class Deadline(Row, table=True):
    """One date of one cycle. `since` is the day from which its plan holds: reminders from before are not made up for."""

    __tablename__ = "deadline"
    __table_args__ = (UniqueConstraint("cycle_id", "key"),)

    cycle_id: int = Field(foreign_key="cycle.id")
    key: str
    raw: date
    first_planned: date
    planned: date
    since: date
    shift_reason: str | None = None
    status: str = DateStatus.OPEN
    confirmed_on: date | None = None
    actual: date | None = None
    overdue_on: date | None = None
    moves: int = 0
    moved_with: str | None = None


def deadlines(session: Session, cycle_id: int) -> list[Deadline]:
    """All dates of a cycle in the order of its workflow file."""
    return rows_of_cycle(session, Deadline, cycle_id)


def deadline(session: Session, cycle_id: int, key: str) -> Deadline:
    """One date.

    Raises:
        NotFound: with the keys there are.
    """
    row = session.exec(select(Deadline).where(Deadline.cycle_id == cycle_id, Deadline.key == key)).first()
    if row is None:
        raise NotFound("unknown_date", date=key, known=", ".join(d.key for d in deadlines(session, cycle_id)) or "-")
    return row


def ended(row: Deadline, rule: DateRule, today: date) -> date | None:
    """The day a date ended by `today`; one that only has to pass ends with its day."""
    if rule.done.word == "passed" and row.status == DateStatus.OPEN and row.planned <= today:
        return row.planned
    return row.actual


def unconfirmed(rows: Sequence[Deadline], rules: Mapping[str, DateRule], key: str) -> Deadline | None:
    """The day that people agree on from which a date counts (itself included) while nobody has confirmed it; where it counts
    from none, the first of the others.

    What ended or was skipped when the cycle was opened needs no yes any more.
    """
    anchor = anchor_of(rules, key)
    among = (row for row in rows if (rules[row.key].anchor if anchor is None else row.key == anchor))
    asked = (row for row in among if row.confirmed_on is None and row.actual is None)
    return next((row for row in asked if row.status != DateStatus.SKIPPED_AT_OPEN), None)
