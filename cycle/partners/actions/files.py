"""Reads the office's file of partners: one row an organisation with its first contact and a deputy's address.

A further row of the same organisation brings a further person.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cycle.adapters.tables import (
    CellError,
    Grade,
    Habits,
    Mended,
    Problem,
    Report,
    Row,
    Source,
    Table,
    as_cell,
    codes,
    filled,
    labels,
    mended,
    read,
    value,
    whole,
)
from cycle.adapters.tables.mending import amounts, any_day, filled_line, line, name, postcode, telephone, words
from cycle.errors import WrongInput
from cycle.partners.actions.words import addresses, channel_of, spoken
from cycle.partners.records import PartnerStatus
from cycle.partners.rules import same_address
from cycle.workflow.model import Workflow
from cycle.workflow.words import word_of

COLUMNS = {
    "number": ("Nr", "Partner Nr"),
    "short": ("Kürzel",),
    "name": ("Name",),
    "kind": ("Art",),
    "street": ("Straße",),
    "postcode": ("PLZ",),
    "city": ("Ort",),
    "salutation": ("Anrede",),
    "title": ("Titel",),
    "first_name": ("Vorname",),
    "last_name": ("Nachname",),
    "function": ("Funktion",),
    "mail": ("E-Mail",),
    "deputy_mail": ("E-Mail Vertretung",),
    "phone": ("Telefon",),
    "language": ("Sprache",),
    "languages": ("Weitere Sprachen",),
    "channel": ("Versandform",),
    "groups": ("Netzwerkgruppen",),
    "fields": ("Handlungsfelder",),
    "status": ("Status",),
    "since": ("Mitglied seit",),
    "budget": ("Projektbudget EUR",),
    "updated_on": ("Letzte Aktualisierung",),
    "remark": ("Bemerkung",),
}
REQUIRED = ("number", "short", "name", "kind")
GONE = (PartnerStatus.LEFT, PartnerStatus.MERGED)
_OF_CONTACT = ("salutation", "title", "first_name", "last_name", "function", "mail", "phone")
# Columns that must hold something keep what they have where a cell is empty.
_NEVER_EMPTY = ("language", "status", "languages", "groups", "fields")


@dataclass
class PartnerRow:
    """One organisation: the partner's columns and the contact's that the file has; `deputy` None where it has no such
    column; `further` persons, of other addresses in the cell or of other rows."""

    line: int
    number: int
    partner: dict[str, Any]
    contact: Mapping[str, Any]
    deputy: Mapping[str, Any] | None
    further: list[Mapping[str, Any]] = field(default_factory=list)


def read_partners(
    file: Path | Source, workflow: Workflow, groups: Sequence[str], report: Report | None = None
) -> list[PartnerRow]:
    """The rows of a file; words become the ids of the workflow. With a `report` wrong rows are told there and left out.

    Raises:
        NotFound, WrongInput: as `tables.read`, or without a report `partner_file_wrong` with every wrong cell and its line.
    """
    table = read(file, columns=COLUMNS, required=REQUIRED)
    seen = Report() if report is None else report
    seen.begin(table)
    rows: dict[int, PartnerRow] = {}
    first: dict[int, tuple[int, str]] = {}
    parsers = _parsers(workflow, groups, table.habits)
    for row in table.rows:
        number = value(table, row, "number", _number, seen)
        cells = {name: value(table, row, name, parsers[name], seen) for name in parsers if name in table.headers}
        _agree(table, row, cells, seen)
        if number is None:
            continue
        other, short = first.setdefault(number, (row.line, str(cells.get("short"))))
        if other != row.line and short != str(cells.get("short")):
            heading = table.headers["number"]
            seen.append(Problem(table.file, row.line, heading, "partner_twice", partner=number, other=other))
        elif not seen.is_wrong(row.line):
            found = _row(row.line, number, cells)
            if number in rows:
                _join(table, rows[number], found, seen)
            else:
                rows[number] = found
    if report is None and seen.errors:
        raise WrongInput("partner_file_wrong", problems=seen.errors, file=table.file, count=len(seen.errors))
    return list(rows.values())


def _row(line: int, number: int, cells: Mapping[str, Any]) -> PartnerRow:
    contact = {name: cells[name] for name in _OF_CONTACT if name in cells}
    partner = {name: cell for name, cell in cells.items() if name not in (*_OF_CONTACT, "deputy_mail", "channel")}
    way, language = cells.get("channel") or (None, None)
    partner |= ({"channel": way} if way else {}) | ({"language": language} if language else {})
    # Several addresses in one cell: the first person's, the deputy's, others'; then the column of the deputy follows.
    mails = [mail for column in ("mail", "deputy_mail") for mail in cells.get(column) or ()]
    own = cells.get("mail") or ()
    if "mail" in contact:
        contact["mail"] = own[0] if own else None
    others = list(dict.fromkeys(mails[1:] if own else mails))
    deputy = None
    if "deputy_mail" in cells or others:
        deputy = {"mail": others[0] if others else None, "phone": cells.get("phone")}
    further: list[Mapping[str, Any]] = [{"mail": mail} for mail in others[1:]]
    kept = {n: c for n, c in partner.items() if c is not None or n not in _NEVER_EMPTY}
    return PartnerRow(line, number, kept, contact, deputy, further)


def _join(table: Table, first: PartnerRow, again: PartnerRow, report: Report) -> None:
    """Take from a further row of an organisation what is not there yet: another person."""
    if _same_person(first.contact, again.contact):
        report.note(Grade.REPAIRED, Problem(table.file, again.line, "", "partner_same_person", other=first.line))
    else:
        first.further.append(again.contact)
        report.note(Grade.TAKEN, Problem(table.file, again.line, "", "partner_further_person", other=first.line))
    known = [first.contact, first.deputy or {}, *first.further]
    first.further += [
        person
        for person in (again.deputy or {}, *again.further)
        if person.get("mail") and not any(same_address(person["mail"], each.get("mail")) for each in known)
    ]


def _same_person(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one.get("mail") and other.get("mail"):
        return same_address(one["mail"], other["mail"])
    return all(one.get(part) == other.get(part) for part in ("first_name", "last_name"))


def _agree(table: Table, row: Row, cells: Mapping[str, Any], report: Report) -> None:
    """Who is to be mailed needs an address; who is written to by post has none, and somebody should know it."""
    way = (cells.get("channel") or ("mail", None))[0]
    if "mail" not in table.headers or row.values["mail"] or not row.values["name"] or cells.get("status", "active") in GONE:
        return
    heading = table.headers["mail"]
    if way == "mail":
        report.append(Problem(table.file, row.line, heading, "partner_without_mail", name=row.values["name"]))
    else:
        facts = {"name": row.values["name"], "partner": row.values["number"]}
        report.note(Grade.WARNING, Problem(table.file, row.line, heading, "partner_not_by_mail", **facts))


def _parsers(workflow: Workflow, groups: Sequence[str], habits: Habits) -> dict[str, Callable[[str], Any]]:
    def one(words: str) -> Callable[[str], Any]:
        return lambda text: _cell(lambda: word_of(workflow, words, text)) if text else None

    def fields(text: str) -> list[str]:
        return [_cell(lambda each=each: word_of(workflow, "fields", each)) for each in labels(text)]  # type: ignore[misc]

    def groups_of(text: str) -> list[str]:
        for code in codes(text):
            if code not in groups:
                raise CellError("partner_group_unknown", group=code, known=", ".join(groups) or "–")
        return list(codes(text))

    def languages(text: str) -> Any:
        found = [spoken(workflow, each) for each in codes(text)]
        ids = [each.value if isinstance(each, Mended) else each for each in found]
        return mended("cell_mended", ids, text=text, value=ids) if any(isinstance(each, Mended) for each in found) else ids

    def mails(text: str) -> Any:
        return addresses(text, habits) if text else []

    return {
        "short": filled_line,
        "name": filled_line,
        "kind": lambda text: _cell(lambda: word_of(workflow, "partner_kinds", filled(text))),
        **dict.fromkeys(("street", "city", "title", "function"), line),
        **dict.fromkeys(("first_name", "last_name"), name),
        "postcode": postcode,
        "phone": telephone,
        "remark": words,
        "salutation": one("salutations"),
        "mail": mails,
        "deputy_mail": mails,
        "language": lambda text: spoken(workflow, text) if text else None,
        "languages": languages,
        "channel": lambda text: _cell(lambda: channel_of(workflow, text)) if text else None,
        "groups": groups_of,
        "fields": fields,
        "status": one("partner_status"),
        "since": any_day,
        "budget": amounts(habits),
        "updated_on": any_day,
    }


def _cell(answer: Callable[[], Any]) -> Any:
    try:
        return answer()
    except WrongInput as error:
        raise as_cell(error) from None


def _number(text: str) -> int:
    number = whole(filled(text))
    if number is None or number < 1:
        raise CellError("cell_no_whole_number", text=text)
    return number
