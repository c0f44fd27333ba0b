"""Writes a meeting as iCalendar (RFC 5545, RFC 5546). The one door to icalendar.

Times go out in UTC, so that no time zone has to be described; a meeting without an hour is a whole day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

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
    organizer: str
    organizer_name: str
    cancelled: bool = False


def method_of(appointment: Appointment) -> str:
    """REQUEST to enter a meeting or what changed of it, CANCEL to strike it out."""
    return CANCEL if appointment.cancelled else REQUEST


@lru_cache(maxsize=500)  # a mail to all is sent in many small batches; a millisecond each
def written(appointment: Appointment) -> str:
    """The iCalendar text, with CRLF and lines of at most 75 octets; the same for the same appointment. It has no attendee."""
    event = Event()
    event.add("uid", appointment.uid)
    event.add("dtstamp", appointment.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", appointment.sequence)
    event.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    event.add("summary", appointment.summary)
    event.add("description", appointment.description)
    if appointment.location:
        event.add("location", appointment.location)
    organizer = vCalAddress(f"mailto:{appointment.organizer}")
    organizer.params["cn"] = vText(" ".join(appointment.organizer_name.replace('"', "'").split()))
    event.add("organizer", organizer)
    start, end = _span(appointment)
    event.add("dtstart", start)
    if end is not None:
        event.add("dtend", end)
    event.add("transp", "OPAQUE" if isinstance(start, datetime) else "TRANSPARENT")
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method_of(appointment))
    calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text.decode("utf-8")


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
