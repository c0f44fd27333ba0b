"""Calendar files. The one door to icalendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from icalendar import Calendar, Event

from cycle import __version__


@dataclass(frozen=True)
class DayEvent:
    """One thing of a whole day; the same `uid` is the same thing in every file."""

    uid: str
    day: date
    title: str
    text: str = ""


def days_file(events: Sequence[DayEvent], stamp: datetime) -> bytes:
    """A file of all-day events (RFC 5545, VALUE=DATE) that take nobody's time, made at `stamp`."""
    found = Calendar()
    found.add("prodid", f"-//plan-cycle//{__version__}//DE")
    found.add("version", "2.0")
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
