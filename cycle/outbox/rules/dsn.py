"""Reads what a mail server says about a mail it could not deliver (RFC 3464), from whatever bytes somebody hands over."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from itertools import islice

from cycle.outbox.rules.envelope import tokens_in

_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463
_IN_WORDS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_PARTS = 100  # of a mail are looked at: nobody's report has more


class Finality(StrEnum):
    """PERMANENT: it will never arrive there (5.x). DELAYED: perhaps later, or given up after a while (4.x)."""

    PERMANENT = "permanent"
    DELAYED = "delayed"


@dataclass(frozen=True)
class Report:
    """What a server says of one mail; the mail itself is named by `tokens` (VERP) and `message_ids`, surest first."""

    finality: Finality
    status: str
    tokens: tuple[str, ...]
    message_ids: tuple[str, ...]

    @property
    def about_the_recipient(self) -> bool:
        """Whether the address is to blame; x.7.x is about who sends, and says nothing of it."""
        return self.finality is Finality.PERMANENT and self.status.split(".")[1] != "7"


def read_report(message: bytes) -> Report | None:
    """The report in a mail, None where it holds none that says something failed or is late."""
    try:
        return _read(message_from_bytes(message))
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):  # what the parser makes of hostile bytes
        return None


def _read(mail: Message) -> Report | None:
    parts = list(islice(mail.walk(), _PARTS))
    report = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    blocks = report.get_payload() if report is not None else []
    if not isinstance(blocks, list):
        return None
    found = [one for block in blocks if isinstance(block, Message) and (one := _verdict(block))]
    if not found:
        return None
    finality, status = max(found, key=lambda one: one[0] is Finality.PERMANENT)
    returned = _returned(parts)
    headers = [str(value) for each in (mail, returned) if each is not None for value in each.values()]
    ids = [*_ids(returned, "Message-ID"), *_ids(mail, "In-Reply-To"), *_ids(mail, "References")]
    return Report(finality, status, tuple(tokens_in("\n".join(headers))), tuple(dict.fromkeys(ids)))


def _verdict(block: Message) -> tuple[Finality, str] | None:
    """What one block says of its recipient: the first one, of the whole mail, says nothing of that kind."""
    action = str(block.get("Action", "")).strip().lower()
    given = _STATUS.match(str(block.get("Status", ""))) or _IN_WORDS.search(str(block.get("Diagnostic-Code", "")))
    if given is None or action not in ("failed", "delayed"):
        return None
    status = given[1]
    if status.startswith("5") and action == "failed":
        return Finality.PERMANENT, status
    return None if status.startswith("2") else (Finality.DELAYED, status)


def _returned(parts: list[Message]) -> Message | None:
    """The mail that came back, or its headers."""
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
            return payload[0] if isinstance(payload[0], Message) else None
        if part.get_content_type() == "text/rfc822-headers":
            decoded = part.get_payload(decode=True)
            return message_from_bytes(decoded) if isinstance(decoded, bytes) else None
    return None


def _ids(mail: Message | None, header: str) -> list[str]:
    return _MESSAGE_ID.findall(str(mail.get(header, ""))) if mail is not None else []
