"""The service: one process that ticks at the next due instant and at least every 30 seconds, until it is asked to stop."""

import asyncio
import gc
import os
import secrets
import signal
import sys
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col

from cycle import __version__
from cycle.adapters.scheduler import Alarm
from cycle.app.site import Site
from cycle.errors import Broken, CycleError
from cycle.journal.actor import SERVICE
from cycle.journal.verify import verify
from cycle.service.deliver import deliver
from cycle.service.records import Pulse
from cycle.service.tick import PULSE, pulse, tick

HEARTBEAT_SECONDS = 30.0
DRAIN_SECONDS = 30.0


@dataclass
class Service:
    """What a running service keeps: the site, its own name, and the work in hand."""

    site: Site
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    holder: str = field(default_factory=lambda: f"{os.getpid()}-{secrets.token_hex(4)}")
    troubles: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Tick and deliver until `stop` is set; then finish what is in hand."""
        alarm = Alarm(self._work, on_trouble=self._trouble)
        self._busy = asyncio.Lock()
        self._alarm = alarm
        alarm.start()
        try:
            while not stop.is_set():
                await self._work()
                alarm.poke()
                try:
                    await asyncio.wait_for(stop.wait(), self.heartbeat_seconds)
                except TimeoutError:
                    continue
        finally:
            alarm.pause()
            try:
                await asyncio.wait_for(self._busy.acquire(), DRAIN_SECONDS)
            finally:
                alarm.stop()
                await asyncio.sleep(0)

    async def _work(self) -> None:
        """One beat: a tick, the deliveries, the next alarm. An error is logged and does not end the service."""
        async with self._busy:
            try:
                await asyncio.to_thread(self._beat)
                await asyncio.to_thread(tick, self.site)
                await deliver(self.site)
                at = await asyncio.to_thread(self._next)
                if at is not None:
                    self._alarm.arm(at)
            except Exception as error:
                self._trouble(str(error) if isinstance(error, CycleError) else repr(error))

    def _beat(self) -> None:
        with self.site.journal.machinery() as machinery:
            now = self.site.now()
            if machinery.change(Pulse, col(Pulse.id) == PULSE, beat_at=now, holder=self.holder) == [0]:
                machinery.add(Pulse, {"id": PULSE, "seen": 0, "beat_at": now, "holder": self.holder})

    def _next(self) -> datetime | None:
        with self.site.journal.reading() as session:
            _, _, wake_at = pulse(session)
        return wake_at if wake_at is not None and wake_at > self.site.now() else None

    def _trouble(self, what: str) -> None:
        self.troubles += 1
        sys.stderr.write(f"service trouble {self.troubles}: {what}\n")


async def serve(site: Site, *, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
    """Run until SIGTERM or SIGINT, with nothing half done.

    Raises:
        Broken: if the journal does not verify; a service must not write on top of that.
    """
    gc.enable()
    verdict = await asyncio.to_thread(verify, site.database)
    if not verdict.intact:
        raise Broken("history_broken", problems=[problem.key for problem in verdict.problems], count=len(verdict.problems))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    _say(site, "service.started")
    try:
        await Service(site, heartbeat_seconds).run(stop)
    finally:
        _say(site, "service.stopped")


def _say(site: Site, type: str) -> None:
    with site.journal.entry(type, by=SERVICE, now=site.now()) as entry:
        entry.tell(software=__version__)
