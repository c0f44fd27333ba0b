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
from cycle.journal.records import Event
from cycle.journal.replay import Folded, empty, fold
from cycle.journal.shape import journalled, table_shape


@contextmanager
def as_of(session: Session, moment: datetime) -> Iterator[Session]:
    """A session on the tables as the journal told them at that moment. Private values are not in the journal: empty there."""
    tables = journalled(SQLModel.metadata.tables)
    state = empty(SQLModel.metadata.tables)
    until = instant(moment)
    engine = create_engine("sqlite://")
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
        _fill(connection, tables, state)
    try:
        with engine.connect() as connection, Session(bind=connection, autoflush=False) as past:
            yield past
            past.expunge_all()
    finally:
        engine.dispose()


_EVENT = ("seq", "prev", "body", "hash", "cycle", "cseq", "cmd", "type")


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF").close()


def _fill(connection: Connection, tables: Mapping[str, Table], state: Folded) -> None:
    for name, rows in state.rows.items():
        table = tables[name]
        form = table_shape(table)
        values = [
            {column: _decoded(table.c[column].type, value) for column, value in zip(form.public, row, strict=True)}
            | {"id": number, "version": state.versions[name][number]}
            for number, row in rows.items()
        ]
        if values:
            connection.execute(table.insert(), values)


def _decoded(kind: TypeEngine[Any], value: Any) -> Any:
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if value is None:
        return None
    if isinstance(inner, DateTime):
        return parse_instant(value)
    if isinstance(inner, Date):
        return date.fromisoformat(value)
    return value
