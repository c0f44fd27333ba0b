"""The ledger: each thing somebody was to hear of, once. Its unique key makes it harmless to ask twice."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, UniqueConstraint, func
from sqlmodel import Field, Session, and_, col, not_, or_, select

from cycle.journal.records import Row
from cycle.reminders.rules.ladder import PERSONAL
from cycle.workflow.model import MailKind


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


def made_steps(session: Session, cycle_id: int) -> Mapping[tuple[str, date, str], date]:
    """Of each (subject, day, step) of a cycle the day on which it was first made; who was left out by name does not count."""
    key = (col(LedgerItem.subject), col(LedgerItem.day), col(LedgerItem.step))
    query = select(*key, func.min(LedgerItem.made_on)).where(
        _known_to(cycle_id), or_(col(LedgerItem.why).is_(None), col(LedgerItem.why).not_in(PERSONAL))
    )
    return {(subject, day, step): first_on for subject, day, step, first_on in session.exec(query.group_by(*key))}


def _known_to(cycle_id: int) -> ColumnElement[bool]:
    """What a cycle must know of: its own items, and those of things that go on from one cycle to the next (measures)."""
    subject = col(LedgerItem.subject)
    goes_on = and_(not_(subject.startswith("date/")), not_(subject.startswith("event/")))
    return or_(col(LedgerItem.cycle_id) == cycle_id, goes_on)


def left_out(session: Session, cycle_id: int) -> Mapping[tuple[str, date, str], set[str]]:
    """Who was left out of each (subject, day, step) for a reason that concerns that person alone."""
    columns = (col(LedgerItem.subject), col(LedgerItem.day), col(LedgerItem.step), col(LedgerItem.person))
    query = select(*columns).where(_known_to(cycle_id), col(LedgerItem.why).in_(PERSONAL))
    found: dict[tuple[str, date, str], set[str]] = {}
    for subject, day, step, person in session.exec(query):
        found.setdefault((subject, day, step), set()).add(person)
    return found


def made_since(session: Session, cycle_id: int, day: date) -> Mapping[tuple[str, date, str], set[str]]:
    """For whom each (subject, day, step) was made on that day or later."""
    columns = (col(LedgerItem.subject), col(LedgerItem.day), col(LedgerItem.step), col(LedgerItem.person))
    query = select(*columns).where(_known_to(cycle_id), LedgerItem.made_on >= day)
    found: dict[tuple[str, date, str], set[str]] = {}
    for subject, of_day, step, person in session.exec(query):
        found.setdefault((subject, of_day, step), set()).add(person)
    return found


def reminders_made(session: Session, cycle_id: int) -> Mapping[tuple[str, str], Sequence[date]]:
    """The days on which reminders of a subject went, or were put on the pile of letters, for a person."""
    query = select(col(LedgerItem.subject), col(LedgerItem.person), col(LedgerItem.made_on)).where(
        LedgerItem.cycle_id == cycle_id,
        LedgerItem.kind == MailKind.REMINDER,
        col(LedgerItem.state).in_((ItemState.IN_MAIL, ItemState.LETTER)),
    )
    found: dict[tuple[str, str], list[date]] = {}
    for subject, person, made_on in session.exec(query.order_by(col(LedgerItem.id))):
        found.setdefault((subject, person), []).append(made_on)
    return found


def partners_asked(session: Session, cycle_id: int, templates: Collection[str]) -> Mapping[int, date]:
    """The partners whom these mails were made for by a date of the cycle, whatever became of them, with the first day."""
    query = select(LedgerItem.partner, func.min(LedgerItem.made_on)).where(
        LedgerItem.cycle_id == cycle_id,
        col(LedgerItem.template).in_(templates),
        col(LedgerItem.subject).startswith("date/"),
        col(LedgerItem.partner).is_not(None),
    )
    return {number: day for number, day in session.exec(query.group_by(col(LedgerItem.partner))) if number is not None}


def first_reached(session: Session, cycle_id: int, person: str, templates: Collection[str]) -> date | None:
    """The first day on which one of these mails, made by a date of the cycle, went to a person by mail or letter."""
    query = select(func.min(LedgerItem.made_on)).where(
        LedgerItem.cycle_id == cycle_id,
        LedgerItem.person == person,
        col(LedgerItem.template).in_(templates),
        col(LedgerItem.subject).startswith("date/"),
        col(LedgerItem.state).in_((ItemState.IN_MAIL, ItemState.LETTER)),
    )
    return session.exec(query).first()


def partners_of(session: Session, cycle_id: int, key: tuple[str, date, str]) -> frozenset[int]:
    """The partners whom one (subject, day, step) was made for."""
    subject, day, step = key
    query = select(LedgerItem.partner).where(
        LedgerItem.cycle_id == cycle_id,
        LedgerItem.subject == subject,
        LedgerItem.day == day,
        LedgerItem.step == step,
    )
    return frozenset(number for number in session.exec(query) if number is not None)


def items_of_mail(session: Session, mail_id: int) -> list[LedgerItem]:
    """The items inside one mail."""
    return items_of_mails(session, [mail_id])[mail_id]


def items_of_mails(session: Session, mail_ids: Sequence[int]) -> dict[int, list[LedgerItem]]:
    """The items inside each of these mails, in the order made."""
    found: dict[int, list[LedgerItem]] = {mail_id: [] for mail_id in mail_ids}
    for item in session.exec(select(LedgerItem).where(col(LedgerItem.mail_id).in_(mail_ids)).order_by(col(LedgerItem.id))):
        found[item.mail_id or 0].append(item)
    return found
