"""The ledger: each thing somebody was to hear of, once. Its unique key makes it harmless to ask twice."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Index, UniqueConstraint, bindparam, func
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, and_, col, not_, or_, select

from cycle.adapters.prepared import Question
from cycle.journal.questions import asked, asked_in_parts, asked_once, rows_where
from cycle.journal.records import Row
from cycle.outbox.records import Mail, MailState
from cycle.reminders.rules.ladder import BY_HAND, DIGEST, PERSONAL
from cycle.workflow.model import MailKind


class ItemState(StrEnum):
    """IN_MAIL and LETTER have reached somebody's mail or the pile of letters; HELD waits for approval."""

    IN_MAIL = "in_mail"
    LETTER = "letter"
    HELD = "held"
    CANCELLED = "cancelled"
    MISSED = "missed"


ON_ITS_WAY = (ItemState.IN_MAIL, ItemState.LETTER)


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


_STEP = (col(LedgerItem.subject), col(LedgerItem.day), col(LedgerItem.step))


def ledger_of(session: Session, cycle_id: int) -> list[LedgerItem]:
    """Every item of a cycle in the order made."""
    return list(session.exec(select(LedgerItem).where(LedgerItem.cycle_id == cycle_id).order_by(col(LedgerItem.id))))


def made_steps(session: Session, cycle_id: int) -> Mapping[tuple[str, date, str], date]:
    """Of each (subject, day, step) of a cycle the day on which it was first made; who was left out by name does not count."""
    return {(subject, day, step): on for subject, day, step, on in asked(session, _made_steps(), cycle_id=cycle_id)}


@cache
def _made_steps() -> Question:
    why = col(LedgerItem.why)
    query = sa_select(*_STEP, func.min(LedgerItem.made_on)).where(
        _known_to_cycle(), or_(why.is_(None), and_(*(why != reason for reason in PERSONAL)))
    )
    return query.group_by(*_STEP)


def _known_to_cycle() -> ColumnElement[bool]:
    """What a cycle must know of: its own items, and those of things that go on from one cycle to the next (measures)."""
    subject = col(LedgerItem.subject)
    goes_on = and_(*(not_(subject.startswith(f"{kind}/")) for kind in ("date", "event", DIGEST, BY_HAND)))
    return or_(col(LedgerItem.cycle_id) == bindparam("cycle_id"), goes_on)


def left_out(session: Session, cycle_id: int) -> Mapping[tuple[str, date, str], set[str]]:
    """Who was left out of each (subject, day, step) for a reason that concerns that person alone."""
    return _people_of_steps(asked_in_parts(session, _left_out(), cycle_id=cycle_id))


@cache
def _left_out() -> Question:
    personal = or_(*(col(LedgerItem.why) == reason for reason in PERSONAL))
    return _in_parts(sa_select(col(LedgerItem.id), *_STEP, col(LedgerItem.person)).where(_known_to_cycle(), personal))


def made_since(session: Session, cycle_id: int, day: date) -> Mapping[tuple[str, date, str], set[str]]:
    """For whom each (subject, day, step) was made on that day or later."""
    return _people_of_steps(asked_in_parts(session, _made_since(), cycle_id=cycle_id, earliest=day))


@cache
def _made_since() -> Question:
    recent = col(LedgerItem.made_on) >= bindparam("earliest")
    return _in_parts(sa_select(col(LedgerItem.id), *_STEP, col(LedgerItem.person)).where(_known_to_cycle(), recent))


def _in_parts(question: Question) -> Question:
    return question.where(col(LedgerItem.id) > bindparam("after")).order_by(col(LedgerItem.id)).limit(bindparam("most"))


def _people_of_steps(rows: Iterable[Any]) -> Mapping[tuple[str, date, str], set[str]]:
    found: dict[tuple[str, date, str], set[str]] = {}
    for _, subject, day, step, person in rows:
        found.setdefault((subject, day, step), set()).add(person)
    return found


def reminders_made(session: Session, cycle_id: int) -> Mapping[str, Mapping[str, Sequence[date]]]:
    """The days on which reminders of a subject went, or were put on the pile of letters, for each person."""
    found: dict[str, dict[str, list[date]]] = {}
    for _, subject, person, made_on in asked_in_parts(session, _reminders_made(), cycle_id=cycle_id):
        found.setdefault(subject, {}).setdefault(person, []).append(made_on)
    return found


