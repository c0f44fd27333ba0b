"""What was known at a moment: the journal folded up to it, in a database of its own in memory, asked as any other."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Table, create_engine, event, select
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel, col

from cycle.journal.form import instant, parse_instant
from cycle.journal.records import Event, Opening
from cycle.journal.replay import Folded, empty, fold
from cycle.journal.shape import Shape, journalled, table_shape


@contextmanager
def as_of(session: Session, moment: datetime) -> Iterator[Session]:
    """A session on the tables as the journal told them at that moment, private values as far as they can still be opened."""
    tables = journalled(SQLModel.metadata.tables)
    state = empty(SQLModel.metadata.tables)
    until = instant(moment)
    engine = create_engine("sqlite://", hide_parameters=True)
    event.listen(engine, "connect", _without_foreign_keys)
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
        events: list[dict[str, Any]] = []
        query = select(*(Event.__table__.c[name] for name in _EVENT)).order_by(col(Event.seq))  # type: ignore[attr-defined]
        for row in session.execute(query).mappings():
            body = json.loads(row["body"])
            if body["recorded_at"] > until:
                break
            events.append(dict(row))
            list(fold(state, row["seq"], body))
        if events:
            connection.execute(Event.__table__.insert(), events)  # type: ignore[attr-defined]
        _fill(connection, tables, state, _opened(session, state))
    try:
        with engine.connect() as connection, Session(bind=connection, autoflush=False) as past:
            yield past
    finally:
        engine.dispose()


_EVENT = ("seq", "prev", "body", "hash", "cycle", "cseq", "cmd", "type")


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF").close()


def _opened(session: Session, state: Folded) -> dict[str, dict[str, Any]]:
    """The private values behind the commitments that held at that moment, by commitment."""
    wanted = set(state.promised.values())
    rows = session.execute(select(col(Opening.commitment), col(Opening.value))) if wanted else ()
    return {promised: json.loads(value) for promised, value in rows if promised in wanted}


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
