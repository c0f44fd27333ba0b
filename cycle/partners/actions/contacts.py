"""A contact's new data: the same person's row changes, another person's begins as the old one ends."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from cycle.journal.entry import Entry
from cycle.partners.records import Contact, Rank, Wish, wish_of
from cycle.partners.rules import Named, address_key, is_another_person, same_address
from cycle.people.actions import new_ref
from cycle.people.records import Person

PERSONAL = ("salutation", "title", "first_name", "last_name", "function", "mail", "phone")


def known_addresses(session: Session) -> dict[str, str]:
    """Whose each mail address is: the reference of a person of the office, else of a contact, of today before of earlier."""
    contacts = session.exec(select(Contact).where(col(Contact.mail).is_not(None)).order_by(col(Contact.id)))
    rows = sorted(contacts, key=lambda contact: contact.valid_to is None)
    owners = {address_key(row.mail): row.ref for row in rows if row.mail}
    people = session.exec(select(Person).where(col(Person.mail).is_not(None)))
    return owners | {address_key(person.mail): person.ref for person in people if person.mail}


def owner_of(owners: dict[str, str], mail: str | None) -> str:
    """Who has an address, from now on a new person if nobody had it."""
    return owners.setdefault(address_key(mail), new_ref()) if mail else new_ref()


def renew(
    entry: Entry, owners: dict[str, str], partner_id: int, contact: Contact | None, rank: Rank, given: Mapping[str, Any]
) -> bool:
    """Bring a contact to the data given (other fields stay); whether anything changed."""
    if contact is None:
        return begin(entry, owners, partner_id, rank, given)
    data = {name: getattr(contact, name) for name in PERSONAL} | dict(given)
    mail = data["mail"]
    another = is_another_person(
        Named(contact.first_name, contact.last_name, contact.mail),
        Named(data["first_name"], data["last_name"], mail),
        owner=owners.get(address_key(mail)) if mail else None,
        ref=contact.ref,
        shared=_is_shared(entry.session, contact),
    )
    if another:
        end(entry, contact)
        return begin(entry, owners, partner_id, rank, {"phone": contact.phone} | dict(given))
    version = contact.version
    moved = not same_address(contact.mail, mail)
    if moved and mail:
        owners[address_key(mail)] = contact.ref
    entry.change(contact, **given, **({"bounced_on": None} if moved else {}))
    return contact.version != version


def begin(entry: Entry, owners: dict[str, str], partner_id: int, rank: Rank, given: Mapping[str, Any]) -> bool:
    """A new contact from the entry's day on; none without any data. Whether there is one."""
    if not any(given.values()):
        return False
    ref = owner_of(owners, given.get("mail"))
    wish = wish_of(entry.session, ref)
    entry.add(Contact(partner_id=partner_id, ref=ref, rank=rank, valid_from=entry.effective_on, wish=wish, **given))
    return True


def set_wish(entry: Entry, contact: Contact, wish: Wish | None) -> bool:
    """A person's lasting wish, for every contact that is this person, earlier ones included; whether that is new."""
    rows = entry.session.exec(select(Contact).where(Contact.ref == contact.ref)).all()
    changed = [row for row in rows if row.wish != wish]
    for row in changed:
        entry.change(row, wish=wish)
    return bool(changed)


def end(entry: Entry, contact: Contact) -> None:
    """The contact's last day is the one before the entry's."""
    entry.change(contact, valid_to=entry.effective_on - timedelta(days=1))


def _is_shared(session: Session, contact: Contact) -> bool:
    query = select(Contact.id).where(Contact.ref == contact.ref, Contact.id != contact.id, col(Contact.valid_to).is_(None))
    return (
        session.exec(query).first() is not None
        or session.exec(select(Person.id).where(Person.ref == contact.ref)).first() is not None
    )
