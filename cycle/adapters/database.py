"""The one door to a database: a pool that writes and a pool that never can, for SQLite and PostgreSQL."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, DataError, OperationalError, ProgrammingError
from sqlalchemy.pool import StaticPool

from cycle.errors import Conflict, NotReady, WrongInput

MOST_DAMAGES = 10
BUSY_MILLISECONDS = 20_000
# Any fixed number of ours: whoever appends to the journal of one PostgreSQL database holds this advisory lock.
APPEND_LOCK = 7_046_029_254_386_353_131
# PostgreSQL's codes for a wait that was given up: deadlock, lock not available, serialization failure.
BUSY = ("40P01", "55P03", "40001")
# What a person can do something about: the sentence, how SQLite says it, PostgreSQL's code for it.
REMEDIED = (("database_no_room", "disk is full", "53100"), ("database_read_only", "readonly database", "25006"))


@dataclass(frozen=True)
class Database:
    """Two pools on one database. `writer` takes the write lock when a transaction begins; `reader` is read-only for ever."""

    url: str
    kind: str
    writer: Engine
    reader: Engine
    journal_mode: str
    _resting: list["_Lent"] = field(default_factory=list, init=False, compare=False, repr=False)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection of the writer in no transaction, closed afterwards; what was left open on it is undone.

        SQLite's own stays open for the next one and rests here, unless something went wrong: what a pool does between two
        costs more than a short transaction. It is the caller's to have one at a time in a thread.
        """
        pool, rests = self.writer.pool, False
        try:
            lent = self._resting.pop()
        except IndexError:
            lent = _Lent(self.writer.connect())
        try:
            with Connection(self.writer, connection=cast(Any, lent)) as connection:
                try:
                    yield connection
                except BaseException:
                    with suppress(Exception):  # a connection that was lost
                        lent.rollback()  # for SQLAlchemy a COMMIT that failed is an end
                    raise
                rests = self.kind == "sqlite" and not (connection.invalidated or lent.driver_connection.in_transaction)
        finally:
            if rests and pool is self.writer.pool:  # else it was disposed of meanwhile
                self._resting.append(lent)
            else:
                lent.give_back()

    def dispose(self) -> None:
        """Close every connection of both pools."""
        while self._resting:
            self._resting.pop().give_back()
        self.writer.dispose()
        self.reader.dispose()

    def rebuild(self, connection: Connection) -> bool:
        """Write a SQLite file anew, without what is left of deleted rows, and cut its write-ahead log to nothing; on a
        connection of the writer that is in no transaction.

        False if others held the database for as long as the time-out.
        """
        raw: Any = connection.connection.driver_connection
        try:
            raw.execute("VACUUM").close()
            ((held, _, _),) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise unusable(DatabaseError("VACUUM", None, error), self.url) from error
            return False
        return not held

    def looked(self, connection: Connection) -> None:
        """What was asked outside of a transaction is over: PostgreSQL's driver has begun one for it."""
        if self.kind == "postgresql":
            connection.connection.rollback()

    def head_lock(self, connection: Connection) -> None:
        """Wait for the right to append: SQLite has it since BEGIN IMMEDIATE, PostgreSQL takes the advisory lock."""
        if self.kind == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})")


class _Lent:
    """A pool's connection as it is lent to short-lived ones: that they are closed does not give it back."""

    def __init__(self, kept: Connection) -> None:
        self.give_back, self._own = kept.close, kept.connection
        self.info, driver = self._own.info, cast(Any, self._own.driver_connection)
        self.driver_connection, self.execute, self.cursor = driver, driver.execute, driver.cursor
        self.commit, self.rollback = driver.commit, driver.rollback

    def close(self) -> None:
        pass

    def _close_special(self, transaction_reset: bool = False) -> None:
        """What SQLAlchemy calls in place of `close` where a transaction is still open."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


def connect(url: str, journal_mode: str = "auto") -> Database:
    """The two pools for a URL (`sqlite:///…` or `postgresql://…`); `journal_mode` is auto, wal or delete (SQLite only).

    Raises:
        WrongInput: for a URL of another kind, or one that cannot be read.
    """
    try:
        kind = make_url(url).get_backend_name()
    except Exception as error:
        raise WrongInput("database_url", url=url) from error
    if kind == "sqlite":
        return _sqlite(url, journal_mode)
    if kind == "postgresql":
        return _postgresql(url)
    raise WrongInput("database_url", url=url)


def in_memory() -> Database:
    """A private SQLite database, empty, on one connection that reads and writes; gone once it is disposed of."""
    engine = _engine("sqlite://", ["PRAGMA foreign_keys=OFF"], "BEGIN", poolclass=StaticPool)
    return Database(url="sqlite://", kind="sqlite", writer=engine, reader=engine, journal_mode="")


def safe_wal(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite has the WAL-reset fix (sqlite.org/wal.html): 3.51.3 and newer, 3.50.7, 3.44.6."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL, None for another kind."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def told(error: DatabaseError, url: str) -> Exception:
    """The database's own error as one that a person can answer, or the error itself if it is our bug."""
    text = str(error.orig)
    if "database is locked" in text or getattr(error.orig, "sqlstate", None) in BUSY:
        return Conflict("database_busy")
    remedied = getattr(error.orig, "sqlstate", None) in {sqlstate for _, _, sqlstate in REMEDIED}
    if isinstance(error, OperationalError) or remedied or "file is not a database" in text or "malformed" in text:
        return unusable(error, url)
    return error


