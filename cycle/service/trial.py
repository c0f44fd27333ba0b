"""The real thing sent to oneself: a mail that waits, or the next that will be due, with real data, to another address.

Nothing is written: what is not due yet is made in an entry that is undone again.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from cycle.adapters.clock import day_of
from cycle.adapters.outcome import Outcome
from cycle.app.site import Site
from cycle.cycles.records import Cycle, Standing, cycles_of
from cycle.errors import NotFound
from cycle.journal.actor import SERVICE
from cycle.journal.questions import row_of
from cycle.outbox.records import Mail, MailState, mail_of
from cycle.outbox.rules.envelope import envelope_sender
from cycle.outbox.rules.message import new_message_id
from cycle.reminders.actions.compose import Composed, Stale
from cycle.reminders.actions.derive import derive
from cycle.reminders.actions.queue import queue
from cycle.reminders.rules.ladder import Item
from cycle.service.relay import transports
from cycle.service.tick import message_domain, sender
from cycle.service.write import composer_of, message_of
from cycle.vocabulary import Channel

# So far ahead something due is looked for, and at that hour of a day.
DAYS_AHEAD = 400
HOUR = time(9)


@dataclass(frozen=True)
class Trial:
    """A mail as it will go to the address given: of which mail (None: one not due yet) and day, and its bytes."""

    number: int | None
    day: date
    templates: tuple[str, ...]
    partner: int | None
    subject: str
    message: bytes
    envelope_sender: str


def trial(site: Site, address: str, *, number: int | None = None, template: str | None = None) -> Trial:
    """The mail of a number; else the first that waits, else the next that will be due, of a template where one is named.

    Raises:
        NotFound: for an unknown mail, one that is stale, or if nothing of the kind waits or will be due within a year.
        WrongInput: if the settings name no sender.
    """
    sender(site)
    with site.journal.reading() as session:
        if number is not None:
            mail = mail_of(session, number)
            composed = composer_of(site, session, site.now()).compose(mail)
            if isinstance(composed, Stale):
                raise NotFound("mail_is_stale", mail=number, why=composed.why.value)
            return _trial(site, mail, composed, address, number)
        for mail in _waiting(session, template):
            composed = composer_of(site, session, site.now()).compose(mail)
            if isinstance(composed, Composed):
                return _trial(site, mail, composed, address, mail.id)
    for cycle_id, moment in _looks(site):
        made = _made_then(site, cycle_id, moment, address, template)
        if made is not None:
            return made
    raise NotFound("nothing_to_test", template=template or "–", days=DAYS_AHEAD)


async def send(site: Site, what: Trial, address: str) -> Outcome:
    """Give it to the mail server of the settings, or to the folder, and tell what became of it."""
    pool = transports(site)
    try:
        return await pool[0].send(what.envelope_sender, address, what.message)
    finally:
        for each in pool:
            await each.close()


def _waiting(session: Session, template: str | None) -> list[Mail]:
    query = select(Mail).where(col(Mail.state).in_([MailState.HELD, MailState.QUEUED])).order_by(col(Mail.id))
    return [mail for mail in session.exec(query) if template is None or template in mail.templates]


def _looks(site: Site) -> Iterator[tuple[int, datetime]]:
    """Each open cycle at the moments when something may become due, the earliest first."""
    moment = site.now()
    last = day_of(moment, site.zone) + timedelta(days=DAYS_AHEAD)
    while (day := day_of(moment, site.zone)) <= last:
        ahead = [last + timedelta(days=1)]
        with site.journal.reading() as session:
            cycles = [cycle for cycle in cycles_of(session) if cycle.standing == Standing.OPEN]
            years = [site.year(session, cycle, moment) for cycle in cycles]
            found = {about.cycle_id: derive(about, site.files.calendars(about.workflow)) for about in years}
        for cycle_id, derived in found.items():
            if derived.due:
                yield cycle_id, moment
            ahead += [derived.next_day] if derived.next_day is not None else []
        moment = datetime.combine(max(min(ahead), day + timedelta(days=1)), HOUR, site.zone)


def _made_then(site: Site, cycle_id: int, moment: datetime, address: str, template: str | None) -> Trial | None:
    """The first mail that a tick would make at a moment, or None; made and undone."""
    with site.journal.reading() as session:
        key = row_of(session, Cycle, cycle_id).key
    with site.journal.entry("mail.queued", by=SERVICE, now=moment, cycle=key, dry_run=True) as entry:
        about = site.year(entry.session, row_of(entry.session, Cycle, cycle_id), moment)
        for items in _by_person(derive(about, site.files.calendars(about.workflow)).due, template):
            made = queue(entry, about, items, domain=message_domain(site))
            if made and made[0].mail_id is not None:
                mail = row_of(entry.session, Mail, made[0].mail_id)
                composed = composer_of(site, entry.session, moment).compose(mail)
                if isinstance(composed, Composed):
                    return _trial(site, mail, composed, address, None)
    return None


def _by_person(items: list[Item], template: str | None) -> list[list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        if item.channel is Channel.MAIL and template in (None, item.notice.template):
            found.setdefault(item.person, []).append(item)
    return list(found.values())


def _trial(site: Site, mail: Mail, composed: Composed, address: str, number: int | None) -> Trial:
    """With a Message-ID of its own, so that nothing which comes back is taken for the real mail."""
    own = Mail(**mail.model_dump() | {"message_id": new_message_id(secrets.token_hex(16), message_domain(site))})
    return Trial(
        number=number,
        day=mail.day,
        templates=tuple(mail.templates),
        partner=mail.partner,
        subject=composed.subject,
        message=message_of(site, own, composed, address, site.now()),
        envelope_sender=envelope_sender(own.message_id, site.settings.mail.sender, site.settings.mail.bounce_domain),
    )
