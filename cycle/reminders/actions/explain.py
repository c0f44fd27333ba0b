"""Why a partner got a mail, gets it, or does not: the ledger answers for what was made, deriving's own questions for the rest.

`now` is the cycle as it is, `later` the same cycle after the days ahead were lived through (service.ahead). What will go is
read from there, so that it cannot differ from what goes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from cycle.cycles.records import Standing, Year
from cycle.dates.records import DateStatus, Deadline, deadlines
from cycle.dates.rules import Calendars
from cycle.journal.history import entries
from cycle.outbox.records import Mail, MailState
from cycle.partners.records import Rank, resolve
from cycle.partners.records.recipients import recipients
from cycle.reminders.actions.audience import asked_of
from cycle.reminders.actions.look import Look
from cycle.reminders.actions.waiting import awaited, reached, tells_partners, to_confirm
from cycle.reminders.records import ItemState, LedgerItem, ledger_of
from cycle.reminders.rules.explain import Explained, Fate, Nothing, why_nothing
from cycle.reminders.rules.ladder import BY_HAND, Awaited, Come, Why, come, step_key
from cycle.reminders.rules.window import is_mail_day, may_go
from cycle.workflow.model import PARTNER_DEPUTY, Follow, Step


@dataclass(frozen=True)
class Rule:
    """A step that items are made of: how it is called, its place, whom it is for; None where the workflow has it no more."""

    name: str
    at: str
    audience: str


def explain(now: Year, later: Year, calendars: Calendars, partners: Sequence[int], *, last_item: int) -> list[Explained]:
    """Every step and every mail after a fact of one cycle that could concern these partners, by partner and day.

    `last_item` is the last item of the ledger that was made before the days ahead.
    """
    asking = _Asking(now, later, calendars, last_item)
    found = [each for number in partners for each in (*asking.made(number), *asking.nothing(number))]
    return sorted(found, key=lambda each: (partners.index(each.partner), each.due_on, each.rule, each.at))


def last_step(about: Year, calendars: Calendars) -> date:
    """The day of the last step that a cycle's dates and things still bring; today at least."""
    look = Look(about, calendars)
    days = [each.due_on for each, _, _, _ in _steps(about, look)]
    return max([about.today, *days])


