"""What a service keeps in mind between two deliveries: which relay or template is to be left alone, and its pace."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from cycle.outbox.rules.again import rest_after

# A mail that waits for its turn looks up this often whether the service is to stop.
LOOK_SECONDS = 0.2


@dataclass
class Breaker:
    """Leaves something that fails alone for 1, 2, 4 … 30 minutes; the first success makes up for all failures.

    Times are seconds of the monotonic clock.
    """

    failures: int = 0
    until: float = 0.0

    def open(self, at: float) -> bool:
        """Whether it is still to be left alone."""
        return at < self.until

    def failed(self, at: float) -> float:
        """It failed once more; for how many seconds it rests."""
        self.failures += 1
        rest = rest_after(self.failures).total_seconds()
        self.until = at + rest
        return rest

    def worked(self) -> None:
        """It does what it should again."""
        self.failures, self.until = 0, 0.0


class Pace:
    """At most so many mails a minute, evenly; 0 is any number."""

    def __init__(self, per_minute: int) -> None:
        self.seconds_apart = 60 / per_minute if per_minute else 0.0
        self._next = 0.0

    async def turn(self, stop: Callable[[], bool]) -> bool:
        """Wait until the next mail may go; False if it was stopped before."""
        loop = asyncio.get_running_loop()
        at = max(self._next, loop.time())
        self._next = at + self.seconds_apart
        while not stop():
            rest = at - loop.time()
            if rest <= 0:
                return True
            await asyncio.sleep(min(rest, LOOK_SECONDS))
        return False


@dataclass
class Memory:
    """`refused` are the templates whose content the relay would not take: one mail of each is tried before the others."""

    pace: Pace
    relay: Breaker = field(default_factory=Breaker)
    refused: dict[str, Breaker] = field(default_factory=dict)
