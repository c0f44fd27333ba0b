"""Putting a mail into words with what a site has: its calendars, letters, settings and sentences; and when it may go."""

from datetime import datetime, timedelta
from urllib.parse import quote

from sqlmodel import Session

from cycle.adapters.templates import Letters
from cycle.app.site import Site
from cycle.cycles.records import Standing, Year
from cycle.dates.rules import public_calendar
from cycle.outbox.records import Mail, mails_on
from cycle.outbox.rules.message import MailText, assemble
from cycle.reminders.actions.compose import Composed, Composer
from cycle.reminders.rules.window import goes_at
from cycle.settings import UNSUBSCRIBE_TOKEN
from cycle.workflow.model import MailKind


def composer_of(site: Site, session: Session, now: datetime) -> Composer:
    """A composer on a session, with the site's calendars, letters and words."""

    def letters(about: Year) -> Letters:
        return Letters(site.files.folders("templates"), about.workflow.languages)

    return Composer(
        session,
        now,
        year=site.year,
        public=lambda about: public_calendar(site.files.calendars(about.workflow)),
        letters=letters,
        settings=site.settings,
        sentence=site.wording.sentence,
        wording=site.wording_for,
        documents=site.home / "documents",
    )


def message_of(site: Site, mail: Mail, composed: Composed, address: str, now: datetime | None) -> bytes:
    """The bytes of a mail as they go over the wire."""
    settings = site.settings
    return assemble(
        MailText(
            message_id=mail.message_id,
            date=now.astimezone(site.zone) if now else None,
            sender_name=settings.sender.name or settings.city.name,
            sender_address=settings.mail.sender,
            to_name=composed.to_name,
            to_address=address,
            subject=composed.subject,
            text=composed.text,
            html=composed.html,
            calendars=composed.calendars,
            files=composed.files,
            in_reply_to=composed.references[-1] if composed.references else None,
            references=composed.references,
            list_unsubscribe=None if composed.duty else unsubscribe_address(site, mail, composed.reference),
            reply_to=settings.mail.reply_to or None,
        )
    )


def unsubscribe_address(site: Site, mail: Mail, reference: str) -> str:
    """Where a reader says that such mails are not wanted: the city's page, which knows the mail by its token, else a mail
    to whoever reads the answers."""
    settings = site.settings.mail
    if settings.unsubscribe_url:
        return settings.unsubscribe_url.replace(UNSUBSCRIBE_TOKEN, mail.message_id[1:].partition("@")[0])
    subject = site.wording.sentence("mail_unsubscribe", reference=reference)
    return f"mailto:{quote(settings.reply_to or settings.sender, safe='@+')}?subject={quote(subject, safe='')}"


# How long a mail of a year on hold is left alone before it is looked at again.
HOLD_PAUSE = timedelta(minutes=5)


def opening_for(site: Site, composer: Composer, mail: Mail, now: datetime) -> datetime | None:
    """When the send window opens for a mail that may not go now: one that was tried in vain, released or repeated."""
    opens = now
    for item in composer.items_of(mail.id or 0):
        about = composer.year_of(item.cycle_id)
        if about.cycle.standing == Standing.HELD:
            return now + HOLD_PAUSE  # it waits with its year, and goes on with it
        local = now.astimezone(about.zone)
        opens = max(
            opens, goes_at(MailKind(item.kind), local, about.workflow.send_window, site.files.calendars(about.workflow))
        )
    return opens if opens > now else _other_day(site, composer, mail, now)


def _other_day(site: Site, composer: Composer, mail: Mail, now: datetime) -> datetime | None:
    """For a mail that is late, when its reader has another mail today: the opening of the next day on which it may go."""
    local = now.astimezone(site.zone)
    if mail.day >= local.date():
        return None
    today = mails_on(composer.session, [mail.person], local.date(), site.zone, waiting=False, keep=False)
    if all(other.id == mail.id for other in today):
        return None
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), local.tzinfo)
    opens = [
        goes_at(MailKind(item.kind), midnight, about.workflow.send_window, site.files.calendars(about.workflow))
        for item in composer.items_of(mail.id or 0)
        for about in [composer.year_of(item.cycle_id)]
    ]
    return max(opens, default=midnight)
