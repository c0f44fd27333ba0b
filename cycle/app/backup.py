"""A copy of the database while others write to it: made by SQLite's online backup, verified, and only then there."""

import os
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Column, Connection, ForeignKey, MetaData, Table, UniqueConstraint, inspect
from sqlmodel import SQLModel

from cycle.adapters.database import connect, sqlite_file
from cycle.errors import Broken, NotReady, WrongInput
from cycle.journal.verify import Verdict, verify

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A copy that was verified: the file, its SHA-256, how many entries it holds, and the hash of the last."""

    file: Path
    sha256: str
    entries: int
    head: str


def back_up(url: str, target: Path) -> Backup:
    """Copy a SQLite database to a file that does not exist yet, readable only for its owner. It gets its name when it was
    verified: chain, tables against their replay, SQLite's own check. Older versions are verified by the tables they have.

    Raises:
        WrongInput: for PostgreSQL, or if the file is there already or cannot be written.
        NotReady: if there is no database, or it cannot be read.
        Broken: if the copy does not verify; nothing is left of it.
    """
    source = demand_possible(url, target)
    part = target.with_name(f".{target.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise WrongInput("backup_part", file=part) from error
    except OSError as error:
        raise WrongInput("file_unwritable", file=target, problem=error.strerror) from error
    try:
        _copy(source, part)
        verdict = _verified(part)
        made = Backup(target, _digest(part), verdict.entries, verdict.head)
        _name(part, target)
    finally:
        for left in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + left).unlink(missing_ok=True)
    return made


def demand_possible(url: str, target: Path) -> Path:
    """The file of the database, if there can be a backup of it to that place. Raises as `back_up`."""
    source = sqlite_file(url)
    if source is None:
        raise WrongInput("backup_needs_pg_dump", file=target)
    if not source.is_file():
        raise NotReady("database_missing", database=source)
    if target.exists():
        raise WrongInput("backup_exists", file=target)
    return source


def tables_there(connection: Connection) -> Mapping[str, Table]:
    """The programme's tables as an older version of the database has them: without those and the columns that came later."""
    found = inspect(connection)
    there = set(found.get_table_names())
    columns = {name: {each["name"] for each in found.get_columns(name)} for name in SQLModel.metadata.tables if name in there}
    if columns == {name: set(table.columns.keys()) for name, table in SQLModel.metadata.tables.items()}:
        return SQLModel.metadata.tables
    kept = MetaData()
    for name, names in columns.items():
        _without(SQLModel.metadata.tables[name], names, kept)
    return kept.tables


def _without(table: Table, names: Collection[str], metadata: MetaData) -> None:
    """The same table with these columns only, and the keys that are made of them."""
    columns = [
        Column(
            each.name,
            each.type,
            *(ForeignKey(key.target_fullname) for key in each.foreign_keys),
            primary_key=each.primary_key,
            nullable=each.nullable,
            info=dict(each.info),
        )
        for each in table.columns
        if each.name in names
    ]
    keys = [[column.name for column in key.columns] for key in table.constraints if isinstance(key, UniqueConstraint)]
    unique = [UniqueConstraint(*key) for key in keys if set(key) <= set(names)]
    Table(table.name, metadata, *columns, *unique, info=dict(table.info))


def _copy(source: Path, part: Path) -> None:
    try:
        with closing(_opened(source, "ro")) as origin, closing(_opened(part, "rw")) as copy:
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").close()  # one file, whatever the original has beside it
            problems = [str(row[0]) for row in copy.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        raise NotReady("database_unusable", database=source, problem=str(error)) from error
    if problems != ["ok"]:
        raise Broken("backup_broken", database=source, problems=problems[:10])


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    connection.execute("PRAGMA busy_timeout=20000").close()
    return connection


def _verified(part: Path) -> Verdict:
    database = connect(f"sqlite:///{part.absolute()}", "delete")
    try:
        with database.reader.connect() as connection:
            tables = tables_there(connection)
        verdict = verify(database, tables)
    finally:
        database.dispose()
    if not verdict.intact:
        problems = [f"{problem.seq or '-'}: {problem.key}" for problem in verdict.problems]
        raise Broken("backup_broken", database=part, problems=problems[:10])
    return verdict


def _digest(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as stream:
        while block := stream.read(MEGABYTE):
            digest.update(block)
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _name(part: Path, target: Path) -> None:
    """Give the copy its name, unless somebody took it meanwhile; durable when this ends."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise WrongInput("backup_exists", file=target) from error
    except OSError:  # a file system without hard links
        if target.exists():
            raise WrongInput("backup_exists", file=target) from None
        part.rename(target)
    with suppress(OSError):  # not every file system can sync a folder
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
