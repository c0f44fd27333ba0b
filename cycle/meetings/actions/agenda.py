"""The programme of a meeting, item by item or whole from a file. Nothing of it counts the meeting's sequence up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cycle.adapters.tables import CellError, Problem, Row, Table, clean, count, filled, read, value
from cycle.cycles.records import Year
from cycle.documents.records import Document, documents_of
from cycle.errors import NotFound, WrongInput
from cycle.journal.entry import Entry
from cycle.meetings.actions.looking import find, named, not_cancelled
from cycle.meetings.records import AgendaItem, Meeting, agenda_of
from cycle.meetings.rules import Slot, clock, hours
from cycle.meetings.rules.agenda import longer_than
from cycle.vocabulary import Finding
from cycle.workflow.words import word_of

KINDS = "agenda_kinds"  # the workflow's list of what an item may be
LONGEST_TITLE = 300
MOST_MINUTES = 24 * 60
COLUMNS = {
    "title": ("Titel", "Programmpunkt", "TOP", "Tagesordnungspunkt", "Thema des Vortrags", "title"),
    "kind": ("Art", "Form", "kind"),
    "speaker": ("Referent/in", "Referent", "Referentin", "Vortragende", "Sprecher", "Person", "speaker"),
    "starts": ("Beginn", "Uhrzeit", "Von", "start"),
    "minutes": ("Minuten", "Dauer", "Dauer (Minuten)", "minutes"),
    "theme": ("Schwerpunktthema", "Thema", "theme"),
    "document": ("Dokument", "Unterlage", "document"),
    "fee": ("Honorar EUR", "Honorar", "Kosten EUR", "fee"),
}

# Gives the number of a theme as it is kept. Raises NotFound: which themes there are another house knows.
Themes = Callable[[str], str]


@dataclass(frozen=True)
class Programme:
    """What a programme is now: its items in order, and what a person should know."""

    meeting: Meeting
    items: tuple[AgendaItem, ...]
    warnings: tuple[Finding, ...] = ()


def add_item(
    entry: Entry, about: Year, rule: str, title: str, *, group: str | None = None, at: int | None = None, **said: Any
) -> Programme:
    """One more item, at the end or at a place (1 is the first). `said`: kind, speaker, starts, minutes, theme, document, fee.

    Raises:
        NotFound: for an unknown meeting.
        WrongInput: for a value that is none, a place that there is not, or an item that would begin before the one before.
    """
    meeting = _open(about, rule, group)
    items = agenda_of(about.session, meeting.id or 0)
    place = len(items) + 1 if at is None else at
    if not 1 <= place <= len(items) + 1:
        raise WrongInput("agenda_no_such_place", place=place, last=len(items) + 1)
    item = AgendaItem(meeting_id=meeting.id or 0, position=place, title=_title(title), **_read(about, said))
    return _settled(entry, about, meeting, [*items[: place - 1], item, *items[place - 1 :]])


def move_item(entry: Entry, about: Year, rule: str, number: int, to: int, *, group: str | None = None) -> Programme:
    """An item to another place. Raises as `add_item`."""
    meeting = _open(about, rule, group)
    items = agenda_of(about.session, meeting.id or 0)
    item = _numbered(items, number)
    others = [each for each in items if each is not item]
    if not 1 <= to <= len(items):
        raise WrongInput("agenda_no_such_place", place=to, last=len(items))
    if to == number:
        raise WrongInput("meeting_is_so", meeting=meeting.name, name=meeting.name, year=about.cycle.year)
    return _settled(entry, about, meeting, [*others[: to - 1], item, *others[to - 1 :]])


def drop_item(entry: Entry, about: Year, rule: str, number: int, *, group: str | None = None) -> Programme:
    """An item is off the programme. Raises as `add_item`."""
    meeting = _open(about, rule, group)
    items = agenda_of(about.session, meeting.id or 0)
    item = _numbered(items, number)
    entry.change(item, dropped=True)
    return _settled(entry, about, meeting, [each for each in items if each is not item])


def replace_agenda(
    entry: Entry, about: Year, rule: str, file: Path, *, group: str | None = None, themes: Themes
) -> tuple[Programme, bool]:
    """The whole programme from a table (CSV), and whether anything changed: a file read twice changes nothing.

    Raises:
        NotFound: for an unknown meeting or file.
        WrongInput: as `tables.read`, or `agenda_file_wrong` with every wrong cell.
    """
    meeting = _open(about, rule, group)
    wanted = _from_file(about, meeting, file, themes)
    items = agenda_of(about.session, meeting.id or 0)
    if [_values(item) for item in items] == wanted:
        return Programme(meeting, tuple(items), _warnings(meeting, items)), False
    for item in items[len(wanted) :]:
        entry.change(item, dropped=True)
    kept = []
    for at, fields in enumerate(wanted):
        if at >= len(items):
            kept.append(AgendaItem(meeting_id=meeting.id or 0, position=at + 1, **fields))
            continue
        if _values(items[at]) != fields:
            entry.change(items[at], **fields)
        kept.append(items[at])
    return _settled(entry, about, meeting, kept), True


def _settled(entry: Entry, about: Year, meeting: Meeting, items: Sequence[AgendaItem]) -> Programme:
    """The items in this order, those without a number added; the hours must rise."""
    hours(meeting.opens, [item.slot for item in items])
    made = []
    for place, item in enumerate(items, start=1):
        if item.id is None:
            item.position = place
            made.append(entry.add(item))
        else:
            made.append(entry.change(item, position=place) if item.position != place else item)
    entry.tell(**named(meeting), fields=["agenda"], items=len(made))
    return Programme(meeting, tuple(made), _warnings(meeting, made))


def _warnings(meeting: Meeting, items: Sequence[AgendaItem]) -> tuple[Finding, ...]:
    if not longer_than(meeting.opens, meeting.closes, [item.slot for item in items]):
        return ()
    return (Finding("agenda_longer_than_meeting", facts={"of": meeting.name, "end": meeting.closes}, hard=False),)


def _open(about: Year, rule: str, group: str | None) -> Meeting:
    """A meeting that may have a programme: also one that was held, since the last item is often known only then."""
    meeting = find(about, rule, group)
    not_cancelled(about, meeting)
    return meeting


def _numbered(items: Sequence[AgendaItem], number: int) -> AgendaItem:
    if not 1 <= number <= len(items):
        raise WrongInput("agenda_no_such_place", place=number, last=len(items))
    return items[number - 1]


def _title(text: str) -> str:
    title = clean(text)
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        raise WrongInput("agenda_title_wrong", most=LONGEST_TITLE)
    return title


def _read(about: Year, said: Mapping[str, Any]) -> dict[str, Any]:
    """Given values as they are kept."""
    found = {name: each for name, each in said.items() if each not in (None, "")}
    if "kind" in found:
        found["kind"] = word_of(about.workflow, KINDS, found["kind"])
    if "starts" in found:
        found["starts"] = clock(found["starts"])
    if "speaker" in found:
        found["speaker"] = clean(found["speaker"]) or None
    if "minutes" in found and not 0 < found["minutes"] <= MOST_MINUTES:
        raise WrongInput("agenda_minutes_wrong", minutes=found["minutes"], most=MOST_MINUTES)
    if "document" in found:
        found["document_id"] = _document(about, found.pop("document"))
    return found


def _document(about: Year, text: str) -> int | None:
    """The document on file that a kind, a file's name or the beginning of its hash means. Raises WrongInput."""
    on_file = [each for each in documents_of(about.session, about.cycle_id) if not each.superseded]
    kind = about.workflow.word_id("documents", text)
    found = [each for each in on_file if each.kind == kind or each.filename == text or _hashed(each, text)]
    if not found:
        raise WrongInput("agenda_no_such_document", text=text, year=about.cycle.year)
    return found[-1].id


