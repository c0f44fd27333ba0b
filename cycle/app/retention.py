"""Whose data have been kept long enough, by the classes of the settings, and erasing all of that in one go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from cycle.app.privacy import CONTACT, MAIL_TEXT, PERSONAL, classes, demand_offered, dossiers, end
from cycle.app.staff import STAFF, staff_file, staff_with_data
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.journal.erasure import erase
from cycle.outbox.records import mails_with_words
from cycle.partners.records import ENDED, Contact, Partner, contacts_with_data, partners_all
from cycle.people.rules import kept_until
from cycle.settings import RetentionSettings
from cycle.workflow.model import Workflow

# The classes that are kept for a time, and the table of each.
TABLES = {CONTACT: "contact", STAFF: "person", MAIL_TEXT: "mail"}
LEGAL_BASIS = "Art. 5 Abs. 1 lit. e DSGVO"


@dataclass(frozen=True)
class Due:
    """Something that was kept until a day: a contact of a partner, a person with a login, or a mail's address and words.

    `number` is the row's.
    """

    kind: str
    number: int
    ref: str
    partner: int | None
    ended: date
    until: date
    offered: date | None
    missing: bool


def due(session: Session, retention: RetentionSettings, organiser: int | None, day: date) -> list[Due]:
    """What may be kept until the day before that day at most: contacts whose partner left or who were followed by another,
    then persons who hold no role any more, then mails that are over. `missing` is whether the archive still has to be asked;
    persons and mail to the office are the organiser's."""
    partners = {partner.number: partner for partner in partners_all(session)}
    found = []
    for contact, partner in contacts_with_data(session):
        ended = _ended(contact, partner)
        if ended is not None:
            found.append(_due(CONTACT, contact.id, contact.ref, partner.number, ended, retention, partner))
    office = partners.get(organiser or 0)
    for person, ended in staff_with_data(session):
        found.append(_due(STAFF, person.id, person.ref, None, ended, retention, office))
    for mail in mails_with_words(session, until=day):
        archived = partners.get(organiser or 0) if mail.partner is None else partners.get(mail.partner)
        found.append(_due(MAIL_TEXT, mail.id, mail.person, mail.partner, mail.day, retention, archived))
    return [each for each in found if each.until < day]


def erase_due(entry: Entry, workflow: Workflow, retention: RetentionSettings, organiser: int | None, day: date) -> list[Due]:
    """Erase what is due: with a contact also the mails to that person and those that name it.

    Raises:
        Refused: with every partner for which the archive was not asked though the settings want it.
        WrongInput: if nothing is due.
    """
    found = due(entry.session, retention, organiser, day)
    if not found:
        raise WrongInput("nothing_due", day=day)
    subjects = [f"{TABLES[each.kind]}:{each.number}" for each in found]
    going = {each.number for each in found if each.kind == CONTACT}
    wanted, offered = _offers([each for each in found if each.missing], organiser)
    for number in sorted({each.partner for each in found if each.kind == CONTACT and each.partner is not None}):
        for dossier in dossiers(entry.session, workflow, number):
            if {contact.id for contact in dossier.contacts if _holds(contact)} <= going:  # the person stays nowhere
                subjects += dossier.subjects
                known = wanted.setdefault(number, {})
                known |= {name: max(day, known.get(name, date.min)) for name, day in classes([dossier]).items()}
                offered[number] = dossier.partner.archive_offered_on
    for each in found:
        if each.kind == STAFF:
            subjects += staff_file(entry.session, workflow, each.ref).subjects
    demand_offered(retention.archive_first, wanted, offered)
    refs = sorted({each.ref for each in found})
    counts = {kind: sum(each.kind == kind for each in found) for kind in TABLES}
    end(entry, [contact for contact, _ in contacts_with_data(entry.session) if contact.id in going])
    entry.tell(refs=refs, legal_basis=LEGAL_BASIS, due_on=day, **counts)
    erase(entry, subjects)
    return found


def waiting_for_offer(session: Session, retention: RetentionSettings, organiser: int | None, day: date) -> list[int]:
    """The numbers of the partners of whom something is due that the archive still has to be asked about."""
    wanted, _ = _offers([each for each in due(session, retention, organiser, day) if each.missing], organiser)
    return sorted(wanted)


def _due(
    kind: str,
    number: int | None,
    ref: str,
    partner: int | None,
    ended: date,
    retention: RetentionSettings,
    archived: Partner | None,
) -> Due:
    months = {
        CONTACT: retention.contact_months,
        STAFF: retention.person_months,
        MAIL_TEXT: retention.mail_text_months,
    }[kind]
    offered = archived.archive_offered_on if archived else None
    missing = kind in retention.archive_first and (offered is None or (kind == MAIL_TEXT and offered < ended))
    return Due(kind, number or 0, ref, partner, ended, kept_until(ended, months), offered, missing)


def _ended(contact: Contact, partner: Partner) -> date | None:
    """When a contact's time began to run: it was followed by another, or its partner left."""
    if contact.valid_to is not None:
        return contact.valid_to
    return partner.left_on if partner.status in ENDED else None


def _holds(contact: Contact) -> bool:
    return any(getattr(contact, name) is not None for name in PERSONAL)


def _offers(missing: Iterable[Due], organiser: int | None) -> tuple[dict[int, dict[str, date]], dict[int, date | None]]:
    wanted: dict[int, dict[str, date]] = {}
    offered: dict[int, date | None] = {}
    for each in missing:
        number = each.partner if each.partner is not None else organiser
        if number is not None:
            newest = each.ended if each.kind == MAIL_TEXT else date.min
            classes = wanted.setdefault(number, {})
            classes[each.kind] = max(newest, classes.get(each.kind, date.min))
            offered[number] = each.offered
    return wanted, offered
