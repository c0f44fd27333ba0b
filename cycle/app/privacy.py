"""What is kept about a partner's contacts, where else they are named, and how all of it is forgotten.

It joins houses that do not know each other: contacts (`partners`), mails (`outbox`) and the reasons of entries (`journal`).
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, or_, select

from cycle.cycles.rules import need_reason
from cycle.errors import Conflict, NotFound, Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.erasure import ERASED, erase
from cycle.journal.history import Told, entries, reason
from cycle.journal.questions import asked_once
from cycle.journal.records import Event, Opening
from cycle.meetings.records import Meeting, Participation, needs_said_by
from cycle.outbox.records import Mail, MailState, mails_to
from cycle.partners.records import Contact, Partner, contacts_of, contacts_of_ref, partner_of
from cycle.people.records import person_by_ref
from cycle.people.rules import citation, naming, surnames
from cycle.vocabulary import Finding
from cycle.workflow.model import Workflow

CONTACT = "contact"
MAIL_TEXT = "mail_text"
PERSONAL = ("salutation", "title", "first_name", "last_name", "function", "mail", "phone")
_NAMES = ("first_name", "last_name")
_ADDRESSES = ("mail", "phone")


@dataclass(frozen=True)
class Dossier:
    """Everything that is kept about one person as a contact of one partner.

    `names` finds the person in a text, `surnames` who may be it. `entries` are those that name the person's reference or
    changed one of the rows; `named_in` the subjects of other free texts in which the person occurs, `mails_naming` other
    people's mails that do. `at_meetings` is what the partner said of meetings, whose needs tell of the person.
    """

    partner: Partner
    ref: str
    contacts: tuple[Contact, ...]
    mails: tuple[Mail, ...]
    entries: tuple[Told, ...]
    reasons: tuple[str, ...]
    names: re.Pattern[str]
    surnames: re.Pattern[str]
    mails_naming: tuple[str, ...]
    named_in: tuple[str, ...]
    at_meetings: tuple[tuple[Meeting, Participation], ...] = ()
    login: str | None = None
    known_elsewhere: tuple[int, ...] = field(default=())

    @property
    def subjects(self) -> list[str]:
        """What forgetting erases: contact rows, mails to and naming the person, needs at meetings, the reasons of entries
        about those rows."""
        own = [*(f"contact:{each.id}" for each in self.contacts), *(f"mail:{each.id}" for each in self.mails)]
        needs = [f"participation:{said.id}" for _, said in self.at_meetings]
        return [*own, *needs, *self.mails_naming, *self.reasons]


def dossiers(session: Session, workflow: Workflow, number: int, which: Sequence[str] = ()) -> list[Dossier]:
    """One for each person that is or was a contact of the partner; `which` are numbers of contacts or references, none: all.

    Raises:
        NotFound: for an unknown partner or contact.
    """
    partner = partner_of(session, number)
    by_ref: dict[str, list[Contact]] = {}
    for contact in contacts_of(session, partner.id or 0):
        by_ref.setdefault(contact.ref, []).append(contact)
    if which:
        refs = {name: ref for ref, rows in by_ref.items() for name in (ref, *(str(row.id) for row in rows))}
        for each in which:
            if each not in refs:
                known = ", ".join(str(row.id) for rows in by_ref.values() for row in rows) or "-"
                raise NotFound("unknown_contact", contact=each, partner=number, known=known)
        chosen = {refs[each] for each in which}
        by_ref = {ref: rows for ref, rows in by_ref.items() if ref in chosen}
    words = workflow.vocab.get("salutations", {}).values()
    titles = {word.label(language) for word in words for language in ("de", "en")}
    return [_dossier(session, partner, ref, rows, titles) for ref, rows in by_ref.items()]


def forget(
    entry: Entry,
    workflow: Workflow,
    number: int,
    *,
    which: Sequence[str] = (),
    legal_basis: str | None,
    also: Sequence[str] = (),
    archive_first: Sequence[str] = (),
) -> list[Dossier]:
    """Erase a partner's contacts, or some of them, for good: their rows, mails and reasons, and the subjects of `also`; the
    persons of whom anything was still there.

    A contact of today ends with the entry's day. The organisation stays, and so do references, days and templates.

    Raises:
        NotFound: for an unknown partner, contact or subject.
        WrongInput: without a reason or a citation of the law, if the reason itself names the person, or if there is nothing
            left to erase.
        Refused: if the archive has to be asked first.
        Conflict: while a mail to one of them is being sent.
    """
    need_reason(entry.reason)
    basis = citation(legal_basis)
    found = dossiers(entry.session, workflow, number, which)
    if any(pattern.search(entry.reason or "") for each in found for pattern in (each.names, each.surnames)):
        raise WrongInput("forget_reason_names", partner=number)
    being_sent = [mail.id for each in found for mail in each.mails if mail.state == MailState.QUEUED and mail.lease is not None]
    if being_sent:
        raise Conflict("forget_being_sent", mails=being_sent)
    demand_offered(archive_first, {number: classes(found)}, {number: found[0].partner.archive_offered_on if found else None})
    extra = [free_text(entry.session, subject) for subject in also]
    end(entry, [contact for each in found for contact in each.contacts])
    offered = found[0].partner.archive_offered_on if found else None
    entry.tell(partner=number, refs=[each.ref for each in found], legal_basis=basis, archive_offered_on=offered)
    if not erase(entry, [*(subject for each in found for subject in each.subjects), *extra]):
        raise WrongInput("nothing_to_forget", partner=number)
    erased = set(entry.facts["subjects"])
    return [each for each in found if erased.intersection(each.subjects)]


def demand_offered(
    archive_first: Sequence[str], wanted: Mapping[int, Mapping[str, date]], offered: Mapping[int, date | None]
) -> None:
    """Be sure that the archive was asked about what is to be erased (by partner: classes, each with its newest day).

    Raises:
        Refused: with every partner for which it was not, or before the newest mail.
    """
    missing = []
    for number, classes in wanted.items():
        day = offered.get(number)
        late = [name for name, newest in classes.items() if name in archive_first and (day is None or day < newest)]
        if late:
            key = "archive_never_offered" if day is None else "archive_offered_before"
            facts = {"partner": number, "classes": late, "offered": day}
            missing.append(Finding(key, facts=facts, command=f"cycle privacy offer {number}"))
    if missing:
        raise Refused(missing)


def end(entry: Entry, contacts: Iterable[Contact]) -> None:
    """Contacts of today end with the entry's day: who has no name and no address can be nobody's contact."""
    for contact in contacts:
        if contact.valid_to is None:
            entry.change(contact, valid_to=entry.today)


def offer(entry: Entry, numbers: Sequence[int], day: date) -> list[Partner]:
    """Record that what is kept about these partners was offered to the archive on a day.

    Raises:
        NotFound: for an unknown partner.
        WrongInput: if none is named, or that day stands there already for all of them.
    """
    partners = [partner_of(entry.session, number) for number in dict.fromkeys(numbers)]
    if not partners:
        raise WrongInput("offer_of_nothing")
    changed = [partner for partner in partners if partner.archive_offered_on != day]
    if not changed:
        raise WrongInput("offer_is_so", day=day)
    for partner in changed:
        entry.change(partner, archive_offered_on=day)
    entry.tell(partners=[partner.number for partner in changed], archive_offered_on=day)
    return changed


def _dossier(session: Session, partner: Partner, ref: str, contacts: list[Contact], titles: set[str]) -> Dossier:
    others = [row for row in contacts_of_ref(session, ref) if row.partner_id != partner.id]
    person = person_by_ref(session, ref)
    shared = bool(others) or person is not None
    mails = [mail for mail in mails_to(session, ref) if mail.partner == partner.number or not shared]
    names, alone = _names(session, contacts, titles)
    own = {f"contact:{row.id}" for row in contacts} | {f"mail:{mail.id}" for mail in mails}
    told = list(_entries_about(session, ref, {row.id for row in contacts}))
    reasons = [f"event:{each.id}" for each in told if _is_only_about(each, partner, contacts) and reason(session, each)]
    naming_them = [each for each in texts_naming(session, names, alone) if each not in own and each not in reasons]
    naming_mails, named_in = parted(naming_them, mails_to_namesakes(session, ref, alone))
    return Dossier(
        partner=partner,
        ref=ref,
        contacts=tuple(contacts),
        mails=tuple(mails),
        entries=tuple(told),
        reasons=tuple(reasons),
        names=names,
        surnames=alone,
        mails_naming=naming_mails,
        named_in=named_in,
        at_meetings=tuple(needs_said_by(session, partner.number)),
        login=person.login if person else None,
        known_elsewhere=tuple(sorted({session.get_one(Partner, row.partner_id).number for row in others})),
    )


def _names(session: Session, contacts: Sequence[Contact], titles: set[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds the person in a text, and the family name alone, by every data of then and now that can be opened."""
    held = [{name: getattr(row, name) for name in (*_NAMES, *_ADDRESSES)} for row in contacts]
    for row in contacts:
        query = select(Opening.value).where(Opening.subject == f"contact:{row.id}")
        held += [json.loads(value) for value in session.exec(query)]
    called = {(each.get("first_name") or "", each.get("last_name") or "") for each in held}
    addresses = {each[name] for each in held for name in _ADDRESSES if each.get(name)}
    return naming(salutations=titles, names=called, addresses=addresses), surnames(called)


