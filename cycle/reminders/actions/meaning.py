"""What an item of the ledger means now: the fact it is about, whom it is for, and whether it still makes sense."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlmodel import Session, select

from cycle.cycles.records import Standing, Year, running
from cycle.dates.records import Deadline, deadlines
from cycle.journal.history import Told, entries
from cycle.partners.records import Contact, Partner, Rank
from cycle.partners.records.recipients import AddressBook, Recipients, recipients
from cycle.people.records import person_by_ref
from cycle.reminders.actions.answers import Asking, asking, heard_from
from cycle.reminders.actions.audience import asked_of, found_in
from cycle.reminders.records import LedgerItem
from cycle.reminders.rules.ladder import BY_HAND, DIGEST, Why, asks_for, out_of_reach, part_of, step_key
from cycle.vocabulary import Channel, DatedItem, Recipient
from cycle.workflow.model import Follow, MailKind, Step


class Meaning:
    """Asks of items what they mean now, inside one reading session; what several items share is asked once."""

    def __init__(self, session: Session, year_of: Callable[[int], Year]) -> None:
        self._session = session
        self._year_of = year_of
        self._facts: dict[str, Told] = {}
        self._people: dict[tuple[int, str, str], Sequence[Recipient]] = {}
        self._books: set[AddressBook] = set()
        self._deadlines: dict[int, dict[str, Deadline]] = {}
        self._heard: dict[tuple[int, tuple[str, ...]], frozenset[int]] = {}
        self._things: dict[int, dict[str, DatedItem]] = {}
        self._superseded: dict[tuple[str, str], bool] = {}

    def go_on(self, session: Session) -> None:
        """Ask on in a newer session in which nothing of it has changed since."""
        self._session = session
        for book in self._books:
            book.go_on(session)

    def fact(self, item: LedgerItem) -> Mapping[str, Any]:
        """The fact an item was made for, as it is told to checks, audiences and templates."""
        kind, _, name = item.subject.partition("/")
        if kind == "event":
            if name not in self._facts:
                self._facts[name] = next(iter(entries(self._session, after=int(name) - 1, until=int(name))))
            return self._part(item, self._facts[name])
        if kind == "date":
            return {"date": name}
        return self._dated(item)

    def _part(self, item: LedgerItem, told: Told) -> Mapping[str, Any]:
        """What an entry tells of the thing that an item is about: of itself, or of one of several."""
        part = part_of(item.step)
        if part:
            for fact in self._year_of(item.cycle_id).lent.facts.values():
                for name, data in fact.parts(told.data) if told.type in fact.types else ():
                    if name == part:
                        return data
        return told.data

    def _dated(self, item: LedgerItem) -> Mapping[str, Any]:
        thing = self._thing(item)
        if thing is not None:
            return thing.fact
        kind, _, number = item.subject.partition("/")
        return {kind: number}

    def _thing(self, item: LedgerItem) -> DatedItem | None:
        """The thing of an item as it is now, also where another running year reminds of it since."""
        own = self._year_of(item.cycle_id)
        for cycle in (own.cycle, *running(self._session, own.cycle.plan)):
            thing = self._things_of(self._year_of(cycle.id or 0)).get(item.subject)
            if thing is not None:
                return thing
        return None

    def _things_of(self, about: Year) -> dict[str, DatedItem]:
        if about.cycle_id not in self._things:
            things = [thing for lent in about.lent.dated.values() for thing in lent(about)]
            self._things[about.cycle_id] = {thing.subject: thing for thing in reversed(things)}
        return self._things[about.cycle_id]

    def _deadline(self, item: LedgerItem, key: str) -> Deadline | None:
        if item.cycle_id not in self._deadlines:
            self._deadlines[item.cycle_id] = {row.key: row for row in deadlines(self._session, item.cycle_id)}
        return self._deadlines[item.cycle_id].get(key)

    def recipient(self, about: Year, item: LedgerItem, fact: Mapping[str, Any], role: str | None) -> Recipient | None:
        """Whoever the item is for now (in a role); None where it is for that person no more."""
        key = (item.cycle_id, item.subject, item.step)
        if key not in self._people:
            step, ladder = self._step(about, item)
            people = self._people[key] = asked_of(about, step, ladder, fact) if step is not None else ()
            if isinstance(people, Recipients):
                self._books.add(people.book)
        known = found_in(self._people[key], item.person, item.partner)
        if known is not None or item.kind in (MailKind.REQUEST, MailKind.REMINDER):
            return known
        return recipient_by_ref(self._session, item.person, about.workflow.languages[0], role)

    def attached(self, about: Year, item: LedgerItem) -> str | None:
        """The name of what the step of an item attaches to its mail, None for nothing."""
        step, _ = self._step(about, item)
        return step.attach if step is not None else None

    def _step(self, about: Year, item: LedgerItem) -> tuple[Step | Follow | None, tuple[Step, ...]]:
        kind, _, name = item.subject.partition("/")
        if kind in (DIGEST, BY_HAND):
            return Follow(mail=item.template, to=name), ()
        if kind == "event":
            told = self._facts[name]
            for word, follows in about.workflow.on.items():
                fact = about.lent.facts[word]
                if told.type in fact.types:
                    for follow in follows:
                        if follow.mail == item.template and fact.matches(self._part(item, told), follow.narrow):
                            return follow, ()
            return None, ()
        ladders = (
            [about.workflow.ladder.get(name, ())]
            if kind == "date"
            else [about.workflow.ladder[each] for each in about.lent.dated if each in about.workflow.ladder]
        )
        for ladder in ladders:
            for step in ladder:
                if step_key(step) == item.step:
                    return step, ladder
        return None, ()

    def stale(self, about: Year, item: LedgerItem, recipient: Recipient | None) -> Why | None:
        """Why an item makes sense no more, None while it does. Asked after `recipient`."""
        if about.cycle.standing == Standing.CANCELLED:
            return Why.YEAR_OVER
        if about.cycle.standing == Standing.HELD:
            return Why.HELD
        if recipient is not None and recipient.channel is not Channel.POST and (why := out_of_reach(recipient)) is not None:
            return why
        kind, _, name = item.subject.partition("/")
        if kind == "event":
            return Why.SUPERSEDED if self._replaced(about, item) else None
        if kind == BY_HAND:
            return Why.SUPERSEDED if recipient is None else None
        if kind == DIGEST:  # of a week that is over, or for whom the role is no more
            known = self._people[(item.cycle_id, item.subject, item.step)]
            return Why.SUPERSEDED if about.today > item.day or found_in(known, item.person, None) is None else None
        if kind == "date":
            row = self._deadline(item, name)
            if row is None or row.planned != item.day:
                return Why.SUPERSEDED
            done = about.workflow.dates[name].done
            own = done.word == "sent" and done.value == item.template
            if row.actual is not None and not own and item.kind != MailKind.INFORMATION:
                return Why.ANSWERED
            if item.step.startswith("-") and about.today > row.planned:
                return Why.TOO_LATE
            if why := self._asked_in_vain(about, item, recipient):
                return why
            if item.kind == MailKind.INFORMATION and not self._people[(item.cycle_id, item.subject, item.step)]:
                return Why.SUPERSEDED
        else:
            thing = self._thing(item)
            if thing is None or thing.day != item.day:
                return Why.ANSWERED
            if item.step.startswith("-") and about.today > item.day:
                return Why.TOO_LATE
        return Why.ANSWERED if recipient is None else None

    def _replaced(self, about: Year, item: LedgerItem) -> bool:
        """Whether something else stands in the place of what an item tells of, and its reader hears of that too."""
        key = (item.subject, part_of(item.step))
        if key not in self._superseded:
            data, type = self.fact(item), self._facts[item.subject.partition("/")[2]].type
            known = (each.replaced for each in about.lent.facts.values() if type in each.types)
            self._superseded[key] = any(replaced(about, data) for replaced in known if replaced is not None)
        return self._superseded[key]

    def _asked_in_vain(self, about: Year, item: LedgerItem, recipient: Recipient | None) -> Why | None:
        """Why a mail of a date asks for an answer no more: it is there, or its day has passed."""
        kind = MailKind(item.kind)
        if kind not in (MailKind.REQUEST, MailKind.REMINDER):
            return None
        keys = asks_for(about.workflow, item.subject.partition("/")[2], kind)
        if kind is MailKind.REQUEST and asking(about, deadlines(self._session, item.cycle_id), keys) is not Asking.OPEN:
            return Why.TOO_LATE
        if (item.cycle_id, keys) not in self._heard:
            self._heard[item.cycle_id, keys] = heard_from(about, keys)
        heard = self._heard[item.cycle_id, keys]
        return Why.ANSWERED if recipient is not None and recipient.partner in heard else None


def recipient_by_ref(session: Session, ref: str, language: str, role: str | None) -> Recipient | None:
    """Whoever a reference belongs to now: a partner's contact, else a person with a login; None if erased."""
    found = session.exec(select(Contact, Partner).where(Contact.ref == ref, Contact.partner_id == Partner.id)).first()
    if found is not None:
        contact, partner = found
        for one in recipients(session, [partner.number], Rank(contact.rank)):
            if one.person == ref:
                return one
    person = person_by_ref(session, ref)
    if person is None:
        return None
    return Recipient(
        person=ref, mail=person.mail, language=language, last_name=person.name or "", phone=person.phone, role=role
    )
