"""Folding the journal's changes gives every table again; comparing finds what was changed past the journal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnClause, Connection, Dialect, LargeBinary, Select, Table, literal_column, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.types import TypeEngine

from cycle.adapters.database import of_one_table
from cycle.journal.form import canonical, commitment
from cycle.journal.records import Opening
from cycle.journal.shape import Shape, journalled, table_shape


@dataclass(frozen=True)
class Problem:
    """Something that does not verify: its key in the wording, its facts, and the entry it concerns (None: a table)."""

    key: str
    seq: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Promise:
    """A commitment that the journal made: the entry that made it, and what its opening is about (`table:id`, `event:id`)."""

    seq: int
    subject: str


@dataclass
class Folded:
    """The tables as the journal tells them: public values, count of changes, last commitment, last entry.

    `promises` are all commitments ever made, `erased` the last entry that erased a subject.
    """

    fields: Mapping[str, tuple[str, ...]]
    rows: dict[str, dict[int, list[Any]]] = field(default_factory=dict)
    versions: dict[str, dict[int, int]] = field(default_factory=dict)
    promised: dict[tuple[str, int], str] = field(default_factory=dict)
    touched: dict[tuple[str, int], int] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Unreadable:
    """A value that the column's type cannot read."""

    stored: Any


def empty(tables: Mapping[str, Table]) -> Folded:
    """The state before the first entry, for the tables of this version of the programme."""
    return Folded(fields={name: table_shape(table).public for name, table in journalled(tables).items()})


def fold(state: Folded, seq: int, body: Mapping[str, Any]) -> Iterator[Problem]:
    """Apply one entry's changes to the state; what cannot be applied is a problem, never an error."""
    private = body["private"]
    if "reason" in private:
        state.promises[private["reason"]] = Promise(seq, f"event:{body['id']}")
    for change in body["data"].get("changes", ()):
        try:
            if "add" in change:
                _add(state, seq, change, private)
            else:
                yield from _change(state, seq, change, private)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            yield Problem("replay_impossible", seq, {"problem": f"{type(error).__name__} {error}"})
    if body["type"] == "subject.erased":
        state.erased.update(dict.fromkeys(body["data"].get("subjects", ()), seq))


def compare(state: Folded, connection: Connection, tables: Mapping[str, Table]) -> Iterator[Problem]:
    """Every row of every journalled table against the folded state, value by value; every commitment against its opening."""
    opened: dict[str, str] = {}
    yield from _openings(state, connection, opened)
    for name, table in sorted(journalled(tables).items()):
        form = table_shape(table)
        told = dict(state.rows.get(name, {}))
        versions = state.versions.get(name, {})
        for row in _rows(connection, table):
            if isinstance(row, Problem):
                yield row
                continue
            known = told.pop(row["id"], None)
            seq = state.touched.get((name, row["id"]))
            if known is None:
                yield Problem("row_not_in_journal", None, {"table": name, "id": row["id"]})
                continue
            yield from _differences(form, row, known, versions[row["id"]], seq)
            yield from _private(form, row, state, opened, seq)
        for number in told:
            yield Problem("row_missing", state.touched.get((name, number)), {"table": name, "id": number})


def _add(state: Folded, seq: int, change: Mapping[str, Any], private: Mapping[str, str]) -> None:
    name = change["add"]
    columns = state.fields[name]
    given = tuple(change["fields"])
    rows = state.rows.setdefault(name, {})
    versions = state.versions.setdefault(name, {})
    promised = change.get("private")
    for index, number in enumerate(change["ids"]):
        by_name = dict(zip(given, change["rows"][index], strict=True))
        rows[number] = [by_name.get(column) for column in columns]
        versions[number] = 1
        state.touched[name, number] = seq
        if promised and promised[index]:
            _promise(state, seq, name, number, private[promised[index]])


def _change(state: Folded, seq: int, change: Mapping[str, Any], private: Mapping[str, str]) -> Iterator[Problem]:
    name, number = change["change"], change["id"]
    row = state.rows[name][number]
    for column, (before, after) in change["fields"].items():
        index = state.fields[name].index(column)
        if row[index] != before:
            yield Problem("replay_differs", seq, {"table": name, "id": number, "field": column})
        row[index] = after
    state.versions[name][number] += 1
    state.touched[name, number] = seq
    if change.get("private"):
        _promise(state, seq, name, number, private[change["private"]])


def _promise(state: Folded, seq: int, table: str, number: int, commitment: str) -> None:
    state.promises[commitment] = Promise(seq, f"{table}:{number}")
    state.promised[table, number] = commitment


