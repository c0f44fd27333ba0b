"""The only writer: opens entries, appends them to the chain, and lets the programme touch its own machinery."""

import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, insert, update
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, SQLModel

from cycle.adapters.database import Database, sqlite_file, told
from cycle.adapters.prepared import Cursor
from cycle.errors import NotReady, Refused
from cycle.journal.actor import Actor
from cycle.journal.entry import Entry
from cycle.journal.form import NO_HASH, canonical, entry_hash, instant, parse_instant, profiled
from cycle.journal.pen import pen
from cycle.journal.shape import table_shape


@dataclass(frozen=True)
class Head:
    """The end of the chain: its number, hash, and when it was recorded."""

    seq: int
    hash: str
    recorded_at: str


class Journal:
    """Reads through a pool that is read-only for ever; writes only through `entry` and `machinery`."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self.database = database
        self.zone = zone
        self._here = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, on one state of the database. Closed before an entry opens."""
        self._here.readings = getattr(self._here, "readings", 0) + 1
        try:
            with self.database.reader.begin() as connection, Session(bind=connection, autoflush=False) as session:
                yield session
        except DatabaseError as error:
            raise told(error, self.database.url) from error
        finally:
            self._here.readings -= 1

    @contextmanager
    def entry(
        self,
        type: str,
        *,
        by: Actor,
        now: datetime,
        cycle: str | None = None,
        reason: str | None = None,
        effective_on: date | None = None,
        cmd: str | None = None,
        dry_run: bool = False,
    ) -> Iterator[Entry]:
        """One transaction and one entry. `Refused` inside undoes the changes and is journalled; another error writes nothing.

        Raises:
            Conflict: if a row was changed since it was read, or the database stays busy.
        """
        if getattr(self._here, "readings", 0):
            raise RuntimeError("a reading is still open: close it before the entry opens")
        if getattr(self._here, "writing", False):
            raise RuntimeError("an entry is already open in this thread")
        self._here.writing = True
        try:
            with self.database.writer.connect() as connection:
                transaction = connection.begin()
                self.database.head_lock(connection)
                entry = Entry(
                    connection,
                    type=type,
                    actor=by,
                    cycle=cycle,
                    now=now,
                    today=now.astimezone(self.zone).date(),
                    effective_on=effective_on,
                    reason=reason,
                )
                refused: Refused | None = None
                try:
                    yield entry
                except Refused as refusal:
                    # What the command did is undone; that it was refused is a fact of its own, in a transaction of its own.
                    transaction.rollback()
                    if dry_run:
                        raise
                    refused = refusal
                    entry.refuse([_journalled(finding) for finding in refusal.findings])
                    transaction = connection.begin()
                    self.database.head_lock(connection)
                entry.nothing_by_hand()
                if dry_run or entry.left_out:
                    transaction.rollback()
                else:
                    with pen(connection):
                        self._append(connection, entry, cmd or secrets.token_hex(16))
                    transaction.commit()
            if refused is not None:
                raise refused
        except DatabaseError as error:
            raise told(error, self.database.url) from error
        finally:
            self._here.writing = False

    @contextmanager
    def machinery(self) -> Iterator["Machinery"]:
        """A transaction that may change machinery and nothing else; leaves no entry."""
        if getattr(self._here, "readings", 0):
            raise RuntimeError("a reading is still open: close it before writing")
        if getattr(self._here, "writing", False):
            raise RuntimeError("an entry is already open in this thread")
        self._here.writing = True
        try:
            with self.database.writer.begin() as connection:
                yield Machinery(connection, self.database.kind)
        except DatabaseError as error:
            raise told(error, self.database.url) from error
        finally:
            self._here.writing = False

    def _append(self, connection: Connection, entry: Entry, cmd: str) -> None:
        with Cursor(connection, "append to the journal") as cursor:
            mark = "?" if self.database.kind == "sqlite" else "%s"
            head = _head(cursor)
            cseq = None
            if entry.cycle is not None:
                cursor.execute(f"SELECT coalesce(max(cseq), 0) + 1 FROM event WHERE cycle = {mark}", (entry.cycle,))
                cseq = cursor.fetchone()[0]
            if (head.seq == 0) != (entry.type == "log.opened"):
                key = "database_empty" if head.seq == 0 else "log_is_open"
                raise NotReady(key, database=sqlite_file(self.database.url) or "PostgreSQL")
            seq = head.seq + 1
            event_id = secrets.token_hex(16)
            entry.commit_to_reason(f"event:{event_id}")
            now = instant(entry.now)
            data: dict[str, Any] = dict(entry.facts)
            if head.recorded_at > now:
                behind = parse_instant(head.recorded_at) - entry.now
                data["clock_behind_seconds"] = int(behind.total_seconds())
            data["changes"] = entry.changes
            body = canonical(
                {
                    "v": 1,
                    "id": event_id,
                    **_profiled_head(entry, cmd),
                    "cseq": cseq,
                    "recorded_at": max(now, head.recorded_at),
                    "effective_on": entry.effective_on.isoformat(),
                    "data": data,
                    "private": entry.private,
                }
            )
            digest = entry_hash(seq, head.hash, body)
            marks = ", ".join([mark] * 8)
            cursor.execute(
                f"INSERT INTO event (seq, prev, body, hash, cycle, cseq, cmd, type) VALUES ({marks})",
                (seq, head.hash, body, digest, entry.cycle, cseq, cmd, entry.type),
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
        entry.seq, entry.event_id = seq, event_id


class Machinery:
    """Changes to columns of machinery (`journal.records.machinery`) and to tables that are nothing else."""

    def __init__(self, connection: Connection, kind: str) -> None:
        self.kind = kind
        self.session = Session(bind=connection, autoflush=False)
        self._connection = connection

    def change(
        self, model: type[SQLModel], *where: ColumnElement[bool], returning: Sequence[Any] = (), **fields: Any
    ) -> list[Any]:
        """UPDATE machinery columns; the rows of `returning`, or [count].

        Raises:
            TypeError: for any other column.
        """
        table = model.__table__  # type: ignore[attr-defined]
        allowed = _machinery_of(table)
        if not set(fields) <= allowed:
            raise TypeError(f"{table.name}: {sorted(set(fields) - allowed)} is no machinery")
        statement = update(table).where(*where).values(**fields)
        with pen(self._connection):
            if returning:
                return list(self._connection.execute(statement.returning(*returning)).all())
            return [self._connection.execute(statement).rowcount]

    def add(self, model: type[SQLModel], values: Mapping[str, Any]) -> None:
        """INSERT into a table of mere machinery. Raises TypeError for another."""
        table = model.__table__  # type: ignore[attr-defined]
        if not table.info.get("machinery"):
            raise TypeError(f"{table.name} is journalled")
        with pen(self._connection):
            self._connection.execute(insert(table), [dict(values)])


def _machinery_of(table: Any) -> frozenset[str]:
    if table.info.get("machinery"):
        return frozenset(column.name for column in table.columns)
    return table_shape(table).machinery


def _head(cursor: Any) -> Head:
    cursor.execute("SELECT seq, hash, body FROM event ORDER BY seq DESC LIMIT 1")
    row = cursor.fetchone()
    if row is None:
        return Head(seq=0, hash=NO_HASH, recorded_at="")
    return Head(seq=row[0], hash=row[1], recorded_at=json.loads(row[2])["recorded_at"])


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


def _journalled(finding: Any) -> dict[str, Any]:
    return {
        "check": finding.check,
        "key": finding.key,
        "facts": {name: profiled(value) for name, value in finding.facts.items()},
    }
