"""What was approved is what goes: a batch as it is seen and sealed, and a mail that came to say something else."""

from collections.abc import Callable
from datetime import date, datetime, time

from sqlmodel import Session

from cycle.app.site import Site
from cycle.cycles.records import Cycle
from cycle.journal.actor import SERVICE
from cycle.journal.questions import row_of
from cycle.outbox.actions import release
from cycle.outbox.records import Mail
from cycle.reminders.actions.approval import take_back
from cycle.reminders.actions.compose import Composer
from cycle.reminders.records import items_of_mail
from cycle.service.write import composer_of


def composer_on(site: Site, session: Session, now: datetime) -> Callable[[date], Composer]:
    """Composers of a session for the day on which a mail will go; today's is of now."""
    today = now.astimezone(site.zone).date()

    def on(day: date) -> Composer:
        return composer_of(site, session, now if day == today else datetime.combine(day, time(12), site.zone))

    return on


def hold_again(site: Site, number: int, owner: str) -> None:
    """A claimed mail says something else than what was approved: it waits for approval again, and is given back."""
    with site.journal.reading() as session:
        item = next(iter(items_of_mail(session, number)), None)
        key = row_of(session, Cycle, item.cycle_id).key if item is not None else None
    with site.journal.entry("mail.held", by=SERVICE, now=site.now(), cycle=key) as entry:
        mail = row_of(entry.session, Mail, number)
        if mail.lease != owner:
            entry.leave_out()
        else:
            take_back(entry, mail, items_of_mail(entry.session, number))
    with site.journal.machinery() as machinery:
        release(machinery, [number], owner=owner)
