"""Hands mails out to the connections of one delivery, and writes down what becomes of them.

Mails are claimed and written ahead, so that no connection waits for another. A mail is in doubt when the process dies only
from the moment it was *begun*: marked as handed to a connection. What several connections bring at about the same moment,
and the mails they take in exchange, become durable in one transaction; each connection waits for it before it goes on.
While others are still sending, who comes back waits for them, but no longer than it took last to make a transaction durable:
one for each would take as long.

An error of our own ends a delivery gently: nothing more is begun, what is under way comes back and is written down.
"""

import asyncio
import gc
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cycle.adapters.outcome import Outcome
from cycle.journal.together import Together
from cycle.outbox.actions import begin, claim, release
from cycle.service.clerk import LOT, Clerk, Gone
from cycle.service.delivery import Job, Run
from cycle.service.desk import Desk
from cycle.service.lot import Lot
from cycle.service.relay import CLAIM_LEASE, batch_of, lease_of
from cycle.service.settle import count, settle, taken

# A mail says what was true when it was written, and its window may close: one that waited longer is written anew.
STALE_SECONDS = 45.0

# Seconds that are waited at most for what other connections bring, however slow the disk is.
MOST_PATIENCE = 0.1

# After so many new objects what is not needed any more is swept up: a run may go over a hundred thousand mails.
SWEEP = 50_000

# So many lots are ordered of a clerk, or wait, so that neither waits for the other.
LOTS_AHEAD = 3

Done = tuple[Job, Outcome]
# Puts claimed mails into words: those that can go, in their order. The others it has given back, or done with.
Write = Callable[[Run, Sequence[int], str, Desk], list[Job]]


@dataclass(frozen=True)
class _Asking:
    """A connection: what became of its last mail, whether it wants another, and where it waits for that."""

    done: Done | None
    more: bool
    answer: asyncio.Future[Job | None]

    @property
    def waits(self) -> bool:
        """Whether it is to get a mail; not if its connection was told to stop."""
        return self.more and not self.answer.done()


@dataclass(frozen=True)
class _Order:
    """The mails that the clerk is writing, and since when by either clock."""

    numbers: Sequence[int]
    lot: asyncio.Task[Lot]
    at: tuple[float, datetime]


