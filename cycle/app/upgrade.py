"""Bringing a database to this version: the migrations, then the triggers that guard the journal."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from cycle.adapters.database import sqlite_file, told
from cycle.errors import NotReady
from cycle.journal.guards import install
from cycle.migrations import REVISIONS


def bring_up(url: str) -> list[str]:
    """Upgrade a site's database; the revisions that were applied.

    Raises:
        NotReady: if there is no database yet, it is newer than this programme, or cannot be reached.
    """
    file = sqlite_file(url)
    if file is not None and not file.is_file():
        raise NotReady("database_missing", database=file)
    found = revision_of(url)
    if found is None:
        raise NotReady("database_empty", database=file or make_url(url).database)
    if found not in REVISIONS:
        raise NotReady("database_newer", found=found, wanted=REVISIONS[-1])
    missing = list(REVISIONS[REVISIONS.index(found) + 1 :])
    if missing:
        upgrade(url)
    return missing


def revision_of(url: str) -> str | None:
    """The revision a database is at, None before the first."""
    try:
        with _bare(url, "BEGIN") as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise told(error, url) from error


def upgrade(url: str) -> None:
    """Run every migration that is missing, in one transaction, without foreign keys on SQLite (batch changes would
    delete child rows), then put the triggers back.

    Raises:
        NotReady: if the database cannot be reached or written.
    """
    try:
        with _bare(url) as connection:
            config = Config(stdout=io.StringIO())
            config.set_main_option("script_location", "cycle:migrations")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            install(connection)
    except OperationalError as error:
        problem = str(error.orig).splitlines()[0]
        raise NotReady("database_unusable", database=sqlite_file(url) or "PostgreSQL", problem=problem) from error
    except DatabaseError as error:
        raise told(error, url) from error


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
