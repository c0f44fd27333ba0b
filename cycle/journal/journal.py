"""The only writer: opens entries, appends them to the chain, and lets the programme touch its own machinery."""

import json
import secrets
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Table, insert, select, update
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, SQLModel, col

from cycle import __version__
from cycle.adapters.database import Database, sqlite_file, told
from cycle.adapters.prepared import Cursor, run
from cycle.errors import NotReady, Refused
from cycle.journal.actor import Actor
from cycle.journal.entry import Entry
from cycle.journal.form import NO_HASH, canonical, entry_hash, instant, parse_instant, profiled
from cycle.journal.lastseen import RESTORED, LastSeen
from cycle.journal.pen import pen
from cycle.journal.records import Event
from cycle.journal.shape import machinery_update_of, table_shape


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


class Journal:
    """Reads through a pool that is read-only for ever; writes only through `entry` and `machinery`."""

    def __init__(self, database: Database, zone: ZoneInfo, last_seen: LastSeen | None = None) -> None:
        self.database = database
        self.zone = zone
        self.last_seen = last_seen
        self._here = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, on one state of the database. Closed before an entry opens."""
        self._here.readings = getattr(self._here, "readings", 0) + 1
        try:
            with self.database.reader.begin() as connection, Session(bind=connection, autoflush=False) as session:
                yield session
                session.info.clear()  # what it was asked is not kept by those who keep what it gave
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
            NotReady: if the database is behind what was seen of it before, or another one.
        """
        with self._writing(), self.database.writer.connect() as connection:
            transaction = connection.begin()
            self.database.head_lock(connection)
            if self.last_seen is not None and type != RESTORED and not dry_run:
                self.last_seen.demand_first(connection)
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
                appended = self._append(connection, entry, cmd or secrets.token_hex(16))
                self._here.ending = appended
                transaction.commit()
                self._moved(appended)
        if refused is not None:
            raise refused

    @contextmanager
    def together(self) -> Iterator["Together"]:
        """One transaction for several entries and changes of machinery: all are durable when it ends, or none.

        Raises:
            Conflict: if the database stays busy.
        """
        with self._writing(), self.database.writer.begin() as connection:
            self.database.head_lock(connection)
            if self.last_seen is not None:
                self.last_seen.demand_first(connection)
            together = Together(self, connection)
            yield together
            self._here.ending = together.appended[-1] if together.appended else None
        for appended in together.appended:
            self._moved(appended)

    @contextmanager
    def machinery(self) -> Iterator["Machinery"]:
        """A transaction that may change machinery and nothing else; leaves no entry."""
        with self._writing(), self.database.writer.begin() as connection:
            yield Machinery(connection, self.database.kind)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Guards a transaction that writes: one at a time in a thread, after every reading was closed."""
        if getattr(self._here, "readings", 0):
            raise RuntimeError("a reading is still open: close it before writing")
        if getattr(self._here, "writing", False):
            raise RuntimeError("an entry is already open in this thread")
        self._here.writing = True
        try:
            yield
        except DatabaseError as error:
            ending = getattr(self._here, "ending", None)
            if ending is not None and self._stands(ending):
                self._moved(ending)
                raise NotReady("stands_on_a_failing_disk", seq=ending.seq, problem=str(error.orig)) from error
            raise told(error, self.database.url) from error
        finally:
            self._here.writing = False
            self._here.ending = None

    def _stands(self, entry: Appended) -> bool:
        """Whether an entry is there although its commit ended with an error: the disk failed after the last write, as when a
        folder is synced. Whoever repeated the command would do it twice."""
        try:
            with self.database.reader.connect() as connection:
                found = connection.execute(select(col(Event.hash)).where(col(Event.seq) == entry.seq)).scalar()
        except (DatabaseError, NotReady):
            return False
        return found == entry.hash

    def _append(self, connection: Connection, entry: Entry, cmd: str) -> Appended:
        with pen(connection), Cursor(connection, "append to the journal") as cursor:
            mark = "?" if self.database.kind == "sqlite" else "%s"
            head = _head(cursor, entry.cycle, mark)
            if self.last_seen is not None and entry.type != RESTORED:
                self.last_seen.demand(connection, head.seq)
            if (head.seq == 0) != (entry.type == "log.opened"):
                key = "database_empty" if head.seq == 0 else "log_is_open"
                raise NotReady(key, database=sqlite_file(self.database.url) or "PostgreSQL")
            seq = head.seq + 1
            event_id = secrets.token_hex(16)
            entry.commit_to_reason(f"event:{event_id}")
            now = instant(entry.now)
            data: dict[str, Any] = {"software": __version__, **entry.facts}
            if head.recorded_at > now:
                behind = parse_instant(head.recorded_at) - entry.now
                data["clock_behind_seconds"] = int(behind.total_seconds())
            data["changes"] = entry.changes
            body = canonical(
                {
                    "v": 1,
                    "id": event_id,
                    **_profiled_head(entry, cmd),
                    "cseq": head.cseq,
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
        return Appended(entry.type, seq, digest)

    def _moved(self, entry: Appended) -> None:
        if self.last_seen is not None:
            self.last_seen.moved(entry.seq, entry.hash, restored=entry.type == RESTORED)


class Together:
    """Entries and changes of machinery in one transaction. An entry is appended when it closes."""

    def __init__(self, journal: Journal, connection: Connection) -> None:
        self._journal = journal
        self._connection = connection
        self.machinery = Machinery(connection, journal.database.kind)
        self.appended: list[Appended] = []

    @property
    def session(self) -> Session:
        """Reads inside the transaction, what was appended before with it."""
        return self.machinery.session

    @contextmanager
    def entry(self, type: str, *, by: Actor, now: datetime, cycle: str | None = None) -> Iterator[Entry]:
        """One entry among the others. It may be left out while it has changed nothing.

        Raises:
            TypeError: if it is left out later (our bug).
        """
        today = now.astimezone(self._journal.zone).date()
        entry = Entry(self._connection, type=type, actor=by, cycle=cycle, now=now, today=today, effective_on=None, reason=None)
        yield entry
        entry.nothing_by_hand()
        if not entry.left_out:
            self.appended.append(self._journal._append(self._connection, entry, secrets.token_hex(16)))
        elif entry.changes:
            raise TypeError(f"{type}: it has changed something already")


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
        table = _machinery(model, fields)
        statement = update(table).where(*where).values(**fields)
        with pen(self._connection):
            if returning:
                return list(self._connection.execute(statement.returning(*returning)).all())
            return [self._connection.execute(statement).rowcount]

    def change_row(self, model: type[SQLModel], number: int, *, holding: Mapping[str, Any], **fields: Any) -> bool:
        """UPDATE machinery columns of one row, if it still holds these values; whether it did. For what is done often.

        Raises:
            TypeError: for any other column.
        """
        table = _machinery(model, fields)
        values = {f"_{name}": value for name, value in fields.items()} | {f"_held_{name}": is_ for name, is_ in holding.items()}
        statement = machinery_update_of(table, frozenset(holding), frozenset(fields))
        with pen(self._connection):
            return run(self._connection, statement, [values | {"_id": number}]) == 1

    def add(self, model: type[SQLModel], values: Mapping[str, Any]) -> None:
        """INSERT into a table of mere machinery. Raises TypeError for another."""
        table = model.__table__  # type: ignore[attr-defined]
        if not table.info.get("machinery"):
            raise TypeError(f"{table.name} is journalled")
        with pen(self._connection):
            self._connection.execute(insert(table), [dict(values)])


def _machinery(model: type[SQLModel], fields: Collection[str]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    if table.info.get("machinery"):
        allowed = frozenset(column.name for column in table.columns)
    else:
        allowed = table_shape(table).machinery
    if not set(fields) <= allowed:
        raise TypeError(f"{table.name}: {sorted(set(fields) - allowed)} is no machinery")
    return table


def _head(cursor: Any, cycle: str | None, mark: str) -> Head:
    next_of_cycle = f"SELECT coalesce(max(cseq), 0) + 1 FROM event WHERE cycle = {mark}"
    cursor.execute(f"SELECT seq, hash, body, ({next_of_cycle}) FROM event ORDER BY seq DESC LIMIT 1", (cycle,))
    row = cursor.fetchone()
    if row is None:
        return Head(seq=0, hash=NO_HASH, recorded_at="", cseq=None if cycle is None else 1)
    return Head(row[0], row[1], json.loads(row[2])["recorded_at"], None if cycle is None else row[3])


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
