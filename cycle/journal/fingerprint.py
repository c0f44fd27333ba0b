"""The schema's fingerprint: do the tables that history lies in still have the form that the migrations gave them.

Compared are columns (type, NULL, place in the primary key), unique keys and foreign keys. Tables of others are nobody's
business here, but a view or a table of another kind in the place of one of ours is a missing table.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, UniqueConstraint, text
from sqlalchemy.dialects import registry

MISSING = "–"

_SQLITE_COLUMNS = """
    SELECT m.name, c.name, c.type, c."notnull", c.pk, c.hidden
    FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'"""
_SQLITE_UNIQUE = """
    SELECT m.name, i.name, c.name FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
    WHERE m.type = 'table' AND i."unique" AND i.origin <> 'pk' AND NOT i.partial ORDER BY c.seqno"""
_SQLITE_FOREIGN = """
    SELECT m.name, f."from", f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"""

# A table without lasting storage, or one that hides rows from its reader, is none of ours.
_POSTGRESQL_TABLES = """
    WITH ours AS (
        SELECT oid, relname::text AS name FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace
        AND relkind = 'r' AND relpersistence = 'p' AND NOT relrowsecurity)"""
_POSTGRESQL_COLUMNS = (
    _POSTGRESQL_TABLES
    + """
    SELECT o.name, a.attname::text, format_type(a.atttypid, NULL), a.attnotnull::int,
        coalesce((SELECT array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_index i
            WHERE i.indrelid = o.oid AND i.indisprimary AND i.indisvalid), 0),
        (a.attgenerated <> '')::int
    FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid WHERE a.attnum > 0 AND NOT a.attisdropped"""
)
_POSTGRESQL_UNIQUE = (
    _POSTGRESQL_TABLES
    + """
    SELECT o.name, i.indexrelid::text, a.attname::text FROM ours o JOIN pg_index i ON i.indrelid = o.oid
    CROSS JOIN unnest(i.indkey::int2[]) k JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = k
    WHERE i.indisunique AND i.indisvalid AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL"""
)
_POSTGRESQL_FOREIGN = (
    _POSTGRESQL_TABLES
    + """
    SELECT o.name, a.attname::text, f.relname::text FROM ours o JOIN pg_constraint c ON c.conrelid = o.oid AND c.contype = 'f'
    JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = c.conkey[1] JOIN pg_class f ON f.oid = c.confrelid"""
)


@dataclass(frozen=True)
class Altered:
    """What is not as it was made: a table, the part of it (column or key), and how it should be and is."""

    table: str
    part: str
    wanted: str
    found: str


def altered(connection: Connection, tables: Mapping[str, Table]) -> Iterator[Altered]:
    """What differs in the database from the tables of this version of the programme; nothing of others' tables."""
    found = _found(connection)
    wanted = _wanted(connection, tables)
    for table in sorted(wanted):
        if table not in found:
            yield Altered(table, table, "table", MISSING)
            continue
        for part in sorted(wanted[table].keys() | found[table].keys()):
            should, is_ = wanted[table].get(part, MISSING), found[table].get(part, MISSING)
            if should != is_ and (should != MISSING or not part.startswith("unique")):
                yield Altered(table, part, should, is_)


def _wanted(connection: Connection, tables: Mapping[str, Table]) -> dict[str, dict[str, str]]:
    made = {name: _made(table, connection.dialect.name) for name, table in tables.items()}
    named = _type_names(connection, {part.kind for parts in made.values() for part in parts if part.is_column})
    return {
        name: {part.name: f"{named[part.kind]}{part.more}" if part.is_column else part.kind for part in parts}
        for name, parts in made.items()
    }


@dataclass(frozen=True)
class _Part:
    """A column or key of a table: what kind of thing, and for a column the rest that is told of it."""

    name: str
    kind: str
    more: str = ""
    is_column: bool = False


@cache
def _made(table: Table, dialect: str) -> tuple[_Part, ...]:
    """The parts of a table as its model has them, types as a database of that kind is given them."""
    speaks = registry.load(dialect)()
    key = [column.name for column in table.primary_key.columns]
    parts = [
        _Part(
            column.name,
            column.type.compile(speaks),
            _told("", required=not column.nullable, key=key.index(column.name) + 1 if column.name in key else 0),
            is_column=True,
        )
        for column in table.columns
    ]
    keys = [list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys += [list(each.columns) for each in table.indexes if each.unique]
    parts += [_Part(_unique(column.name for column in each), "unique") for each in keys]
    parts += [_Part(f"{each.parent.name} references", each.column.table.name) for each in table.foreign_keys]
    return tuple(parts)


def _found(connection: Connection) -> dict[str, dict[str, str]]:
    sqlite = connection.dialect.name == "sqlite"
    made: dict[str, dict[str, str]] = {}
    for table, name, kind, required, key, generated in _asked(connection, _SQLITE_COLUMNS if sqlite else _POSTGRESQL_COLUMNS):
        parts = made.setdefault(str(table), {})
        parts[str(name)] = _told(str(kind), required=bool(required), key=int(key), generated=bool(generated))
    keys: dict[tuple[str, str], list[str]] = {}
    for table, index, name in _asked(connection, _SQLITE_UNIQUE if sqlite else _POSTGRESQL_UNIQUE):
        keys.setdefault((str(table), str(index)), []).append(str(name))
    for (table, _), names in keys.items():
        made.setdefault(table, {})[_unique(names)] = "unique"
    for table, name, other in _asked(connection, _SQLITE_FOREIGN if sqlite else _POSTGRESQL_FOREIGN):
        made.setdefault(str(table), {})[f"{name} references"] = str(other)
    return made


def _asked(connection: Connection, query: str) -> list[Any]:
    return list(connection.execute(text(query)))


def _type_names(connection: Connection, types: Iterable[str]) -> dict[str, str]:
    """What the database itself calls each type."""
    if connection.dialect.name == "sqlite":
        return {each: each for each in types}
    query = text("SELECT given, to_regtype(given)::text FROM unnest(CAST(:types AS text[])) given")
    return {given: str(name) for given, name in connection.execute(query, {"types": sorted(types)})}


def _told(kind: str, *, required: bool, key: int, generated: bool = False) -> str:
    more = (" NOT NULL" if required else "") + (f" KEY {key}" if key else "") + (" GENERATED" if generated else "")
    return kind + more


def _unique(names: Iterable[str]) -> str:
    return f"unique {', '.join(sorted(names))}"
