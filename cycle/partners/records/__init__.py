"""Organisations of the network, their contacts, and the network groups. Contacts are persons: private columns."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from sys import intern

from sqlalchemy import JSON, Column, bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, or_, select

from cycle.adapters.prepared import Question
from cycle.errors import NotFound
from cycle.journal.questions import asked_in_parts, asked_once, rows_where
from cycle.journal.records import Row, private
from cycle.partners.rules import leads_to, same_address
from cycle.workflow.model import folded


class PartnerStatus(StrEnum):
    """The life of a partner; the organisation stays in the history under its number."""

    ACTIVE = "active"
    DORMANT = "dormant"
    LEFT = "left"
    MERGED = "merged"


ENDED = (PartnerStatus.LEFT, PartnerStatus.MERGED)


class Rank(StrEnum):
    """The first contact gets requests, the deputy hears only at escalation, further ones are there to be called."""

    PRIMARY = "primary"
    DEPUTY = "deputy"
    FURTHER = "further"


class Wish(StrEnum):
    """A person who does not want our mails: not at all, or to be called instead."""

    OBJECTS = "objects"
    CALL = "call"


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
    archive_offered_on: date | None = None
    remark: str | None = private()


class Contact(Row, table=True):
    """One person of one partner. `ref` is what journal and mails know; the same mail address is the same person. `wish` is
    a lasting one (`Wish`), None for who may be mailed."""

    __tablename__ = "contact"

    partner_id: int = Field(foreign_key="partner.id", index=True)
    ref: str = Field(index=True)
    rank: str = Rank.PRIMARY
    valid_from: date | None = None
    valid_to: date | None = None
    bounced_on: date | None = None
    wish: str | None = None
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
    row = next(iter(rows_where(session, Partner, number=number)), None)
    if row is None:
        raise NotFound("unknown_partner", partner=number)
    return row


def partners_all(session: Session) -> list[Partner]:
    """Every partner by number, whatever the status."""
    return list(session.exec(select(Partner).order_by(col(Partner.number))))


def numbers_by_name(session: Session) -> dict[str, int]:
    """Each partner's number by its short and its whole name (folded); a name that two have is nobody's."""
    named: dict[str, set[int]] = {}
    for partner in partners_all(session):
        for name in (partner.short, partner.name):
            named.setdefault(folded(name), set()).add(partner.number)
    return {name: numbers.pop() for name, numbers in named.items() if len(numbers) == 1}


def group_of(session: Session, code: str) -> NetworkGroup:
    """One network group by code. Raises NotFound with the codes there are."""
    row = next(iter(rows_where(session, NetworkGroup, code=code)), None)
    if row is None:
        raise NotFound("unknown_group", group=code, known=", ".join(g.code for g in groups_all(session)) or "-")
    return row


def groups_all(session: Session) -> list[NetworkGroup]:
    """Every network group that was not merged away, by code."""
    rows = session.exec(select(NetworkGroup).order_by(col(NetworkGroup.code)))
    return [row for row in rows if row.merged_into is None]


@dataclass(frozen=True, slots=True)
class Membership:
    """What decides whether a partner takes part: its status, its groups, and the partner it went into."""

    number: int
    status: str
    groups: tuple[str, ...]
    merged_into: int | None


def memberships(session: Session) -> tuple[Membership, ...]:
    """Of every partner by number; asked once."""
    return asked_once(session, Partner, "memberships", lambda: tuple(_all_memberships(session)))


def _all_memberships(session: Session) -> Iterator[Membership]:
    """What very many have in common is one object for all of them."""
    of_groups: dict[tuple[str, ...], tuple[str, ...]] = {}
    for number, status, groups, into in asked_in_parts(session, _memberships()):
        yield Membership(number, intern(status), of_groups.setdefault(tuple(groups), tuple(groups)), into)


@cache
def _memberships() -> Question:
    columns = (col(Partner.number), col(Partner.status), col(Partner.groups), col(Partner.merged_into))
    query = sa_select(*columns).where(col(Partner.number) > bindparam("after"))
    return query.order_by(col(Partner.number)).limit(bindparam("most"))


def resolve(session: Session, number: int) -> int:
    """The partner that a number stands for today, through every merger; an unknown number stands for itself."""
    return leads_to(number, asked_once(session, Partner, "mergers", lambda: _mergers(session)))


def _mergers(session: Session) -> dict[int, int]:
    return {each.number: each.merged_into for each in memberships(session) if each.merged_into is not None}


def contact_of(session: Session, partner_id: int, rank: Rank) -> Contact | None:
    """The partner's contact of that rank today."""
    return next(iter(rows_where(session, Contact, partner_id=partner_id, rank=rank, valid_to=None)), None)


def contacts_of(session: Session, partner_id: int) -> list[Contact]:
    """Every contact that a partner ever had, in the order entered."""
    return rows_where(session, Contact, partner_id=partner_id)


def was_forgotten(session: Session, partner_id: int, rank: Rank) -> bool:
    """Whether the last contact of that rank was forgotten, and nobody entered since: the row has ended and holds nothing."""
    rows = [row for row in contacts_of(session, partner_id) if row.rank == rank]
    if not rows or any(row.valid_to is None for row in rows):
        return False
    held = [column.name for column in Contact.__table__.columns if column.info.get("kind") == "private"]  # type: ignore[attr-defined]
    return all(getattr(rows[-1], name) is None for name in held)


def contacts_with_data(session: Session) -> list[tuple[Contact, Partner]]:
    """Every contact of which anything personal is still there, with its partner, in the order entered."""
    held = [column for column in Contact.__table__.columns if column.info.get("kind") == "private"]  # type: ignore[attr-defined]
    query = select(Contact, Partner).join(Partner, col(Contact.partner_id) == col(Partner.id))
    query = query.where(or_(*(column.is_not(None) for column in held))).order_by(col(Contact.id))
    return [(contact, partner) for contact, partner in session.exec(query)]


def contacts_of_ref(session: Session, ref: str) -> list[Contact]:
    """Every contact that is this person, of whichever partner."""
    return rows_where(session, Contact, ref=ref)


def ref_of_address(session: Session, mail: str) -> str | None:
    """The reference of the contact with a mail address, of today before of earlier."""
    found = session.exec(select(Contact).where(col(Contact.mail).is_not(None)).order_by(col(Contact.id)))
    same = sorted((row for row in found if same_address(row.mail, mail)), key=lambda row: row.valid_to is not None)
    return same[0].ref if same else None


def wish_of(session: Session, ref: str) -> str | None:
    """The lasting wish of a person, whichever of its contacts it was entered for."""
    return next((row.wish for row in rows_where(session, Contact, ref=ref) if row.wish is not None), None)


def network(
    session: Session,
    organiser: int | None,
    *,
    statuses: Collection[PartnerStatus] = (PartnerStatus.ACTIVE, PartnerStatus.DORMANT),
    groups: Collection[str] | None = None,
) -> list[int]:
    """The numbers of the partners that take part, without the organiser; with `groups` only those in one of them."""
    return [
        each.number
        for each in memberships(session)
        if each.status in statuses and each.number != organiser and (groups is None or set(groups) & set(each.groups))
    ]


def bounced_partners(session: Session) -> list[int]:
    """The numbers of the partners whose mail came back to a contact of today."""
    query = select(Partner.number).join(Contact, col(Contact.partner_id) == col(Partner.id)).distinct()
    query = query.where(
        col(Partner.status).not_in(ENDED), col(Contact.bounced_on).is_not(None), col(Contact.valid_to).is_(None)
    )
    return sorted(session.exec(query))
