"""One thing that was looked at: how bad it is, its key in the wording, and the facts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cycle.errors import CycleError
from cycle.wording import Wording

_MOST_PROBLEMS = 5  # of one file; the others are told by the command that reads it


class Health(StrEnum):
    """How bad it is: only BAD makes the command fail."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Examined:
    """One thing looked at: its key in the wording, and the facts."""

    health: Health
    key: str
    facts: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The same in JSON."""
        return {"health": self.health.value, "key": self.key, "facts": {n: _plain(v) for n, v in self.facts.items()}}


def error_found(error: CycleError, words: Wording) -> Examined:
    """An error as something that was found, with the first of its problems."""
    told = getattr(error, "problems", ())
    lines = [words.problem(problem) for problem in told[:_MOST_PROBLEMS]]
    if len(told) > _MOST_PROBLEMS:
        lines.append(words.sentence("doctor.more_problems", count=len(told) - _MOST_PROBLEMS))
    problems = "".join(f"\n  {line}" for line in lines)
    sentence = words.sentence(error.key, **error.facts)
    return Examined(Health.BAD, "error", {"error": error, "sentence": sentence, "problems": problems})


def _plain(value: Any) -> Any:
    if isinstance(value, CycleError):
        return value.key
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, OSError):
        return value.strerror or str(value)
    return value if isinstance(value, int | list | None) else str(value)
