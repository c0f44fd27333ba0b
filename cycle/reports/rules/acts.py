"""One entry of the journal as a report tells of it: when, by whom, in which role, why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Basis:
    """What a decision rests on: a resolution, minutes, a document; with its SHA-256 where it is a file."""

    kind: str
    ref: str
    sha256: str | None = None


@dataclass(frozen=True)
class Act:
    """Who did what, when, why. `day` is the local day it was recorded on, `effective_on` the day it counts from; `who` a
    reference of the journal; `reason` None where none was given or it was erased."""

    seq: int
    id: str
    type: str
    recorded_at: datetime
    day: date
    effective_on: date
    who: str
    role: str
    reason: str | None = None
    second: Mapping[str, Any] | None = None
    basis: tuple[Basis, ...] = ()
    supersedes: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def delay_days(self) -> int:
        """How many days later than it counts from it was recorded."""
        return (self.day - self.effective_on).days

    @property
    def changes(self) -> tuple[Mapping[str, Any], ...]:
        """The changes it made, in their order."""
        return tuple(self.data.get("changes", ()))
