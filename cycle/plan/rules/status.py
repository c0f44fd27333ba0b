"""The engine's own words of the plan: what may become of needs, themes, decisions and measures."""

from enum import StrEnum


class Priority(StrEnum):
    """How urgent a need is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class NeedStatus(StrEnum):
    """What became of a need; a carry is an event of its own and leaves the status."""

    OPEN = "open"
    PARTLY_COVERED = "partly_covered"
    COVERED = "covered"
    REJECTED = "rejected"


class Disposal(StrEnum):
    """How a cycle disposes of a need."""

    COVERED = "covered"
    PARTLY_COVERED = "partly_covered"
    CARRIED = "carried"
    REJECTED = "rejected"


class ThemeStatus(StrEnum):
    """The life of a theme."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    ENDED = "ended"


class Outcome(StrEnum):
    """What came of a subject before a body."""

    ADOPTED = "adopted"
    NOTED = "noted"
    FAILED_QUORUM = "failed_quorum"
    POSTPONED = "postponed"
    REJECTED = "rejected"


class MeasureStatus(StrEnum):
    """What a person says of a measure; "late" is computed, never typed."""

    PROPOSED = "proposed"
    NOT_STARTED = "not_started"
    RUNNING = "running"
    DONE = "done"
    DEFERRED = "deferred"
    DROPPED = "dropped"
    UNOWNED = "unowned"


class Secured(StrEnum):
    """Whether the money for a measure is there."""

    YES = "yes"
    PARTLY = "partly"
    APPLIED = "applied"
    NO = "no"


# What a decision or a declaration is about, where a workflow has no word of its own for it.
THEME = "theme"
NEEDS = "needs"
MEASURES = "measures"

SETTLED = frozenset({NeedStatus.COVERED, NeedStatus.REJECTED})
COUNTING = frozenset({Outcome.ADOPTED, Outcome.NOTED})  # a decision counts when adopted or noted, everywhere
FINISHED = frozenset({MeasureStatus.DONE, MeasureStatus.DROPPED})
