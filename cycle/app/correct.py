"""Correcting one recorded value by an entry of its own, also after the close: what stood before stays in the journal."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Boolean, Date, Integer
from sqlmodel import select

from cycle.adapters.tables import CellError, filled_day
from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.documents.records import Document
from cycle.errors import NotFound, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.form import profiled
from cycle.journal.history import entries
from cycle.journal.records import Row
from cycle.meetings.records import meetings_of
from cycle.plan.records import measure_of, need_of, theme_of

# What may be put right afterwards; what steers the process (status, phase, dates) has commands of its own.
FIELDS: Mapping[str, frozenset[str]] = {
    "meeting": frozenset({"on_site", "online", "venue", "mode"}),
    "document": frozenset({"amount"}),
    "need": frozenset({"title", "amount", "priority"}),
    "measure": frozenset({"title", "cost", "secured"}),
    "theme": frozenset({"title", "reference"}),
}


def correct(entry: Entry, about: Year, thing: str, field: str, value: str) -> tuple[Any, Any]:
    """Set one field of `meeting/spring`, `measure/M-2025-01`, …; the entry supersedes the one that last set it.

    Gives what stood there and what stands there now.

    Raises:
        NotFound: for an unknown thing.
        WrongInput: without a reason, for a field that may not be corrected, or a value of another kind.
    """
    need_reason(entry.reason)
    kind, _, name = thing.partition("/")
    if kind not in FIELDS or not name:
        raise WrongInput("bad_object", thing=thing, known=", ".join(f"{each}/…" for each in FIELDS))
    if field not in FIELDS[kind]:
        raise WrongInput("bad_field", field=field, thing=thing, known=", ".join(sorted(FIELDS[kind])))
    row = _FIND[kind](about, name)
    was = getattr(row, field)
    now = _parsed(row, field, value)
    if was == now:
        raise WrongInput("same_value", field=field, thing=thing, value=value)
    entry.change(row, **{field: now})
    entry.tell(object=thing, field=field, was=profiled(was), now=profiled(now))
    entry.supersedes = _last_that_set(about, row, field)
    return was, now


def _meeting(about: Year, name: str) -> Row:
    for meeting in meetings_of(about.session, about.cycle_id):
        if meeting.name == name:
            return meeting
    raise NotFound("unknown_meeting", meeting=name, known=", ".join(m.name for m in meetings_of(about.session, about.cycle_id)))


def _document(about: Year, name: str) -> Row:
    query = select(Document).where(Document.cycle_id == about.cycle_id, Document.kind == name, Document.superseded == False)  # noqa: E712 - SQL
    found = about.session.exec(query).first()
    if found is None:
        raise NotFound("unknown_document", document=name)
    return found


_FIND: Mapping[str, Callable[[Year, str], Row]] = {
    "meeting": _meeting,
    "document": _document,
    "need": lambda about, name: need_of(about.session, name),
    "measure": lambda about, name: measure_of(about.session, name),
    "theme": lambda about, name: theme_of(about.session, name),
}


def _parsed(row: Row, field: str, value: str) -> Any:
    column = row.__table__.c[field]  # type: ignore[attr-defined]
    try:
        if isinstance(column.type, Boolean):
            return {"true": True, "false": False}[value.lower()]
        if isinstance(column.type, Integer):
            return int(value)
        if isinstance(column.type, Date):
            return filled_day(value)
    except (ValueError, KeyError, CellError) as error:
        raise WrongInput("bad_value", field=field, value=value) from error
    return value.strip() or None


def _last_that_set(about: Year, row: Row, field: str) -> str | None:
    """The id of the last entry of the cycle that gave the row this value."""
    table = row.__table__.name  # type: ignore[attr-defined]
    found = None
    for told in entries(about.session, cycle=about.cycle.key):
        for change in told.data.get("changes", ()):
            added = change.get("add") == table and row.id in change["ids"]
            changed = change.get("change") == table and change["id"] == row.id and field in change["fields"]
            if added or changed:
                found = told.id
    return found
