"""The service: one process that ticks at the next due instant and at least every 30 seconds, until it is asked to stop."""

import asyncio
import gc
import os
import secrets
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cycle import __version__
from cycle.adapters.clock import SystemClock
from cycle.adapters.scheduler import Alarm
from cycle.app.site import Site
from cycle.errors import Broken, CycleError
from cycle.journal.actor import SERVICE
from cycle.journal.verify import verify
from cycle.service.deliver import deliver
from cycle.service.tick import keep_pulse, pulse, tick

HEARTBEAT_SECONDS = 30.0
DRAIN_SECONDS = 20.0
# A relay that cannot be reached is asked again after 1, 2, 4 … 30 minutes.
FIRST_REST_SECONDS = 60.0
LONGEST_REST_SECONDS = 1800.0
# Wall clock against monotonic clock between two heartbeats: more than this is told as a jump.
JUMP_SECONDS = 60.0
# A clock that leaps further ahead may be wrong: what becomes due then waits for a person.
HOLD_AFTER = timedelta(days=7)


@dataclass
class Service:
    """What a running service keeps: the site, its own name, and the work in hand."""

    site: Site
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    drain_seconds: float = DRAIN_SECONDS
    holder: str = field(default_factory=lambda: f"{os.getpid()}-{secrets.token_hex(4)}")
    troubles: int = 0
    holding: bool = False
    beats: int = 0
    _rests: int = 0
    _rest_until: float = 0.0
    _before: tuple[datetime, float] | None = None
    _delivering: asyncio.Task[None] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Tick and deliver until `stop` is set; then finish what is in hand.

        A mail whose server keeps silent is not waited for longer than `drain_seconds`: it becomes unclear.
        """
        self._busy = asyncio.Lock()
        self._stop = stop
        self._alarm = alarm = Alarm(self._work, on_trouble=self._trouble)
        alarm.start()
        try:
            while not stop.is_set():
                await self._work()
                alarm.poke()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self.heartbeat_seconds)
        finally:
            alarm.pause()
            async with self._busy:
                alarm.stop()
                if self._delivering is not None:
                    await asyncio.wait({self._delivering}, timeout=self.drain_seconds)
                    self._delivering.cancel()
                    await asyncio.wait({self._delivering})
            await asyncio.sleep(0)

    async def _work(self) -> None:
        """One beat: a tick, the next alarm, and deliveries unless they still run. An error does not end the service."""
        async with self._busy:
            if self._stop.is_set():
                return
            try:
                self.beats += 1
                now = self._watch_the_clock()
                await asyncio.to_thread(self._beat)
                ticked = await asyncio.to_thread(tick, self.site, now=now, hold=self.holding)
                if any(ticked.held.values()):
                    self.holding = False  # what the leap made due waits now; what comes later is due by the clock
                for key, error in ticked.troubles.items():
                    self._trouble(f"{key}: {_told(error)}")
                at = await asyncio.to_thread(self._next)
                if at is not None:
                    self._alarm.arm(at)
            except Exception as error:
                self._trouble(_told(error))
            if self._delivering is None or self._delivering.done():
                self._delivering = asyncio.create_task(self._deliver())

    async def _deliver(self) -> None:
        if self.site.clock.monotonic() < self._rest_until:
            return
        try:
            delivered = await deliver(self.site, stop=self._stop.is_set)
        except Exception as error:
            self._trouble(_told(error))
            return
        if delivered.trouble is None:
            self._rests = 0
            return
        rest = min(FIRST_REST_SECONDS * 2**self._rests, LONGEST_REST_SECONDS)
        self._rests += 1
        self._rest_until = self.site.clock.monotonic() + rest
        self._trouble(f"mail server: {delivered.trouble}; next try in {rest:.0f} s")

    def _watch_the_clock(self) -> datetime:
        """The time of this beat: what is due is asked for this very moment, as the clock may leap the next."""
        clock = self.site.clock
        now = (clock.now(), clock.monotonic())
        if self._before is not None:
            jump = (now[0] - self._before[0]).total_seconds() - (now[1] - self._before[1])
            if abs(jump) > JUMP_SECONDS:
                self.holding = jump > HOLD_AFTER.total_seconds()
                self._trouble(f"the clock jumped by {jump:.0f} s{'; mails wait for approval' if self.holding else ''}")
        self._before = now
        return now[0]

    def _beat(self) -> None:
        with self.site.journal.machinery() as machinery:
            keep_pulse(self.site, machinery, beat_at=self.site.now(), holder=self.holder)

    def _next(self) -> datetime | None:
        """The next due instant by the machine's clock, which the alarm goes by; a sandbox's may be set to another year."""
        with self.site.journal.reading() as session:
            _, _, wake_at = pulse(session)
        if wake_at is None or wake_at <= (now := self.site.now()):
            return None
        return SystemClock().now() + (wake_at - now)

    def _trouble(self, what: str) -> None:
        self.troubles += 1
        sys.stderr.write(f"service trouble {self.troubles}: {what}\n")
        sys.stderr.flush()


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, CycleError) else repr(error)


async def serve(site: Site, *, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
    """Run until SIGTERM or SIGINT, with nothing half done.

    Raises:
        Broken: if the journal does not verify; a service must not write on top of that.
    """
    gc.enable()
    verdict = await asyncio.to_thread(verify, site.database)
    if not verdict.intact:
        problems = [site.wording.sentence(f"problem.{p.key}", seq=p.seq, **p.facts) for p in verdict.problems]
        raise Broken("history_broken", problems=problems, count=len(problems))
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
    sys.stderr.write(f"{type}\n")
    sys.stderr.flush()