def _hashed(document: Document, text: str) -> bool:
    shortest = 8
    return len(text) >= shortest and document.sha256.startswith(text.casefold())


_FIELDS = ("title", "kind", "speaker", "starts", "minutes", "theme", "document_id", "fee")


def _values(item: AgendaItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _FIELDS}


def _from_file(about: Year, meeting: Meeting, file: Path, themes: Themes) -> list[dict[str, Any]]:
    table = read(file, columns=COLUMNS, required=("title",))
    problems: list[Problem] = list(table.problems)
    found, rows = [], []
    for row in table.rows:
        fields = _row(about, table, row, themes, problems)
        rows.append(row)
        found.append(fields)
    if not problems:
        _in_order(meeting, table, rows, found, problems)
    if problems:
        raise WrongInput("agenda_file_wrong", problems=problems, file=table.file, count=len(problems))
    if not found:
        raise WrongInput("agenda_file_empty", file=table.file)
    return found


def _row(about: Year, table: Table, row: Row, themes: Themes, problems: list[Problem]) -> dict[str, Any]:
    def cell(column: str, parse: Callable[[str], Any]) -> Any:
        def parsed(text: str) -> Any:
            try:
                return parse(text)
            except (WrongInput, NotFound) as error:
                raise CellError(error.key, **error.facts) from None

        return value(table, row, column, parsed, problems)

    def of(name: str) -> Callable[[str], Any]:
        return lambda text: _read(about, {name: text}).get("document_id" if name == "document" else name)

    return {
        "title": cell("title", lambda text: _title(filled(text))),
        "kind": cell("kind", of("kind")),
        "speaker": cell("speaker", of("speaker")),
        "starts": cell("starts", lambda text: of("starts")(text.removesuffix("Uhr").strip().replace(".", ":"))),
        "minutes": cell("minutes", _minutes),
        "theme": cell("theme", lambda text: _theme(themes, text)),
        "document_id": cell("document", of("document")),
        "fee": cell("fee", count),
    }


def _minutes(text: str) -> int | None:
    minutes = count(text.removesuffix("Minuten").removesuffix("min").strip().removesuffix("Min.").strip())
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise CellError("agenda_minutes_wrong", minutes=minutes, most=MOST_MINUTES)
    return minutes


def _theme(themes: Themes, text: str) -> str | None:
    return themes(text) if text else None


def _in_order(
    meeting: Meeting, table: Table, rows: Sequence[Row], found: Sequence[Mapping[str, Any]], problems: list[Problem]
) -> None:
    try:
        hours(meeting.opens, [Slot(each["starts"], each["minutes"]) for each in found])
    except WrongInput as error:
        line = rows[error.facts["at"] - 1].line
        problems.append(Problem(table.file, line, table.headers.get("starts", ""), error.key, **error.facts))
