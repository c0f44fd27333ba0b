"""Partners from a file: new ones are entered, known ones brought to what it says, record by record."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cycle.adapters.tables import Grade, Problem, Report, Source
from cycle.adapters.tables.mending import had_lost_letters
from cycle.journal.entry import Entry
from cycle.partners.actions.contacts import begin, end, known_addresses, owner_of, renew
from cycle.partners.actions.files import GONE, PartnerRow, read_partners
from cycle.partners.records import (
    Contact,
    Partner,
    PartnerStatus,
    Rank,
    contact_of,
    contacts_of,
    groups_all,
    partners_all,
    was_forgotten,
    wish_of,
)
from cycle.partners.rules import same_address
from cycle.workflow.model import Workflow


@dataclass(frozen=True)
class ImportedPartners:
    """What an import did, by numbers. `older`: known with newer data; `gone`: left or merged. Both were left alone.
    `forgotten`: a contact there was forgotten, and the file's would be entered only when asked for."""

    added: tuple[int, ...]
    changed: tuple[int, ...]
    older: tuple[int, ...]
    gone: tuple[int, ...]
    forgotten: tuple[int, ...] = ()


def import_partners(
    entry: Entry, workflow: Workflow, file: Path | Source, report: Report | None = None, *, again: bool = False
) -> ImportedPartners:
    """The partners of a file, by number; those it does not name stay, and columns it has not are left alone.

    Where a contact was forgotten, the file's is entered only with `again`: it may be the very person.
    One that left or was merged stays so, and newer data than the file's ("Letzte Aktualisierung") are kept; so is a known
    text of which the file has lost letters. No entry if nothing is new. With a `report` wrong records are told there and the
    others taken.

    Raises:
        NotFound, WrongInput: as `read_partners`.
    """
    rows = read_partners(file, workflow, [group.code for group in groups_all(entry.session)], report)
    known = {partner.number: partner for partner in partners_all(entry.session)}
    _link(rows, known, report, file.path.name if isinstance(file, Source) else file.name)
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
        if partner.status in GONE:
            (changed if _learns_where_to(entry, partner, row) else gone).append(row.number)
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


def _link(rows: Sequence[PartnerRow], known: Mapping[int, Partner], report: Report | None, file: str) -> None:
    """Link each merged partner to the one whose short name its remark has; where there is none, say so."""
    shorts = {partner.short: number for number, partner in known.items()}
    shorts |= {str(row.partner["short"]): row.number for row in rows}
    for row in rows:
        if row.partner.get("status") != PartnerStatus.MERGED:
            continue
        named = {shorts[word] for word in re.findall(r"[\w-]+", row.partner.get("remark") or "") if word in shorts}
        others = named - {row.number}
        if len(others) == 1:
            row.partner["merged_into"] = others.pop()
        elif report is not None:
            report.note(Grade.TAKEN, Problem(file, row.line, "", "partner_merged_into_none", partner=row.number))


def _learns_where_to(entry: Entry, partner: Partner, row: PartnerRow) -> bool:
    """A merged partner that did not know into which one may learn it later; nothing else of it changes."""
    into = row.partner.get("merged_into")
    if partner.status != PartnerStatus.MERGED or partner.merged_into is not None or into is None:
        return False
    entry.change(partner, merged_into=into)
    return True


def _add(entry: Entry, owners: dict[str, str], rows: Sequence[PartnerRow]) -> list[int]:
    partners = entry.add_all([Partner(number=row.number, **row.partner) for row in rows])
    contacts = []
    known = frozenset(owners.values())
    for partner, row in zip(partners, rows, strict=True):
        persons = [(Rank.PRIMARY, row.contact), (Rank.DEPUTY, row.deputy or {}), *((Rank.FURTHER, one) for one in row.further)]
        for rank, given in persons:
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
    entry.change(partner, **_with_known_letters(partner, row.partner))
    changed = partner.version != version
    if row.contact:
        first = contact_of(entry.session, partner.id or 0, Rank.PRIMARY)
        given = _with_known_letters(first, row.contact)
        changed = renew(entry, owners, partner.id or 0, first, Rank.PRIMARY, given) or changed
    if row.deputy is not None:
        changed = _bring_deputy(entry, owners, partner, row.deputy) or changed
    for person in row.further:
        changed = _bring_further(entry, owners, partner, person) or changed
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


def _bring_further(entry: Entry, owners: dict[str, str], partner: Partner, given: Mapping[str, Any]) -> bool:
    """A further person is known by the address, without one by the name; who is not in the file stays."""
    rows = contacts_of(entry.session, partner.id or 0)
    persons = [row for row in rows if row.rank == Rank.FURTHER and row.valid_to is None]
    known = next((person for person in persons if _is(person, given)), None)
    return renew(entry, owners, partner.id or 0, known, Rank.FURTHER, given)


def _is(person: Contact, given: Mapping[str, Any]) -> bool:
    if person.mail or given.get("mail"):
        return same_address(person.mail, given.get("mail"))
    return (person.first_name, person.last_name) == (given.get("first_name"), given.get("last_name"))


def _with_known_letters(row: Partner | Contact | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given; but a known text stays where the file only lost some of its letters ("Akta?")."""
    known = {name: getattr(row, name) for name in given} if row is not None else {}
    lost = {
        name: known[name]
        for name, new in given.items()
        if isinstance(new, str) and isinstance(known.get(name), str) and had_lost_letters(new, known[name])
    }
    return {**given, **lost}


def _is_somebody(rank: Rank, given: Mapping[str, Any]) -> bool:
    return bool(given.get("mail")) if rank is Rank.DEPUTY else any(given.values())
