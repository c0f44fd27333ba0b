"""A database without the beginning of its history: an empty one, or one whose history somebody took away."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from cycle.app.houses import load_every_table
from cycle.errors import Broken, CycleError, NotReady
from cycle.journal.records import Event

MOST_NAMED = 5


def bereft(connection: Connection, place: Path | str) -> CycleError:
    """What to say of a database that lacks its revision or its first entry; the connection has no failed statement open.

    With no row in any of our tables it is no database of ours yet. With some, the history or the revision was taken away
    by hand: it must not be set up anew.
    """
    there = set(inspect(connection).get_table_names())
    load_every_table()
    ours = [name for name, table in sorted(SQLModel.metadata.tables.items()) if name in there and not _machinery(table)]
    filled = [name for name in ours if connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first()]
    if not filled:
        return NotReady("database_empty", database=place)
    if Event.__tablename__ not in filled:
        named = [*filled[:MOST_NAMED], *(["…"] if len(filled) > MOST_NAMED else [])]
        return Broken("journal_lost", database=place, tables=named)
    first = connection.execute(text("SELECT min(seq) FROM event")).scalar()
    if first != 1:
        return Broken("journal_beginning_lost", database=place, first=first)
    return Broken("revision_lost", database=place)


def _machinery(table: object) -> bool:
    return bool(getattr(table, "info", {}).get("machinery"))
