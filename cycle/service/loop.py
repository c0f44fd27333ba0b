"""The service: one process that ticks at the next due instant and at least every 30 seconds, until it is asked to stop.

What goes wrong is told three times: in the log, in the pulse (for `cycle doctor`), and by falling silent to a watcher.
"""

import asyncio
import logging
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cycle.adapters.clock import SystemClock
from cycle.adapters.ping import ping
from cycle.adapters.scheduler import Alarm
from cycle.app.proof import prove
from cycle.app.rollback import demand_current
from cycle.app.site import Site
from cycle.errors import Broken, NotReady
from cycle.service.anchoring import keep_anchors, send_anchors
from cycle.service.deliver import deliver_all
from cycle.service.delivery import Delivered
from cycle.service.log import LibraryLog, open_log, told_of
from cycle.service.memory import Memory
from cycle.service.records import ANOTHER
from cycle.service.relay import pace_of
from cycle.service.tick import SILENT_SECONDS, another_beats, keep_pulse, pulse, tick

HEARTBEAT_SECONDS = 30.0
DRAIN_SECONDS = 20.0
PING_SECONDS = 60.0
# Wall clock against monotonic clock between two heartbeats: more than this is told as a jump.
JUMP_SECONDS = 60.0
# From this hour of a day on its history is verified; before it, summer time leaves an hour out or repeats one.
NIGHT_ENDS = 3
ROLLED_BACK = frozenset({"database_behind", "database_different", "last_seen_garbled", "last_seen_unreadable"})
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
    trouble: tuple[datetime, str] | None = None
    holding: bool = False
    beats: int = 0
    _started_at: datetime | None = None
    _another_at: datetime | None = None
    _unwritten: frozenset[str] = frozenset()
    _unkept: str = ""
    _pinged: float | None = None
    _pinging: asyncio.Task[bool] | None = None
    _before: tuple[datetime, float] | None = None
    _delivering: asyncio.Task[None] | None = None
    _posting: asyncio.Task[None] | None = None
    broken: Broken | None = None

    def __post_init__(self) -> None:
        self.log = open_log(self.site.now)
        self.memory = Memory(pace_of(self.site))

    async def run(self, stop: asyncio.Event) -> None:
        """Tick and deliver until `stop` is set; then finish what is in hand.

        A mail whose server keeps silent is not waited for longer than `drain_seconds`: it becomes unclear.
        """
        self._busy = asyncio.Lock()
        self._stop = stop
        self._started_at = self.site.now()
        self._proved_on = self.site.today()
        self._alarm = alarm = Alarm(self._work, on_trouble=self._trouble)
        library = LibraryLog(self.log)
        logging.getLogger("apscheduler").addHandler(library)
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
                under_way = {task for task in (self._delivering, self._posting) if task is not None}
                if under_way:
                    await asyncio.wait(under_way, timeout=self.drain_seconds)
                    for task in under_way:
                        task.cancel()
                    await asyncio.wait(under_way)
                if self.beats:
                    with suppress(Exception):  # the last word of the pulse; to stop is more important
                        await asyncio.to_thread(self._beat)
            await asyncio.sleep(0)
            logging.getLogger("apscheduler").removeHandler(library)

    async def _work(self) -> None:
        """One beat: a tick, the next alarm, and deliveries unless they still run. An error does not end the service."""
        async with self._busy:
            if self._stop.is_set():
                return
            try:
                self.beats += 1
                troubles = self.troubles
                await asyncio.to_thread(self._still_ours)
                now = self._watch_the_clock()
                await asyncio.to_thread(self._beat)
                ticked = await asyncio.to_thread(tick, self.site, now=now, hold=self.holding)
                if any(ticked.held.values()):
                    self.holding = False  # what the leap made due waits now; what comes later is due by the clock
                for key, error in ticked.troubles.items():
                    self._trouble(f"{key}: {told_of(error)}")
                if ticked.looked:
                    self.log("ticked", queued=ticked.queued, held=ticked.held, missed=ticked.missed, overdue=ticked.overdue)
                await asyncio.to_thread(self._keep_anchors, now)
                if await asyncio.to_thread(self._broken_tonight, now):
                    return
                at = await asyncio.to_thread(self._next)
                if at is not None:
                    self._alarm.arm(at)
                if self.troubles == troubles:
                    self._ping()
                else:
                    await asyncio.to_thread(self._beat)
            except Exception as error:
                self._trouble(told_of(error))
                if isinstance(error, NotReady) and error.key in ROLLED_BACK:
                    return  # what was sent since is not known to this state: nothing goes out
            if self._posting is None or self._posting.done():
                self._posting = asyncio.create_task(self._post_anchors())
            if self._delivering is None or self._delivering.done():
                self._delivering = asyncio.create_task(self._deliver())

    def _still_ours(self) -> None:
        """The database is what was seen of it, and what is seen now is kept. Raises NotReady if it is not."""
        demand_current(self.site)
        last_seen = self.site.journal.last_seen
        problem = str((last_seen.keep() if last_seen is not None else None) or "")
        if problem and problem != self._unkept:  # once, not at every heartbeat
            self._trouble(f"last_seen_unkept: {problem}")
        self._unkept = problem

    def _keep_anchors(self, now: datetime) -> None:
        if not self.site.settings.anchors.wanted:
            return
        try:
            made = keep_anchors(self.site, now)
        except NotReady as error:  # the folder: mails go all the same
            self._trouble(told_of(error))
            return
        if made:
            self.log("sealed", entry=made)

    async def _post_anchors(self) -> None:
        if not self.site.settings.anchors.wanted:
            return
        try:
            for posted in await send_anchors(self.site):
                self.log("anchor", seq=posted.seq, state=posted.state.value, reply=posted.outcome.told)
        except Exception as error:
            self._trouble(told_of(error))

    def _broken_tonight(self, now: datetime) -> bool:
        """Verify once a night, not in the hour that summer time leaves out or repeats; whether it was found broken."""
        local = now.astimezone(self.site.zone)
        if local.hour < NIGHT_ENDS or local.date() <= self._proved_on:
            return False
        self._proved_on = local.date()
        try:
            prove(self.site)
        except Broken as error:
            self.broken = error
            self._trouble(told_of(error))
            self._stop.set()
            return True
        self.log("history_proved")
        return False

    async def _deliver(self) -> None:
        if self.memory.relay.open(self.site.clock.monotonic()):
            return
        try:
            delivered = await deliver_all(self.site, stop=self._stop.is_set, memory=self.memory, log=self.log)
        except Exception as error:
            self._trouble(told_of(error))
            return
        self._told_of(delivered)
        if delivered.trouble is None:
            self.memory.relay.worked()
            return
        rest = self.memory.relay.failed(self.site.clock.monotonic())
        self._trouble(f"mail server: {delivered.trouble}; next try in {rest:.0f} s")

    def _told_of(self, delivered: Delivered) -> None:
        """Templates that could not be written or were refused: told when they are new, not at every heartbeat."""
        unwritten = frozenset(told_of(error) for error in delivered.unwritten.values())
        for each in sorted(unwritten - self._unwritten):
            self._trouble(f"mails cannot be written: {each}")
        self._unwritten = unwritten
        for template, reply in delivered.refused.items():
            self._trouble(f"content refused, template {template} rests: {reply}")

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
            now = self.site.now()
            if self.beats > 1 and another_beats(machinery.session, self.holder, now):
                if self._another_at is None or abs((now - self._another_at).total_seconds()) > SILENT_SECONDS:
                    self._trouble(ANOTHER)
                self.trouble = (now, ANOTHER)  # told once, but known for as long as it lasts
                self._another_at = now
            told: dict[str, Any] = {"trouble_at": self.trouble[0], "trouble": self.trouble[1]} if self.trouble else {}
            if self.beats == 1 and not told:
                told = {"trouble_at": None, "trouble": None}
            keep_pulse(
                self.site,
                machinery,
                beat_at=now,
                holder=self.holder,
                started_at=self._started_at,
                troubles=self.troubles,
                **told,
            )

    def _ping(self) -> None:
        """Tell the watcher that this beat was good, at most once a minute and never two at once."""
        url = self.site.settings.service.ping_url
        at = self.site.clock.monotonic()
        if not url or (self._pinging is not None and not self._pinging.done()):
            return
        if self._pinged is None or at - self._pinged >= PING_SECONDS:
            self._pinged = at
            self._pinging = asyncio.create_task(asyncio.to_thread(ping, url))

    def _next(self) -> datetime | None:
        """The next due instant by the machine's clock, which the alarm goes by; a sandbox's may be set to another year."""
        with self.site.journal.reading() as session:
            _, _, wake_at = pulse(session)
        if wake_at is None or wake_at <= (now := self.site.now()):
            return None
        return SystemClock().now() + (wake_at - now)

    def _trouble(self, what: str) -> None:
        self.troubles += 1
        self.trouble = (self.site.now(), what)
        self.log("trouble", trouble=what, count=self.troubles)