def _entries_about(session: Session, ref: str, numbers: set[int | None]) -> Iterator[Told]:
    """The entries whose body holds the reference, and those that changed one of these contacts."""
    body = col(Event.body)
    query = select(col(Event.seq)).where(or_(body.contains(ref), body.contains('"change":"contact"'))).order_by(col(Event.seq))
    for seq in session.exec(query).all():
        for told in entries(session, after=seq - 1, until=seq):
            changed = {change["id"] for change in told.data["changes"] if change.get("change") == "contact"}
            if changed & numbers or ref in json.dumps(told.body):
                yield told


def _is_only_about(told: Told, partner: Partner, contacts: Sequence[Contact]) -> bool:
    """Whether an entry changed nothing but these contacts and their partner: then its reason is about them."""
    about = {"contact": {row.id for row in contacts}, "partner": {partner.id}}
    changes = told.data["changes"]
    rows = [(change.get("add") or change["change"], change.get("ids") or [change["id"]]) for change in changes]
    touches = told.type != ERASED and any(name == "contact" for name, _ in rows)
    return touches and all(set(ids) <= about.get(name, set()) for name, ids in rows)


def texts_naming(session: Session, names: re.Pattern[str], alone: re.Pattern[str]) -> list[str]:
    """The subjects of openings in which the person occurs, each once; other persons' own data are not looked into.

    In a mail, which is erased without anybody's looking, the family name alone is not enough.
    """
    words = asked_once(session, (Contact, Mail), "openings", lambda: list(_words(session)))
    found = [
        subject for subject, text in words if names.search(text) or (not subject.startswith("mail:") and alone.search(text))
    ]
    return list(dict.fromkeys(found))


