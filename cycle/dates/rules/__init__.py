"""What a year's dates are: rules and calendars in, days and the reasons of their shifts out. Pure.

`days` knows working days and lateness, `planning` makes a year's first plan, `moving` what a moved date takes along.
"""

from cycle.dates.rules.days import (
    Calendar,
    Calendars,
    add_working_days,
    is_working_day,
    late_from,
    public_calendar,
    step_day,
    working_days_between,
    working_days_late,
)
from cycle.dates.rules.moving import DateState, DateStatus, Move, move, warnings
from cycle.dates.rules.planning import DateRule, PlannedDay, anchor_of, first_plan

__all__ = [
    "Calendar",
    "Calendars",
    "DateRule",
    "DateState",
    "DateStatus",
    "Move",
    "PlannedDay",
    "add_working_days",
    "anchor_of",
    "first_plan",
    "is_working_day",
    "late_from",
    "move",
    "public_calendar",
    "step_day",
    "warnings",
    "working_days_between",
    "working_days_late",
]
