"""What is due now, derived from workflow, dates, facts and ledger; nothing is stored ahead and nothing is changed here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Any

from sqlmodel import col, select

from cycle.cycles.records import Standing, Year
from cycle.dates.records import DateStatus, Deadline, deadlines
from cycle.dates.rules import Calendar, Calendars, late_from, public_calendar
from cycle.journal.history import Told, entries
from cycle.outbox.records import Mail, MailState
from cycle.partners.records import Rank, recipients, resolve
from cycle.people.records import holders
from cycle.reminders.records import left_out, made_since, made_steps, partners_asked, partners_of, reminders_made
from cycle.reminders.rules.ladder import Come, Item, Why, come, too_soon
from cycle.reminders.rules.window import may_go, next_mail_day
from cycle.vocabulary import Channel, Recipient
from cycle.workflow.model import PARTNER_DEPUTY, MailKind, Step

# A fact older than this is news no more; a step postponed by the daily limit is made up for as long.
NEWS_DAYS = 14
NO_MAIL = frozenset({MailState.HELD, MailState.CANCELLED, MailState.MISSED})


@dataclass
class Derived:
    """What a look at one cycle found: items due, items that will not go any more and why, dates overdue since a day.

    `next_day` is the next day on which there may be something to do without anything happening before.
    """

    due: list[Item] = field(default_factory=list)
    missed: list[tuple[Item, Why]] = field(default_factory=list)
    overdue: list[tuple[Deadline, date]] = field(default_factory=list)
    next_day: date | None = None

    def look_again(self, day: date | None) -> None:
        """There may be something to do on that day."""
        if day is not None and (self.next_day is None or day < self.next_day):
            self.next_day = day

    @property
    def anything(self) -> bool:
        """Whether something would be written now."""
        return bool(self.due or self.missed or self.overdue)


class _Look:
    """One look at a cycle: the questions whose answers several steps share are asked once."""

    def __init__(self, about: Year, calendars: Calendars) -> None:
        self.about = about
        self.calendars = calendars
        self.public: Calendar | None = public_calendar(calendars)
        self.window = about.workflow.send_window
        self.found = Derived()
        # On which day each step of each thing was first made, and for whom where that is still news.
        self.made = made_steps(about.session, about.cycle_id)
        self.made_for = made_since(about.session, about.cycle_id, about.today - timedelta(days=NEWS_DAYS))

    @cached_property
    def reminded(self) -> Mapping[tuple[str, str], Sequence[date]]:
        """The days on which a person was reminded of a thing."""
        return reminders_made(self.about.session, self.about.cycle_id)

    @cached_property
    def left_out(self) -> Mapping[tuple[str, date, str], set[str]]:
        """Who was left out of a step of a thing by name."""
        return left_out(self.about.session, self.about.cycle_id)

    @cached_property
    def asked(self) -> frozenset[int]:
        """The partners that were asked for something by a date of this cycle."""
        return frozenset(
            resolve(self.about.session, number) for number in partners_asked(self.about.session, self.about.cycle_id)
        )

    @cached_property
    def mailed(self) -> Mapping[date, set[str]]:
        """Who had a mail on each of the last days."""
        earliest = self.about.today - timedelta(days=NEWS_DAYS)
        query = select(col(Mail.day), col(Mail.person)).where(col(Mail.day) >= earliest, col(Mail.state).not_in(NO_MAIL))
        found: dict[date, set[str]] = {}
        for day, person in self.about.session.exec(query):
            found.setdefault(day, set()).add(person)
        return found


def derive(about: Year, calendars: Calendars) -> Derived:
    """What is due in one cycle at `about.now`. A cycle on hold, cancelled or closed longer than news lasts gives nothing."""
    look = _Look(about, calendars)
    if about.cycle.standing in (Standing.HELD, Standing.CANCELLED):
        return look.found
    if about.cycle.standing == Standing.OPEN:
        for row in deadlines(about.session, about.cycle_id):
            _overdue(look, row)
            _date(look, row)
        for name, lent in about.lent.dated.items():
            if name in about.workflow.ladder:
                for thing in lent(about):
                    here, ahead = come(
                        thing.subject, thing.day, thing.since, about.workflow.ladder[name], about.today, look.public
                    )
                    look.found.look_again(ahead)
                    _steps(look, here, about.workflow.ladder[name], thing.fact)
    if about.cycle.standing == Standing.OPEN or _news(about, about.cycle.closed_on):
        _facts(look)
    return look.found


def _overdue(look: _Look, row: Deadline) -> None:
    done = look.about.workflow.dates[row.key].done
    if row.status != DateStatus.OPEN or row.actual is not None or row.overdue_on is not None or done.word == "passed":
        return
    since = late_from(row.planned, look.public)
    if since <= look.about.today:
        look.found.overdue.append((row, since))
    else:
        look.found.look_again(since)


def _date(look: _Look, row: Deadline) -> None:
    steps = look.about.workflow.ladder.get(row.key, ())
    if not steps or row.status != DateStatus.OPEN:
        return
    if row.actual is not None and not _news(look.about, row.actual):
        return
    here, ahead = come(f"date/{row.key}", row.planned, row.since, steps, look.about.today, look.public)
    if row.actual is None:
        look.found.look_again(ahead)
    done = look.about.workflow.dates[row.key].done
    if row.actual is not None:
        # The date has ended: only who was postponed on the day its own mail went still hears of it.
        here = [each for each in here if done.word == "sent" and each.step.mail == done.value]
        here = [each for each in here if (each.subject, each.day, each.key) in look.made]
    _steps(look, here, steps, {"date": row.key}, answered=done.word == "answered")


def _steps(
    look: _Look, here: Sequence[Come], ladder: Sequence[Step], fact: Mapping[str, Any], *, answered: bool = False
) -> None:
    """Of the steps of one thing that have come, each person gets the latest; earlier ones are missed.

    Where `answered` ends the thing, nobody is reminded who was never asked: a partner that joined later.
    """
    about = look.about
    waiting: dict[str, list[Item]] = {}
    for each in sorted(here, key=lambda one: one.due_on):
        if each.step.phase is not None and not _reached(about, each.step.phase):
            continue
        kind = about.workflow.mails.kind_of(each.step.mail)
        key = (each.subject, each.day, each.key)
        for recipient in _owed(look, key, kind, partial(_to, about, each.step, ladder, fact)):
            if answered and kind is MailKind.REMINDER and look.asked and recipient.partner not in look.asked:
                continue
            item = Item(
                subject=each.subject,
                day=each.day,
                step=each.key,
                template=each.step.mail,
                kind=kind,
                due_on=each.due_on,
                recipient=recipient,
                level=each.step.level,
                fact=fact,
            )
            if each.before and about.today > each.day:
                look.found.missed.append((item, Why.TOO_LATE))
            else:
                waiting.setdefault(recipient.person, []).append(item)
    for items in waiting.values():
        look.found.missed += [(item, Why.SUPERSEDED) for item in items[:-1]]
        _admit(look, items[-1])


def _admit(look: _Look, item: Item) -> None:
    """Into what is due, unless the quiet time or the policy makes it wait or end."""
    policy = look.about.workflow.policy
    today = look.about.today
    if item.recipient.channel is Channel.PHONE:
        look.found.missed.append((item, Why.CALL if item.recipient.mail else Why.NO_ADDRESS))
        return
    if item.recipient.channel is Channel.MAIL and not item.recipient.mail:
        look.found.missed.append((item, Why.NO_ADDRESS))
        return
    if item.kind is MailKind.REMINDER:
        before = look.reminded.get((item.subject, item.recipient.person), [])
        if len(before) >= policy.reminders_per_item:
            look.found.missed.append((item, Why.ENOUGH))
            return
        if too_soon(max(before, default=None), today, policy.days_between_reminders):
            look.found.look_again(max(before) + timedelta(days=policy.days_between_reminders))
            return
    if not may_go(item.kind, today, look.window, look.calendars):
        look.found.look_again(next_mail_day(today, look.window, look.calendars))
        return
    look.found.due.append(item)


def _facts(look: _Look) -> None:
    """Mails that follow a fact, in the next send window."""
    about = look.about
    wanted = {kind for name in about.workflow.on if name in about.lent.facts for kind in about.lent.facts[name].types}
    if not wanted:
        return
    for told in _recent(about, sorted(wanted)):
        if told.type == "phase.returned" and not told.data.get("notify"):
            continue
        for name, follows in about.workflow.on.items():
            fact = about.lent.facts.get(name)
            if fact is None or told.type not in fact.types:
                continue
            for follow in follows:
                if fact.matches(told.data, follow.narrow):
                    day = told.recorded_at.astimezone(about.zone).date()
                    key = (f"event/{told.seq}", day, follow.mail)
                    kind = about.workflow.mails.kind_of(follow.mail)
                    for recipient in _owed(look, key, kind, partial(_to, about, follow, (), told.data)):
                        _admit(
                            look,
                            Item(
                                subject=key[0],
                                day=day,
                                step=follow.mail,
                                template=follow.mail,
                                kind=kind,
                                due_on=day,
                                recipient=recipient,
                                level=follow.level,
                                fact=told.data,
                                order=told.seq,
                            ),
                        )


def _recent(about: Year, types: Sequence[str]) -> list[Told]:
    """The entries of these types that are news, in their order; older ones are not read."""
    earliest = about.today - timedelta(days=NEWS_DAYS)
    found: list[Told] = []
    for told in entries(about.session, cycle=about.cycle.key, types=types, newest_first=True):
        if told.recorded_at.astimezone(about.zone).date() < earliest:
            break
        found.append(told)
    return found[::-1]


def _owed(
    look: _Look, key: tuple[str, date, str], kind: MailKind, audience: Callable[[], Sequence[Recipient]]
) -> list[Recipient]:
    """Those who have not heard of it yet. Once it went out, only these get it later: who had another mail on that day,
    who had been reminded too shortly before, and of a request the partners that joined since.

    `audience` is not called where its answer cannot matter.
    """
    first_on = look.made.get(key)
    if first_on is None:
        without = look.left_out.get(key, set())
        return list({person.person: person for person in audience() if person.person not in without}.values())
    if not _news(look.about, first_on):
        return []
    postponed = look.mailed.get(first_on, set()) | (_spared(look, key[0], first_on) if kind is MailKind.REMINDER else set())
    postponed -= look.made_for[key]
    joined = kind is MailKind.REQUEST and key[0].startswith("date/")
    if not postponed and not joined:
        return []
    found = {person.person: person for person in audience()}
    if not joined:
        return [one for ref, one in found.items() if ref in postponed]
    known = partners_of(look.about.session, look.about.cycle_id, key)
    return [one for ref, one in found.items() if ref in postponed or (one.partner is not None and one.partner not in known)]


def _spared(look: _Look, subject: str, day: date) -> set[str]:
    """Who was not reminded of a thing on a day, since the last reminder was too fresh."""
    least = look.about.workflow.policy.days_between_reminders
    return {
        person
        for (of, person), days in look.reminded.items()
        if of == subject and any(before < day and too_soon(before, day, least) for before in days)
    }


def _to(about: Year, step: Any, ladder: Sequence[Step], fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The recipients of a step: an audience, the holders of a role, or a level of the escalation."""
    if step.level is not None:
        return _level(about, step.level, ladder, fact)
    if step.to in about.workflow.roles:
        return role_holders(about, step.to)
    return about.lent.audiences[step.to](about, fact)


