"""Bringing a database to this version: a backup, the migrations, the journal's triggers, and the entry that says so."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from cycle.adapters.database import sqlite_file, told
from cycle.app.backup import Backup, back_up, verified
from cycle.app.bereft import bereft
from cycle.errors import Broken, NotReady
from cycle.journal.guards import install
from cycle.migrations import REVISIONS


@dataclass(frozen=True)
class Upgraded:
    """The revisions that were applied, the backup that was made before, and the file that is or would be it."""

    applied: list[str]
    backup: Backup | None = None
    backup_file: Path | None = None


# Writes, in the transaction of the migrations, what was done: the connection, from which revision, which, and the backup.
Tell = Callable[[Connection, str, list[str], Backup | None], None]


def bring_up(url: str, *, backup: Path | None = None, tell: Tell | None = None, dry_run: bool = False) -> Upgraded:
    """Upgrade a site's database, if it is older; on SQLite after a verified backup to that file. All of it or nothing; with
    `dry_run` all of it is done in a transaction that is taken back, without a backup.

    Raises:
        NotReady: if there is no database yet, it is newer than this programme, or cannot be reached.
        Broken: if its history was taken away, or the backup does not verify.
    """
    found, missing = missing_in(url)
    if not missing:
        return Upgraded([])
    file = backup if sqlite_file(url) is not None else None
    made = back_up(url, file) if file is not None and not dry_run else None
    if file is not None and dry_run:
        verified(Path(make_url(url).database or ""))
    also = (lambda connection: tell(connection, found, missing, made)) if tell else None
    try:
        upgrade(url, also, dry_run=dry_run)
    except BaseException:
        if made is not None:  # the database is as it was
            made.file.unlink()
        raise
    return Upgraded(missing, made, file)


def missing_in(url: str) -> tuple[str, list[str]]:
    """The revision a site's database is at, and those that are missing. Raises as `bring_up`."""
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        raise NotReady("database_missing", database=file)
    found = revision_of(url)
    if found is None:
        with _bare(url, "BEGIN") as connection:
            raise bereft(connection, file or make_url(url).database or "")
    if found not in REVISIONS:
        raise NotReady("database_newer", found=found, wanted=REVISIONS[-1])
    return found, list(REVISIONS[REVISIONS.index(found) + 1 :])


def revision_of(url: str) -> str | None:
    """The revision a database is at, None before the first."""
    try:
        with _bare(url, "BEGIN") as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise told(error, url) from error


def nothing_of_ours(url: str) -> None:
    """Be sure that a database without a revision holds no row of ours. Raises Broken."""
    with _bare(url, "BEGIN") as connection:
        found = bereft(connection, make_url(url).database or "")
    if isinstance(found, Broken):
        raise found


def upgrade(url: str, also: Callable[[Connection], None] | None = None, *, dry_run: bool = False) -> None:
    """Run every migration that is missing, in one transaction, without foreign keys on SQLite (batch changes would
    delete child rows), then put the triggers back and do what else belongs to it; with `dry_run` nothing of it stays.

    Raises:
        NotReady: if the database cannot be reached or written.
    """
    try:
        with suppress(_TakenBack), _bare(url) as connection:
            config = Config(stdout=io.StringIO())
            config.set_main_option("script_location", "cycle:migrations")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            install(connection)
            if also is not None:
                also(connection)
            if dry_run:
                raise _TakenBack
    except OperationalError as error:
        problem = str(error.orig).splitlines()[0]
        raise NotReady("database_unusable", database=sqlite_file(url) or "PostgreSQL", problem=problem) from error
    except DatabaseError as error:
        raise told(error, url) from error


class _TakenBack(Exception):
    """Ends a transaction that was only tried."""


@contextmanager
def _bare(url: str, beginning: str = "BEGIN IMMEDIATE") -> Iterator[Connection]:
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def opened(connection: object, _record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined]

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql(beginning)

    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
