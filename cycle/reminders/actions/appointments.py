"""A meeting or a date as calendars keep it: one name for as long as it lives, a count of its changes, when it last changed.

The same meeting has the same name in a mail and in the file of all dates, so that a calendar with both has it once.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from cycle.adapters.calendar import Appointment
from cycle.cycles.records import Year
from cycle.dates.records import DateStatus, Deadline, deadlines
from cycle.journal.history import entries
from cycle.meetings.records import Meeting, MeetingStatus, meetings_of, programme
from cycle.settings import Settings

# Entries after which a calendar may have to show a meeting or a date differently.
CHANGES = (
    "cycle.started",
    "date.confirmed",
    "date.moved",
    "entry.corrected",
    "meeting.added",
    "meeting.cancelled",
    "meeting.edited",
    "meeting.excused",
    "meeting.moved",
    "phase.returned",
    "phase.skipped",
)
_OF_ALL = ("entry.corrected", "phase.returned", "phase.skipped")


class Changes:
    """When the things of a year last changed, by the journal: a file written again says the same."""

    def __init__(self, about: Year) -> None:
        told = entries(about.session, cycle=about.cycle.key, types=CHANGES, newest_first=True)
        self._told = [(each.recorded_at, each.type, each.data) for each in told]
        self._first = self._told[-1][0] if self._told else about.now

    def meeting(self, meeting: Meeting) -> datetime:
        """When a meeting last changed."""
        return self._last(lambda data: data.get("meeting") == meeting.name or _of_date(data, meeting.date_key))

    def date(self, key: str) -> datetime:
        """When a date last changed."""
        return self._last(lambda data: _of_date(data, key))

    def _last(self, about: Any) -> datetime:
        return next((when for when, type, data in self._told if type in _OF_ALL or about(data)), self._first)


def appointment_of(
    about: Year,
    meeting: Meeting,
    day: date,
    language: str,
    settings: Settings,
    changed: datetime,
    *,
    to_attendees: bool = False,
) -> Appointment:
    """A meeting on its day. Only who is invited is told whom to ask, who speaks and where to dial in."""
    label = about.workflow.meetings[meeting.rule].label(language)
    plan = _plan(about, language)
    online = "online" if meeting.mode in ("hybrid", "online") else None
    lines: list[str | None] = [plan, *_agenda(about, meeting, language)] if to_attendees else [plan]
    if to_attendees:
        lines += [meeting.link, settings.sender.name, settings.sender.unit, settings.sender.phone]
    return Appointment(
        uid=f"{about.cycle.key}-{meeting.name}@{_domain(settings)}",
        sequence=meeting.sequence,
        stamp=changed,
        summary=f"{label} ({plan})",
        description="\n".join(filter(None, lines)),
        location=", ".join(filter(None, [meeting.venue, online])),
        day=day,
        opens=meeting.opens,
        closes=meeting.closes,
        zone=about.zone,
        organizer=(settings.mail.reply_to or settings.mail.sender) if to_attendees else None,
        organizer_name=settings.sender.name or settings.city.name,
        cancelled=meeting.status in (MeetingStatus.CANCELLED, MeetingStatus.EXCUSED),
    )


def appointments(about: Year, language: str, settings: Settings) -> list[Appointment]:
    """Every date and meeting of a year, by day: a date that is a meeting's own is that meeting. Nobody is named.

    What was over when the year was opened is left out; what will not come any more is there as cancelled.
    """
    changes = Changes(about)
    planned = {row.key: row for row in deadlines(about.session, about.cycle_id)}
    found: dict[str, Appointment] = {}
    taken = set()
    for meeting in meetings_of(about.session, about.cycle_id):
        row = planned.get(meeting.date_key or "")
        day = meeting.held_on or (row.planned if row else meeting.day)
        if day is not None and (row is None or row.status != DateStatus.SKIPPED_AT_OPEN):
            one = appointment_of(about, meeting, day, language, settings, changes.meeting(meeting))
            found[one.uid] = one
            taken.add(meeting.date_key)
    for key, row in planned.items():
        if key not in taken and row.status != DateStatus.SKIPPED_AT_OPEN:
            one = _deadline(about, row, language, settings, changes.date(key))
            found[one.uid] = one
    return sorted(found.values(), key=lambda each: (each.day, each.opens or "", each.uid))


def _deadline(about: Year, row: Deadline, language: str, settings: Settings, changed: datetime) -> Appointment:
    rule = about.workflow.dates[row.key]
    over = row.status in (DateStatus.MISSED, DateStatus.ENDED_WITH_PHASE)
    plan = _plan(about, language)
    return Appointment(
        uid=f"{about.cycle.key}-date-{row.key}@{_domain(settings)}",
        sequence=row.moves + over,
        stamp=changed,
        summary=f"{rule.label(language)} ({plan})",
        description="\n".join([plan, about.workflow.phase(rule.phase).label(language)]),
        location="",
        day=row.planned,
        opens=None,
        closes=None,
        zone=about.zone,
        cancelled=over,
    )


def _agenda(about: Year, meeting: Meeting, language: str) -> list[str]:
    """The programme, a line an item: `14:30 Title (who speaks)`."""
    return [
        " ".join(filter(None, [item["start"], item["title"], f"({item['speaker']})" if item["speaker"] else None]))
        for item in programme(about, meeting, language)
    ]


def _plan(about: Year, language: str) -> str:
    return f"{about.workflow.plan.title(language)} {about.cycle.label}"


def _domain(settings: Settings) -> str:
    return settings.mail.message_id_domain or settings.mail.sender.rpartition("@")[2]


def _of_date(data: Mapping[str, Any], key: str | None) -> bool:
    moved: Sequence[Mapping[str, Any]] = data.get("moved") or ()
    return key is not None and (data.get("date") == key or any(each.get("key") == key for each in moved))
