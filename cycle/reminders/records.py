"""The ledger: each thing somebody was to hear of, once. Its unique key makes it harmless to ask twice."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, col, select

from cycle.journal.records import Row


class ItemState(StrEnum):
    """IN_MAIL and LETTER have reached somebody's mail or the pile of letters; HELD waits for approval."""

    IN_MAIL = "in_mail"
    LETTER = "letter"
    HELD = "held"
    CANCELLED = "cancelled"
    MISSED = "missed"


class LedgerItem(Row, table=True):
    """One step of one thing for one person. `subject` date/KEY, measure/NUMBER or event/ID; `day` the day it had;
    `step` its place in the ladder; `due_on` the day the step fell on."""

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("cycle_id", "subject", "day", "step", "person"),
        Index("ix_ledger_mail", "mail_id"),
    )

    cycle_id: int = Field(foreign_key="cycle.id")
    subject: str
    day: date
    step: str
    person: str
    partner: int | None = None
    template: str
    kind: str
    level: int | None = None
    due_on: date
    made_on: date
    state: str = ItemState.IN_MAIL
    why: str | None = None
    mail_id: int | None = Field(default=None, foreign_key="mail.id")


def ledger_of(session: Session, cycle_id: int) -> list[LedgerItem]:
    """Every item of a cycle in the order made."""
    return list(session.exec(select(LedgerItem).where(LedgerItem.cycle_id == cycle_id).order_by(col(LedgerItem.id))))


def items_of_mail(session: Session, mail_id: int) -> list[LedgerItem]:
    """The items inside one mail."""
    return list(session.exec(select(LedgerItem).where(LedgerItem.mail_id == mail_id).order_by(col(LedgerItem.id))))