class Dispatch:
    """The mails of one delivery, from the queue to what became of them.

    `error` is what ended it before its time. Where mails have a pace, connections stand in `line` for their turn.
    """

    def __init__(self, run: Run, connections: int, write: Write, clerk: Clerk | None = None) -> None:
        self.owner = secrets.token_hex(8)
        self.error: Exception | None = None
        self.line = asyncio.Lock()
        self._run = run
        self._connections = connections
        self._batch = batch_of(run.site)
        self._lease = lease_of(run.site)
        self._write = write
        self._clerk = clerk
        self._orders: deque[_Order] = deque()
        self._desk = Desk(run.site)
        self._waiting: deque[Job] = deque()
        self._written_at = self._clocks()
        self._under_way: dict[int, Job] = {}
        self._asked: list[_Asking] = []
        self._idle: list[_Asking] = []
        self._exhausted = False
        self._over = False
        self._soon: set[Callable[[], None]] = set()
        self._gathering: asyncio.TimerHandle | None = None
        self._patience = 0.0

    async def next(self, done: Done | None = None, *, more: bool = True) -> Job | None:
        """The next mail for a connection, begun; None when there is none, or no `more` is wanted.

        What became of its last one is durable before that.
        """
        asking = _Asking(done, more, asyncio.get_running_loop().create_future())
        self._asked.append(asking)
        if len(self._under_way) == sum(each.done is not None for each in self._asked):
            self._later(self._turn)
        elif self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(self._patience, self._later, self._turn)
        return await asking.answer

    def waits(self) -> bool:
        """Whether a mail waits to be begun; more are written where none does."""
        try:
            return bool(self._waiting) or self._fill()
        except Exception as error:
            self._end(error)
            return False

    def end(self) -> None:
        """Write down what was still brought; what was claimed and not begun may be taken by the next delivery."""
        self._over = True
        if self._gathering is not None:
            self._turn()
        self._give_back()
        while self._orders:
            order = self._orders.popleft()
            order.lot.cancel()
            self._release(order.numbers)

    def _give_back(self) -> None:
        numbers = [job.written.mail_id for job in self._waiting]
        self._waiting.clear()
        if numbers:
            with self._run.site.journal.machinery() as machinery:
                release(machinery, numbers, owner=self.owner, reply=self._run.delivered.trouble)

    def _end(self, error: Exception) -> None:
        self.error = self.error or error

    def _goes_on(self) -> bool:
        return self.error is None and not self._over and self._run.goes_on()

    def _later(self, action: Callable[[], None]) -> None:
        """Do something once the connections that are ready now have had their say; once, however often it is asked for."""
        if action not in self._soon:
            self._soon.add(action)
            asyncio.get_running_loop().call_soon(self._do, action)

    def _do(self, action: Callable[[], None]) -> None:
        self._soon.discard(action)
        try:
            action()
        except Exception as error:
            self._end(error)
            self._later(self._turn)  # nobody is left waiting

    def _turn(self) -> None:
        """Write down what was brought, and hand out as many mails as are wanted."""
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        asked, self._asked = self._idle + self._asked, []
        self._idle = []
        try:
            _hand_out(asked, self._exchange([each.done for each in asked if each.done], _wanted(asked)))
            while _wanted(asked) and self._waiting_or_fill():
                _hand_out(asked, self._exchange((), _wanted(asked)))
        except Exception as error:
            self._end(error)
        # Those that wait may not go before others are back, or the clerk is writing more.
        if ((self._waiting and self._under_way) or self._orders) and self._goes_on():
            self._idle = [replace(each, done=None) for each in asked if each.waits]
        for each in asked:
            if not each.answer.done() and not (each.waits and self._idle):
                each.answer.set_result(None)
        if asked and len(self._waiting) < self._connections:
            self._later(self._top_up)

    def _waiting_or_fill(self) -> bool:
        """Whether asking once more may give another mail."""
        return self._goes_on() and (any(map(self._may_go, self._waiting)) if self._waiting else self._fill())

    def _top_up(self) -> None:
        """Write more mails while the connections are busy, or have them written."""
        if self._exhausted or not self._goes_on():
            return
        if self._clerk is None:
            if len(self._waiting) < self._connections:
                self._claim()
            return
        while len(self._waiting) + len(self._orders) * LOT < LOTS_AHEAD * LOT and (numbers := self._take(LOT)):
            lot = asyncio.ensure_future(self._clerk.write(numbers, self._run.site.now()))
            lot.add_done_callback(lambda _: self._later(self._collect))
            self._orders.append(_Order(numbers, lot, self._clocks()))

    def _collect(self) -> None:
        """The clerk has written lots, or is gone: then nobody else is asked."""
        while self._orders and self._orders[0].lot.done():
            self._receive(self._orders.popleft())
            self._later(self._top_up)
            self._later(self._turn)

    def _receive(self, order: _Order) -> None:
        try:
            lot = order.lot.result()
        except Gone:
            if self._clerk is not None:
                self._run.log("clerk_gone")
            self._clerk = None
            self._release(order.numbers)
            return
        try:
            jobs = taken(self._run, lot, self.owner)
        except Exception:
            self._release(order.numbers)
            raise
        self._release(list(lot.unwritten))
        if lot.head < self._desk.since or self._is_stale(order.at):  # they say what is true no longer
            self._release([job.written.mail_id for job in jobs])
            return
        if not self._waiting:
            self._written_at = order.at
        self._waiting += jobs

    def _fill(self) -> bool:
        while not self._waiting and not self._exhausted and self._goes_on():
            self._claim()
        return bool(self._waiting)

    def _take(self, most: int) -> list[int]:
        """Claim the next mails, if there are any."""
        site, unwritten = self._run.site, self._run.delivered.unwritten
        with site.journal.machinery() as machinery:
            numbers = claim(
                machinery,
                owner=self.owner,
                now=site.now(),
                today=site.today(),
                most=most,
                lease=CLAIM_LEASE,
                without=tuple(unwritten),
            )
        self._exhausted = not numbers
        return numbers

    def _claim(self) -> None:
        numbers = self._take(self._batch)
        if not numbers:
            return
        if gc.get_count()[0] > SWEEP:
            gc.collect(1)  # what is new; a command has it turned off, and sessions hold themselves
        edition = self._desk.edition
        try:
            jobs = self._write(self._run, numbers, self.owner, self._desk)
        except Exception:
            self._release(numbers)
            raise
        if self._desk.edition != edition:  # those that were written before it say what was true then
            self._give_back()
        if not self._waiting:
            self._written_at = self._clocks()
        self._waiting += jobs
        self._release([number for number in numbers if number in self._run.delivered.unwritten])

    def _release(self, numbers: Sequence[int]) -> None:
        """Mails that were claimed may be claimed again."""
        if numbers:
            self._exhausted = False
            with self._run.site.journal.machinery() as machinery:
                release(machinery, numbers, owner=self.owner)

    def _clocks(self) -> tuple[float, datetime]:
        return self._run.site.clock.monotonic(), self._run.site.now()

    def _exchange(self, done: Sequence[Done], wanted: int) -> list[Job]:
        """One transaction: what became of these, and up to so many mails begun. Where it fails each is written by itself."""
        if not self._goes_on():
            wanted = 0
        if not done and not (wanted and self._waiting):
            return []
        waiting = self._waiting.copy()
        try:
            return self._in_one(done, wanted)
        except Exception as error:
            self._waiting = waiting
            if not done or (len(done) == 1 and not wanted):
                for job, _ in done:  # it stays in doubt
                    self._under_way.pop(job.written.mail_id, None)
                raise
            self._end(error)
        for each in done:
            try:
                self._exchange([each], 0)
            except Exception as error:
                self._end(error)
        return []

    def _in_one(self, done: Sequence[Done], wanted: int) -> list[Job]:
        run, picked = self._run, list[Job]()
        loop = asyncio.get_running_loop()
        with run.site.journal.together() as together:
            ours = [settle(run, together, job, outcome, self.owner) for job, outcome in done]
            head = self._desk.still_true(together.session)
            if wanted and not any(run.stops(outcome) for _, outcome in done):
                picked = self._begin(together, wanted, fresh=head is not None)
            written = loop.time()
        self._patience = min(loop.time() - written, MOST_PATIENCE)
        if head is not None:
            self._desk.saw(head)
        for (job, outcome), mine in zip(done, ours, strict=True):
            del self._under_way[job.written.mail_id]
            count(run, job, outcome, ours=mine)
        self._under_way |= {job.written.mail_id: job for job in picked}
        return picked

    def _begin(self, together: Together, wanted: int, *, fresh: bool) -> list[Job]:
        """Mark mails as handed to a connection. What was written before something happened is given back."""
        if not fresh or self._is_stale(self._written_at):
            release(together.machinery, [job.written.mail_id for job in self._waiting], owner=self.owner)
            self._waiting.clear()
            self._exhausted = False
            return []
        chosen = self._choose(together, wanted)
        until = self._run.site.now() + self._lease
        numbers = [job.written.mail_id for job in chosen]
        taken = begin(together.machinery, numbers, owner=self.owner, until=until)
        return [job for job in chosen if job.written.mail_id in taken]

    def _is_stale(self, at: tuple[float, datetime]) -> bool:
        """By either clock: the one stands still while the machine sleeps, the other may leap."""
        (ticked, told), (ticks, now) = at, self._clocks()
        return max(ticks - ticked, abs((now - told).total_seconds())) > STALE_SECONDS

    def _doubtful(self, job: Job) -> set[str]:
        return {template for template in job.mail.templates if template in self._run.memory.refused}

    def _on_trial(self) -> set[str]:
        """The templates that the relay refused of which a mail is under way: the others wait for what becomes of it."""
        return {template for job in self._under_way.values() for template in self._doubtful(job)}

    def _may_go(self, job: Job) -> bool:
        return not self._doubtful(job) & self._on_trial()

    def _choose(self, together: Together, wanted: int) -> list[Job]:
        """The next mails; of a template that the relay refused none while it rests, and then one before the others."""
        refused = self._run.memory.refused
        if not refused:
            return [self._waiting.popleft() for _ in range(min(wanted, len(self._waiting)))]
        tried = self._on_trial()
        chosen: list[Job] = []
        kept: deque[Job] = deque()
        at = self._run.site.clock.monotonic()
        for job in self._waiting:
            doubtful = self._doubtful(job)
            rest = max((refused[template].until - at for template in doubtful), default=0.0)
            if rest > 0:
                opens = self._run.site.now() + timedelta(seconds=rest)
                release(together.machinery, [job.written.mail_id], owner=self.owner, next_try_at=opens)
            elif len(chosen) < wanted and not doubtful & tried:
                chosen.append(job)
                tried |= doubtful
            else:
                kept.append(job)
        self._waiting = kept
        return chosen


def _wanted(asked: Sequence[_Asking]) -> int:
    return sum(each.waits for each in asked)


def _hand_out(asked: Sequence[_Asking], jobs: Sequence[Job]) -> None:
    for each, job in zip([each for each in asked if each.waits], jobs, strict=False):
        each.answer.set_result(job)
