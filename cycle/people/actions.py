"""Adding persons, giving and ending their roles. Called with an open journal entry."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta

from cycle.errors import NotFound, Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.people.records import Person, RoleSpan, holders, holds, person_by_login, person_by_ref, spans_of
from cycle.people.rules import demand_own_login, one_line, option
from cycle.vocabulary import Finding


def add_person(
    entry: Entry,
    login: str,
    *,
    name: str,
    mail: str | None = None,
    phone: str | None = None,
    roles: Sequence[str],
    group: str | None = None,
    ref: str | None = None,
) -> Person:
    """A new person with roles from the entry's day on. `ref` is that of somebody the site knows already, as a contact.

    Raises:
        WrongInput: if the login is taken, empty, or the word by which the history names the programme itself.
    """
    if not login.strip() or any(character.isspace() for character in login):
        raise WrongInput("login_empty")
    demand_own_login(login)
    login, name = one_line("LOGIN", login), one_line("--name", name)
    phone = one_line("--phone", phone) if phone is not None else None
    if not name:
        raise WrongInput("name_empty")
    if not roles:
        raise WrongInput("role_needed", login=login)
    if person_by_login(entry.session, login) is not None:
        raise WrongInput("login_taken", login=login)
    if ref is None or person_by_ref(entry.session, ref) is not None:
        ref = new_ref()
    person = entry.add(Person(ref=ref, login=login, name=name, mail=mail, phone=phone))
    _begin(entry, person, roles, group)
    entry.tell(person=person.ref, roles=list(roles), group=group)
    return person


def change_person(
    entry: Entry,
    login: str,
    *,
    name: str | None = None,
    mail: str | None = None,
    phone: str | None = None,
    roles: Sequence[str] = (),
    group: str | None = None,
) -> Person:
    """New data, and if roles are given exactly these from today on; spans of others end the day before.

    A group without roles is that of the roles which have one.

    Raises:
        NotFound: for an unknown login.
        WrongInput: if nothing is given, an empty name, or a group for somebody without a role of a group.
    """
    person = known(entry, login)
    told = {"name": name, "mail": mail, "phone": phone}
    given = {field: value if value is None else one_line(option(field), value) for field, value in told.items()}
    if not roles and group is None and all(value is None for value in given.values()):
        raise WrongInput("nothing_given")
    if given["name"] == "":
        raise WrongInput("name_empty")
    entry.change(person, **{field: value for field, value in given.items() if value is not None})
    if roles:
        held = spans_of(entry.session, person, entry.effective_on)
        for span in held:
            if span.role not in roles or span.group != group:
                entry.change(span, valid_to=_day_before(span, entry.effective_on))
        kept = {span.role for span in held if span.role in roles and span.group == group}
        _begin(entry, person, [role for role in roles if role not in kept], group)
    elif group is not None:
        _regroup(entry, person, group)
    entry.tell(person=person.ref, roles=list(roles), group=group)
    return person


def leave(entry: Entry, login: str) -> Person:
    """End every role of a person with the entry's day.

    Raises:
        NotFound: for an unknown login.
    """
    person = known(entry, login)
    for span in spans_of(entry.session, person, entry.effective_on):
        if holds(span, entry.effective_on):
            entry.change(span, valid_to=entry.effective_on)
    entry.tell(person=person.ref, left=True)
    return person


def keep_somebody(entry: Entry, roles: Sequence[str]) -> None:
    """Be sure that somebody will hold one of these roles tomorrow: else nobody could ever give a role again.

    Raises:
        Refused: if the last one would go.
    """
    if not holders(entry.session, roles, entry.effective_on + timedelta(days=1)):
        raise Refused([Finding("nobody_left", facts={"roles": list(roles)})])


def known(entry: Entry, login: str) -> Person:
    """The person with a login. Raises NotFound."""
    person = person_by_login(entry.session, login)
    if person is None:
        raise NotFound("unknown_person", login=login)
    return person


def new_ref() -> str:
    """A reference for a person that says nothing of them: "p:" and 128 random bits."""
    return f"p:{secrets.token_hex(16)}"


def _begin(entry: Entry, person: Person, roles: Sequence[str], group: str | None) -> None:
    entry.add_all([RoleSpan(person_id=person.id or 0, role=role, group=group, valid_from=entry.effective_on) for role in roles])


def _regroup(entry: Entry, person: Person, group: str) -> None:
    held = [span for span in spans_of(entry.session, person, entry.effective_on) if span.group is not None]
    if not held:
        raise WrongInput("no_role_of_group", login=person.login, group=group)
    moved = [span for span in held if span.group != group]
    for span in moved:
        entry.change(span, valid_to=_day_before(span, entry.effective_on))
    there = {span.role for span in held if span.group == group}
    _begin(entry, person, list(dict.fromkeys(span.role for span in moved if span.role not in there)), group)


def _day_before(span: RoleSpan, day: date) -> date:
    return max(span.valid_from, day) - timedelta(days=1)
