"""Which meeting a command means, and what it is about: by its rule in the workflow file, its name, its group."""

from datetime import date
from typing import Any

from cycle.cycles.records import Year
from cycle.dates.records import deadline
from cycle.errors import NotFound, WrongInput
from cycle.meetings.records import Meeting, MeetingStatus, meetings_of
from cycle.meetings.rules import meeting_name
from cycle.workflow.model import MeetingRule


def find(about: Year, rule: str, group: str | None = None) -> Meeting:
    """The meeting of a full name, or of a rule (and group): the one that is planned, else the last.

    Raises:
        NotFound: with the meetings there are.
        WrongInput: if several of the rule are planned, or with a group for a meeting that is not held by each group.
    """
    of_a_group(about, rule, group)
    meetings = meetings_of(about.session, about.cycle_id)
    known = about.workflow.meetings.get(rule)
    if known is None:
        found = [meeting for meeting in meetings if meeting.name == rule and group in (None, meeting.group)]
    else:
        found = [meeting for meeting in meetings if meeting.rule == rule and meeting.group == group]
    planned = [meeting for meeting in found if meeting.status == MeetingStatus.PLANNED]
    if len(planned) > 1:
        raise WrongInput("meeting_ambiguous", meeting=rule, known=", ".join(meeting.name for meeting in planned))
    if found:
        return (planned or found)[-1]
    name = meeting_name(rule, group)
    raise NotFound("unknown_meeting", meeting=name, known=", ".join(meeting.name for meeting in meetings) or "-")


def meeting_of_date(about: Year, key: str) -> Meeting | None:
    """The meeting that takes place on a date, if one names it."""
    return next((m for m in reversed(meetings_of(about.session, about.cycle_id)) if m.date_key == key), None)


def asked_for(about: Year, rule: str) -> str | None:
    """The kind of document that a date of the workflow asks for after the meeting (`done: {document: …, of: rule}`)."""
    ends = (each.done for each in about.workflow.dates.values())
    return next((end.value for end in ends if end.word == "document" and end.narrow.get("of") == rule), None)


def day_of(about: Year, meeting: Meeting) -> date | None:
    """The day a meeting is planned for: its own, or that of the date it names."""
    if meeting.date_key is None:
        return meeting.day
    return deadline(about.session, about.cycle_id, meeting.date_key).planned


def named(meeting: Meeting) -> dict[str, str | None]:
    """What the journal names of a meeting, however the command named it."""
    return {"meeting": meeting.name, "rule": meeting.rule, "group": meeting.group}


def rule_of(about: Year, rule: str) -> MeetingRule:
    """A meeting of the workflow file. Raises NotFound with those there are."""
    if rule not in about.workflow.meetings:
        raise NotFound("unknown_meeting", meeting=rule, known=", ".join(about.workflow.meetings) or "-")
    return about.workflow.meetings[rule]


def of_a_group(about: Year, rule: str, group: str | None) -> None:
    """A group opens a meeting to its speaker: it may only stand for one that each group holds. Raises WrongInput."""
    known = about.workflow.meetings.get(rule)
    if group is not None and known is not None and known.per != "group":
        raise WrongInput("meeting_of_no_group", meeting=rule, year=about.cycle.year)


def still_planned(about: Year, meeting: Meeting) -> None:
    """Raise WrongInput for a meeting that was held, cancelled or excused: which of them, and what can still be done."""
    if meeting.status == MeetingStatus.HELD:
        raise WrongInput(
            "meeting_was_held", meeting=meeting.name, day=meeting.held_on, year=about.cycle.year, name=meeting.name
        )
    not_cancelled(about, meeting)


def not_cancelled(about: Year, meeting: Meeting) -> None:
    """The same where it does not matter that it was held."""
    facts: dict[str, Any] = {"meeting": meeting.name, "name": meeting.name, "year": about.cycle.year}
    if meeting.status == MeetingStatus.CANCELLED:
        raise WrongInput("meeting_is_cancelled", **facts, day=day_of(about, meeting))
    if meeting.status == MeetingStatus.EXCUSED:
        raise WrongInput("meeting_is_excused", **facts, rule=meeting.rule, group=meeting.group)
