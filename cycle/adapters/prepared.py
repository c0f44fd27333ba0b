"""Statements that are run over and over: built once, then given to the driver as they are.

SQLAlchemy makes the text and knows how each type is written and read. What it does anew at every execution is left out;
for a short statement that is two thirds of the cost.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from cycle.errors import Broken

Question = Select[*tuple[Any, ...]]
Statement = Question | Insert | Update
Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Text:
    """A statement as one kind of database takes it: its values in an order, or `named` where the driver takes names."""

    sql: str
    named: bool
    write: tuple[tuple[str, Convert | None], ...]
    fixed: Mapping[str, Any]
    read: tuple[tuple[int, Convert], ...]

    def given(self, values: Mapping[str, Any]) -> Any:
        known = {**self.fixed, **values} if self.fixed else values
        if self.named:
            return {name: known[name] if convert is None else convert(known[name]) for name, convert in self.write}
        return [known[name] if convert is None else convert(known[name]) for name, convert in self.write]

    def taken(self, row: Any) -> Any:
        values = list(row)
        for index, convert in self.read:
            values[index] = convert(values[index])
        return values


def ask(connection: Connection, question: Question, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows of a question, as sequences in the order of its columns. The statement must be one that is kept.

    Raises:
        DBAPIError: for what the driver raises, as SQLAlchemy would.
        Broken: for a stored value that its column cannot hold.
    """
    text = _KNOWN.get((connection.dialect.name, question)) or _text(question, connection.dialect)
    driver: Any = connection.connection.driver_connection
    try:
        found: list[Any] = driver.execute(text.sql, text.given(values)).fetchall()  # which is the cursor's end, too
    except Exception as error:
        tell(connection, text.sql, error)
        raise
    try:
        return [text.taken(row) for row in found] if text.read else found
    except (ValueError, TypeError) as error:
        raise Broken("value_unreadable") from error


def run(connection: Connection, statement: Insert | Update, values: Sequence[Mapping[str, Any]]) -> int:
    """Run a statement once for each set of values; the number of rows it touched. Raises DBAPIError as `ask`."""
    text = _KNOWN.get((connection.dialect.name, statement)) or _text(statement, connection.dialect)
    if len(values) == 1:
        return int(executed(connection, text.sql, text.given(values[0])).rowcount)
    with Cursor(connection, text.sql) as cursor:
        cursor.executemany(text.sql, [text.given(each) for each in values])
        return int(cursor.rowcount)


def executed(connection: Connection, statement: str, values: Any = ()) -> Any:
    """The driver's own cursor after a statement that gives no rows, in the connection's transaction. Raises DBAPIError as
    `ask`."""
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(statement, values)
    except Exception as error:
        tell(connection, statement, error)
        raise


class Cursor:
    """The driver's own cursor, in the connection's transaction; its errors as SQLAlchemy's, about that statement."""

    def __init__(self, connection: Connection, statement: str) -> None:
        self.connection = connection
        self.statement = statement

    def __enter__(self) -> Any:
        try:
            self.cursor = self.connection.connection.cursor()
        except Exception as error:
            tell(self.connection, self.statement, error)
            raise
        return self.cursor

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.cursor.close()
        if isinstance(error, Exception):
            tell(self.connection, self.statement, error)


def tell(connection: Connection, statement: str, error: Exception) -> None:
    """Raise what the driver raised as SQLAlchemy's error; do nothing for another."""
    base: Any = connection.dialect.loaded_dbapi.Error
    if isinstance(error, base):
        raise DBAPIError.instance(statement, None, error, base, hide_parameters=True, dialect=connection.dialect) from error


_KNOWN: dict[tuple[str, Statement], _Text] = {}


def _text(statement: Statement, dialect: Dialect) -> _Text:
    return _KNOWN.setdefault((dialect.name, statement), _compiled(statement, dialect))


def _compiled(statement: Statement, dialect: Dialect) -> _Text:
    compiled: Any = statement.compile(dialect=dialect)
    if any(bind.expanding for bind in compiled.bind_names):
        raise TypeError("a list in IN has no fixed text: ask for all, or one OR for each")
    write = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()}
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    read = ((place, _reader(column.type, dialect)) for place, column in enumerate(columns))
    return _Text(
        sql=str(compiled),
        named=not compiled.positional,
        write=tuple((name, write[name]) for name in (compiled.positiontup if compiled.positional else write)),
        fixed={name: value for name, value in compiled.params.items() if value is not None},
        read=tuple((place, convert) for place, convert in read if convert is not None),
    )


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    convert: Convert | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return _remembering(convert) if convert is not None and isinstance(kind, JSON) else convert


def _remembering(decode: Convert) -> Convert:
    """Decodes each short list once: the groups of partners and the fields of projects are read with every question about them,
    and are few. Who asks gets a list of their own."""
    known: dict[str, list[Any]] = {}

    def read(text: Any) -> Any:
        found = known.get(text)
        if found is not None:
            return found.copy()
        value = decode(text)
        if isinstance(value, list) and len(value) <= _SHORT and all(isinstance(each, str | int) for each in value):
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[text] = value.copy()
        return value

    return read


_SHORT, _MOST_KNOWN = 10, 10_000
