"""What is kept about somebody who works or worked with the programme, and how it is forgotten when that is over."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from cycle.app.privacy import free_text, mails_to_namesakes, parted, texts_naming
from cycle.cycles.rules import need_reason
from cycle.errors import Conflict, NotFound, Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.erasure import ERASED, erase
from cycle.journal.history import Told, entries, reason
from cycle.journal.records import Opening
from cycle.outbox.records import Mail, MailState, mails_to
from cycle.partners.records import Partner, contacts_of_ref
from cycle.people.records import Person, everybody, person_by_login, person_by_ref, spans_of_person
from cycle.people.rules import citation, naming, surnames
from cycle.vocabulary import Finding
from cycle.workflow.model import Workflow

STAFF = "person"
PERSONAL = ("login", "name", "mail", "phone")


@dataclass(frozen=True)
class StaffFile:
    """Everything that is kept about one person with a login; the words are those of `privacy.Dossier`."""

    ref: str
    person: Person
    mails: tuple[Mail, ...]
    entries: tuple[Told, ...]
    reasons: tuple[str, ...]
    names: re.Pattern[str]
    surnames: re.Pattern[str]
    mails_naming: tuple[str, ...]
    named_in: tuple[str, ...]
    contact_of: tuple[int, ...]

    @property
    def subjects(self) -> list[str]:
        """What forgetting erases: the person's row, mails to and naming the person, the reasons of entries about it alone."""
        return [own(self.person), *(f"mail:{mail.id}" for mail in self.mails), *self.mails_naming, *self.reasons]


def own(person: Person) -> str:
    """The subject of a person's own data."""
    return f"person:{person.id}"


def staff_file(session: Session, workflow: Workflow, who: str) -> StaffFile:
    """The file of a login, or of a reference where the login is forgotten. Raises NotFound."""
    person = person_by_login(session, who) or person_by_ref(session, who)
    if person is None:
        raise NotFound("unknown_person", login=who)
    words = workflow.vocab.get("salutations", {}).values()
    titles = {word.label(language) for word in words for language in ("de", "en")}
    contacts = contacts_of_ref(session, person.ref)
    mails = [mail for mail in mails_to(session, person.ref) if mail.partner is None or not contacts]
    held = list(_held(session, person))
    called = {_parted(each["name"]) for each in held if each.get("name")}
    names = naming(
        salutations=titles, names=called, addresses={each[n] for each in held for n in ("mail", "phone") if each.get(n)}
    )
    alone = surnames(called)
    told = [each for each in entries(session, mentioning=person.ref) if _touches(each, person, session)]
    reasons = [f"event:{each.id}" for each in told if _is_only_about(each, person, session) and reason(session, each)]
    mine = {own(person), *(f"mail:{mail.id}" for mail in mails), *reasons}
    naming_it = [each for each in texts_naming(session, names, alone) if each not in mine]
    naming_mails, named_in = parted(naming_it, mails_to_namesakes(session, person.ref, alone))
    return StaffFile(
        ref=person.ref,
        person=person,
        mails=tuple(mails),
        entries=tuple(told),
        reasons=tuple(reasons),
        names=names,
        surnames=alone,
        mails_naming=naming_mails,
        named_in=named_in,
        contact_of=tuple(sorted({session.get_one(Partner, row.partner_id).number for row in contacts})),
    )


def forget_staff(
    entry: Entry, workflow: Workflow, login: str, *, legal_basis: str | None, also: Sequence[str] = ()
) -> StaffFile:
    """Erase for good what is kept about somebody who has left: name, login, addresses, mails to the person, reasons.

    Roles, their spans and the reference stay: the history tells by it who did what, and still verifies.

    Raises:
        NotFound: for an unknown login.
        WrongInput: without a reason or a citation of the law, if the reason names the person, or if nothing is left.
        Refused: while the person holds a role, or is to hold one.
        Conflict: while a mail to the person is being sent.
    """
    need_reason(entry.reason)
    basis = citation(legal_basis)
    found = staff_file(entry.session, workflow, login)
    holding = [
        span.role
        for span in spans_of_person(entry.session, found.person)
        if span.valid_to is None or span.valid_to >= entry.today
    ]
    if holding:
        raise Refused([Finding("person_holds_roles", facts={"roles": holding}, command=f"cycle people leave {login}")])
    if any(pattern.search(entry.reason or "") for pattern in (found.names, found.surnames)):
        raise WrongInput("forget_staff_reason_names")
    being_sent = [mail.id for mail in found.mails if mail.state == MailState.QUEUED and mail.lease is not None]
    if being_sent:
        raise Conflict("forget_being_sent", mails=being_sent)
    extra = [free_text(entry.session, subject) for subject in also]
    entry.tell(refs=[found.person.ref], legal_basis=basis, staff=True)
    if not erase(entry, [*found.subjects, *extra]):
        raise WrongInput("nothing_to_forget_of", login=login)
    return found


def staff_with_data(session: Session) -> Iterator[tuple[Person, date]]:
    """Everybody of whom something personal is kept and who holds no role any more, with the last day of the last one."""
    for person, spans in everybody(session):
        ends = [span.valid_to for span in spans]
        last = max((day for day in ends if day is not None), default=None)
        if last is not None and None not in ends and any(getattr(person, name) is not None for name in PERSONAL):
            yield person, last


def _held(session: Session, person: Person) -> Iterator[dict[str, str]]:
    """The person's data of today and of earlier, as far as they can be opened."""
    yield {name: getattr(person, name) for name in PERSONAL}
    for value in session.exec(select(Opening.value).where(col(Opening.subject) == own(person))):
        yield json.loads(value)


def _parted(name: str) -> tuple[str, str]:
    first, _, last = name.strip().rpartition(" ")
    return first, last


def _rows(told: Told) -> list[tuple[str, list[int]]]:
    changes = told.data["changes"]
    return [(change.get("add") or change["change"], change.get("ids") or [change["id"]]) for change in changes]


def _touches(told: Told, person: Person, session: Session) -> bool:
    """Whether an entry is about the person, and not only by it."""
    about = _about(session, person)
    return person.ref in json.dumps(told.data) or any(set(ids) & about.get(name, set()) for name, ids in _rows(told))


def _is_only_about(told: Told, person: Person, session: Session) -> bool:
    about = _about(session, person)
    rows = _rows(told)
    return told.type != ERASED and bool(rows) and all(set(ids) <= about.get(name, set()) for name, ids in rows)


def _about(session: Session, person: Person) -> dict[str, set[int | None]]:
    return {"person": {person.id}, "role_span": {span.id for span in spans_of_person(session, person)}}
