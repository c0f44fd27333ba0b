"""Which meeting a mail puts into its reader's calendar: the one it speaks of, as that meeting is now."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from cycle.adapters.calendar import Appointment, method_of, written
from cycle.cycles.records import Year
from cycle.dates.records import deadlines
from cycle.journal.history import entries
from cycle.meetings.records import Meeting, MeetingStatus
from cycle.outbox.rules.message import CalendarPart
from cycle.reminders.actions.scene import Scene
from cycle.reminders.actions.scene.meetings import meeting_told, session_of
from cycle.workflow.model import MailKind

# Entries after which a calendar may have to show a meeting differently.
CHANGES = (
    "cycle.started",
    "date.confirmed",
    "date.moved",
    "entry.corrected",
    "meeting.added",
    "meeting.cancelled",
    "meeting.edited",
    "meeting.moved",
    "phase.returned",
)


class Invitations:
    """Calendar parts inside one reading session: each meeting is written once for all its readers of one language."""

    def __init__(self) -> None:
        self._written: dict[tuple[int, str], CalendarPart | None] = {}
        self._changes: dict[int, list[tuple[datetime, str, Mapping[str, Any]]]] = {}

    def of(self, scene: Scene, names: Collection[str]) -> CalendarPart | None:
        """The meeting that an item's mail speaks of (`names`: what its template uses), if it is still to come or was
        cancelled; none in a mail to an office, and none where the meeting is only what a deadline counts from."""
        if scene.item.kind == MailKind.OFFICE:
            return None
        meeting = _meeting(scene, names)
        if meeting is None:
            return None
        key = (meeting.id or 0, scene.language)
        if key not in self._written:
            self._written[key] = self._part(scene, meeting)
        return self._written[key]

    def _part(self, scene: Scene, meeting: Meeting) -> CalendarPart | None:
        day = _day(scene.about, meeting)
        if day is None or day < scene.about.today or meeting.status not in (MeetingStatus.PLANNED, MeetingStatus.CANCELLED):
            return None
        about, settings = scene.about, scene.settings
        label = about.workflow.meetings[meeting.rule].label(scene.language)
        plan = f"{about.workflow.plan.title(scene.language)} {about.cycle.label}"
        online = "online" if meeting.mode in ("hybrid", "online") else None
        domain = settings.mail.message_id_domain or settings.mail.sender.rpartition("@")[2]
        appointment = Appointment(
            uid=f"{about.cycle.key}-{meeting.name}@{domain}",
            sequence=meeting.sequence,
            stamp=self._changed(about, meeting),
            summary=f"{label} ({plan})",
            description="\n".join(filter(None, [plan, settings.sender.name, settings.sender.unit, settings.sender.phone])),
            location=", ".join(filter(None, [meeting.venue, online])),
            day=day,
            opens=meeting.opens,
            closes=meeting.closes,
            zone=about.zone,
            organizer=settings.mail.reply_to or settings.mail.sender,
            organizer_name=settings.sender.name or settings.city.name,
            cancelled=meeting.status == MeetingStatus.CANCELLED,
        )
        return CalendarPart(method_of(appointment), written(appointment))

    def _changed(self, about: Year, meeting: Meeting) -> datetime:
        """When the meeting last changed, by the journal: a mail written again says the same."""
        if about.cycle_id not in self._changes:
            told = entries(about.session, cycle=about.cycle.key, types=CHANGES, newest_first=True)
            self._changes[about.cycle_id] = [(each.recorded_at, each.type, each.data) for each in told]
        found = self._changes[about.cycle_id]
        return next((when for when, type, data in found if _about(type, data, meeting)), found[-1][0] if found else about.now)


def _about(type: str, data: Mapping[str, Any], meeting: Meeting) -> bool:
    if type in ("entry.corrected", "phase.returned") or data.get("meeting") == meeting.name:
        return True
    moved: Sequence[Mapping[str, Any]] = data.get("moved") or ()
    return meeting.date_key is not None and (
        data.get("date") == meeting.date_key or any(each.get("key") == meeting.date_key for each in moved)
    )


def _meeting(scene: Scene, names: Collection[str]) -> Meeting | None:
    told = meeting_told(scene) if "meeting" in names else None
    if told is not None and (told.status != MeetingStatus.CANCELLED or scene.date_key is None):
        return told
    rules = scene.about.workflow.meetings
    session = session_of(scene) if "group" in names else None
    return session if session is not None and rules[session.rule].until == scene.date_key else None


def _day(about: Year, meeting: Meeting) -> date | None:
    if meeting.date_key is None:
        return meeting.day
    return next((row.planned for row in deadlines(about.session, about.cycle_id) if row.key == meeting.date_key), None)
