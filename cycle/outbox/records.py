"""The outbox: one row a mail, from held or queued to its end. Addresses and texts are private columns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Column, Index
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, and_, col, or_, select

from cycle.adapters.prepared import Question
from cycle.errors import NotFound
from cycle.journal.history import entries
from cycle.journal.questions import asked, rows_where
from cycle.journal.records import Row, machinery, private


class MailState(StrEnum):
    """held → queued → sent | unclear | failed | bounced | cancelled | missed; being sent is machinery, not a state."""

    HELD = "held"
    QUEUED = "queued"
    SENT = "sent"
    UNCLEAR = "unclear"
    FAILED = "failed"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"
    MISSED = "missed"


# In these states a mail is none that its reader has, or will have, on its day.
NO_MAIL = frozenset({MailState.HELD, MailState.CANCELLED, MailState.MISSED})


class Mail(Row, table=True):
    """One mail to one person. `day` is the local day it was queued for; `templates` the bodies it is made of.

    `ahead` is whether who has the lease has claimed it ahead and handed it to no connection yet.
    """

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_state", "state", "next_try_at"),
        Index("ix_mail_person_day", "person", "day"),
        Index("ix_mail_day", "day", "id"),
    )

    person: str
    partner: int | None = None
    role: str | None = None
    level: int | None = None
    day: date
    language: str
    templates: list[str] = Field(sa_column=Column(JSON, nullable=False))
    state: str = MailState.QUEUED
    why: str | None = None
    message_id: str = Field(unique=True)
    queued_at: datetime | None = None
    sent_at: datetime | None = None
    expires_on: date | None = None
    mime_sha256: str | None = None
    approved_sha256: str | None = None
    reply_code: int | None = None
    address: str | None = private()
    subject: str | None = private()
    text: str | None = private()
    lease: str | None = machinery()
    leased_until: datetime | None = machinery()
    ahead: bool | None = machinery()
    attempts: int | None = machinery()
    next_try_at: datetime | None = machinery()
    last_reply: str | None = machinery(personal=True)


def mail_of(session: Session, number: int) -> Mail:
    """One mail. Raises NotFound."""
    for row in rows_where(session, Mail, id=number):
        return row
    raise NotFound("unknown_mail", mail=number)


def returned_mail(session: Session, tokens: Sequence[str], message_ids: Sequence[str]) -> Mail | None:
    """The mail that a server sent back: by what stands before the @ of its Message-ID, else by the whole of one."""
    named = [col(Mail.message_id).startswith(f"<{token}@", autoescape=True) for token in tokens]
    for known in (*named, col(Mail.message_id).in_(message_ids)):
        mail = session.exec(select(Mail).where(known).order_by(col(Mail.id))).first()
        if mail is not None:
            return mail
    return None


def mails_on(
    session: Session, persons: Collection[str], day: date, zone: ZoneInfo, *, waiting: bool, keep: bool = True
) -> list[Mail]:
    """The mails that people have on a local day, whatever day they were queued for: of that day or sent on it. With
    `waiting` also those queued for an earlier day that have not gone yet. In the order made; on PostgreSQL locked against
    who would send them meanwhile, unless they are only looked at (`keep`)."""
    begins, ends = (datetime.combine(each, time.min, zone) for each in (day, day + timedelta(days=1)))
    sent = and_(col(Mail.sent_at) >= begins, col(Mail.sent_at) < ends)
    late = [and_(col(Mail.state) == MailState.QUEUED, col(Mail.day) < day)] if waiting else []
    query = select(Mail).where(
        col(Mail.person).in_(persons), col(Mail.state).not_in(NO_MAIL), or_(col(Mail.day) == day, sent, *late)
    )
    query = query.order_by(col(Mail.id))
    return list(session.exec(query.with_for_update() if keep else query))


def mails_to(session: Session, person: str) -> list[Mail]:
    """Every mail that was made for a person, in the order made."""
    return list(session.exec(select(Mail).where(Mail.person == person).order_by(col(Mail.id))))


def mails_with_words(session: Session, *, until: date | None = None) -> list[Mail]:
    """The mails that are over (until a day) and of which address or words are still kept, in the order made."""
    held = or_(col(Mail.address).is_not(None), col(Mail.subject).is_not(None), col(Mail.text).is_not(None))
    query = select(Mail).where(held, col(Mail.state).not_in((MailState.QUEUED, MailState.HELD))).order_by(col(Mail.id))
    return list(session.exec(query if until is None else query.where(col(Mail.day) <= until)))


def has_queued(session: Session) -> bool:
    """Whether any mail waits to be sent, now or later."""
    return bool(asked(session, _one_queued()))


@cache
def _one_queued() -> Question:
    return sa_select(col(Mail.id)).where(col(Mail.state) == MailState.QUEUED).limit(1)


@dataclass(frozen=True)
class Returned:
    """A server's word that a mail came back: the entry, its day, and the status it gave, if any."""

    entry: int
    on: date
    status: str | None


@dataclass(frozen=True)
class Ended:
    """What the journal tells of a mail's end: the entry, and of each of its templates the SHA-256 of the file (None where
    that was not told)."""

    entry: int
    template_sha256: tuple[str | None, ...] = ()


def outcomes(session: Session, partner: int | None = None) -> tuple[dict[int, Ended], dict[int, list[Returned]]]:
    """By the number of a mail, how it ended and what came back; of one partner, or all."""
    ended: dict[int, Ended] = {}
    back: dict[int, list[Returned]] = {}
    mentioning = None if partner is None else f'"partner":{partner},'
    for told in entries(session, types=_ENDS, mentioning=mentioning):
        number = told.data.get("mail")
        if told.type == "mail.bounced" and number is not None:
            returned = Returned(told.seq, told.effective_on, told.data.get("status"))
            back.setdefault(number, []).append(returned)
        elif number is not None:
            ended[number] = Ended(told.seq, tuple(told.data.get("template_sha256") or ()))
    return ended, back


_ENDS = ("mail.sent", "mail.unclear", "mail.failed", "mail.bounced")


def mails_all(session: Session, *, state: str | None = None, day: date | None = None) -> list[Mail]:
    """The mails in the order made; of one state or day where asked."""
    query = select(Mail).order_by(col(Mail.id))
    if state is not None:
        query = query.where(Mail.state == state)
    if day is not None:
        query = query.where(Mail.day == day)
    return list(session.exec(query))
