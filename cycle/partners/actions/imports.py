"""Partners from a file as the office keeps it: one row an organisation, with its first contact and a deputy's address."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cycle.adapters.tables import CellError, Problem, Row, Table, as_cell, codes, count, day, filled, labels, read, value, whole
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.partners.actions.contacts import begin, end, known_addresses, owner_of, renew
from cycle.partners.actions.words import address, channel_of, language_code
from cycle.partners.records import (
    Contact,
    Partner,
    PartnerStatus,
    Rank,
    contact_of,
    groups_all,
    partners_all,
    was_forgotten,
    wish_of,
)
from cycle.partners.rules import same_address
from cycle.workflow.model import Workflow
from cycle.workflow.words import word_of

COLUMNS = {
    "number": ("Nr",),
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
_OF_CONTACT = ("salutation", "title", "first_name", "last_name", "function", "mail", "phone")
_GONE = (PartnerStatus.LEFT, PartnerStatus.MERGED)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class PartnerRow:
    """One row: the partner's columns and the contact's that the file has; `deputy` None where it has no such column."""

    number: int
    partner: Mapping[str, Any]
    contact: Mapping[str, Any]
    deputy: Mapping[str, Any] | None


@dataclass(frozen=True)
class ImportedPartners:
    """What an import did, by numbers. `older`: known with newer data; `gone`: left or merged. Both were left alone.
    `forgotten`: a contact there was forgotten, and the file's would be entered only when asked for."""

    added: tuple[int, ...]
    changed: tuple[int, ...]
    older: tuple[int, ...]
    gone: tuple[int, ...]
    forgotten: tuple[int, ...] = ()


def import_partners(entry: Entry, workflow: Workflow, file: Path, *, again: bool = False) -> ImportedPartners:
    """The partners of a file, by number; those it does not name stay, and columns it has not are left alone.

    Where a contact was forgotten, the file's is entered only with `again`: it may be the very person.
    One that left or was merged stays so, and newer data than the file's ("Letzte Aktualisierung") are kept. No entry if
    nothing is new.

    Raises:
        NotFound, WrongInput: as `read_partners`.
    """
    rows = read_partners(file, workflow, [group.code for group in groups_all(entry.session)])
    known = {partner.number: partner for partner in partners_all(entry.session)}
    owners = known_addresses(entry.session)
    added = _add(entry, owners, [row for row in rows if row.number not in known])
    changed: list[int] = []
    older: list[int] = []
    gone: list[int] = []
    forgotten: list[int] = []
    for row in rows:
        partner = known.get(row.number)
        if partner is None:
            continue
        if partner.status in _GONE:
            gone.append(row.number)
        elif partner.updated_on and row.partner.get("updated_on") and row.partner["updated_on"] < partner.updated_on:
            older.append(row.number)
        else:
            allowed = row if again else _without_forgotten(entry, partner, row)
            if allowed is not row:
                forgotten.append(row.number)
            if _bring(entry, owners, partner, allowed):
                changed.append(row.number)
    if not added and not changed:
        entry.leave_out()
    told = {"forgotten": forgotten} if forgotten else {}
    entry.tell(count=len(added), added=added, changed=changed, older=older, gone=gone, **told)
    return ImportedPartners(tuple(added), tuple(changed), tuple(older), tuple(gone), tuple(forgotten))


def read_partners(file: Path, workflow: Workflow, groups: Sequence[str]) -> list[PartnerRow]:
    """The rows of a file; words become the ids of the workflow.

    Raises:
        NotFound, WrongInput: as `tables.read`, or `partner_file_wrong` with every wrong cell and its line.
    """
    table = read(file, columns=COLUMNS, required=REQUIRED)
    problems, rows, seen = list(table.problems), list[PartnerRow](), dict[int, int]()
    parsers = _parsers(workflow, groups)
    for row in table.rows:
        number = value(table, row, "number", _number, problems)
        cells = {name: value(table, row, name, parsers[name], problems) for name in parsers if name in table.headers}
        _agree(table, row, cells, problems)
        if number in seen:
            told = {"partner": number, "other": seen[number]}
            problems.append(Problem(table.file, row.line, table.headers["number"], "partner_twice", **told))
        elif number is not None:
            seen[number] = row.line
            rows.append(_row(number, cells))
    if problems:
        raise WrongInput("partner_file_wrong", problems=problems, file=table.file, count=len(problems))
    return rows


def _row(number: int, cells: Mapping[str, Any]) -> PartnerRow:
    contact = {name: cells[name] for name in _OF_CONTACT if name in cells}
    partner = {name: cell for name, cell in cells.items() if name not in (*_OF_CONTACT, "deputy_mail", "channel")}
    way, language = cells.get("channel") or (None, None)
    partner |= ({"channel": way} if way else {}) | ({"language": language} if language else {})
    deputy = {"mail": cells["deputy_mail"], "phone": cells.get("phone")} if "deputy_mail" in cells else None
    # Columns that must hold something keep what they have where a cell is empty.
    never_empty = ("language", "status", "languages", "groups", "fields")
    return PartnerRow(number, {n: c for n, c in partner.items() if c is not None or n not in never_empty}, contact, deputy)


