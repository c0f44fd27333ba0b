"""Who is written to for a partner: its contact of a rank, as a recipient.

An audience may be a hundred thousand: of it numbers are kept, its people are read some hundred at a time and let go again.
"""

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from sys import intern
from typing import overload

from sqlalchemy import ColumnElement, bindparam, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from cycle.adapters.prepared import Question
from cycle.journal.questions import asked, asked_once
from cycle.partners.records import ENDED, Contact, Partner, Rank, Wish
from cycle.vocabulary import Channel, Recipient

# How many contacts are read at once, in the order of their partners' numbers, and how many such readings are kept.
READ_AT_ONCE = 500
READINGS_KEPT = 4


def recipients(session: Session, numbers: Iterable[int], rank: Rank, *, role: str | None = None) -> "Recipients":
    """The contacts of that rank of these partners, by number; who has left, was merged or has none is left out.

    Whose mail came back is there without an address, to be called; who wishes to be called is there as one reached by
    telephone, who objects is marked. With `role` they are written to as such.
    """
    book = asked_once(session, (Partner, Contact), rank, lambda: AddressBook(session, rank))
    return Recipients(book, numbers, role)


class Recipients(Sequence[Recipient]):
    """The contacts of some partners, by number; each is read when it is asked for."""

    def __init__(self, book: "AddressBook", numbers: Iterable[int], role: str | None) -> None:
        self.book = book
        self._numbers = array("q", sorted(set(numbers)))
        self._role = role

    def __iter__(self) -> Iterator[Recipient]:
        found = (self.book.of(number) for number in self._numbers)
        return (self._in_role(one) for one in found if one is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return any(True for _ in self)

    @overload
    def __getitem__(self, at: int) -> Recipient: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Recipient]: ...
    def __getitem__(self, at: int | slice) -> Recipient | Sequence[Recipient]:
        return tuple(self)[at]

    def each_once(self) -> Iterator[Recipient]:
        """Every person once: who speaks for several of the partners, for the last of them."""
        speaks = self.book.shared
        last = {speaks[number]: number for number in self._numbers if number in speaks} if speaks else {}
        return (one for one in self if last.get(one.person, one.partner) == one.partner)

    def find(self, person: str, partner: int | None) -> Recipient | None:
        """A person among them, as `each_once` gives it; `partner` is for whom it was last seen to speak."""
        if partner is not None and partner not in self.book.shared and self._has(partner):
            one = self.book.of(partner)
            if one is not None and one.person == person:
                return self._in_role(one)
        among = [number for number in self.book.partners_of(person) if self._has(number)]
        one = self.book.of(max(among)) if among else None
        return self._in_role(one) if one is not None else None

    def _has(self, number: int) -> bool:
        at = bisect_left(self._numbers, number)
        return at < len(self._numbers) and self._numbers[at] == number

    def _in_role(self, one: Recipient) -> Recipient:
        return one if self._role is None else replace(one, role=self._role)


class AddressBook:
    """The contacts of one rank as a session sees them, by the number of their partner; the last that were read are kept."""

    def __init__(self, session: Session, rank: Rank) -> None:
        self._session = session
        self._rank = rank
        self._readings: deque[tuple[int, int | None, Mapping[int, Recipient]]] = deque(maxlen=READINGS_KEPT)
        self._shared: Mapping[int, str] | None = None

    def go_on(self, session: Session) -> None:
        """Be the book of a newer session too, in which nothing in it has changed since."""
        self._session = session
        asked_once(session, (Partner, Contact), self._rank, lambda: self)

    def of(self, number: int) -> Recipient | None:
        """The contact of a partner, None where there is none to be written to."""
        for first, last, found in self._readings:
            if first <= number and (last is None or number <= last):
                return found.get(number)
        return self._read(number).get(number)

    @property
    def shared(self) -> Mapping[int, str]:
        """The partners of whom one person is the contact that is another's too, with that person."""
        if self._shared is None:
            self._shared = dict(asked(self._session, _shared(), rank=self._rank))
        return self._shared

    def partners_of(self, person: str) -> list[int]:
        """The partners that a person speaks for."""
        return [number for (number,) in asked(self._session, _partners_of(), rank=self._rank, person=person)]

    def _read(self, number: int) -> Mapping[int, Recipient]:
        """Read on from a number; from a round one where that reaches it, so that one reading of a small town is enough."""
        for first in (number - number % READ_AT_ONCE, number):
            rows = asked(self._session, _contacts_from(), rank=self._rank, first=first, most=READ_AT_ONCE)
            last = rows[-1][0] if len(rows) == READ_AT_ONCE else None
            if last is None or last >= number:
                break
        found: dict[int, Recipient] = {}
        for row in rows:
            if row[0] not in found:
                found[row[0]] = _recipient(*row)
        self._readings.appendleft((first, last, found))
        return found


def _of_today() -> tuple[ColumnElement[bool], ...]:
    return (
        *(col(Partner.status) != status for status in ENDED),
        col(Contact.rank) == bindparam("rank"),
        col(Contact.valid_to).is_(None),
    )


@cache
def _contacts_from() -> Question:
    partner = (Partner.number, Partner.name, Partner.channel, Partner.language)
    person = (Contact.ref, Contact.mail, Contact.bounced_on, Contact.salutation, Contact.title)
    name = (Contact.first_name, Contact.last_name, Contact.phone, Contact.wish)
    columns = (col(column) for column in (*partner, *person, *name))
    query = sa_select(*columns).join(Contact, col(Contact.partner_id) == col(Partner.id))
    query = query.where(*_of_today(), col(Partner.number) >= bindparam("first"))
    return query.order_by(col(Partner.number), col(Contact.id)).limit(bindparam("most"))


@cache
def _shared() -> Question:
    several = sa_select(col(Contact.ref)).where(col(Contact.rank) == bindparam("rank"), col(Contact.valid_to).is_(None))
    several = several.group_by(col(Contact.ref)).having(func.count() > 1)
    query = sa_select(col(Partner.number), col(Contact.ref)).join(Contact, col(Contact.partner_id) == col(Partner.id))
    return query.where(*_of_today(), col(Contact.ref).in_(several))


@cache
def _partners_of() -> Question:
    query = sa_select(col(Partner.number)).join(Contact, col(Contact.partner_id) == col(Partner.id))
    return query.where(*_of_today(), col(Contact.ref) == bindparam("person"))


def _recipient(
    number: int,
    name: str,
    channel: str,
    language: str,
    ref: str,
    mail: str | None,
    bounced_on: date | None,
    salutation: str | None,
    title: str | None,
    first_name: str | None,
    last_name: str | None,
    phone: str | None,
    wish: str | None,
) -> Recipient:
    bounced = bounced_on is not None
    called = wish == Wish.CALL or (bounced and channel == Channel.MAIL)
    return Recipient(
        person=ref,
        mail=None if bounced else mail,
        channel=Channel.PHONE if called else Channel(channel),
        language=intern(language),
        partner=number,
        organisation=name,
        salutation=salutation,
        title=title,
        first_name=first_name or "",
        last_name=last_name or "",
        phone=phone,
        objects=wish == Wish.OBJECTS,
    )
