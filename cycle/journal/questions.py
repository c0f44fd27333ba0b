"""Questions asked of the tables: built once, asked of the driver, their rows the session's own objects.

Most questions of a year are short and asked hundreds of times; what an ORM query does before and after the driver's part
costs ten times that part. Rare or long ones are asked of the session as usual: both give the same objects.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, inspect, select
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state
from sqlmodel import Session

from cycle.adapters.prepared import Question, ask
from cycle.journal.records import Row

T = TypeVar("T")
Asks = Session | Connection  # a session that reads, or a connection for a question of single columns
R = TypeVar("R", bound=Row)

# So many rows at a time of what may be very many.
READ_AT_ONCE = 2000


def asked(session: Asks, question: Question, **values: Any) -> Sequence[Any]:
    """What a question of single columns answers for these values: its rows, each a sequence.

    The question is one that is kept (built under `functools.cache`).
    """
    connection = session if isinstance(session, Connection) else session.bind
    if not isinstance(connection, Connection):
        raise TypeError("a session that reads is bound to one connection")
    return ask(connection, question, values)


def asked_in_parts(session: Session, question: Question, **values: Any) -> Iterator[Any]:
    """The same of what may be very many rows: some thousand are read at a time.

    The question asks for `most` of the rows whose first column, a number that is not negative, is greater than `after`, in
    that order.
    """
    after = -1
    while True:
        rows = asked(session, question, after=after, most=READ_AT_ONCE, **values)
        yield from rows
        if len(rows) < READ_AT_ONCE:
            return
        after = rows[-1][0]


def asked_once(session: Session, models: type[Row] | tuple[type[Row], ...], question: Hashable, answer: Callable[[], T]) -> T:
    """The answer to a question about some tables; kept in the session until an entry adds or changes a row of one of them."""
    known = session.info.setdefault(models, {})
    if question not in known:
        known[question] = answer()
    return known[question]  # type: ignore[no-any-return]


def forget_answers(session: Session, model: type[Row]) -> None:
    """A row of the table has been added or changed: what was asked about it is asked again."""
    for models in [each for each in session.info if each is model or (isinstance(each, tuple) and model in each)]:
        del session.info[models]


def rows_where(session: Session, model: type[R], **equal: Any) -> list[R]:
    """The rows of a table whose columns have these values (None: are empty), in the order made."""
    given = {name: value for name, value in equal.items() if value is not None}
    empty = () if len(given) == len(equal) else tuple(name for name in equal if name not in given)
    question = _where(model, tuple(given), empty)
    return loaded(session, model, asked(session, question, **given))


def row_of(session: Session, model: type[R], number: int | None) -> R:
    """The row of that id.

    Raises:
        LookupError: there is none (our bug: a number that a table gave is for ever).
    """
    for row in rows_where(session, model, id=number) if number is not None else ():
        return row
    raise LookupError(f"{_table_of(model).name} has no row {number}")


def rows_of_cycle(session: Session, model: type[R], cycle_id: int) -> list[R]:
    """All rows of a table that belong to one cycle, in the order made; asked once."""
    return list(asked_once(session, model, cycle_id, lambda: rows_where(session, model, cycle_id=cycle_id)))


def loaded(session: Session, model: type[R], found: Sequence[Any]) -> list[R]:
    """Rows of a model from the values of all its columns: the session's own objects, as its queries give them.

    Raises:
        ValueError: if they are not all its columns.
    """
    names, new = _made_of(model)
    known = session.identity_map
    rows: list[R] = []
    for values in found:
        key = (model, (values[0],), None)
        row = known.get(key)
        if row is None:
            row = new()
            row.__dict__.update(zip(names, values, strict=True))
            state = instance_state(row)
            state.key, state.session_id = key, session.hash_key
            known.add(state)
        rows.append(row)
    return rows


def known_from_now_on(session: Session, row: Row) -> None:
    """A row that was just inserted is the session's own object for it, as one that it loaded."""
    state = instance_state(row)
    if state.modified or state.key is not None:
        make_transient_to_detached(row)
        session.add(row)
        return
    state.key, state.session_id = (type(row), (row.id,), None), session.hash_key
    session.identity_map.add(state)


@cache
def _made_of(model: type[R]) -> tuple[tuple[str, ...], Callable[[], R]]:
    mapper = inspect(model)
    mapper.registry.configure()  # an ORM query would have done it before it made the first row
    return tuple(_table_of(model).c.keys()), mapper.class_manager.new_instance


@cache
def _where(model: type[Row], given: tuple[str, ...], empty: tuple[str, ...]) -> Question:
    table = _table_of(model)
    equal = [table.c[name] == bindparam(name) for name in given]
    return select(table).where(*equal, *(table.c[name].is_(None) for name in empty)).order_by(table.c.id)


def _table_of(model: type[Row]) -> Table:
    """The table of a model; the primary key is its first column."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
