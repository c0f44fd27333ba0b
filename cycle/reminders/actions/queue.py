"""Making ledger items and mails of what is due: one mail a person and day, whatever it is made of."""

import secrets
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlmodel import col, select

from cycle.cycles.records import Year
from cycle.dates.rules import Calendars
from cycle.journal.entry import Entry
from cycle.journal.questions import row_of
from cycle.outbox.records import Mail, MailState, mails_on
from cycle.outbox.rules.message import new_message_id
from cycle.reminders.records import ItemState, LedgerItem
from cycle.reminders.rules.ladder import Item, Why
from cycle.reminders.rules.window import goes_at
from cycle.vocabulary import Channel
from cycle.workflow.model import MailKind

T = TypeVar("T")

# So many items one entry of the service tells of, and the transaction of a whole city's mails holds at a time.
AT_ONCE = 1000


def queue(entry: Entry, about: Year, items: Sequence[Item], *, domain: str) -> list[LedgerItem]:
    """Ledger items and mails for what may go today. Who had a mail today, or has one that still waits, waits for the next
    day; a mail of another cycle that was queued at this very instant takes these items too."""
    by_person = _by_person(items)
    people = [its[0].person for its in by_person]
    today = {mail.person: mail for mail in mails_on(entry.session, people, about.today, about.zone, waiting=True)}
    fresh: list[Mail] = []
    told: list[Mail] = []
    reached: list[tuple[Item, ItemState, Mail | None]] = []
    for its in by_person:
        to = its[0]
        reached += [(item, ItemState.LETTER, None) for item in its if to.channel is Channel.POST]
        mails = [item for item in its if to.channel is Channel.MAIL]
        if not mails:
            continue
        mail = today.get(to.person)
        if mail is None:
            mail = _mail(entry, mails, about, MailState.QUEUED, domain)
            fresh.append(mail)
        elif _takes_more(mail, entry):
            _put_into(entry, mail, _mail(entry, mails, about, MailState.QUEUED, domain))
        else:
            continue
        told.append(mail)
        reached += [(item, ItemState.IN_MAIL, mail) for item in mails]
    entry.add_all(fresh)
    made = [_ledger(about, item, state, mail) for item, state, mail in reached]
    entry.add_all(made)
    entry.tell(mails=[mail.id for mail in told], items=len(made))
    return made


def _takes_more(mail: Mail, entry: Entry) -> bool:
    """Whether a mail was queued at this very instant and nothing has become of it yet."""
    waits = mail.state == MailState.QUEUED and mail.lease is None and mail.approved_sha256 is None
    return waits and mail.queued_at == entry.now


def in_pieces(items: list[T], partner: Callable[[T], int | None]) -> deque[Sequence[T]]:
    """What goes into one entry each: all of it, or of very much so many items, the partners one after the other.

    All items of a partner are in one piece. For who speaks for partners of two pieces `queue` still makes one mail.
    """
    if len(items) <= AT_ONCE:
        return deque([items] if items else [])
    items = sorted(items, key=lambda one: partner(one) or 0)
    cuts = [0]
    for at in range(1, len(items)):
        if at - cuts[-1] >= AT_ONCE and partner(items[at]) != partner(items[at - 1]):
            cuts.append(at)
    return deque(items[begin:end] for begin, end in zip(cuts, [*cuts[1:], len(items)], strict=True))


def queue_each(entry: Entry, about: Year, items: Sequence[Item], *, calendars: Calendars, domain: str) -> list[LedgerItem]:
    """The same for one item a person, each for the first day on which it may go and its reader has no other mail."""
    made, fresh = [], []
    for item in items:
        if item.channel is Channel.POST:
            made.append(_ledger(about, item, ItemState.LETTER))
            continue
        mail = _mail(entry, [item], about, MailState.QUEUED, domain)
        mail.day = _free_day(entry, about, mail.person, item.notice.kind, calendars)
        fresh.append((item, mail))
    entry.add_all([mail for _, mail in fresh])
    made += [_ledger(about, item, ItemState.IN_MAIL, mail) for item, mail in fresh]
    days = {mail.id: mail.day for _, mail in fresh}
    for row in made:
        row.made_on = days.get(row.mail_id, row.made_on)
    entry.add_all(made)
    entry.tell(mails=[mail.id for _, mail in fresh], items=len(made))
    return made


def hold_back(entry: Entry, about: Year, items: Sequence[Item], *, domain: str) -> list[LedgerItem]:
    """The same for mails that need a person's approval: each template's mails wait on their own."""
    made: list[LedgerItem] = []
    for item in items:
        if item.channel is Channel.POST:
            made.append(_ledger(about, item, ItemState.HELD))
            continue
        mail = entry.add(_mail(entry, [item], about, MailState.HELD, domain))
        made.append(_ledger(about, item, ItemState.HELD, mail))
    entry.add_all(made)
    entry.tell(templates=sorted({item.notice.template for item in items}), items=len(made))
    return made


