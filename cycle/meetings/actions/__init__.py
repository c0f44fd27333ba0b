"""What is done with meetings, called with an open entry: planned, filled with a programme, registered for, held."""

from cycle.meetings.actions.agenda import Programme, add_item, drop_item, move_item, replace_agenda
from cycle.meetings.actions.holding import day_held, hold_meeting, known_partners, note_present
from cycle.meetings.actions.looking import asked_for, day_of, find, meeting_of_date
from cycle.meetings.actions.planning import (
    add_meeting,
    cancel_meeting,
    day_warnings,
    edit_meeting,
    given_anew,
    move_date_of,
    move_meeting,
    open_meetings,
)
from cycle.meetings.actions.taking_part import Coming, excuse, excuse_group, register, register_citizens

__all__ = [
    "Coming",
    "Programme",
    "add_item",
    "add_meeting",
    "asked_for",
    "cancel_meeting",
    "day_held",
    "day_of",
    "day_warnings",
    "drop_item",
    "edit_meeting",
    "excuse",
    "excuse_group",
    "find",
    "given_anew",
    "hold_meeting",
    "known_partners",
    "meeting_of_date",
    "move_date_of",
    "move_item",
    "move_meeting",
    "note_present",
    "open_meetings",
    "register",
    "register_citizens",
    "replace_agenda",
]
