"""Claiming mails, marking their outcome, bounces. One mail's outcome is one entry; a claim is machinery."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from cycle.adapters.outcome import Outcome, OutcomeKind
from cycle.adapters.prepared import Question
from cycle.journal.entry import Entry
from cycle.journal.history import entries
from cycle.journal.machinery import Machinery
from cycle.journal.questions import asked
from cycle.outbox.records import Mail, MailState
from cycle.outbox.rules.again import retry_after

UNSENT_AT_ONCE = 3
MAIL_DAYS = 4


@dataclass(frozen=True)
class Written:
    """What was built for a mail, to be kept with its outcome; `versions` are its templates with the SHA-256 of their files."""

    mail_id: int
    address: str
    subject: str
    text: str
    mime_sha256: str
    versions: tuple[tuple[str, str], ...] = ()


def claim(
    machinery: Machinery,
    *,
    owner: str,
    now: datetime,
    today: date,
    most: int,
    lease: timedelta,
    without: Collection[int] = (),
) -> list[int]:
    """Take up to so many mails that may go now, for as long as the lease; nobody else takes them. Oldest first, those that
    were tried already after them: in the order of the index, so that a claim reads no more than it takes.

    Claiming is not sending: who dies before a mail was begun has done nothing with it.
    """
    waiting = _waiting(machinery.kind == "postgresql")
    free = [number for (number,) in asked(machinery.session, waiting, today=today, now=now, most=most + len(without))]
    numbers = [number for number in free if number not in without][:most]
    for number in numbers:
        machinery.change_row(Mail, number, holding={}, lease=owner, leased_until=now + lease, ahead=True)
    return numbers


def may_go(session: Session, today: date, now: datetime, most: int) -> int:
    """How many mails may go now, counted up to so many."""
    return len(asked(session, _waiting(False), today=today, now=now, most=most))


@cache
def _waiting(locked: bool) -> Question:
    """The mails that may go now; `locked` until the transaction ends, without those that somebody else has locked."""
    query = (
        sa_select(col(Mail.id))
        .where(
            col(Mail.state) == MailState.QUEUED,
            col(Mail.day) <= bindparam("today"),
            col(Mail.lease).is_(None),
            or_(col(Mail.next_try_at).is_(None), col(Mail.next_try_at) <= bindparam("now")),
        )
        .order_by(col(Mail.next_try_at).asc().nulls_first(), col(Mail.id))
        .limit(bindparam("most"))
    )
    return query.with_for_update(skip_locked=True) if locked else query


def begin(machinery: Machinery, numbers: Sequence[int], *, owner: str, until: datetime) -> frozenset[int]:
    """Mark claimed mails as handed to a connection: who dies from now on leaves them in doubt. Those that were still ours.

    One whose lease runs out while it is being sent is not taken again: see `abandoned`.
    """
    ours = {"lease": owner, "state": MailState.QUEUED}
    return frozenset(
        number for number in numbers if machinery.change_row(Mail, number, holding=ours, ahead=None, leased_until=until)
    )


def release(
    machinery: Machinery, numbers: Sequence[int], *, owner: str, next_try_at: datetime | None = None, reply: str | None = None
) -> None:
    """Give mails back: they may go at once, or at a time. What a server answered last stays, unless there is a new answer."""
    if numbers:
        told = {} if reply is None else {"last_reply": reply}
        ours = (col(Mail.id).in_(numbers), col(Mail.lease) == owner)
        machinery.change(Mail, *ours, lease=None, leased_until=None, ahead=None, next_try_at=next_try_at, **told)


def try_again(machinery: Machinery, mail: Mail, *, owner: str, now: datetime, reply: str) -> None:
    """A temporary refusal: the mail waits as long as `retry_after` says."""
    attempts = (mail.attempts or 0) + 1
    machinery.change(
        Mail,
        col(Mail.id) == mail.id,
        col(Mail.lease) == owner,
        attempts=attempts,
        next_try_at=now + retry_after(mail.id or 0, attempts),
        lease=None,
        leased_until=None,
        ahead=None,
        last_reply=reply,
    )


def abandoned(machinery: Machinery, now: datetime) -> list[int]:
    """Begun mails whose lease ran out: whoever held it died, perhaps after the server took the mail. Those that were only
    claimed are free again."""
    if not asked(machinery.session, _run_out(), now=now):
        return []
    left = (col(Mail.state) == MailState.QUEUED, col(Mail.leased_until) < now)
    machinery.change(Mail, *left, col(Mail.ahead).is_(True), lease=None, leased_until=None, ahead=None)
    return [number for number in machinery.session.exec(select(Mail.id).where(*left)) if number is not None]


@cache
def _run_out() -> Question:
    out = (col(Mail.state) == MailState.QUEUED, col(Mail.leased_until) < bindparam("now"))
    return sa_select(col(Mail.id)).where(*out).limit(1)


def expired(mail: Mail, today: date) -> bool:
    """Whether a mail makes no sense any more: its deadline has passed, or it was tried for four days."""
    last = _last_day(mail)
    return today > (min(last, mail.expires_on) if mail.expires_on and mail.expires_on >= mail.day else last)


def given_up(mail: Mail, today: date) -> bool:
    """Whether a mail was tried long enough, whatever its deadline: it is not tried once more."""
    return today > _last_day(mail)


def mark(entry: Entry, mail: Mail, outcome: Outcome, written: Written | None, *, owner: str) -> None:
    """Write what became of one mail. The lease must still be ours: who lost it must not mark it.

    Raises:
        RuntimeError: if the lease is another's, or the outcome is none that ends a mail.
    """
    if mail.lease != owner:
        raise RuntimeError(f"mail {mail.id}: the lease is not ours any more")
    state = STATE_OF[outcome.kind]
    kept = (
        {}
        if written is None
        else {
            "address": written.address,
            "subject": written.subject,
            "text": written.text,
            "mime_sha256": written.mime_sha256,
        }
    )
    entry.change(
        mail,
        state=state,
        sent_at=entry.now if state == MailState.SENT else None,
        reply_code=outcome.code,
        why=None if state == MailState.SENT else outcome.kind.value,
        **kept,
    )
    entry.tell(
        mail=mail.id,
        recipient=mail.person,
        partner=mail.partner,
        templates=mail.templates,
        template_sha256=[dict(written.versions).get(each) for each in mail.templates] if written else None,
        mime_sha256=mail.mime_sha256,
        message_id=mail.message_id,
        deadline=mail.expires_on,
        reply_code=outcome.code,
    )


def retry(entry: Entry, mail: Mail) -> None:
    """Put an unclear or failed mail back into the queue, with the Message-ID it had."""
    entry.change(mail, state=MailState.QUEUED, why=None, day=entry.today)
    entry.tell(mails=[mail.id], retry=True)


def _last_day(mail: Mail) -> date:
    return mail.day + timedelta(days=MAIL_DAYS)


STATE_OF = {
    OutcomeKind.SENT: MailState.SENT,
    OutcomeKind.UNCLEAR: MailState.UNCLEAR,
    OutcomeKind.PERMANENT: MailState.FAILED,
    OutcomeKind.FAULT: MailState.FAILED,
}


def free(machinery: Machinery, number: int) -> None:
    """Forget what earlier tries left behind: the mail may go at once."""
    machinery.change(Mail, col(Mail.id) == number, lease=None, leased_until=None, ahead=None, next_try_at=None, attempts=None)


def returned(entry: Entry, mail: Mail, status: str) -> None:
    """A server says that a mail will never arrive: what was thought sent, or was in doubt, has come back."""
    if mail.state in (MailState.SENT, MailState.UNCLEAR):
        entry.change(mail, state=MailState.BOUNCED, why="bounced")
    entry.tell(mail=mail.id, recipient=mail.person, partner=mail.partner, status=status)


def delayed(entry: Entry, mail: Mail, status: str) -> bool:
    """A server says that a mail is late, or was given up for now; whether the journal knows that already."""
    for told in entries(entry.session, types=["comment.added"]):
        if (told.data.get("mail"), told.data.get("status")) == (mail.id, status):
            return True
    entry.tell(mail=mail.id, partner=mail.partner, status=status)
    return False


def bounce_last(entry: Entry, person: str) -> Mail | None:
    """The last mail sent to a person came back; None if none was sent."""
    query = select(Mail).where(Mail.person == person, Mail.state == MailState.SENT).order_by(col(Mail.id).desc())
    mail = entry.session.exec(query).first()
    if mail is not None:
        entry.change(mail, state=MailState.BOUNCED, why="bounced")
        entry.tell(mail=mail.id, recipient=person)
    return mail