def mails_to_namesakes(session: Session, ref: str | None, alone: re.Pattern[str]) -> set[str]:
    """The mails to contacts of the same family name but for one person (`ref`): how such a mail addresses its reader says
    nothing of the person, so somebody has to look."""
    query = select(Contact.ref, Contact.last_name).where(Contact.ref != (ref or ""), col(Contact.last_name).is_not(None))
    others = {other for other, name in session.exec(query) if alone.fullmatch(name or "")}
    return (
        {f"mail:{number}" for number in session.exec(select(Mail.id).where(col(Mail.person).in_(others)))} if others else set()
    )


def parted(naming_it: Sequence[str], doubtful: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the subjects that name somebody the mails, which go with the person, and what somebody has to look at."""
    mails = tuple(each for each in naming_it if each.startswith("mail:") and each not in doubtful)
    return mails, tuple(each for each in naming_it if each not in mails)


def _words(session: Session) -> Iterator[tuple[str, str]]:
    query = select(col(Opening.subject), col(Opening.value)).order_by(col(Opening.subject))
    for subject, value in session.exec(query):
        if not subject.startswith(("contact:", "person:")):
            told = json.loads(value)
            parts = told.values() if isinstance(told, dict) else (told,)
            yield subject, "\n".join(part for part in parts if isinstance(part, str))


def classes(found: Sequence[Dossier]) -> dict[str, date]:
    """What forgetting erases, each class with the day that the archive must have been asked on or after."""
    if not found:
        return {}
    days = [mail.day for each in found for mail in each.mails if mail.text is not None]
    return {CONTACT: date.min} | ({MAIL_TEXT: max(days)} if days else {})


def free_text(session: Session, subject: str) -> str:
    """A subject that a person may choose to erase: any that has words, but no other person."""
    if (
        subject.startswith(("contact:", "person:"))
        or session.exec(select(Opening.commitment).where(Opening.subject == subject)).first() is None
    ):
        raise NotFound("unknown_subject", subject=subject)
    return subject
