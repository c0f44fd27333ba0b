"""One delivery while it goes on: its mails, what it remembers, and what has become of them so far."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cycle.adapters.outcome import Outcome, OutcomeKind, Phase
from cycle.app.site import Site
from cycle.errors import CycleError
from cycle.outbox.actions import Written
from cycle.outbox.records import Mail
from cycle.service.memory import Memory

# Told of each mail: a word for what happened, and facts by name; never an address or a name.
Log = Callable[..., None]


def silent(event: str, **facts: object) -> None:
    """A log that nobody reads."""


@dataclass
class Delivered:
    """What became of the mails of one run; `trouble` is why it stopped before all were tried.

    `held` have changed since their approval and wait again. `unwritten` are mails that could not be put into words, with
    the reason: they stay queued. `refused` are templates whose content the relay would not take, with its answer: their
    other mails wait.
    """

    sent: int = 0
    unclear: int = 0
    failed: int = 0
    later: int = 0
    cancelled: int = 0
    held: int = 0
    trouble: str | None = None
    templates: dict[str, int] = field(default_factory=dict)
    unwritten: dict[int, CycleError] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One claimed mail, ready to go: its bytes, to whom, and what to keep of it."""

    mail: Mail
    message: bytes
    written: Written


@dataclass
class Run:
    """One delivery while it goes on."""

    site: Site
    memory: Memory
    stop: Callable[[], bool]
    log: Log
    delivered: Delivered = field(default_factory=Delivered)

    def goes_on(self) -> bool:
        """Whether one more mail may be tried."""
        return self.delivered.trouble is None and not self.stop()

    def stops(self, outcome: Outcome) -> bool:
        """Whether no other mail would fare better: the relay's trouble or our own; only content may be one mail's."""
        refused_here = outcome.kind is OutcomeKind.FAULT and outcome.phase is not Phase.DOT
        return outcome.kind is OutcomeKind.RELAY or refused_here