def _level(about: Year, level: int, ladder: Sequence[Step], fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Who a level of the escalation is; an empty one falls to the next."""
    for name in about.workflow.escalation[level - 1 :]:
        found = _deputies(about, ladder, fact) if name == PARTNER_DEPUTY else role_holders(about, name)
        if found:
            return found
    return ()


def _deputies(about: Year, ladder: Sequence[Step], fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The second contacts of the partners who still owe what this ladder asks for."""
    for step in reversed(ladder):
        if step.to is not None and step.to in about.lent.audiences:
            owing = [r.partner for r in about.lent.audiences[step.to](about, fact) if r.partner is not None]
            return [replace(one, role=PARTNER_DEPUTY) for one in recipients(about.session, owing, Rank.DEPUTY)]
    return ()


def role_holders(about: Year, role: str) -> list[Recipient]:
    """The holders of a role today as recipients; their mail language is the workflow's first."""
    return [
        Recipient(
            person=person.ref,
            mail=person.mail,
            language=about.workflow.languages[0],
            last_name=person.name or "",
            phone=person.phone,
            role=span.role,
        )
        for person, span in holders(about.session, [role], about.today)
    ]


def _reached(about: Year, phase: str) -> bool:
    order = about.workflow.order
    return order.index(about.cycle.phase) >= order.index(phase)


def _news(about: Year, day: date | None) -> bool:
    return day is not None and about.today <= day + timedelta(days=NEWS_DAYS)
