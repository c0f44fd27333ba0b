"""From a mail's items to its words, as of now; and whether each item still makes sense."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from cycle.adapters.templates import Letters, Part
from cycle.cycles.records import Cycle, Standing, Year, running
from cycle.dates.records import Deadline, deadlines
from cycle.dates.rules import Calendar
from cycle.journal.history import Told, entries
from cycle.journal.questions import row_of
from cycle.outbox.records import Mail
from cycle.outbox.rules.message import CalendarPart
from cycle.partners.records import Contact, Partner, Rank, recipients
from cycle.people.records import person_by_ref
from cycle.reminders.actions.answers import Asking, asking, heard_from
from cycle.reminders.actions.audience import asked_of
from cycle.reminders.actions.dress import as_html
from cycle.reminders.actions.invite import Invitations
from cycle.reminders.actions.scene import Scene, context
from cycle.reminders.actions.threads import Earlier, earlier
from cycle.reminders.records import LedgerItem, items_of_mails
from cycle.reminders.rules.ladder import DIGEST, Why, asks_for, out_of_reach, step_key
from cycle.settings import Settings
from cycle.vocabulary import Channel, DatedItem, Recipient
from cycle.workflow.model import Follow, MailKind, Step


@dataclass(frozen=True)
class Composed:
    """A mail's words: to whom, the reference in the subject, the whole text, as HTML too; the meetings for a calendar.

    `references` are the mails it goes on from, oldest first; `duty` is whether its reader has something to do, so that it
    is nothing to unsubscribe from; `dropped` are the items that are stale.
    """

    to_name: str
    address: str
    reference: str
    subject: str
    text: str
    html: str
    calendars: tuple[CalendarPart, ...] = ()
    references: tuple[str, ...] = ()
    duty: bool = True
    dropped: tuple[tuple[int, Why], ...] = ()


@dataclass(frozen=True)
class Stale:
    """Every item of a mail has lost its sense: it will not go, and why."""

    why: Why


class Composer:
    """Composes mails inside one reading session; what several mails share is asked once."""

    def __init__(
        self,
        session: Session,
        *,
        year: Callable[[Cycle], Year],
        public: Callable[[Year], Calendar | None],
        letters: Callable[[Year], Letters],
        settings: Settings,
        sentence: Callable[..., str],
    ) -> None:
        self._session = session
        self._year = year
        self._public = public
        self._letters = letters
        self._settings = settings
        self._sentence = sentence
        self._items: dict[int, list[LedgerItem]] = {}
        self._years: dict[int, Year] = {}
        self._letters_of: dict[int, Letters] = {}
        self._facts: dict[str, Told] = {}
        self._people: dict[tuple[int, str, str], dict[str, Recipient]] = {}
        self._deadlines: dict[int, dict[str, Deadline]] = {}
        self._heard: dict[tuple[int, tuple[str, ...]], frozenset[int]] = {}
        self._things: dict[int, dict[str, DatedItem]] = {}
        self._answers: dict[tuple[int, str, date, str, str], dict[str, Any]] = {}
        self._earlier: dict[int, Earlier] = {}
        self._invitations = Invitations()

    @property
    def session(self) -> Session:
        """The reading session that it composes in."""
        return self._session

    def read(self, mail_ids: Sequence[int]) -> None:
        """Read the items of several mails, and what their readers got before, at once."""
        found = items_of_mails(self._session, mail_ids)
        self._items |= found
        before = earlier(self._session, [item for items in found.values() for item in items])
        self._earlier |= dict.fromkeys(found, before)

    def go_on(self, session: Session, now: datetime) -> None:
        """Compose more in a newer session of the same day, in which nothing that letters speak of has changed since."""
        self._session = session
        self._items.clear()
        self._earlier.clear()
        self._years = {number: replace(about, session=session, now=now) for number, about in self._years.items()}

    def items_of(self, mail_id: int) -> list[LedgerItem]:
        """The items inside one mail."""
        if mail_id not in self._items:
            self.read([mail_id])
        return self._items[mail_id]

    def compose(self, mail: Mail) -> Composed | Stale:
        """The words of a mail whose items still make sense, or why none does."""
        kept: list[tuple[LedgerItem, Recipient, Mapping[str, Any]]] = []
        dropped: list[tuple[int, Why]] = []
        for item in self.items_of(mail.id or 0):
            about = self.year_of(item.cycle_id)
            fact = self._fact(item)
            recipient = self._recipient(about, item, fact, mail)
            why = self._stale(about, item, recipient)
            if why is not None or recipient is None:
                dropped.append((item.id or 0, why or Why.ANSWERED))
            else:
                kept.append((item, recipient, fact))
        if not kept:
            return Stale(dropped[0][1] if dropped else Why.SUPERSEDED)
        return self._write(mail, kept, tuple(dropped))

    def year_of(self, cycle_id: int) -> Year:
        """The cycle of an item, as `Year`."""
        if cycle_id not in self._years:
            about = self._year(row_of(self._session, Cycle, cycle_id))
            self._years[cycle_id], self._letters_of[cycle_id] = about, self._letters(about)
        return self._years[cycle_id]

    def _write(
        self, mail: Mail, kept: list[tuple[LedgerItem, Recipient, Mapping[str, Any]]], dropped: tuple[tuple[int, Why], ...]
    ) -> Composed:
        parts: list[Part] = []
        own: list[str | None] = []
        calendars: list[CalendarPart] = []
        first = None
        for item, recipient, fact in kept:
            about = self.year_of(item.cycle_id)
            letters = self._letters_of[item.cycle_id]
            scene = Scene(about, item, recipient, fact, self._settings, self._public(about), self._sentence)
            names = letters.variables(item.template, recipient.language) | {"cycle"}
            told = self._context(scene, names)
            part = replace(letters.render(item.template, recipient.language, told), year=about.cycle.label)
            if part not in parts:  # an answer entered twice on one day is thanked for once
                parts.append(part)
                own.append(letters.own_html(item.template, recipient.language, told))
            calendar = self._invitations.of(scene, names)
            if calendar is not None and calendar not in calendars:
                calendars.append(calendar)
            first = first or (scene, letters)
        assert first is not None
        scene, letters = first
        around = self._context(scene, {"plan", "cycle", "sender", "recipient", "org", "city"})
        around["reference"] = reference = self._reference(scene)
        text = letters.letter(parts, scene.recipient.language, around)
        one = scene.recipient
        items = [item for item, _, _ in kept]
        return Composed(
            to_name=" ".join(filter(None, [one.title, one.first_name, one.last_name])) or one.organisation,
            address=one.mail or "",
            reference=reference,
            subject=text.subject,
            text=text.body,
            html=as_html(letters, text, parts, own, one.language, around),
            calendars=tuple(calendars),
            references=self._earlier[mail.id or 0].references(mail.id or 0, items),
            duty=any(item.kind != MailKind.INFORMATION for item in items),
            dropped=dropped,
        )

    def _context(self, scene: Scene, names: Collection[str]) -> dict[str, Any]:
        item = scene.item
        shared = self._answers.setdefault((item.cycle_id, item.subject, item.day, item.step, scene.language), {})
        return context(scene, names, shared)

    def _reference(self, scene: Scene) -> str:
        plan = scene.about.workflow.plan
        year = scene.about.cycle.year
        return (
            f"{plan.ref}-{year}-{scene.recipient.partner:03d}" if scene.recipient.partner is not None else f"{plan.ref}-{year}"
        )

    def _fact(self, item: LedgerItem) -> Mapping[str, Any]:
        kind, _, name = item.subject.partition("/")
        if kind == "event":
            if name not in self._facts:
                self._facts[name] = next(iter(entries(self._session, after=int(name) - 1, until=int(name))))
            return self._facts[name].data
        if kind == "date":
            return {"date": name}
        return self._dated(item)

    def _dated(self, item: LedgerItem) -> Mapping[str, Any]:
        thing = self._thing(item)
        if thing is not None:
            return thing.fact
        kind, _, number = item.subject.partition("/")
        return {kind: number}

    def _thing(self, item: LedgerItem) -> DatedItem | None:
        """The thing of an item as it is now, also where another running year reminds of it since."""
        own = self.year_of(item.cycle_id)
        for cycle in (own.cycle, *running(self._session, own.cycle.plan)):
            thing = self._things_of(self.year_of(cycle.id or 0)).get(item.subject)
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

    def _recipient(self, about: Year, item: LedgerItem, fact: Mapping[str, Any], mail: Mail) -> Recipient | None:
        key = (item.cycle_id, item.subject, item.step)
        if key not in self._people:
            step, ladder = self._step(about, item)
            found = asked_of(about, step, ladder, fact) if step is not None else ()
            self._people[key] = {one.person: one for one in found}
        known = self._people[key].get(item.person)
        if known is not None or item.kind in (MailKind.REQUEST, MailKind.REMINDER):
            return known
        return recipient_by_ref(self._session, item.person, about.workflow.languages[0], mail.role)

    def _step(self, about: Year, item: LedgerItem) -> tuple[Step | Follow | None, tuple[Step, ...]]:
        kind, _, name = item.subject.partition("/")
        if kind == DIGEST:
            return Follow(mail=item.template, to=name), ()
        if kind == "event":
            told = self._facts[name]
            for word, follows in about.workflow.on.items():
                fact = about.lent.facts[word]
                if told.type in fact.types:
                    for follow in follows:
                        if follow.mail == item.template and fact.matches(told.data, follow.narrow):
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

    def _stale(self, about: Year, item: LedgerItem, recipient: Recipient | None) -> Why | None:
        if about.cycle.standing in (Standing.HELD, Standing.CANCELLED):
            return Why.HELD
        if recipient is not None and recipient.channel is not Channel.POST and (why := out_of_reach(recipient)) is not None:
            return why
        kind, _, name = item.subject.partition("/")
        if kind == "event":
            return None
        if kind == DIGEST:  # of a week that is over, or for whom the role is no more
            known = self._people[(item.cycle_id, item.subject, item.step)]
            return Why.SUPERSEDED if about.today > item.day or item.person not in known else None
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
