"""Anchors of a site's history: `log.sealed` says in the chain itself up to where it was attested, and to whom it goes.

The number sealed is that of the entry before the seal. One transaction makes the entry and a row for each address that is
to get the line; the row's key is number and address, so none of them gets the same one twice.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from cycle.adapters.clock import day_of
from cycle.app.site import Site
from cycle.errors import NotReady
from cycle.journal.actor import Actor
from cycle.journal.anchors import SEALED, Anchor, Sealed, head_anchor, last_sealed, moved_since
from cycle.journal.records import AnchorMail, AnchorState, Event

# Steps of a cycle: each is attested at once.
STEPS = (
    "phase.advanced",
    "phase.returned",
    "phase.skipped",
    "phase.held",
    "phase.resumed",
    "phase.cancelled",
    "phase.reopened",
)
_TAIL = 65_536


@dataclass(frozen=True)
class Seal:
    """An anchor, the entry that says so (0: none was written), and whether it was made just now."""

    anchor: Anchor
    entry: int
    fresh: bool


def seal(site: Site, by: Actor, now: datetime) -> Seal:
    """Attest the history as it is; where nothing but seals came since the last one, that one again and no entry.

    Raises:
        Conflict: if the database stays busy.
    """
    with site.journal.together() as together:
        last = last_sealed(together.session)
        if last is not None and not moved_since(together.session, last):
            return Seal(last.anchor, last.entry, fresh=False)
        anchor = _head(site, together.session)
        addresses = tuple(dict.fromkeys(site.settings.anchors.mail))
        with together.entry(SEALED, by=by, now=now) as entry:
            entry.tell(
                log=anchor.log,
                seq=anchor.seq,
                hash=anchor.hash,
                mails=len(addresses),
                folder=bool(site.settings.anchors.folder),
            )
        for address in addresses:
            row = {"seq": anchor.seq, "address": address, "line": anchor.line, "token": secrets.token_hex(16)}
            together.machinery.add(AnchorMail, row | {"state": AnchorState.WAITING, "attempts": 0})
    return Seal(anchor, entry.seq, fresh=True)


def would_seal(site: Site) -> Seal:
    """What `seal` would give, without a trace."""
    with site.journal.reading() as session:
        last = last_sealed(session)
        if last is not None and not moved_since(session, last):
            return Seal(last.anchor, last.entry, fresh=False)
        return Seal(_head(site, session), 0, fresh=True)


def seal_is_due(site: Site, now: datetime) -> bool:
    """Whether somebody is to get anchors and one is due: after a step of a cycle, and once a day if anything was entered."""
    if not site.settings.anchors.wanted:
        return False
    with site.journal.reading() as session:
        last = last_sealed(session)
        if not moved_since(session, last):
            return False
        return last is None or _step_since(session, last) or day_of(last.at, site.zone) < day_of(now, site.zone)


def write_down(site: Site) -> Path | None:
    """Put the last sealed anchor into the folder of the settings, if it is not there yet; the file, None without a folder.

    Raises:
        NotReady: if the folder cannot be written.
    """
    if not site.settings.anchors.folder:
        return None
    with site.journal.reading() as session:
        last = last_sealed(session)
    if last is None:
        return None
    file = site.home / site.settings.anchors.folder / f"cycle-anchors-{last.anchor.log}.txt"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab+") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL))
            if last.anchor.line.encode() not in stream.read():
                stream.write(f"{last.anchor.line}\n".encode())
                stream.flush()
                os.fsync(stream.fileno())
    except OSError as error:
        raise NotReady("anchor_unwritten", file=file, problem=error) from error
    return file


def waiting_anchors(session: Session, now: datetime) -> Iterator[AnchorMail]:
    """The mails with anchors that may go now, the oldest first."""
    query = select(AnchorMail).where(AnchorMail.state == AnchorState.WAITING)
    for row in session.exec(query.order_by(col(AnchorMail.seq), col(AnchorMail.address))):
        if row.next_try_at is None or row.next_try_at <= now:
            yield row


def _head(site: Site, session: Session) -> Anchor:
    anchor = head_anchor(session)
    if anchor is None:
        raise NotReady("database_empty", database=site.home)
    return anchor


def _step_since(session: Session, last: Sealed) -> bool:
    query = select(Event.seq).where(col(Event.type).in_(STEPS), col(Event.seq) > last.anchor.seq).limit(1)
    return session.exec(query).first() is not None
