"""How an entry is appended to the chain: numbered, hashed with the one before it, its private values kept apart."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from cycle import __version__
from cycle.adapters.database import Database, sqlite_file
from cycle.adapters.prepared import Cursor
from cycle.errors import NotReady
from cycle.journal.entry import Entry
from cycle.journal.form import NO_HASH, canonical, entry_hash, instant, parse_instant, profiled, recorded_at_of
from cycle.journal.lastseen import RESTORED, LastSeen
from cycle.journal.pen import pen


@dataclass(frozen=True)
class Head:
    """The end of the chain: its number, hash, and when it was recorded; and the number of the next entry of a cycle."""

    seq: int
    hash: str
    recorded_at: str
    cseq: int | None


@dataclass(frozen=True)
class Appended:
    """An entry that the chain has taken; what it said is there."""

    type: str
    seq: int
    hash: str
    recorded_at: str


def append(
    connection: Connection,
    entry: Entry,
    cmd: str,
    database: Database,
    last_seen: LastSeen | None,
    after: Appended | None = None,
) -> Appended:
    """Append an entry to the chain, at its end as the open transaction sees it; `after` is what it appended last.

    Raises:
        NotReady: if the database is behind what was seen of it before, or if it is empty and the entry does not open the log,
            or the other way round.
    """
    with pen(connection), Cursor(connection, "append to the journal") as cursor:
        mark = "?" if database.kind == "sqlite" else "%s"
        if after is not None and entry.cycle is None:
            head = Head(after.seq, after.hash, after.recorded_at, None)
        else:
            head = _head(cursor, entry.cycle, mark)
        if last_seen is not None and entry.type != RESTORED:
            last_seen.demand(connection, head.seq)
        if (head.seq == 0) != (entry.type == "log.opened"):
            key = "database_empty" if head.seq == 0 else "log_is_open"
            raise NotReady(key, database=sqlite_file(database.url) or "PostgreSQL")
        seq = head.seq + 1
        event_id = secrets.token_hex(16)
        entry.commit_to_reason(f"event:{event_id}")
        now = instant(entry.now)
        data: dict[str, Any] = {"software": __version__, **entry.facts}
        if head.recorded_at > now:
            behind = parse_instant(head.recorded_at) - entry.now
            data["clock_behind_seconds"] = int(behind.total_seconds())
        data["changes"] = entry.changes
        recorded_at = max(now, head.recorded_at)
        body = canonical(
            {
                "v": 1,
                "id": event_id,
                **_profiled_head(entry, cmd),
                "cseq": head.cseq,
                "recorded_at": recorded_at,
                "effective_on": entry.effective_on.isoformat(),
                "data": data,
                "private": entry.private,
            }
        )
        digest = entry_hash(seq, head.hash, body)
        marks = ", ".join([mark] * 8)
        cursor.execute(
            f"INSERT INTO event (seq, prev, body, hash, cycle, cseq, cmd, type) VALUES ({marks})",
            (seq, head.hash, body, digest, entry.cycle, head.cseq, cmd, entry.type),
        )
        if cursor.rowcount != 1:
            raise RuntimeError("the journal did not take the entry")
        cursor.execute(f"SELECT hash FROM event WHERE seq = {mark}", (seq,))
        if tuple(cursor.fetchone()) != (digest,):
            raise RuntimeError("the journal gave back another hash than it was given")
        if entry.openings:
            cursor.executemany(
                f"INSERT INTO opening (commitment, salt, value, subject) VALUES ({', '.join([mark] * 4)})",
                entry.openings,
            )
    entry.seq, entry.event_id, entry.hash = seq, event_id, digest
    return Appended(entry.type, seq, digest, recorded_at)


def _head(cursor: Any, cycle: str | None, mark: str) -> Head:
    next_of_cycle = f"SELECT coalesce(max(cseq), 0) + 1 FROM event WHERE cycle = {mark}"
    cursor.execute(f"SELECT seq, hash, body, ({next_of_cycle}) FROM event ORDER BY seq DESC LIMIT 1", (cycle,))
    row = cursor.fetchone()
    if row is None:
        return Head(seq=0, hash=NO_HASH, recorded_at="", cseq=None if cycle is None else 1)
    return Head(row[0], row[1], recorded_at_of(row[2]), None if cycle is None else row[3])


def _profiled_head(entry: Entry, cmd: str) -> Mapping[str, Any]:
    """What the caller gave besides changes, facts and private values, which were checked as they came."""
    head: Mapping[str, Any] = profiled(
        {
            "cmd": cmd,
            "type": entry.type,
            "cycle": entry.cycle,
            "actor": {"ref": entry.actor.ref, "role": entry.actor.role, "via": entry.actor.via},
            "second": entry.second,
            "basis": entry.basis,
            "supersedes": entry.supersedes,
        }
    )
    return head
