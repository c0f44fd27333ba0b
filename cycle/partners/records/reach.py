"""Who cannot be reached any more: the contacts whom nothing arrives at, with the reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from cycle.adapters.addresses import mailable_as_kept
from cycle.partners.records import Contact, Partner, Rank, Wish
from cycle.partners.rules import Obstacle, Reach, obstacle
from cycle.vocabulary import Channel


@dataclass(frozen=True)
class Unreachable:
    """A contact of a partner whom nothing reaches; `ref` and what follows are None where the partner has no first contact."""

    number: int
    name: str
    rank: Rank
    obstacle: Obstacle
    ref: str | None = None
    person: str = ""
    phone: str | None = None
    bounced_on: date | None = None


def unreachable(session: Session, numbers: Iterable[int]) -> tuple[Unreachable, ...]:
    """Of these partners, by number: each first contact that cannot be reached the partner's own way, and each other contact
    whose mail came back. Who objects to being written to is left in peace."""
    wanted = set(numbers)
    query = select(Partner).where(col(Partner.number).in_(wanted)).order_by(col(Partner.number))
    people: dict[int, list[Contact]] = {}
    for contact in session.exec(select(Contact).where(col(Contact.valid_to).is_(None)).order_by(col(Contact.id))):
        people.setdefault(contact.partner_id, []).append(contact)
    return tuple(each for partner in session.exec(query) for each in _of(partner, people.get(partner.id or 0, ())))


def _of(partner: Partner, contacts: Iterable[Contact]) -> Iterator[Unreachable]:
    first = next((each for each in contacts if each.rank == Rank.PRIMARY), None)
    why = obstacle(_reach(partner, first))
    if why is not None and (first is None or first.wish != Wish.OBJECTS):
        yield _one(partner, first, why)
    for each in contacts:
        if each.rank != Rank.PRIMARY and each.bounced_on is not None and each.wish is None:
            yield _one(partner, each, Obstacle.BOUNCED)


def _one(partner: Partner, contact: Contact | None, why: Obstacle) -> Unreachable:
    if contact is None:
        return Unreachable(partner.number, partner.name, Rank.PRIMARY, why)
    person = " ".join(filter(None, [contact.title, contact.first_name, contact.last_name]))
    rank, since = Rank(contact.rank), contact.bounced_on
    return Unreachable(partner.number, partner.name, rank, why, contact.ref, person, contact.phone, since)


def _reach(partner: Partner, contact: Contact | None) -> Reach:
    bounced = contact is not None and contact.bounced_on is not None
    mail = contact.mail if contact and not bounced else None
    return Reach(
        channel=Channel.PHONE if contact and contact.wish == Wish.CALL else partner.channel,
        mail=mail if mail and mailable_as_kept(mail) else None,
        phone=contact.phone if contact else None,
        address=bool(partner.street and partner.postcode and partner.city),
        bounced=bounced,
    )
