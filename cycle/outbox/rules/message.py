"""Builds the bytes of one mail: headers, text and HTML with the same facts, calendar parts, files; ASCII and CRLF."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from cycle.outbox.rules.headers import MAX_LINE, mailbox, message_ids, unstructured, unsubscribe
from cycle.outbox.rules.parts import attached_part, multipart, text_part
from cycle.vocabulary import Enclosed

__all__ = ["MAX_LINE", "CalendarPart", "MailText", "assemble", "new_message_id"]

_END = "\r\nEND:VEVENT"  # no value can hold it: within one a line break is written \n
_OCTETS = 75  # of a line of iCalendar, RFC 5545 §3.1


@dataclass(frozen=True)
class CalendarPart:
    """One meeting as iCalendar text, the same for everybody who is told of it; `method` is REQUEST or CANCEL.

    The reader is named in it when the mail is built: RFC 5546 wants an attendee, and mail programs look for their own.
    """

    method: str
    ics: str


@dataclass(frozen=True)
class MailText:
    """One mail as facts. `date` is None until its first try; addresses are ASCII (`adapters.addresses.valid_address`).

    `message_id`, `in_reply_to` and `references` carry their angle brackets; `list_unsubscribe` is a `mailto:` or `https:`
    address. `text` binds; `html` says the same. The first of `calendars` is what a mail program offers to enter.
    """

    message_id: str
    date: datetime | None
    sender_name: str
    sender_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str | None = None
    calendars: tuple[CalendarPart, ...] = ()
    files: tuple[Enclosed, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    list_unsubscribe: str | None = None
    reply_to: str | None = None


def assemble(mail: MailText) -> bytes:
    """The mail as it goes over the wire: ASCII bytes, CRLF, lines of at most 76 characters; the same for the same facts.

    A header line is longer only where one address or id alone is. Headers are those of an automatic message (RFC 3834).

    Raises:
        WrongInput: `header_injection` with the `header`, when its value holds a line break or a control character, or
            an address or id is none.
    """
    headers = [
        mailbox("From", mail.sender_name, mail.sender_address),
        mailbox("To", mail.to_name, mail.to_address),
        *([mailbox("Reply-To", "", mail.reply_to)] if mail.reply_to else []),
        unstructured("Subject", mail.subject),
        *([f"Date: {format_datetime(mail.date)}"] if mail.date else []),
        message_ids("Message-ID", (mail.message_id,)),
        *([message_ids("In-Reply-To", (mail.in_reply_to,))] if mail.in_reply_to else []),
        *([message_ids("References", mail.references)] if mail.references else []),
        *(unsubscribe(mail.list_unsubscribe) if mail.list_unsubscribe else []),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "MIME-Version: 1.0",
    ]
    return "\r\n".join(headers).encode("ascii") + b"\r\n" + _content(mail)


def new_message_id(token: str, domain: str) -> str:
    """`<token@domain>`; the token is opaque and made by the caller, so that a retry keeps it.

    Raises:
        WrongInput: `header_injection`, when the two make no message id.
    """
    message_id = f"<{token}@{domain}>"
    message_ids("Message-ID", (message_id,))
    return message_id


def _content(mail: MailText) -> bytes:
    """The parts: what can be read as alternatives, the best one last; calendars also as files, for other programs."""
    calendars = [(each.method, _addressed(each, mail.to_address)) for each in mail.calendars]
    ways = [text_part('text/plain; charset="utf-8"', mail.text)]
    if mail.html is not None:
        ways.append(text_part('text/html; charset="utf-8"', mail.html))
    for method, ics in calendars[:1]:
        ways.append(text_part(f'text/calendar; charset="utf-8"; method={method}', ics))
    content = ways[0] if len(ways) == 1 else multipart("alternative", mail.message_id, ways)
    if not calendars and not mail.files:
        return content
    files = [
        attached_part("application/ics", f"{method.lower()}{f'-{number}' if number > 1 else ''}.ics", ics.encode("utf-8"))
        for number, (method, ics) in enumerate(calendars, start=1)
    ]
    enclosed = [attached_part(each.kind, each.name, each.content) for each in mail.files]
    return multipart("mixed", mail.message_id, [content, *files, *enclosed])


def _addressed(calendar: CalendarPart, address: str) -> str:
    """The meeting with its reader as attendee: who is asked to answer is asked in the text, not by the mail program."""
    line = f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:mailto:{address}"
    pieces = [line[:_OCTETS], *(line[at : at + _OCTETS - 1] for at in range(_OCTETS, len(line), _OCTETS - 1))]
    return calendar.ics.replace(_END, "\r\n" + "\r\n ".join(pieces) + _END)