class _Asking:
    """The questions of one explanation; what several partners share is asked once."""

    def __init__(self, now: Year, later: Year, calendars: Calendars, last_item: int) -> None:
        self.now = now
        self.later = later
        self.last_item = last_item
        self.calendars = calendars
        self.look = Look(later, calendars)
        self.items = ledger_of(later.session, later.cycle_id)
        self.items_now = {item.id: item for item in ledger_of(now.session, now.cycle_id)}
        self.mails = _mails(later, self.items)
        self.mails_now = _mails(now, list(self.items_now.values()))
        self.steps = list(_steps(later, self.look))
        self.facts = dict(_facts(later, self.items))
        self.audiences: dict[tuple[str, str], frozenset[int]] = {}
        self.persons: dict[int, frozenset[str]] = {}

    def made(self, number: int) -> Iterator[Explained]:
        """What the ledger has for a partner, and will have."""
        for item in self.items:
            if not self._is_of(item, number):
                continue
            new = (item.id or 0) > self.last_item
            mail = self.mails.get(item.mail_id)
            held = self.items_now.get(item.id)
            told, awaits = None, None
            if new or held is None:
                fate, on, why = _ahead(item, mail, self.later)
                awaits = self._waited_for(item)
                fate, on = (fate, on) if awaits is None else (Fate.WAITS, None)
            else:
                told = self.mails_now.get(held.mail_id)
                fate, on, why = _past(held, told, mail, self.later)
            rule = self._rule(item)
            yield Explained(
                partner=number,
                cycle=self.later.cycle.key,
                rule=rule.name,
                at=rule.at,
                audience=rule.audience,
                template=item.template,
                due_on=item.due_on,
                fate=fate,
                on=on,
                why=why,
                awaits=awaits,
                mail=told.id if told else None,
                address=told.address if told else None,
                reply_code=told.reply_code if told else None,
                reply=told.last_reply if told else None,
            )

    def _waited_for(self, item: LedgerItem) -> Awaited | None:
        """The date that somebody can still confirm before a step is no news any more."""
        if item.why != Why.NOT_CONFIRMED:
            return None
        anchor = to_confirm(self.later, item.subject.removeprefix("date/"))
        return awaited(self.later, anchor) if anchor is not None and not _given_up(anchor) else None

    def _is_of(self, item: LedgerItem, number: int) -> bool:
        """Whether an item is a partner's: made for it, for one that was merged into it, or for another of which the same
        person is the contact (one person gets a thing once)."""
        if item.partner is None:
            return False
        if number not in self.persons:
            contacts = [contact for rank in Rank for contact in recipients(self.later.session, [number], rank)]
            self.persons[number] = frozenset(contact.person for contact in contacts)
        return number in (item.partner, resolve(self.later.session, item.partner)) or item.person in self.persons[number]

    def nothing(self, number: int) -> Iterator[Explained]:
        """The steps that nothing was made of for a partner, and will not be."""
        known = {(item.subject, item.day, item.step) for item in self.items if self._is_of(item, number)}
        for each, ladder, fact, row in self.steps:
            key = (each.subject, each.day, each.key)
            if key in known or not _for_partners(self.later, each.step):
                continue
            inside = number in self._audience((each.subject, each.key), each.step, ladder, fact)
            if row is None and not inside:
                continue  # somebody else's thing
            rule = _rule_of(self.later, each.subject, each.step)
            tells = row is not None and tells_partners(self.later, row.key, each.step)
            anchor = to_confirm(self.later, row.key) if row is not None and tells else None
            why = why_nothing(self._standing(each, row, number, inside=inside, anchor=anchor))
            waits = why is Why.NOT_CONFIRMED
            yield Explained(
                partner=number,
                cycle=self.later.cycle.key,
                rule=rule.name,
                at=rule.at,
                audience=rule.audience,
                template=each.step.mail,
                due_on=each.due_on,
                fate=Fate.WAITS if waits else Fate.NOT,
                why=why,
                awaits=awaited(self.later, anchor) if anchor is not None and waits else None,
            )
        for (subject, day), (name, follow, fact) in self.facts.items():
            if (subject, day, follow.mail) in known:
                continue
            inside = number in self._audience((subject, follow.mail), follow, (), fact)
            if not inside and number not in self._audience(("", follow.mail), follow, (), {}):
                continue  # somebody's own: nobody else is told of it, whatever the fact
            step = Nothing(
                kind=self.later.workflow.mails.kind_of(follow.mail),
                due_on=day,
                since=day,
                moved=False,
                in_audience=inside,
                made_for_others=self.look.made.get((subject, day, follow.mail)),
            )
            audience = _audience_name(self.later, follow)
            yield Explained(number, self.later.cycle.key, name, "", audience, follow.mail, day, Fate.NOT, why=why_nothing(step))

    def _standing(self, each: Come, row: Deadline | None, number: int, *, inside: bool, anchor: Deadline | None) -> Nothing:
        about = self.later
        window = about.workflow.send_window
        kind = about.workflow.mails.kind_of(each.step.mail)
        asked = self.look.asked(row.key) if row is not None and _answers(about, row) else None
        return Nothing(
            kind=kind,
            due_on=each.due_on,
            since=row.since if row is not None else date.min,
            moved=row is not None and row.moves > 0,
            in_audience=inside,
            on_hold=about.cycle.standing == Standing.HELD,
            over=about.cycle.standing in (Standing.CANCELLED, Standing.CLOSED),
            planned=row is None or (row.status == DateStatus.OPEN and not _given_up(anchor)),
            ended=row is not None and row.actual is not None,
            reached=reached(about, each.step),
            unconfirmed=anchor is not None,
            asked=None if asked is None else number in asked,
            asked_too_late=asked is not None and each.due_on <= asked.get(number, date.min),
            made_for_others=self.look.made.get((each.subject, each.day, each.key)),
            quiet=not (is_mail_day(about.today, window, self.calendars) and may_go(kind, about.today, window, self.calendars)),
            beyond=each.due_on > about.today,
        )

    def _audience(self, key: tuple[str, str], step: Any, ladder: Sequence[Step], fact: Mapping[str, Any]) -> frozenset[int]:
        if key not in self.audiences:
            found = asked_of(self.later, step, ladder, fact)
            self.audiences[key] = frozenset(one.partner for one in found if one.partner is not None)
        return self.audiences[key]

    def _rule(self, item: LedgerItem) -> Rule:
        if (item.subject, item.day) in self.facts:
            name, follow, _ = self.facts[item.subject, item.day]
            return Rule(name, "", _audience_name(self.later, follow))
        kind, _, name = item.subject.partition("/")
        if kind == BY_HAND:
            return Rule(item.template, "", name)
        ladders = self.later.workflow.ladder
        among = [ladders.get(name, ())] if kind == "date" else [ladders.get(each, ()) for each in self.later.lent.dated]
        for step in (step for ladder in among for step in ladder if step_key(step) == item.step):
            return _rule_of(self.later, item.subject, step)
        return Rule(item.subject.removeprefix("date/"), item.step.removesuffix(item.template).strip(), "")


