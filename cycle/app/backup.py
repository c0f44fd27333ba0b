"""A copy of the database while others write to it: made by SQLite's online backup, verified, and only then there."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, ForeignKey, MetaData, Table, UniqueConstraint, inspect

from cycle.adapters.copying import copy, never_over
from cycle.adapters.database import connect, sqlite_file
from cycle.adapters.files import written_to
from cycle.app.cover import sha256_of
from cycle.errors import Broken, Key, NotReady, WrongInput
from cycle.journal.records import every_table
from cycle.journal.verify import Verdict, verify

FOR_ITS_OWNER = 0o600


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
        NotReady: if there is no database, it cannot be read, or SQLite finds the copy unsound.
        Broken: if the copy does not verify; nothing is left of it.
    """
    source = demand_possible(url, target)
    made: list[Backup] = []

    def counts(part: Path) -> None:
        verdict = verified(part)
        made.append(Backup(target, sha256_of(part), verdict.entries, verdict.head))

    with written_to(target):
        copy(source, target, counts, FOR_ITS_OWNER)
    return made[0]


def demand_possible(url: str, target: Path) -> Path:
    """The file of the database, if there can be a backup of it to that place. Raises as `back_up`."""
    source = sqlite_file(url)
    if source is None:
        raise WrongInput("backup_needs_pg_dump", file=target)
    if not source.is_file():
        raise NotReady("database_missing", database=source)
    with written_to(target):
        os.scandir(target.parent).close()
    never_over(target)
    return source


def tables_there(connection: Connection) -> Mapping[str, Table]:
    """The programme's tables as an older version of the database has them: without those and the columns that came later."""
    found = inspect(connection)
    there = set(found.get_table_names())
    ours = every_table()
    columns = {name: {each["name"] for each in found.get_columns(name)} for name in ours if name in there}
    if columns == {name: set(table.columns.keys()) for name, table in ours.items()}:
        return ours
    kept = MetaData()
    for name, names in columns.items():
        _without(ours[name], names, kept)
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


def verified(part: Path) -> Verdict:
    """What verifying a SQLite file gives, by the tables that it has. Raises Broken if it does not verify."""
    database = connect(f"sqlite:///{part.absolute()}", "delete")
    try:
        with database.reader.connect() as connection:
            tables = tables_there(connection)
        verdict = verify(database, tables)
    finally:
        database.dispose()
    if not verdict.intact:
        problems = [Key(f"problem.{each.key}", seq=each.seq, **each.facts) for each in verdict.problems]
        raise Broken("backup_broken", database=part, problems=problems[:10])
    return verdict
