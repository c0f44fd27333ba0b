"""Organisations of the network, their contacts, and the network groups. Contacts are persons: private columns."""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, col, select

from cycle.errors import NotFound
from cycle.journal.records import Row, asked_once, private
from cycle.partners.rules import leads_to, same_address
from cycle.vocabulary import Channel, Recipient


class PartnerStatus(StrEnum):
    """The life of a partner; the organisation stays in the history under its number."""

    ACTIVE = "active"
    DORMANT = "dormant"
    LEFT = "left"
    MERGED = "merged"


class Rank(StrEnum):
    """The first contact gets requests, the deputy hears only at escalation."""

    PRIMARY = "primary"
    DEPUTY = "deputy"


class Partner(Row, table=True):
    """One organisation. `groups` and `fields` are lists of ids; `channel` mail, post or phone; `language` of letters."""

    __tablename__ = "partner"

    number: int = Field(unique=True)
    short: str
    name: str
    kind: str
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    language: str = "de"
    languages: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    channel: str = "mail"
    groups: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    fields: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: str = PartnerStatus.ACTIVE
    since: date | None = None
    budget: int | None = None
    updated_on: date | None = None
    left_on: date | None = None
    merged_into: int | None = None
    remark: str | None = private()


class Contact(Row, table=True):
    """One person of one partner. `ref` is what journal and mails know; the same mail address is the same person."""

    __tablename__ = "contact"

    partner_id: int = Field(foreign_key="partner.id", index=True)
    ref: str = Field(index=True)
    rank: str = Rank.PRIMARY
    valid_from: date | None = None
    valid_to: date | None = None
    bounced_on: date | None = None
    salutation: str | None = private()
    title: str | None = private()
    first_name: str | None = private()
    last_name: str | None = private()
    function: str | None = private()
    mail: str | None = private()
    phone: str | None = private()


class NetworkGroup(Row, table=True):
    """A network group; `speaker` is a partner's number, which may become known later."""

    __tablename__ = "network_group"

    code: str = Field(unique=True)
    name: str
    speaker: int | None = None
    members: int | None = None
    merged_into: str | None = None


def partner_of(session: Session, number: int) -> Partner:
    """One partner by number. Raises NotFound."""
    row = session.exec(select(Partner).where(Partner.number == number)).first()
    if row is None:
        raise NotFound("unknown_partner", partner=number)
    return row


def partners_all(session: Session) -> list[Partner]:
    """Every partner by number, whatever the status."""
    return list(session.exec(select(Partner).order_by(col(Partner.number))))


def group_of(session: Session, code: str) -> NetworkGroup:
    """One network group by code. Raises NotFound with the codes there are."""
    row = session.exec(select(NetworkGroup).where(NetworkGroup.code == code)).first()
    if row is None:
        raise NotFound("unknown_group", group=code, known=", ".join(g.code for g in groups_all(session)) or "-")
    return row


def groups_all(session: Session) -> list[NetworkGroup]:
    """Every network group that was not merged away, by code."""
    rows = session.exec(select(NetworkGroup).order_by(col(NetworkGroup.code)))
    return [row for row in rows if row.merged_into is None]


def resolve(session: Session, number: int) -> int:
    """The partner that a number stands for today, through every merger; an unknown number stands for itself."""
    return leads_to(number, asked_once(session, Partner, "mergers", lambda: _mergers(session)))


def _mergers(session: Session) -> dict[int, int]:
    query = select(Partner.number, Partner.merged_into).where(col(Partner.merged_into).is_not(None))
    return {merged: into for merged, into in session.exec(query) if into is not None}


def contact_of(session: Session, partner_id: int, rank: Rank) -> Contact | None:
    """The partner's contact of that rank today."""
    query = select(Contact).where(Contact.partner_id == partner_id, Contact.rank == rank, col(Contact.valid_to).is_(None))
    return session.exec(query.order_by(col(Contact.id))).first()


def contacts_of(session: Session, partner_id: int) -> list[Contact]:
    """Every contact that a partner ever had, in the order entered."""
    return list(session.exec(select(Contact).where(Contact.partner_id == partner_id).order_by(col(Contact.id))))


def ref_of_address(session: Session, mail: str) -> str | None:
    """The reference of the contact with a mail address, of today before of earlier."""
    found = session.exec(select(Contact).where(col(Contact.mail).is_not(None)).order_by(col(Contact.id)))
    same = sorted((row for row in found if same_address(row.mail, mail)), key=lambda row: row.valid_to is not None)
    return same[0].ref if same else None


def network(
    session: Session,
    organiser: int | None,
    *,
    statuses: Collection[PartnerStatus] = (PartnerStatus.ACTIVE, PartnerStatus.DORMANT),
    groups: Collection[str] | None = None,
) -> list[int]:
    """The numbers of the partners that take part, without the organiser; with `groups` only those in one of them."""
    query = select(Partner.number, Partner.groups).where(col(Partner.status).in_(statuses)).order_by(col(Partner.number))
    return [
        number
        for number, member_of in session.exec(query)
        if number != organiser and (groups is None or set(groups) & set(member_of))
    ]


def recipients(session: Session, numbers: Iterable[int], rank: Rank) -> tuple[Recipient, ...]:
    """The contacts of that rank of these partners, by number; who has left, was merged or has none is left out.

    Whose mail came back is there without an address, to be called.
    """
    wanted = sorted(set(numbers))
    query = (
        select(Partner, Contact)
        .join(Contact, col(Contact.partner_id) == col(Partner.id))
        .where(
            col(Partner.number).in_(wanted),
            col(Partner.status).not_in([PartnerStatus.LEFT, PartnerStatus.MERGED]),
            Contact.rank == rank,
            col(Contact.valid_to).is_(None),
        )
    )
    found: dict[int, Recipient] = {}
    for partner, contact in session.exec(query.order_by(col(Contact.id))):
        found.setdefault(partner.number, _recipient(partner, contact))
    return tuple(found[number] for number in wanted if number in found)


def _recipient(partner: Partner, contact: Contact) -> Recipient:
    bounced = contact.bounced_on is not None
    return Recipient(
        person=contact.ref,
        mail=None if bounced else contact.mail,
        channel=Channel.PHONE if bounced and partner.channel == Channel.MAIL else Channel(partner.channel),
        language=partner.language,
        partner=partner.number,
        organisation=partner.name,
        salutation=contact.salutation,
        title=contact.title,
        first_name=contact.first_name or "",
        last_name=contact.last_name or "",
        phone=contact.phone,
    )