def _steps(about: Year, look: Look) -> Iterator[tuple[Come, Sequence[Step], Mapping[str, Any], Deadline | None]]:
    """Every step of every ladder of a cycle with the day it falls on, as deriving finds them."""
    for row in deadlines(about.session, about.cycle_id):
        ladder = about.workflow.ladder.get(row.key, ())
        here, _ = come(f"date/{row.key}", row.planned, date.min, ladder, date.max, look.public)
        yield from ((each, ladder, {"date": row.key}, row) for each in here)
    for name, lent in about.lent.dated.items():
        ladder = about.workflow.ladder.get(name, ())
        for thing in lent(about) if ladder else ():
            here, _ = come(thing.subject, thing.day, thing.since, ladder, date.max, look.public)
            yield from ((each, ladder, thing.fact, None) for each in here)


def _facts(
    about: Year, items: Sequence[LedgerItem]
) -> Iterator[tuple[tuple[str, date], tuple[str, Follow, Mapping[str, Any]]]]:
    """The facts that mails of this cycle followed: the fact's name in the workflow, the mail, and the entry's data."""
    keys = {(item.subject, item.day): item.template for item in items if item.subject.startswith("event/")}
    for (subject, day), template in keys.items():
        number = int(subject.removeprefix("event/"))
        for told in entries(about.session, after=number - 1, until=number):
            for name, follows in about.workflow.on.items():
                fact = about.lent.facts.get(name)
                for _, data in fact.parts(told.data) if fact is not None and told.type in fact.types else ():
                    for follow in follows:
                        if follow.mail == template and fact is not None and fact.matches(data, follow.narrow):
                            yield (subject, day), (name, follow, data)


def _mails(about: Year, items: Sequence[LedgerItem]) -> dict[int | None, Mail]:
    numbers = {item.mail_id for item in items if item.mail_id is not None}
    return {mail.id: mail for mail in about.session.exec(select(Mail).where(col(Mail.id).in_(numbers)))}


def _past(item: LedgerItem, mail: Mail | None, lived: Mail | None, later: Year) -> tuple[Fate, date | None, str | None]:
    """What happened to an item: as its mail stands now; what still waits in the outbox has the day on which it will go."""
    if item.state == ItemState.IN_MAIL and mail is not None:
        if mail.state == MailState.QUEUED:
            return Fate.QUEUED, _day(lived, later), None
        return Fate(mail.state), _day(mail, later), mail.why
    if item.state == ItemState.HELD:
        return Fate.HELD, None, item.why
    return Fate(item.state), item.made_on, item.why


_OF_ITEM = {ItemState.LETTER: Fate.WILL_BE_LETTER, ItemState.HELD: Fate.WILL_BE_HELD, ItemState.IN_MAIL: Fate.WILL_GO}


def _ahead(item: LedgerItem, mail: Mail | None, later: Year) -> tuple[Fate, date | None, str | None]:
    """What will happen to an item that the days ahead have made."""
    fate = _OF_ITEM.get(ItemState(item.state), Fate.WILL_NOT)
    return fate, _day(mail, later) or item.made_on, item.why


def _day(mail: Mail | None, later: Year) -> date | None:
    if mail is None:
        return None
    return mail.sent_at.astimezone(later.zone).date() if mail.sent_at else mail.day


def _given_up(anchor: Deadline | None) -> bool:
    return anchor is not None and anchor.status == DateStatus.ENDED_WITH_PHASE


def _for_partners(about: Year, step: Step | Follow) -> bool:
    """Whether a step is for partners at all, and not for somebody of the administration."""
    if step.level is not None:
        return about.workflow.escalation[step.level - 1] == PARTNER_DEPUTY
    return step.to not in about.workflow.roles


def _rule_of(about: Year, subject: str, step: Step) -> Rule:
    return Rule(subject.removeprefix("date/"), str(step.at), _audience_name(about, step))


def _audience_name(about: Year, step: Step | Follow) -> str:
    return about.workflow.escalation[step.level - 1] if step.level is not None else step.to or ""


def _answers(about: Year, row: Deadline) -> bool:
    """Whether a date ends with answers: then only who was asked is reminded of it."""
    return about.workflow.dates[row.key].done.word == "answered"
