"""Opening a site: its folder's settings, its database in the state this programme needs, and whether it is a sandbox."""

import json
import re
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from cycle.adapters.database import Database, connect, garbled, no_table, sqlite_file, told
from cycle.app.bereft import bereft
from cycle.app.furnishing import database_url, last_seen_of, load_settings
from cycle.app.site import Site
from cycle.errors import NotReady, WrongInput
from cycle.migrations import REVISIONS


def open_site(home: Path) -> Site:
    """The site of a folder.

    Raises:
        WrongInput: for settings that are missing or wrong.
        NotReady: if the database is missing, empty, older (`cycle db upgrade`) or newer than this programme.
        Broken: if its history, the beginning of it or its revision was taken away.
    """
    settings = load_settings(home)
    url = database_url(home, settings)
    try:
        database = connect(url, settings.database.journal)
    except WrongInput as error:  # told without the password
        raise WrongInput(error.key, **error.facts | {"url": without_password(url)}) from error
    try:
        sandbox = _sandbox(database)
    except BaseException:
        database.dispose()
        raise
    return Site(home, settings, database, sandbox=sandbox, last_seen=last_seen_of(url, settings))


def without_password(url: str) -> str:
    """A database URL without the user and password in it, however wrong the rest of it is."""
    return re.sub(r"(?<=://).*@", "…@", url)


def _sandbox(database: Database) -> bool:
    file = sqlite_file(database.url)
    if file is not None and not file.is_file():
        raise NotReady("database_missing", database=file)
    place = file or database.url.rsplit("@", maxsplit=1)[-1]
    try:
        with database.reader.connect() as connection:
            body = _first_entry(connection)
            if body is None:
                connection.rollback()
                raise bereft(connection, place)
    except DatabaseError as error:
        raise told(error, database.url) from error
    except UnicodeDecodeError as error:
        raise garbled(database.url) from error
    return is_sandbox(body)


def _first_entry(connection: Connection) -> str | None:
    """The body of the first entry of a database of this version; None where the revision or the entry is missing."""
    try:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision is None:
            return None
        if revision != REVISIONS[-1]:
            raise NotReady(
                "migration_pending" if revision in REVISIONS else "database_newer", found=revision, wanted=REVISIONS[-1]
            )
        body: str | None = connection.execute(text("SELECT body FROM event WHERE seq = 1")).scalar()
    except DatabaseError as error:
        if no_table(error):
            return None
        raise
    return body


def is_sandbox(body: str) -> bool:
    """Whether the first entry says that the database is a sandbox, for ever."""
    try:
        return bool(json.loads(body)["data"].get("sandbox"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False  # a first entry that cannot be read is for `history verify` to tell
