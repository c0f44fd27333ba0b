"""One look at a cycle: what was made already, who is still owed a step, and whether an item may go today."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property

from sqlalchemy import bindparam, select
from sqlmodel import col, or_

from cycle.adapters.prepared import Question
from cycle.cycles.records import Year
from cycle.dates.records import Deadline, deadlines
from cycle.dates.rules import Calendar, Calendars, public_calendar
from cycle.journal.questions import asked, asked_in_parts
from cycle.outbox.records import Mail, MailState
from cycle.partners.records import resolve
from cycle.reminders.actions.answers import Asking, asking, heard_from
from cycle.reminders.actions.audience import each_once
from cycle.reminders.records import left_out, made_since, made_steps, partners_asked, partners_of, reminders_made
from cycle.reminders.rules.ladder import Item, Why, out_of_reach, requests_in, too_soon
from cycle.reminders.rules.window import may_go, news_since, next_mail_day
from cycle.vocabulary import Recipient
from cycle.workflow.model import MailKind

# A fact older than this is news no more; a step postponed by the daily limit is made up for as long. Counted from the
# first day on which such a mail may go.
NEWS_DAYS = 14


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


class Look:
    """One look at a cycle: the questions whose answers several steps share are asked once."""

    def __init__(self, about: Year, calendars: Calendars) -> None:
        self.about = about
        self.calendars = calendars
        self.public: Calendar | None = public_calendar(calendars)
        self.window = about.workflow.send_window
        self.found = Derived()
        self._news_since: dict[MailKind, date] = {}
        self._asked: dict[str, Mapping[int, date] | None] = {}
        self._heard: dict[tuple[str, ...], frozenset[int]] = {}
        # On which day each step of each thing was first made, and for whom where that is still news.
        self.made = made_steps(about.session, about.cycle_id)
        self.made_for = made_since(about.session, about.cycle_id, self.news_since(MailKind.REQUEST))

    def news_since(self, kind: MailKind) -> date:
        """The first day whose news may still be told by a mail of that kind; requests may wait longest."""
        if kind not in self._news_since:
            earliest = self.about.first_day
            self._news_since[kind] = news_since(kind, self.about.today, NEWS_DAYS, earliest, self.window, self.calendars)
        return self._news_since[kind]

    def news(self, kind: MailKind, day: date | None) -> bool:
        """Whether what happened on a day may still be told by a mail of that kind."""
        return day is not None and day >= self.news_since(kind)

    @cached_property
    def reminded(self) -> Mapping[str, Mapping[str, Sequence[date]]]:
        """The days on which each person was reminded of a thing."""
        return reminders_made(self.about.session, self.about.cycle_id)

    @cached_property
    def left_out(self) -> Mapping[tuple[str, date, str], set[str]]:
        """Who was left out of a step of a thing by name."""
        return left_out(self.about.session, self.about.cycle_id)

    def asked(self, key: str) -> Mapping[int, date] | None:
        """The partners that the requests of a date's phase were made for, with the day; None where it has no request."""
        phase = self.about.workflow.dates[key].phase
        if phase not in self._asked:
            templates = requests_in(self.about.workflow, phase)
            found: dict[int, date] = {}
            for number, day in partners_asked(self.about.session, self.about.cycle_id, templates).items():
                today = resolve(self.about.session, number)
                found[today] = min(day, found.get(today, day))
            self._asked[phase] = found if templates else None
        return self._asked[phase]

    def heard_from(self, keys: tuple[str, ...]) -> frozenset[int]:
        """The partners who have answered what these dates wait for."""
        if keys not in self._heard:
            self._heard[keys] = heard_from(self.about, keys)
        return self._heard[keys]

    def asking(self, keys: tuple[str, ...]) -> Asking:
        """Whether answers may still come by one of these dates."""
        return asking(self.about, deadlines(self.about.session, self.about.cycle_id), keys)

    @cached_property
    def mailed(self) -> Mapping[date, set[str]]:
        """Who had a mail on each of the last days, or one that waited; also one that was cancelled later, but none that was
        never released."""
        found: dict[date, set[str]] = {}
        earliest = self.news_since(MailKind.REQUEST)
        for (first,) in asked(self.about.session, _mail_days(), earliest=earliest):
            for _, person, state, sent_at in asked_in_parts(self.about.session, _mailed(), day=first):
                found.setdefault(first, set()).add(person)
                # A mail that waited was in the way of others until it went.
                last = sent_at.astimezone(self.about.zone).date() if sent_at is not None else first
                last = self.about.today if state == MailState.QUEUED else last
                for days in range(1, (last - first).days + 1):
                    found.setdefault(first + timedelta(days=days), set()).add(person)
        return found

    def admit(self, item: Item) -> None:
        """Into what is due, unless the quiet time or the policy makes it wait or end."""
        policy = self.about.workflow.policy
        today = self.about.today
        notice = item.notice
        unreachable = out_of_reach(item)
        if unreachable is not None:
            self.found.missed.append((item, unreachable))
            return
        digest = policy.digest
        if digest is not None and item.role == digest.to and notice.template in digest.in_place_of:
            self.found.missed.append((item, Why.IN_WEEKLY_MAIL))
            return
        if notice.kind is MailKind.REMINDER:
            before = self.reminded.get(notice.subject, {}).get(item.person, [])
            if len(before) >= policy.reminders_per_item:
                self.found.missed.append((item, Why.ENOUGH))
                return
            if too_soon(max(before, default=None), today, policy.days_between_reminders):
                self.found.look_again(max(before) + timedelta(days=policy.days_between_reminders))
                return
        if not may_go(notice.kind, today, self.window, self.calendars):
            self.found.look_again(next_mail_day(today, self.window, self.calendars))
            return
        self.found.due.append(item)

    def owed(
        self, key: tuple[str, date, str], kind: MailKind, audience: Callable[[], Sequence[Recipient]]
    ) -> Iterable[Recipient]:
        """Those who have not heard of it yet. Once it went out, only these get it later: who had another mail on that day,
        who had been reminded too shortly before, and of a request the partners that joined since.

        `audience` is not called where its answer cannot matter.
        """
        first_on = self.made.get(key)
        if first_on is None:
            without = self.left_out.get(key, set())
            return (one for one in each_once(audience()) if one.person not in without)
        if not self.news(kind, first_on):
            return []
        postponed = self.mailed.get(first_on, set()) | (self._spared(key[0], first_on) if kind is MailKind.REMINDER else set())
        postponed -= self.made_for[key]
        joined = kind is MailKind.REQUEST and key[0].startswith("date/")
        if not postponed and not joined:
            return []
        known = partners_of(self.about.session, self.about.cycle_id, key) if joined else frozenset()

        def late(one: Recipient) -> bool:
            return one.person in postponed or (joined and one.partner is not None and one.partner not in known)

        return filter(late, each_once(audience()))

    def _spared(self, subject: str, day: date) -> set[str]:
        """Who was not reminded of a thing on a day, since the last reminder was too fresh."""
        least = self.about.workflow.policy.days_between_reminders
        return {
            person
            for person, days in self.reminded.get(subject, {}).items()
            if any(before < day and too_soon(before, day, least) for before in days)
        }


@cache
def _mail_days() -> Question:
    return select(col(Mail.day)).where(col(Mail.day) >= bindparam("earliest")).distinct()


@cache
def _mailed() -> Question:
    released = or_(col(Mail.state) != MailState.CANCELLED, col(Mail.why).is_(None), col(Mail.why) != Why.WITHHELD)
    that_day = col(Mail.day) == bindparam("day")
    columns = (col(Mail.id), col(Mail.person), col(Mail.state), col(Mail.sent_at))
    query = select(*columns).where(that_day, col(Mail.state) != MailState.HELD, released, col(Mail.id) > bindparam("after"))
    return query.order_by(col(Mail.id)).limit(bindparam("most"))
