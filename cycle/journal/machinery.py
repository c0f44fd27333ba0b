"""How the programme touches its own machinery: columns and tables that nobody else needs, without an entry."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, update
from sqlmodel import Session, SQLModel

from cycle.adapters.prepared import run
from cycle.journal.pen import pen
from cycle.journal.shape import machinery_update_of, table_shape


class Machinery:
    """Changes to columns of machinery (`journal.records.machinery`) and to tables that are nothing else."""

    def __init__(self, connection: Connection, kind: str) -> None:
        self.kind = kind
        self.session = Session(bind=connection, autoflush=False)
        self._connection = connection

    def change(
        self, model: type[SQLModel], *where: ColumnElement[bool], returning: Sequence[Any] = (), **fields: Any
    ) -> list[Any]:
        """UPDATE machinery columns; the rows of `returning`, or [count].

        Raises:
            TypeError: for any other column.
        """
        table = _machinery(model, fields)
        statement = update(table).where(*where).values(**fields)
        with pen(self._connection):
            if returning:
                return list(self._connection.execute(statement.returning(*returning)).all())
            return [self._connection.execute(statement).rowcount]

    def change_row(self, model: type[SQLModel], number: int, *, holding: Mapping[str, Any], **fields: Any) -> bool:
        """UPDATE machinery columns of one row, if it still holds these values; whether it did. For what is done often.

        Raises:
            TypeError: for any other column.
        """
        table = _machinery(model, fields)
        values = {f"_{name}": value for name, value in fields.items()} | {f"_held_{name}": is_ for name, is_ in holding.items()}
        statement = machinery_update_of(table, frozenset(holding), frozenset(fields))
        with pen(self._connection):
            return run(self._connection, statement, [values | {"_id": number}]) == 1

    def add(self, model: type[SQLModel], values: Mapping[str, Any]) -> None:
        """INSERT into a table of mere machinery. Raises TypeError for another."""
        table = model.__table__  # type: ignore[attr-defined]
        if not table.info.get("machinery"):
            raise TypeError(f"{table.name} is journalled")
        with pen(self._connection):
            self._connection.execute(insert(table), [dict(values)])


def _machinery(model: type[SQLModel], fields: Collection[str]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    if table.info.get("machinery"):
        allowed = frozenset(column.name for column in table.columns)
    else:
        allowed = table_shape(table).machinery
    if not set(fields) <= allowed:
        raise TypeError(f"{table.name}: {sorted(set(fields) - allowed)} is no machinery")
    return table
