"""Persons who work with the programme, and the spans in which they hold a role. Names and logins are private columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, select

from cycle.adapters.prepared import Question
from cycle.journal.questions import Asks, asked, rows_where
from cycle.journal.records import Row, private


class Person(Row, table=True):
    """Somebody with a login. The journal knows only `ref`, "p:" and 128 random bits."""

    __tablename__ = "person"

    ref: str = Field(unique=True)
    login: str | None = private(index=True)
    name: str | None = private()
    mail: str | None = private()
    phone: str | None = private()


class RoleSpan(Row, table=True):
    """A person holds a role from one day to another (None: until further notice); a speaker of one group."""

    __tablename__ = "role_span"

    person_id: int = Field(foreign_key="person.id", index=True)
    role: str
    group: str | None = None
    valid_from: date
    valid_to: date | None = None


def person_by_login(session: Session, login: str) -> Person | None:
    """The person with a login name, compared without case."""
    return next((person for person in session.exec(select(Person)) if (person.login or "").lower() == login.lower()), None)


def person_by_ref(session: Session, ref: str) -> Person | None:
    """The person behind a reference of the journal."""
    return next(iter(rows_where(session, Person, ref=ref)), None)


@dataclass(frozen=True)
class Held:
    """A role somebody holds today, perhaps for one group."""

    role: str
    group: str | None


@dataclass(frozen=True)
class Acting:
    """Who acts: the reference of the journal, the roles held, and when the next one begins."""

    ref: str
    held: tuple[Held, ...]
    begins: date | None = None


def acting(session: Asks, login: str, day: date) -> Acting | None:
    """Who is behind a login name (compared without case) and what that person may act as; one question."""
    rows = [row for row in asked(session, _everybody_with_spans()) if (row[1] or "").lower() == login.lower()]
    if not rows:
        return None
    held = tuple(
        Held(role, group)
        for _, _, role, group, begins, ends in rows
        if role and begins <= day and (ends is None or day <= ends)
    )
    begins = min((begins for _, _, role, _, begins, _ in rows if role and begins > day), default=None)
    return Acting(rows[0][0], held, begins)


@cache
def _everybody_with_spans() -> Question:
    person = (col(Person.ref), col(Person.login))
    span = (col(RoleSpan.role), col(RoleSpan.group), col(RoleSpan.valid_from), col(RoleSpan.valid_to))
    of_person = col(RoleSpan.person_id) == col(Person.id)
    return sa_select(*person, *span).join(RoleSpan, of_person, isouter=True).order_by(col(RoleSpan.id))


def spans_of(session: Session, person: Person, day: date) -> list[RoleSpan]:
    """The roles a person holds on a day, in the order given."""
    query = select(RoleSpan).where(RoleSpan.person_id == person.id).order_by(col(RoleSpan.id))
    return [span for span in session.exec(query) if holds(span, day)]


def spans_of_person(session: Session, person: Person) -> list[RoleSpan]:
    """Every role that a person ever held or is to hold, in the order given."""
    return list(session.exec(select(RoleSpan).where(RoleSpan.person_id == person.id).order_by(col(RoleSpan.id))))


def holders(session: Session, roles: Sequence[str], day: date) -> list[tuple[Person, RoleSpan]]:
    """Who holds one of the roles on a day, by role in the order asked, then by entry."""
    query = select(Person, RoleSpan).where(Person.id == RoleSpan.person_id, col(RoleSpan.role).in_(roles))
    found = [(person, span) for person, span in session.exec(query.order_by(col(RoleSpan.id))) if holds(span, day)]
    return sorted(found, key=lambda pair: roles.index(pair[1].role))


def everybody(session: Session) -> list[tuple[Person, list[RoleSpan]]]:
    """All persons with all their spans."""
    spans: dict[int, list[RoleSpan]] = {}
    for span in session.exec(select(RoleSpan).order_by(col(RoleSpan.id))):
        spans.setdefault(span.person_id, []).append(span)
    return [(person, spans.get(person.id or 0, [])) for person in session.exec(select(Person).order_by(col(Person.id)))]


def holds(span: RoleSpan, day: date) -> bool:
    """Whether a span covers a day; its last day belongs to it."""
    return span.valid_from <= day and (span.valid_to is None or day <= span.valid_to)
