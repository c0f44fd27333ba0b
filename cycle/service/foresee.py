"""What would go out, asked by the very functions that send: nothing is written."""

from dataclasses import dataclass, field
from datetime import date, datetime

from cycle.app.site import Site
from cycle.cycles.records import Standing, cycles_of
from cycle.reminders.actions.derive import derive
from cycle.reminders.rules.window import is_mail_day
from cycle.vocabulary import Channel


@dataclass
class Foreseen:
    """One mail or letter that would be made: to whom, and of what."""

    person: str
    address: str | None
    partner: int | None
    role: str | None
    channel: Channel
    templates: list[str] = field(default_factory=list)


def foreseen(site: Site, on: date | None = None) -> list[Foreseen]:
    """What would be made on a day (today, without one) if nothing happened before, one line a person."""
    now = site.now()
    if on is not None:
        now = datetime.combine(on, datetime.min.time().replace(hour=9), site.zone)
    found: dict[str, Foreseen] = {}
    with site.journal.reading() as session:
        for cycle in cycles_of(session):
            if cycle.standing == Standing.CANCELLED:
                continue
            about = site.year(session, cycle, now)
            calendars = site.calendars(about.workflow)
            if not is_mail_day(about.today, about.workflow.send_window, calendars):
                continue
            for item in derive(about, calendars).due:
                one = item.recipient
                known = found.setdefault(one.person, Foreseen(one.person, one.mail, one.partner, one.role, one.channel))
                known.templates.append(item.template)
    return list(found.values())