def _agree(table: Table, row: Row, cells: Mapping[str, Any], problems: list[Problem]) -> None:
    """Who is to be mailed needs an address."""
    way = (cells.get("channel") or ("mail", None))[0]
    lost = not row.values["mail"] and way == "mail" and cells.get("status", "active") not in _GONE
    if "mail" in table.headers and lost:
        problems.append(Problem(table.file, row.line, table.headers["mail"], "partner_without_mail", name=row.values["name"]))


def _add(entry: Entry, owners: dict[str, str], rows: Sequence[PartnerRow]) -> list[int]:
    partners = entry.add_all([Partner(number=row.number, **row.partner) for row in rows])
    contacts = []
    known = frozenset(owners.values())
    for partner, row in zip(partners, rows, strict=True):
        for rank, given in ((Rank.PRIMARY, row.contact), (Rank.DEPUTY, row.deputy or {})):
            if _is_somebody(rank, given):
                ref = owner_of(owners, given.get("mail"))
                wish = wish_of(entry.session, ref) if ref in known else None
                contacts.append(Contact(partner_id=partner.id or 0, ref=ref, rank=rank, wish=wish, **given))
    entry.add_all(contacts)
    return [row.number for row in rows]


def _without_forgotten(entry: Entry, partner: Partner, row: PartnerRow) -> PartnerRow:
    """The row without the contacts that would come where one was forgotten; the same row where none would."""
    number = partner.id or 0
    first = _is_somebody(Rank.PRIMARY, row.contact) and was_forgotten(entry.session, number, Rank.PRIMARY)
    deputy = _is_somebody(Rank.DEPUTY, row.deputy or {}) and was_forgotten(entry.session, number, Rank.DEPUTY)
    if not first and not deputy:
        return row
    return replace(row, contact={} if first else row.contact, deputy=None if deputy else row.deputy)


def _bring(entry: Entry, owners: dict[str, str], partner: Partner, row: PartnerRow) -> bool:
    """Bring a known partner to what a row says; whether anything changed."""
    version = partner.version
    entry.change(partner, **row.partner)
    changed = partner.version != version
    if row.contact:
        first = contact_of(entry.session, partner.id or 0, Rank.PRIMARY)
        changed = renew(entry, owners, partner.id or 0, first, Rank.PRIMARY, row.contact) or changed
    if row.deputy is not None:
        changed = _bring_deputy(entry, owners, partner, row.deputy) or changed
    return changed


def _bring_deputy(entry: Entry, owners: dict[str, str], partner: Partner, given: Mapping[str, Any]) -> bool:
    deputy = contact_of(entry.session, partner.id or 0, Rank.DEPUTY)
    if deputy is not None and not same_address(deputy.mail, given["mail"]):
        # Nothing but the address tells one deputy from another.
        end(entry, deputy)
        if given["mail"]:
            begin(entry, owners, partner.id or 0, Rank.DEPUTY, given)
        return True
    return renew(entry, owners, partner.id or 0, deputy, Rank.DEPUTY, given) if given["mail"] else False


def _is_somebody(rank: Rank, given: Mapping[str, Any]) -> bool:
    return bool(given.get("mail")) if rank is Rank.DEPUTY else any(given.values())


def _parsers(workflow: Workflow, groups: Sequence[str]) -> dict[str, Callable[[str], Any]]:
    def one(words: str) -> Callable[[str], Any]:
        return lambda text: _cell(lambda: word_of(workflow, words, text)) if text else None

    def fields(text: str) -> list[str]:
        return [_cell(lambda each=each: word_of(workflow, "fields", each)) for each in labels(text)]  # type: ignore[misc]

    def groups_of(text: str) -> list[str]:
        for code in codes(text):
            if code not in groups:
                raise CellError("partner_group_unknown", group=code, known=", ".join(groups) or "–")
        return list(codes(text))

    def language(text: str) -> str | None:
        return _cell(lambda: language_code(workflow, text)) if text else None

    def kind(text: str) -> str:
        return str(_cell(lambda: word_of(workflow, "partner_kinds", text)))

    mail = lambda text: _cell(lambda: address(text)) if text else None  # noqa: E731 - one of many cells
    return {
        "short": filled,
        "name": lambda text: _text(filled(text)),
        "kind": kind,
        **dict.fromkeys(
            ("street", "postcode", "city", "title", "first_name", "last_name", "function", "phone", "remark"), _text
        ),
        "salutation": one("salutations"),
        "mail": mail,
        "deputy_mail": mail,
        "language": language,
        "languages": lambda text: [language(code) for code in codes(text)],
        "channel": lambda text: _cell(lambda: channel_of(workflow, text)) if text else None,
        "groups": groups_of,
        "fields": fields,
        "status": one("partner_status"),
        "since": day,
        "budget": count,
        "updated_on": day,
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


def _text(text: str) -> str | None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(plain):
        raise CellError("cell_control_character")
    return plain or None