def miss(entry: Entry, about: Year, items: Sequence[tuple[Item, Why]]) -> Sequence[LedgerItem]:
    """Record that these will not go, and why."""
    made = entry.add_all([_ledger(about, item, ItemState.MISSED, why=why) for item, why in items])
    entry.tell(items=len(items), why=sorted({why.value for _, why in items}))
    return made


def approve(entry: Entry, about: Year, template: str, *, calendars: Calendars) -> list[LedgerItem]:
    """Release the held mails and letters of a template: each for the first day on which it may go and its reader has no
    other mail."""
    released = held_items(about, template)
    for item in released:
        mail = row_of(entry.session, Mail, item.mail_id) if item.mail_id else None
        if mail is None:
            entry.change(item, state=ItemState.LETTER, made_on=entry.today)
            continue
        day = _free_day(entry, about, mail.person, MailKind(item.kind), calendars)
        entry.change(mail, state=MailState.QUEUED, day=day, queued_at=entry.now)
        entry.change(item, state=ItemState.IN_MAIL, made_on=day)
    entry.tell(template=template, items=len(released))
    return released


def withhold(entry: Entry, about: Year, template: str) -> list[LedgerItem]:
    """The held mails and letters of a template do not go."""
    withheld = held_items(about, template)
    for item in withheld:
        if item.mail_id:
            entry.change(row_of(entry.session, Mail, item.mail_id), state=MailState.CANCELLED, why=Why.WITHHELD.value)
        entry.change(item, state=ItemState.CANCELLED, why=Why.WITHHELD.value)
    entry.tell(template=template, items=len(withheld))
    return withheld


def held_items(about: Year, template: str) -> list[LedgerItem]:
    """What waits for approval of a template in this cycle."""
    query = select(LedgerItem).where(
        LedgerItem.cycle_id == about.cycle_id, LedgerItem.template == template, LedgerItem.state == ItemState.HELD
    )
    return list(about.session.exec(query.order_by(col(LedgerItem.id))))


def _by_person(items: Sequence[Item]) -> list[list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda one: (one.notice.due_on, one.notice.order)):
        found.setdefault(item.person, []).append(item)
    return list(found.values())


def _free_day(entry: Entry, about: Year, person: str, kind: MailKind, calendars: Calendars) -> date:
    window = about.workflow.send_window
    at = goes_at(kind, entry.now.astimezone(about.zone), window, calendars)
    while mails_on(entry.session, [person], at.date(), about.zone, waiting=at.date() == about.today):
        midnight = datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), at.tzinfo)
        at = goes_at(kind, midnight, window, calendars)
    return at.date()


def _mail(entry: Entry, items: Sequence[Item], about: Year, state: MailState, domain: str) -> Mail:
    to, notices = items[0], [item.notice for item in items]
    # A deadline is a day that comes after the step. The mail makes sense as long as one of its items does.
    days = [each.day for each in notices if each.day >= about.today and each.day > each.due_on]
    return Mail(
        person=to.person,
        partner=to.partner,
        role=to.role,
        level=max(each.level or 0 for each in notices) or None,
        day=about.today,
        language=to.language,
        templates=[each.template for each in notices],
        state=state,
        message_id=new_message_id(secrets.token_hex(16), domain),
        queued_at=entry.now if state is MailState.QUEUED else None,
        expires_on=max(days) if len(days) == len(items) else None,
        address=to.mail,
    )


def _put_into(entry: Entry, mail: Mail, more: Mail) -> None:
    """One mail for what would be two: it makes sense as long as one of them does, and is of the higher level."""
    ends = (mail.expires_on, more.expires_on)
    entry.change(
        mail,
        templates=[*mail.templates, *more.templates],
        level=max(mail.level or 0, more.level or 0) or None,
        expires_on=max(day for day in ends if day is not None) if None not in ends else None,
    )


def _ledger(about: Year, item: Item, state: ItemState, mail: Mail | None = None, why: Why | None = None) -> LedgerItem:
    notice = item.notice
    return LedgerItem(
        cycle_id=about.cycle_id,
        subject=notice.subject,
        day=notice.day,
        step=notice.step,
        person=item.person,
        partner=item.partner,
        template=notice.template,
        kind=notice.kind.value,
        level=notice.level,
        due_on=notice.due_on,
        made_on=about.today,
        state=state,
        why=why.value if why else None,
        mail_id=mail.id if mail else None,
    )
