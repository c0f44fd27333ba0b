"""The only writer: opens readings, entries, and transactions of the programme's own machinery, one at a time."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col

from cycle.adapters.database import Database, told
from cycle.errors import NotReady, Refused
from cycle.journal.actor import Actor
from cycle.journal.chain import Appended, append
from cycle.journal.entry import Entry
from cycle.journal.form import profiled
from cycle.journal.lastseen import RESTORED, LastSeen
from cycle.journal.machinery import Machinery
from cycle.journal.records import Event
from cycle.journal.together import Together


class Journal:
    """Reads through a pool that is read-only for ever, but for what is looked at in a `turn`; writes only through `entry`,
    `together` and `machinery`."""

    def __init__(self, database: Database, zone: ZoneInfo, last_seen: LastSeen | None = None) -> None:
        self.database = database
        self.zone = zone
        self.last_seen = last_seen
        self._here = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, on one state of the database. Closed before an entry opens."""
        reader = self.database.reader
        with self._reading(), reader.begin() as connection, Session(bind=connection, autoflush=False) as session:
            yield session
            session.info.clear()  # what it was asked is not kept by those who keep what it gave

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """A session that reads what it is asked as that is then, and holds up nobody once its `commit` has ended a question
        of several rows. Who rests something on it makes sure that nothing happened since it began."""
        reader = self.database.reader
        how: dict[str, Any] = {"autoflush": False, "expire_on_commit": False}
        with self._reading(), reader.connect() as connection, Session(bind=connection, **how) as session:
            yield session
            session.info.clear()

    @contextmanager
    def turn(self) -> Iterator[Connection]:
        """The turn of one entry, before it has the lock: a connection for a few questions of single columns, each answered
        from the database as it is then. It is the one that will write, since that one remembers the pages it wrote last.

        Raises:
            Conflict: if the database stays busy.
        """
        with self._writing(), self.database.writing() as connection:
            yield connection

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
        turn: Connection | None = None,
    ) -> Iterator[Entry]:
        """One transaction and one entry. `Refused` inside undoes the changes and is journalled; another error writes nothing.
        `turn` is the connection of `turn()`, where something was looked at before.

        Raises:
            Conflict: if a row was changed since it was read, or the database stays busy.
            NotReady: if the database is behind what was seen of it before, or another one.
        """
        with self.turn() if turn is None else nullcontext(turn) as connection:
            self.database.looked(connection)
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
                appended = append(connection, entry, cmd or secrets.token_hex(16), self.database, self.last_seen)
                self._here.ending = appended
                transaction.commit()
                self._moved(appended)
        if refused is not None:
            raise refused

    @contextmanager
    def together(self) -> Iterator[Together]:
        """One transaction for several entries and changes of machinery: all are durable when it ends, or none.

        Raises:
            Conflict: if the database stays busy.
        """
        with self._writing(), self.database.writing() as connection, connection.begin():
            self.database.head_lock(connection)
            if self.last_seen is not None:
                self.last_seen.demand_first(connection)
            together = Together(connection, self.database, self.zone, self.last_seen)
            yield together
            self._here.ending = together.appended[-1] if together.appended else None
        for appended in together.appended:
            self._moved(appended)

    @contextmanager
    def machinery(self) -> Iterator[Machinery]:
        """A transaction that may change machinery and nothing else; leaves no entry."""
        with self._writing(), self.database.writing() as connection, connection.begin():
            yield Machinery(connection, self.database.kind)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._here.readings = getattr(self._here, "readings", 0) + 1
        try:
            yield
        except DatabaseError as error:
            raise told(error, self.database.url) from error
        finally:
            self._here.readings -= 1

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

    def _moved(self, entry: Appended) -> None:
        if self.last_seen is not None:
            self.last_seen.moved(entry.seq, entry.hash, restored=entry.type == RESTORED)


def _journalled(finding: Any) -> dict[str, Any]:
    return {
        "check": finding.check,
        "key": finding.key,
        "facts": {name: profiled(value) for name, value in finding.facts.items()},
    }
