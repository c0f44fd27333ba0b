"""Opening a site: its folder's settings, its database in the state this programme needs, and whether it is a sandbox."""

import json
import re
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from cycle.adapters.database import Database, connect, garbled, sqlite_file, told
from cycle.app.furnishing import database_url, last_seen_of, load_settings
from cycle.app.site import Site
from cycle.errors import NotReady, WrongInput
from cycle.migrations import REVISIONS


def open_site(home: Path) -> Site:
    """The site of a folder.

    Raises:
        WrongInput: for settings that are missing or wrong.
        NotReady: if the database is missing, older (`cycle db upgrade`) or newer than this programme.
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
    try:
        with database.reader.connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if revision != REVISIONS[-1]:
                key = "migration_pending" if revision in REVISIONS else "database_newer"
                raise NotReady(key, found=revision, wanted=REVISIONS[-1])
            body = connection.execute(text("SELECT body FROM event WHERE seq = 1")).scalar()
    except DatabaseError as error:
        answer = told(error, database.url)
        if "no such table" in str(error.orig) or "does not exist" in str(error.orig):
            raise NotReady("database_empty", database=file or database.url.rsplit("@", maxsplit=1)[-1]) from error
        raise answer from error
    except UnicodeDecodeError as error:
        raise garbled(database.url) from error
    if body is None:
        raise NotReady("database_empty", database=file or database.url.rsplit("@", maxsplit=1)[-1])
    return is_sandbox(body)


def is_sandbox(body: str) -> bool:
    """Whether the first entry says that the database is a sandbox, for ever."""
    try:
        return bool(json.loads(body)["data"].get("sandbox"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False  # a first entry that cannot be read is for `history verify` to tell
