"""Folding the journal's changes gives every table again; comparing finds what was changed past the journal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, select

from cycle.journal.form import canonical, commitment_to_text
from cycle.journal.records import Opening
from cycle.journal.shape import Shape, journalled, table_shape


@dataclass(frozen=True)
class Problem:
    """Something that does not verify: its key in the wording, its facts, and the entry it concerns (None: a table)."""

    key: str
    seq: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Folded:
    """The tables as the journal tells them: public values, count of changes, last commitment, last entry."""

    fields: Mapping[str, tuple[str, ...]]
    rows: dict[str, dict[int, list[Any]]] = field(default_factory=dict)
    versions: dict[str, dict[int, int]] = field(default_factory=dict)
    promised: dict[tuple[str, int], str] = field(default_factory=dict)
    touched: dict[tuple[str, int], int] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)


def empty(tables: Mapping[str, Table]) -> Folded:
    """The state before the first entry, for the tables of this version of the programme."""
    return Folded(fields={name: table_shape(table).public for name, table in journalled(tables).items()})


def fold(state: Folded, seq: int, body: Mapping[str, Any]) -> Iterator[Problem]:
    """Apply one entry's changes to the state; what cannot be applied is a problem, never an error."""
    private = body["private"]
    for change in body["data"].get("changes", ()):
        try:
            if "add" in change:
                _add(state, seq, change, private)
            else:
                yield from _change(state, seq, change, private)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            yield Problem("replay_impossible", seq, {"problem": f"{type(error).__name__} {error}"})
    if body["type"] == "subject.erased":
        state.erased.update(body["data"].get("subjects", ()))


def compare(state: Folded, connection: Connection, tables: Mapping[str, Table]) -> Iterator[Problem]:
    """Every row of every journalled table against the folded state, value by value."""
    openings = {row.commitment: (row.salt, row.value) for row in connection.execute(select(Opening.__table__))}  # type: ignore[attr-defined]
    for name, table in sorted(journalled(tables).items()):
        form = table_shape(table)
        told = dict(state.rows.get(name, {}))
        versions = state.versions.get(name, {})
        for found in connection.execute(select(table).order_by(table.c.id)).mappings():
            row = dict(found)
            known = told.pop(row["id"], None)
            seq = state.touched.get((name, row["id"]))
            if known is None:
                yield Problem("row_not_in_journal", None, {"table": name, "id": row["id"]})
                continue
            yield from _differences(form, row, known, versions[row["id"]], seq)
            yield from _private(form, row, state, openings, seq)
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
        values = change["rows"][index]
        if given != columns:
            by_name = dict(zip(given, values, strict=True))
            values = [by_name.get(column) for column in columns]
        rows[number] = list(values)
        versions[number] = 1
        state.touched[name, number] = seq
        if promised and promised[index]:
            state.promised[name, number] = private[promised[index]]


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
        state.promised[name, number] = private[change["private"]]


def _differences(form: Shape, row: Mapping[str, Any], known: list[Any], version: int, seq: int | None) -> Iterator[Problem]:
    where = {"table": form.table.name, "id": row["id"]}
    for column, expected in zip(form.public, known, strict=True):
        try:
            found = form.encode[column](row[column])
        except TypeError:
            found = repr(row[column])
        if found != expected:
            yield Problem("table_differs", seq, where | {"field": column, "journal": expected, "table_value": found})
    if row["version"] != version:
        yield Problem("table_differs", seq, where | {"field": "version", "journal": version, "table_value": row["version"]})


def _private(
    form: Shape, row: Mapping[str, Any], state: Folded, openings: Mapping[str, tuple[bytes, str]], seq: int | None
) -> Iterator[Problem]:
    if not form.private:
        return
    where = {"table": form.table.name, "id": row["id"]}
    subject = f"{form.table.name}:{row['id']}"
    if subject in state.erased:
        return
    try:
        value = canonical({name: form.encode[name](row[name]) for name in form.private})
    except TypeError:
        yield Problem("private_differs", seq, where)
        return
    promised = state.promised.get((form.table.name, row["id"]))
    if promised is None:
        if any(row[name] is not None for name in form.private):
            yield Problem("private_differs", seq, where)
        return
    opening = openings.get(promised)
    if opening is None:
        yield Problem("opening_missing", seq, where)
    elif opening[1] != value or not _opens(promised, opening):
        yield Problem("private_differs", seq, where)


def _opens(promised: str, opening: tuple[bytes, str]) -> bool:
    salt, value = opening
    return commitment_to_text(bytes(salt), value) == promised
