"""Correcting one recorded value by an entry of its own, also after the close: what stood before stays in the journal."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from sqlmodel import select

from cycle.adapters.tables import CellError, clean, codes, count, filled
from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.documents.records import Document
from cycle.errors import NotFound, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.form import profiled
from cycle.journal.history import Told, entries
from cycle.journal.records import Row
from cycle.meetings.actions import known_partners
from cycle.meetings.records import Meeting, MeetingStatus, meetings_of
from cycle.meetings.rules import Count, mode_of
from cycle.meetings.rules import count as people
from cycle.plan.actions.needs import titled
from cycle.plan.actions.themes import referenced
from cycle.plan.records import measure_of, need_of, theme_of
from cycle.plan.rules.status import Priority, Secured
from cycle.plan.rules.terms import engine_term

# What a field becomes: its columns with their values. Raises WrongInput, or CellError for a value of another kind.
Setting: TypeAlias = Callable[[Year, Any, str], Mapping[str, Any]]


def correct(entry: Entry, about: Year, thing: str, field: str, value: str, *, on: date | None = None) -> tuple[Any, Any]:
    """Set one field of `meeting/spring`, `measure/M-2025-01`, …; the entry supersedes the one that last set it, and counts
    from the day that one counted from, or from `on`: it was so all the time, we only learn it now (cycle-log/1).

    Gives what stood there and what stands there now.

    Raises:
        NotFound: for an unknown thing.
        WrongInput: without a reason, for a field that may not be corrected, or a value that the command which first set it
            would not take.
    """
    need_reason(entry.reason)
    kind, _, name = thing.partition("/")
    if kind not in FIELDS or not name:
        raise WrongInput("bad_object", thing=thing, known=", ".join(f"{each}/…" for each in FIELDS))
    if field not in FIELDS[kind]:
        raise WrongInput("bad_field", field=field, thing=thing, known=", ".join(sorted(FIELDS[kind])))
    row = _FIND[kind](about, name)
    try:
        becomes = FIELDS[kind][field](about, row, value)
    except CellError as error:
        raise WrongInput("bad_value", field=field, value=value) from error
    was, now = getattr(row, field), becomes[field]
    if all(getattr(row, column) == new for column, new in becomes.items()):
        raise WrongInput("same_value", field=field, thing=thing, value=value)
    entry.change(row, **becomes)
    entry.tell(object=thing, field=field, was=profiled(was), now=profiled(now))
    old = _last_that_set(about, row, field)
    if old is not None:
        entry.supersedes = old.id
        entry.effective_on = on or old.effective_on
    return was, now


def _amount(field: str) -> Setting:
    return lambda _about, _row, value: {field: count(filled(value.strip()))}


def _cost_of_need(_about: Year, _row: Row, value: str) -> Mapping[str, Any]:
    amount = count(filled(value.strip()))
    return {"amount": amount, "costs": amount is not None and amount > 0}


def _secured(about: Year, _row: Row, value: str) -> Mapping[str, Any]:
    return {"secured": engine_term(about.workflow, "funding_secured", Secured, value)}


def _title(_about: Year, _row: Row, value: str) -> Mapping[str, Any]:
    return {"title": titled(value)}


def _on_site(about: Year, meeting: Meeting, value: str) -> Mapping[str, Any]:
    _held(about, meeting)
    found = people(value)
    if found.at_least:
        raise WrongInput("count_exact", meeting=meeting.name)
    return {"on_site": found.people}


def _online(about: Year, meeting: Meeting, value: str) -> Mapping[str, Any]:
    _held(about, meeting)
    found = people(value)
    return {"online": found.people, "online_at_least": found.at_least}


def _mode(_about: Year, meeting: Meeting, value: str) -> Mapping[str, Any]:
    return {"mode": mode_of(value, on_site=Count(meeting.on_site or 0), online=Count(meeting.online or 0))}


def _present(about: Year, meeting: Meeting, value: str) -> Mapping[str, Any]:
    _held(about, meeting)
    return {"present": known_partners(about, [count(filled(part)) or 0 for part in codes(value)])}


def _held(about: Year, meeting: Meeting) -> None:
    """Who was there is put right of a meeting that was; of another it would be the first record, which says more."""
    if meeting.status != MeetingStatus.HELD:
        raise WrongInput("present_before_held", meeting=meeting.name, name=meeting.name, year=about.cycle.year)


# What may be put right afterwards; what steers the process (status, phase, dates) has commands of its own.
FIELDS: Mapping[str, Mapping[str, Setting]] = {
    "meeting": {
        "on_site": _on_site,
        "online": _online,
        "venue": lambda _about, _row, value: {"venue": clean(value) or None},
        "mode": _mode,
        "present": _present,
    },
    "document": {"amount": _amount("amount")},
    "need": {
        "title": _title,
        "amount": _cost_of_need,
        "secured": _secured,
        "priority": lambda about, _row, value: {"priority": engine_term(about.workflow, "priorities", Priority, value)},
    },
    "measure": {
        "title": _title,
        "cost": _amount("cost"),
        "cost_actual": _amount("cost_actual"),
        "secured": _secured,
    },
    "theme": {"title": _title, "reference": lambda _about, _row, value: {"reference": referenced(value)}},
}


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
    "need": lambda about, name: need_of(about.session, name, about.cycle.plan),
    "measure": lambda about, name: measure_of(about.session, name, about.cycle.plan),
    "theme": lambda about, name: theme_of(about.session, name, about.cycle.plan),
}


def _last_that_set(about: Year, row: Row, field: str) -> Told | None:
    """The last entry, of whatever year, that gave the row this value."""
    table = row.__table__.name  # type: ignore[attr-defined]
    for told in entries(about.session, newest_first=True, mentioning=f'"{table}"'):
        for change in told.data.get("changes", ()):
            added = change.get("add") == table and row.id in change["ids"]
            changed = change.get("change") == table and change["id"] == row.id and field in change["fields"]
            if added or changed:
                return told
    return None
