"""What was known at a moment, and what held on a day: the journal folded up to it, in a database of its own in memory, asked
as any other (cycle-log/1, both clocks)."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Date, DateTime, Table, create_engine, event, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel, col

from cycle.journal.form import instant, parse_instant
from cycle.journal.history import body_of
from cycle.journal.records import Event, Opening, every_table
from cycle.journal.replay import Folded, empty, fold
from cycle.journal.shape import Shape, journalled, table_shape


@contextmanager
def as_of(session: Session, moment: datetime, held_on: date | None = None) -> Iterator[Session]:
    """A session on the tables as the journal told them at that moment, private values as far as they can still be opened.

    With `held_on` only what counts from that day or earlier: of two entries that say different things of it, the one
    recorded later is believed. A change of something that did not hold yet on that day is left out with it.
    """
    all_tables = every_table()
    tables, state = journalled(all_tables), empty(all_tables)
    until = instant(moment)
    engine = create_engine("sqlite://", hide_parameters=True)
    event.listen(engine, "connect", _without_foreign_keys)
    with engine.begin() as connection:
        made: Any = connection.connection.driver_connection
        made.executescript(_schema(tuple(all_tables)))
        events: list[dict[str, Any]] = []
        promises: set[str] = set()
        query = select(*(Event.__table__.c[name] for name in _EVENT)).order_by(col(Event.seq))  # type: ignore[attr-defined]
        for row in session.execute(query).mappings():
            body = body_of(row["seq"], row["body"])
            if body["recorded_at"] > until:
                break
            if held_on is not None and body["effective_on"] > held_on.isoformat():
                continue
            events.append(dict(row))
            promises.update(body["private"].values())
            list(fold(state, row["seq"], body))
        if events:
            connection.execute(Event.__table__.insert(), events)  # type: ignore[attr-defined]
        openings = _openings(session, promises)
        if openings:
            connection.execute(Opening.__table__.insert(), openings)  # type: ignore[attr-defined]
        _fill(connection, tables, state, {each["commitment"]: json.loads(each["value"]) for each in openings})
    try:
        with engine.connect() as connection, Session(bind=connection, autoflush=False) as past:
            yield past
    finally:
        engine.dispose()


_EVENT = ("seq", "prev", "body", "hash", "cycle", "cseq", "cmd", "type")


@cache
def _schema(names: tuple[str, ...]) -> str:
    """The tables of these names as SQLite makes them: put into words once, they are needed at every look back."""
    spoken = sqlite.dialect()
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name in names]
    return ";\n".join(str(CreateTable(table).compile(dialect=spoken)) for table in tables)


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF").close()


def _openings(session: Session, promises: Collection[str]) -> list[dict[str, Any]]:
    """What still opens the commitments that had been made."""
    columns = [Opening.__table__.c[name] for name in ("commitment", "salt", "value", "subject")]  # type: ignore[attr-defined]
    rows = session.execute(select(*columns)).mappings() if promises else ()
    return [dict(row) for row in rows if row["commitment"] in promises]


def _fill(connection: Connection, tables: Mapping[str, Table], state: Folded, opened: Mapping[str, Mapping[str, Any]]) -> None:
    for name, rows in state.rows.items():
        table = tables[name]
        form = table_shape(table)
        values = [
            {column: _decoded(table.c[column].type, value) for column, value in zip(form.public, row, strict=True)}
            | _private(table, form, opened.get(state.promised.get((name, number), ""), {}))
            | {"id": number, "version": state.versions[name][number]}
            for number, row in rows.items()
        ]
        if values:
            connection.execute(table.insert(), values)


def _private(table: Table, form: Shape, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _decoded(table.c[name].type, values.get(name)) for name in form.private}


def _decoded(kind: TypeEngine[Any], value: Any) -> Any:
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if value is None:
        return None
    if isinstance(inner, DateTime):
        return parse_instant(value)
    if isinstance(inner, Date):
        return date.fromisoformat(value)
    return value
