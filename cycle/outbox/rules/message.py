"""Builds the bytes of one mail: headers, quoted-printable text, CRLF.

Not `email.message`: on Python 3.11 its folding loses spaces between encoded words, and it is fifteen times slower.
"""

import binascii
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from cycle.errors import WrongInput
from cycle.outbox.rules.encoded_words import MAX_LINE, encoded

_BREAKS = re.compile(r"\r\n|\r|\n")
_BARE_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5322, atoms
_OVERLONG = re.compile(rb"(?m)^([^\r\n]{74,})(=20|=09)(?=\r$)")  # b2a_qp forgets to count a space that ends a line
_TOKEN = re.compile(r"[!-;=?-~]+")  # printable ASCII without space and angle brackets
_ADDRESS = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")


@dataclass(frozen=True)
class MailText:
    """One mail as facts. `date` is None until its first try; addresses are ASCII (`adapters.addresses.valid_address`).

    `message_id`, `in_reply_to` and `references` carry their angle brackets; `list_unsubscribe` is a `mailto:` address.
    """

    message_id: str
    date: datetime | None
    sender_name: str
    sender_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    list_unsubscribe: str | None = None
    reply_to: str | None = None


def assemble(mail: MailText) -> bytes:
    """The mail as it goes over the wire: ASCII bytes, CRLF, text lines of at most 76 characters.

    A header line is longer only where one address or id alone is. Headers are those of an automatic message (RFC 3834).

    Raises:
        WrongInput: `header_injection` with the `header`, when its value holds a line break or a control character, or
            an address or id is none.
    """
    headers = [
        _mailbox("From", mail.sender_name, mail.sender_address),
        _mailbox("To", mail.to_name, mail.to_address),
        *([_mailbox("Reply-To", "", mail.reply_to)] if mail.reply_to else []),
        _unstructured("Subject", mail.subject),
        *([f"Date: {format_datetime(mail.date)}"] if mail.date else []),
        _ids("Message-ID", (mail.message_id,)),
        *([_ids("In-Reply-To", (mail.in_reply_to,))] if mail.in_reply_to else []),
        *([_ids("References", mail.references)] if mail.references else []),
        *([_unsubscribe(mail.list_unsubscribe)] if mail.list_unsubscribe else []),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
    ]
    return "\r\n".join(headers).encode("ascii") + b"\r\n\r\n" + _quoted_printable(mail.text)


def new_message_id(token: str, domain: str) -> str:
    """`<token@domain>`; the token is opaque and made by the caller, so that a retry keeps it.

    Raises:
        WrongInput: `header_injection`, when the two make no message id.
    """
    message_id = f"<{token}@{domain}>"
    _ids("Message-ID", (message_id,))
    return message_id


def _mailbox(header: str, name: str, address: str) -> str:
    _refuse_controls(header, name)
    if not _ADDRESS.fullmatch(address):
        raise WrongInput("header_injection", header=header)
    name = re.sub(" +", " ", name).strip(" ")
    if not name:
        return _folded(header, address)
    phrase = name if _BARE_PHRASE.fullmatch(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    if not _plain(f"{header}: {phrase}"):
        phrase = encoded(header, name)
    line = f"{header}: {phrase} <{address}>"
    return line if len(line.rsplit("\r\n", 1)[-1]) <= MAX_LINE else f"{header}: {phrase}\r\n <{address}>"


def _unstructured(header: str, value: str) -> str:
    _refuse_controls(header, value)
    plain = _plain(f"{header}: {value}") and value == value.strip(" ")
    return f"{header}: {value if plain else encoded(header, value)}"


def _ids(header: str, ids: tuple[str, ...]) -> str:
    for each in ids:
        if not (each.startswith("<") and each.endswith(">") and _ADDRESS.fullmatch(each[1:-1])):
            raise WrongInput("header_injection", header=header)
    return _folded(header, "\r\n ".join(ids))


def _unsubscribe(mailto: str) -> str:
    if not (mailto.startswith("mailto:") and _TOKEN.fullmatch(mailto)):
        raise WrongInput("header_injection", header="List-Unsubscribe")
    return _folded("List-Unsubscribe", f"<{mailto}>")


def _folded(header: str, value: str) -> str:
    first = value.split("\r\n", 1)[0]
    return f"{header}:{' ' if len(header) + 2 + len(first) <= MAX_LINE else chr(13) + chr(10) + ' '}{value}"


def _plain(line: str) -> bool:
    return line.isascii() and len(line) <= MAX_LINE and "=?" not in line


def _refuse_controls(header: str, value: str) -> None:
    """Refuses what could end the line (the separators U+2028 and U+2029 with it) and what cannot be written as UTF-8."""
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in value):
        raise WrongInput("header_injection", header=header)


def _quoted_printable(text: str) -> bytes:
    lines = _BREAKS.sub("\r\n", text.rstrip("\r\n")) + "\r\n"  # b2a_qp breaks lines as the first line ends
    return _OVERLONG.sub(rb"\1=\r\n\2", binascii.b2a_qp(lines.encode("utf-8"), istext=True))