def _openings(state: Folded, connection: Connection, opened: dict[str, str]) -> Iterator[Problem]:
    """Fill `opened` with the values of the openings that fit their commitment; tell those that do not, are missing, or are
    still there though they were erased."""
    lost = dict(state.promises)
    for row in _rows(connection, Opening.__table__):  # type: ignore[attr-defined]
        if isinstance(row, Problem):
            yield row
            continue
        promise = lost.pop(row["commitment"], None)
        if promise is None:
            yield Problem("opening_foreign", None, {"subject": row["subject"]})
        elif not _opens(row) or row["subject"] != promise.subject:
            yield Problem("opening_differs", promise.seq, _where(promise.subject))
        elif state.erased.get(promise.subject, 0) > promise.seq:
            yield Problem("opening_not_erased", promise.seq, _where(promise.subject))
        else:
            opened[row["commitment"]] = row["value"]
    for promise in lost.values():
        if state.erased.get(promise.subject, 0) < promise.seq:
            yield Problem("opening_missing", promise.seq, _where(promise.subject))


def _opens(row: Mapping[str, Any]) -> bool:
    salt, value = row["salt"], row["value"]
    if not isinstance(salt, bytes) or not isinstance(value, str):
        return False
    try:
        return row["commitment"] == commitment(salt, value)  # type: ignore[no-any-return]
    except UnicodeError:
        return False


def _where(subject: str) -> dict[str, Any]:
    table, _, number = subject.partition(":")
    return {"table": table, "id": int(number) if number.isdigit() and table != "event" else number}


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any] | Problem]:
    """The rows as stored, each value read by its column's type on its own: one that cannot be read spoils no other."""
    query, read = _question(table, connection.dialect)
    try:
        with connection.begin_nested():
            for row in connection.execute(query):
                yield {name: _decoded(decode, value) for (name, decode), value in zip(read, row, strict=True)}
    except DatabaseError as error:
        if not of_one_table(error):
            raise
        yield Problem("table_unreadable", None, {"table": table.name, "problem": str(error.orig).splitlines()[0]})


# The statement, and for each of its columns the name and what reads a stored value.
Question = tuple[Select[Any], Sequence[tuple[str, Callable[[Any], Any] | None]]]
_QUESTIONS: dict[tuple[str, Table], Question] = {}


def _question(table: Table, dialect: Dialect) -> Question:
    """The question for all that the journal tells of a table, and how each value is read; made once a kind of database."""
    key = (dialect.name, table)
    if key not in _QUESTIONS:
        kept = [column for column in table.columns if column.info.get("kind") != "machinery"]
        quoted: list[ColumnClause[Any]] = [literal_column(dialect.identifier_preparer.quote(column.name)) for column in kept]
        read = [(column.name, _decoder(column.type, dialect)) for column in kept]
        _QUESTIONS[key] = (select(*quoted).select_from(table).order_by(quoted[0]), read)
    return _QUESTIONS[key]


def _decoder(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    # Bytes are taken as they come: SQLAlchemy would make them of a whole number, as many as it says.
    return None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).result_processor(dialect, None)


def _decoded(decode: Callable[[Any], Any] | None, value: Any) -> Any:
    if decode is None or value is None:
        return value
    try:
        return decode(value)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Unreadable(value)


def _differences(form: Shape, row: Mapping[str, Any], known: list[Any], version: int, seq: int | None) -> Iterator[Problem]:
    where = {"table": form.table.name, "id": row["id"]}
    for column, expected in zip(form.public, known, strict=True):
        found = _encoded(form, row, column)
        if found != expected:
            yield Problem("table_differs", seq, where | {"field": column, "journal": expected, "table_value": found})
    if row["version"] != version:
        yield Problem("table_differs", seq, where | {"field": "version", "journal": version, "table_value": row["version"]})


def _encoded(form: Shape, row: Mapping[str, Any], column: str) -> Any:
    value = row[column]
    try:
        return form.encode[column](value)
    except (TypeError, RecursionError):
        return value if isinstance(value, Unreadable) else Unreadable(value)


def _private(
    form: Shape, row: Mapping[str, Any], state: Folded, opened: Mapping[str, str], seq: int | None
) -> Iterator[Problem]:
    """Private columns hold what the last commitment opens to; nothing where there was none, or it was erased."""
    if not form.private:
        return
    where = {"table": form.table.name, "id": row["id"]}
    promised = state.promised.get((form.table.name, row["id"]))
    erased = state.erased.get(f"{form.table.name}:{row['id']}", 0)
    if promised is None or erased >= state.promises[promised].seq:
        if any(row[name] is not None for name in form.private):
            yield Problem("private_differs", seq, where)
        return
    values = {name: _encoded(form, row, name) for name in form.private}
    unreadable = any(isinstance(value, Unreadable) for value in values.values())
    if unreadable or (promised in opened and opened[promised] != canonical(values)):
        yield Problem("private_differs", seq, where)