@cache
def _reminders_made() -> Question:
    columns = (col(LedgerItem.id), col(LedgerItem.subject), col(LedgerItem.person), col(LedgerItem.made_on))
    own = col(LedgerItem.cycle_id) == bindparam("cycle_id")
    return _in_parts(sa_select(*columns).where(own, col(LedgerItem.kind) == MailKind.REMINDER, _on_its_way()))


def _on_its_way() -> ColumnElement[bool]:
    return or_(*(col(LedgerItem.state) == state for state in ON_ITS_WAY))


def last_made(session: Session, cycle_id: int) -> Mapping[str, date]:
    """Of each template the last day on which a mail or letter was made of it for a date (not after a fact) of the cycle."""
    return asked_once(
        session, LedgerItem, ("last_made", cycle_id), lambda: dict(asked(session, _last_made(), cycle_id=cycle_id))
    )


@cache
def _last_made() -> Question:
    query = sa_select(col(LedgerItem.template), func.max(LedgerItem.made_on)).where(
        col(LedgerItem.cycle_id) == bindparam("cycle_id"),
        _on_its_way(),
        col(LedgerItem.subject).startswith("date/"),
    )
    return query.group_by(col(LedgerItem.template))


def partners_asked(session: Session, cycle_id: int, templates: Collection[str]) -> Mapping[int, date]:
    """The partners whom these mails were made for by a date of the cycle, whatever became of them, with the first day."""
    first: dict[int, date] = {}
    for template in templates:
        for _, number, day in asked_in_parts(session, _partners_asked(), cycle_id=cycle_id, template=template):
            first[number] = min(day, first.get(number, day))
    return first


@cache
def _partners_asked() -> Question:
    query = sa_select(col(LedgerItem.id), col(LedgerItem.partner), col(LedgerItem.made_on)).where(
        col(LedgerItem.cycle_id) == bindparam("cycle_id"),
        col(LedgerItem.template) == bindparam("template"),
        col(LedgerItem.subject).startswith("date/"),
        col(LedgerItem.partner).is_not(None),
    )
    return _in_parts(query)


def asked_partners(session: Session, cycle_id: int, keys: Collection[str]) -> Mapping[int, Sequence[LedgerItem]]:
    """What each partner was sent, or is about to be, by these dates of the cycle, by mail or letter, in the order made."""
    subjects = [f"date/{key}" for key in keys]
    query = select(LedgerItem).where(
        LedgerItem.cycle_id == cycle_id,
        col(LedgerItem.subject).in_(subjects),
        col(LedgerItem.state).in_(ON_ITS_WAY),
        col(LedgerItem.kind).in_((MailKind.REQUEST, MailKind.REMINDER)),
    )
    found: dict[int, list[LedgerItem]] = {}
    for item in session.exec(query.order_by(col(LedgerItem.id))):
        if item.partner is not None:
            found.setdefault(item.partner, []).append(item)
    return found


def first_reached(session: Session, cycle_id: int, person: str, templates: Collection[str]) -> date | None:
    """The first day on which one of these mails, made by a date of the cycle, went to a person by mail or letter."""
    days = [
        item.made_on
        for item in rows_where(session, LedgerItem, cycle_id=cycle_id, person=person)
        if item.template in templates and item.subject.startswith("date/") and item.state in ON_ITS_WAY
    ]
    return min(days, default=None)


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


def deliveries(session: Session, *, cycle_id: int | None, partner: int | None) -> list[tuple[Mail, list[LedgerItem]]]:
    """The mails that were tried or given up, in the order made, each with its items: of one cycle, of one partner, or all."""
    over = select(Mail).where(col(Mail.state).not_in((MailState.HELD, MailState.QUEUED))).order_by(col(Mail.id))
    mails = [mail for mail in session.exec(over) if partner is None or mail.partner == partner]
    inside = items_of_mails(session, [mail.id for mail in mails if mail.id is not None])
    return [
        (mail, inside[mail.id or 0])
        for mail in mails
        if cycle_id is None or any(item.cycle_id == cycle_id for item in inside[mail.id or 0])
    ]
