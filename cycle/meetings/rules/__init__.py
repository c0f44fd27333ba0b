"""What meetings decide: counts, hours, modes and names (`counts`), what people need there (`needs`), the programme's hours
(`agenda`). Pure."""

from cycle.meetings.rules.agenda import Slot, ends_at, hours
from cycle.meetings.rules.counts import MODES, Count, clock, count, free_name, https, meeting_name, mode_of, people, told_mode
from cycle.meetings.rules.needs import kept, merged, need_and_count, needs_of, total

__all__ = [
    "MODES",
    "Count",
    "Slot",
    "clock",
    "count",
    "ends_at",
    "free_name",
    "hours",
    "https",
    "kept",
    "meeting_name",
    "merged",
    "mode_of",
    "need_and_count",
    "needs_of",
    "people",
    "told_mode",
    "total",
]
