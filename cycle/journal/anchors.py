"""Anchors: one line that says what the chain was, kept by others. Only they show a cut tail, a chain hashed anew, an exchange.

The line is `cycle-log/1 <16 hex of hash(1)> <n> <hash(n)>`; it can be checked with any SHA-256 (cycle-log-1.md §2).
"""

import email
import email.policy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from cycle.journal.form import IDENTITY, SPEC, anchor_line
from cycle.journal.history import entries
from cycle.journal.records import Event

SEALED = "log.sealed"
# Between the parts any white space: a mail program may have broken the line.
_LINE = re.compile(rf"{re.escape(SPEC)}\s+([0-9a-f]{{{IDENTITY}}})\s+([1-9][0-9]{{0,17}})\s+([0-9a-f]{{64}})(?![0-9a-f])")
_SOFT_BREAK = re.compile(r"=\r?\n")


@dataclass(frozen=True, order=True)
class Anchor:
    """The first hex digits of the log's identity, a number, and the hash of the entry of that number."""

    log: str
    seq: int
    hash: str

    @property
    def line(self) -> str:
        """The anchor as it is printed, mailed and kept."""
        return anchor_line(self.log, self.seq, self.hash)


def anchor_of(first: str, seq: int, digest: str) -> Anchor:
    """The anchor of an entry of the log whose first hash is `first`."""
    return Anchor(first[:IDENTITY], seq, digest)


def head_anchor(session: Session) -> Anchor | None:
    """The anchor of the journal as it is now, to be printed on whatever is made from it; None before the first entry."""
    first = session.exec(select(Event.hash).where(col(Event.seq) == 1)).first()
    last = session.exec(select(Event.seq, Event.hash).order_by(col(Event.seq).desc()).limit(1)).first()
    return anchor_of(first, *last) if first is not None and last is not None else None


def anchors_in(content: bytes | str) -> frozenset[Anchor]:
    """Every anchor that a text holds: a line, a folder's file, a mail as it was saved (its encoding is undone)."""
    texts = [content if isinstance(content, str) else content.decode("utf-8", "replace")]
    texts.append(_SOFT_BREAK.sub("", texts[0]))
    if isinstance(content, bytes) and re.match(rb"[!-9;-~]+:", content):
        texts += _parts(content)
    return frozenset(Anchor(log, int(seq), digest) for each in texts for log, seq, digest in _LINE.findall(each))


def _parts(message: bytes) -> Iterable[str]:
    for part in email.message_from_bytes(message, policy=email.policy.compat32).walk():
        decoded = part.get_payload(decode=True)
        if isinstance(decoded, bytes):
            yield decoded.decode("utf-8", "replace")


@dataclass(frozen=True)
class Sealed:
    """The last seal of the journal: the entry that says it, what it seals, and when."""

    entry: int
    anchor: Anchor
    at: datetime


def last_sealed(session: Session) -> Sealed | None:
    """The last seal, None before the first."""
    told = next(iter(entries(session, types=[SEALED], newest_first=True)), None)
    if told is None:
        return None
    return Sealed(told.seq, Anchor(str(told.data["log"]), int(told.data["seq"]), str(told.data["hash"])), told.recorded_at)


def moved_since(session: Session, sealed: Sealed | None) -> bool:
    """Whether anything but seals was entered since a seal."""
    after = sealed.anchor.seq if sealed is not None else 0
    query = select(Event.seq).where(col(Event.seq) > after, col(Event.type) != SEALED).limit(1)
    return session.exec(query).first() is not None
