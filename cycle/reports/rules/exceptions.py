"""What did not go by the rule: waivers, overrides, corrections, moves, who was never told, when the service did not run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cycle.reports.rules.acts import Act
from cycle.reports.rules.informed import Subject, Untold
from cycle.reports.rules.lateness import Moved

# Steps that leave the ordinary way forward.
OVERRIDES = ("phase.returned", "phase.skipped", "phase.reopened", "phase.held", "phase.cancelled")


@dataclass(frozen=True)
class Waived:
    """A check that need not be met in one pass of a phase."""

    act: Act
    check: str
    phase: str
    round: int


@dataclass(frozen=True)
class Override:
    """A step past the ordinary way: back, skip, reopen, hold, cancel."""

    act: Act
    before: str
    after: str
    round: int
    code: str | None


@dataclass(frozen=True)
class Corrected:
    """A value put right: what stood before, what stands now, the number of the entry that had set it (None: unknown)."""

    act: Act
    thing: str
    field: str
    was: Any
    now: Any
    corrects: int | None


@dataclass(frozen=True)
class ServiceGap:
    """When the service did not run; `clean` whether it had been ended properly."""

    seq: int
    since: datetime
    until: datetime
    clean: bool


@dataclass(frozen=True)
class Exceptions:
    """Every exception of a year, each kind in the order recorded. `others` are what needs no more telling than its entry:
    meetings cancelled, sessions excused, letters withheld, a backup brought back, persons erased."""

    year: int
    waivers: tuple[Waived, ...]
    overrides: tuple[Override, ...]
    corrections: tuple[Corrected, ...]
    moves: tuple[Moved, ...]
    others: tuple[Act, ...]
    refused: tuple[Act, ...]
    untold: tuple[Subject, ...]
    never_told: tuple[Untold, ...]
    gaps: tuple[ServiceGap, ...]

    @property
    def count(self) -> int:
        """How many there are; refused attempts changed nothing and are none."""
        own = (self.waivers, self.overrides, self.corrections, self.moves, self.others)
        return sum(map(len, (*own, self.untold, self.never_told, self.gaps)))
