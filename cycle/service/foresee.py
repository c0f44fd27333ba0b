"""What will go out, day by day: read from the days ahead as `service.ahead` has lived them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, or_, select

from cycle.app.site import Site
from cycle.cycles.records import Cycle, cycles_of
from cycle.dates.rules import public_calendar
from cycle.errors import CycleError, WrongInput
from cycle.outbox.records import Mail, MailState
from cycle.reminders.actions.waiting import waiting
from cycle.reminders.records import ItemState, LedgerItem
from cycle.reminders.rules.ladder import Awaited, Why, out_of_reach
from cycle.service.ahead import Ahead, lived
from cycle.vocabulary import Channel


class What(StrEnum):
    """What will become of somebody's items on a day; UNCONFIRMED would go if the date they tell of were confirmed."""

    MAIL = "mail"
    LETTER = "letter"
    HELD = "held"
    UNCONFIRMED = "unconfirmed"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Foreseen:
    """One mail or letter as it will go, or what will wait or not go: on which day, to whom, made of what, of which years.

    `number` is the mail's, where it is in the outbox already; `why` the reason of what does not go, `awaits` the date that
    it waits for.
    """

    day: date
    what: What
    person: str
    partner: int | None
    role: str | None
    address: str | None
    templates: tuple[str, ...]
    years: tuple[str, ...]
    number: int | None = None
    why: str | None = None
    awaits: Awaited | None = None

    @property
    def channel(self) -> Channel:
        """By mail or by post."""
        return Channel.POST if self.what is What.LETTER else Channel.MAIL


@dataclass(frozen=True)
class Forecast:
    """What will go from one day to another. `waiting` mails are held for approval already; `troubles` would stop a mail."""

    first: date
    last: date
    lines: tuple[Foreseen, ...]
    waiting: int
    troubles: tuple[CycleError, ...]


def foresee(site: Site, first: date, last: date) -> Forecast:
    """What will go from one day to another, all before it having gone too.

    Raises:
        WrongInput: for days that have passed, or that do not follow each other.
    """
    if first < site.today():
        raise WrongInput("day_has_passed", day=first, today=site.today())
    if last < first:
        raise WrongInput("days_out_of_order", first=first, last=last)
    with lived(site, last) as ahead, ahead.site.journal.reading() as session:
        lines = lines_of(session, ahead)
    with site.journal.reading() as session:
        lines += _unconfirmed(site, session, site.now(), last)
    told = sorted((line for line in lines if first <= line.day <= last), key=_order)
    return Forecast(first, last, tuple(told), len(ahead.held), ahead.troubles)


def until_of(site: Site, days: int) -> date:
    """The last of so many days, today the first."""
    return site.today() + timedelta(days=days - 1)


def lines_of(session: Session, ahead: Ahead) -> list[Foreseen]:
    """Everything that the days ahead will bring, in the order of the days; on each what goes first."""
    years = {cycle.id: cycle.key for cycle in session.exec(select(Cycle))}
    known = or_(col(Mail.id) > ahead.last_mail, col(Mail.id).in_(ahead.queued))
    mails = {mail.id: mail for mail in session.exec(select(Mail).where(known).order_by(col(Mail.id)))}
    inside: dict[int | None, list[LedgerItem]] = {}
    alone: list[LedgerItem] = []
    for item in session.exec(select(LedgerItem).order_by(col(LedgerItem.id))):
        if item.mail_id in mails:
            inside.setdefault(item.mail_id, []).append(item)
        elif ahead.is_new(item) and item.mail_id is None:
            alone.append(item)
    found = [line for mail in mails.values() if (line := _of_mail(mail, inside.get(mail.id, []), years, ahead)) is not None]
    found += [_of_item(item, years) for item in alone]
    return sorted(found, key=_order)


def _order(line: Foreseen) -> tuple[date, int]:
    return line.day, list(What).index(line.what)


def _unconfirmed(site: Site, session: Session, now: datetime, last: date) -> Iterator[Foreseen]:
    """What waits for the confirmation of a date, for each it is for, on the day on which it would go: today at the earliest."""
    for about in (site.year(session, cycle, now) for cycle in cycles_of(session)):
        for each in waiting(about, public_calendar(site.files.calendars(about.workflow)), last):
            for one in {one.person: one for one in each.whom if out_of_reach(one) is None}.values():
                yield Foreseen(
                    day=max(each.due_on, about.today),
                    what=What.UNCONFIRMED,
                    person=one.person,
                    partner=one.partner,
                    role=one.role,
                    address=one.mail,
                    templates=(each.step.mail,),
                    years=(about.cycle.key,),
                    why=Why.NOT_CONFIRMED,
                    awaits=each.awaits,
                )


_OF_MAIL = {
    MailState.SENT: What.MAIL,
    MailState.HELD: What.HELD,
    MailState.MISSED: What.MISSED,
    MailState.CANCELLED: What.CANCELLED,
}


def _of_mail(mail: Mail, items: Sequence[LedgerItem], years: dict[int | None, str], ahead: Ahead) -> Foreseen | None:
    what = _OF_MAIL.get(MailState(mail.state))
    new = (mail.id or 0) > ahead.last_mail
    if what is None:
        return None  # it waits longer than these days
    day = mail.sent_at.astimezone(ahead.site.zone).date() if mail.sent_at else max(mail.day, ahead.since.date())
    return Foreseen(
        day=day,
        what=what,
        person=mail.person,
        partner=mail.partner,
        role=mail.role,
        address=mail.address,
        templates=tuple(mail.templates),
        years=tuple(sorted({years[item.cycle_id] for item in items})),
        number=None if new else mail.id,
        why=mail.why,
    )


_OF_ITEM = {ItemState.LETTER: What.LETTER, ItemState.HELD: What.HELD, ItemState.CANCELLED: What.CANCELLED}


def _of_item(item: LedgerItem, years: dict[int | None, str]) -> Foreseen:
    return Foreseen(
        day=item.made_on,
        what=_OF_ITEM.get(ItemState(item.state), What.MISSED),
        person=item.person,
        partner=item.partner,
        role=None,
        address=None,
        templates=(item.template,),
        years=(years[item.cycle_id],),
        why=item.why,
    )
