"""One thing of the plan with all that it came from and all that came of it: need, theme, measure, result, over the years."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class LinkKind(StrEnum):
    """What a link of the chain tells."""

    NEED = "need"
    REPORTED = "reported"
    AGE = "age"
    COSTS = "costs"
    GAP = "gap"
    CELL = "cell"
    EVIDENCE = "evidence"
    SETTLED = "settled"
    CARRIED_ON = "carried_on"
    THEME = "theme"
    PROPOSED = "proposed"
    SESSION = "session"
    QUORUM = "quorum"
    CONFIRMED = "confirmed"
    RETOLD = "retold"
    MOVED = "moved"
    ENDED = "ended"
    WHY = "why"
    MEASURE = "measure"
    OWNER = "owner"
    UNOWNED = "unowned"
    DUE = "due"
    LATE = "late"
    PUT_OFF = "put_off"
    MONEY = "money"
    UPDATE = "update"
    NOTE = "note"
    DONE = "done"
    DROPPED = "dropped"
    NOTHING = "nothing"
    FROM_NEED = "from_need"
    FROM_THEME = "from_theme"


@dataclass(frozen=True)
class Link:
    """One line: its kind, its facts (ids of the workflow's words, days, numbers), and the links below it."""

    kind: LinkKind
    facts: Mapping[str, Any] = field(default_factory=dict)
    below: tuple["Link", ...] = ()

    def document(self) -> dict[str, Any]:
        """The same as plain values: kind, facts, and what is below."""
        return {"kind": self.kind.value, **self.facts, "below": [each.document() for each in self.below]}
