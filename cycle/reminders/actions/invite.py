"""Which meeting a mail puts into its reader's calendar: the one it speaks of, as that meeting is now."""

from collections.abc import Collection
from datetime import date

from cycle.adapters.calendar import method_of, written
from cycle.cycles.records import Year
from cycle.dates.records import deadlines
from cycle.meetings.records import Meeting, MeetingStatus
from cycle.outbox.rules.message import CalendarPart
from cycle.reminders.actions.appointments import Changes, appointment_of
from cycle.reminders.actions.scene import Scene
from cycle.reminders.actions.scene.meetings import meeting_told, session_of
from cycle.workflow.model import MailKind


class Invitations:
    """Calendar parts inside one reading session: each meeting is written once for all its readers of one language."""

    def __init__(self) -> None:
        self._written: dict[tuple[int, str], CalendarPart | None] = {}
        self._changes: dict[int, Changes] = {}

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
        changed = self._changes_of(about).meeting(meeting)
        appointment = appointment_of(about, meeting, day, scene.language, settings, changed, to_attendees=True)
        return CalendarPart(method_of(appointment), written(appointment))

    def _changes_of(self, about: Year) -> Changes:
        if about.cycle_id not in self._changes:
            self._changes[about.cycle_id] = Changes(about)
        return self._changes[about.cycle_id]


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
