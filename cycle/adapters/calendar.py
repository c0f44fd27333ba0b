"""Writes a meeting, or days with a title, as iCalendar (RFC 5545, RFC 5546). The door to icalendar, with `adapters.zones`.

In mails times go out in UTC, so that no time zone has to be described; in a feed they are local, with the zone's rule. A
meeting without an hour is a whole day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from cycle.adapters.zones import described

REQUEST = "REQUEST"
CANCEL = "CANCEL"

_PRODUCT = "-//cycle//yearly plan update//EN"


@dataclass(frozen=True)
class Appointment:
    """A meeting as a calendar knows it. `opens` and `closes` are HH:MM in `zone`; without `opens` it is a whole day.

    `uid` stays for as long as the meeting lives, `sequence` grows with each change, `stamp` is when it last changed.
    """

    uid: str
    sequence: int
    stamp: datetime
    summary: str
    description: str
    location: str
    day: date
    opens: str | None
    closes: str | None
    zone: ZoneInfo
    organizer: str | None = None
    organizer_name: str = ""
    cancelled: bool = False


def method_of(appointment: Appointment) -> str:
    """REQUEST to enter a meeting or what changed of it, CANCEL to strike it out."""
    return CANCEL if appointment.cancelled else REQUEST


@lru_cache(maxsize=500)  # a mail to all is sent in many small batches; a millisecond each
def written(appointment: Appointment) -> str:
    """The iCalendar text, with CRLF and lines of at most 75 octets; the same for the same appointment. It has no attendee."""
    calendar = _calendar()
    calendar.add("method", method_of(appointment))
    calendar.add_component(_event(appointment))
    text: bytes = calendar.to_ical()
    return text.decode("utf-8")


def feed(appointments: Sequence[Appointment], title: str, *, alarm_days: int | None = None) -> bytes:
    """A file of many appointments to be read in again and again (RFC 5545): hours in their zone, described by its rule
    (VTIMEZONE); one that is off is there as CANCELLED. It has no method, nobody is asked to come.

    `title` is how the calendar is called; with `alarm_days` each one still on reminds so many days before.
    """
    calendar = _calendar()
    calendar.add("x-wr-calname", title)
    timed = [each for each in appointments if each.opens is not None]
    local = {zone: rule for zone in {each.zone for each in timed} if (rule := described(zone, _years(timed, zone))) is not None}
    for _, rule in sorted(local.items(), key=lambda one: one[0].key):
        calendar.add_component(rule)
    for each in appointments:
        event = _event(each, local=each.zone in local)
        if alarm_days is not None and not each.cancelled:
            event.add_component(_alarm(each, alarm_days))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


@dataclass(frozen=True)
class DayEvent:
    """One thing of a whole day; the same `uid` is the same thing in every file."""

    uid: str
    day: date
    title: str
    text: str = ""


def days_file(events: Sequence[DayEvent], stamp: datetime) -> bytes:
    """A file of all-day events (RFC 5545, VALUE=DATE) that take nobody's time, made at `stamp`."""
    found = _calendar()
    for each in events:
        event = Event()
        event.add("uid", each.uid)
        event.add("dtstamp", stamp)
        event.add("dtstart", each.day)
        event.add("summary", each.title)
        if each.text:
            event.add("description", each.text)
        event.add("transp", "TRANSPARENT")
        found.add_component(event)
    return bytes(found.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    return calendar


def _event(appointment: Appointment, *, local: bool = False) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("dtstamp", appointment.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", appointment.sequence)
    event.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    event.add("summary", appointment.summary)
    event.add("description", appointment.description)
    if appointment.location:
        event.add("location", appointment.location)
    if appointment.organizer is not None:
        organizer = vCalAddress(f"mailto:{appointment.organizer}")
        organizer.params["cn"] = vText(" ".join(appointment.organizer_name.replace('"', "'").split()))
        event.add("organizer", organizer)
    start, end = _span(appointment)
    event.add("dtstart", _local(start, appointment.zone) if local else start)
    if end is not None:
        event.add("dtend", _local(end, appointment.zone) if local else end)
    event.add("transp", "OPAQUE" if isinstance(start, datetime) else "TRANSPARENT")
    return event


def _alarm(appointment: Appointment, days: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", appointment.summary)
    alarm.add("trigger", -timedelta(days=days))
    return alarm


def _local(moment: date, zone: ZoneInfo) -> date:
    return moment.astimezone(zone) if isinstance(moment, datetime) else moment


def _years(appointments: Sequence[Appointment], zone: ZoneInfo) -> range:
    years = [each.day.year for each in appointments if each.zone == zone]
    return range(min(years), max(years) + 2)  # what goes on after midnight of New Year's Eve


def _span(appointment: Appointment) -> tuple[date, date | None]:
    """Begin and end. Nothing is made up: where nobody said when it ends, there is no end."""
    if appointment.opens is None:
        return appointment.day, appointment.day + timedelta(days=1)
    start = _instant(appointment, appointment.opens)
    if appointment.closes is None:
        return start, None
    end = _instant(appointment, appointment.closes)
    return start, end if end > start else end + timedelta(days=1)


def _instant(appointment: Appointment, clock: str) -> datetime:
    return datetime.combine(appointment.day, time.fromisoformat(clock), appointment.zone).astimezone(UTC)
