"""What became of a mail that was given away, and what everything has that takes mails: a mail server, a folder."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463; stands before the server's words


class OutcomeKind(StrEnum):
    """What became of a mail; only `sent` left, `unclear` perhaps did, all others surely did not."""

    SENT = "sent"
    LATER = "later"
    PERMANENT = "permanent"
    FAULT = "fault"
    RELAY = "relay"
    UNSENT = "unsent"
    UNCLEAR = "unclear"


class Phase(StrEnum):
    """How far a mail came; `dot` is after the end of its content was written."""

    ADDRESS = "address"
    CONNECT = "connect"
    STARTTLS = "starttls"
    EHLO = "ehlo"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"
    MAILDIR = "maildir"


# Before a recipient is named to the server the words are of this machine.
_NOBODY_NAMED = frozenset({Phase.ADDRESS, Phase.CONNECT, Phase.STARTTLS, Phase.EHLO, Phase.MAILDIR})


@dataclass(frozen=True)
class Outcome:
    """What became of one mail: the server's code (None where it gave none) and words, and how far the mail came."""

    kind: OutcomeKind
    code: int | None
    text: str
    phase: Phase

    @property
    def told(self) -> str:
        """What may be logged of it: code and phase. A server's own words may name the recipient."""
        if self.code is None and self.phase in _NOBODY_NAMED:
            return self.text or self.phase.value
        enhanced = ENHANCED.match(self.text)
        return " ".join([*([str(self.code)] if self.code else []), *([enhanced[0]] if enhanced else []), f"({self.phase})"])


class Transport(Protocol):
    """Where mails go: a mail server or a folder."""

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Gives one mail to one recipient."""

    async def close(self) -> None:
        """Lets go of what is held open."""