def unusable(error: DatabaseError, url: str) -> NotReady:
    """The database's own error as the sentence that it cannot be used, with the remedy where there is one."""
    problem = next(iter(str(error.orig).splitlines()), type(error.orig).__name__)
    database, code = sqlite_file(url) or make_url(url).host or "PostgreSQL", getattr(error.orig, "sqlstate", None)
    for key, words, sqlstate in REMEDIED:
        if words in problem or code == sqlstate:
            return NotReady(key, database=database)
    return NotReady("database_unusable", database=database, problem=problem)


def garbled(url: str) -> NotReady:
    """The sentence for a SQLite file so damaged that its own error message, quoting it, is no text."""
    return NotReady("database_unusable", database=sqlite_file(url), problem="malformed database schema")


def damages(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong in the file: a row and its index that differ, a page out of place. Nothing elsewhere."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(told) for (told,) in connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_DAMAGES})")]
    return [] if found == ["ok"] else found


def of_one_table(error: DatabaseError) -> bool:
    """Whether only the table that was asked for is missing or holds what no type can read; the others may be sound."""
    return isinstance(error, ProgrammingError | DataError) or "no such" in str(error.orig)


def no_table(error: DatabaseError) -> bool:
    """Whether the table that was asked for is not there at all."""
    return getattr(error.orig, "sqlstate", None) == "42P01" or "no such table" in str(error.orig)


def _sqlite(url: str, journal_mode: str) -> Database:
    mode = journal_mode if journal_mode != "auto" else ("wal" if safe_wal() else "delete")
    synchronous = "FULL" if mode == "wal" else "EXTRA"
    pragmas = [
        f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
        f"PRAGMA synchronous={synchronous}",
        "PRAGMA foreign_keys=ON",
        "PRAGMA secure_delete=ON",
        "PRAGMA trusted_schema=OFF",
    ]
    reader = _engine(url, [*pragmas, "PRAGMA query_only=ON"], "BEGIN")

    def let_go(connection: Any) -> None:
        """A connection that is kept for reading would hold a file that has a WAL in that mode."""
        connection.execute(pragmas[0]).close()  # first of all: this question may have to wait, too
        if connection.execute("PRAGMA journal_mode").fetchone() != (mode,):
            reader.dispose()

    # Its own statement, since on a new file it writes; the reader takes the mode that the file has.
    writing = [f"PRAGMA journal_mode={mode}", *pragmas[1:]]
    writer = _engine(url, writing, "BEGIN IMMEDIATE", before=let_go)
    return Database(url=url, kind="sqlite", writer=writer, reader=reader, journal_mode=mode)


def _engine(url: str, pragmas: list[str], begin: str, *, before: Callable[[Any], None] | None = None, **how: Any) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False}, **how)

    def opened(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        try:
            if before is not None:
                before(connection)
            for pragma in pragmas:
                connection.execute(pragma).close()
        except sqlite3.OperationalError as error:
            raise told(OperationalError("open", None, error), url) from error
        except UnicodeDecodeError as error:
            raise garbled(url) from error

    def begins(connection: Any) -> None:
        connection.execute(begin).close()

    event.listen(engine, "connect", opened)
    # What the driver does not do by itself. A listener for it would cost each connection more than this statement does.
    engine.dialect.do_begin = begins  # type: ignore[method-assign, assignment]
    return engine


def _postgresql(url: str) -> Database:
    writer = create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"options": f"-c lock_timeout={BUSY_MILLISECONDS}"},
    )
    reader = create_engine(
        url,
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
        connect_args={"options": "-c default_transaction_read_only=on"},
    )
    return Database(url=url, kind="postgresql", writer=writer, reader=reader, journal_mode="")
