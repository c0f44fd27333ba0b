"""The letters of one delivery that are written and not begun: claimed and put into words ahead, here or by a clerk."""

import asyncio
import gc
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cycle.journal.machinery import Machinery
from cycle.outbox.actions import claim, release
from cycle.service.clerk import LOT, LOTS_AHEAD, Clerk, Gone
from cycle.service.delivery import Job, Run
from cycle.service.desk import Desk
from cycle.service.lot import Lot
from cycle.service.relay import CLAIM_LEASE, batch_of
from cycle.service.settle import taken

# A mail says what was true when it was written, and its window may close: one that waited longer is written anew.
STALE_SECONDS = 45.0

# After so many new objects what is not needed any more is swept up: a run may go over a hundred thousand mails.
SWEEP = 50_000

# Puts claimed mails into words: those that can go, in their order. The others it has given back, or done with.
Write = Callable[[Run, Sequence[int], str, Desk], list[Job]]


@dataclass(frozen=True)
class _Order:
    """The mails that the clerk is writing, and since when by either clock."""

    numbers: Sequence[int]
    lot: asyncio.Task[Lot]
    at: tuple[float, datetime]


class Stock:
    """What `waits` to be begun, oldest first; `exhausted` when no other mail may go now.

    `arrived` is told when the clerk has written something, which `collect` takes in.
    """

    def __init__(self, run: Run, owner: str, write: Write, clerk: Clerk | None, arrived: Callable[[], None]) -> None:
        self.waits: deque[Job] = deque()
        self.desk = Desk(run.site)
        self.exhausted = False
        self._run = run
        self._owner = owner
        self._write = write
        self._clerk = clerk
        self._arrived = arrived
        self._batch = batch_of(run.site)
        self._orders: deque[_Order] = deque()
        self._written_at = self._clocks()

    @property
    def ordered(self) -> bool:
        """Whether the clerk is writing more."""
        return bool(self._orders)

    def write(self) -> None:
        """Claim the next mails and put them into words."""
        numbers = self._take(self._batch)
        if not numbers:
            return
        if gc.get_count()[0] > SWEEP:
            gc.collect(1)  # what is new; a command has it turned off, and sessions hold themselves
        edition = self.desk.edition
        try:
            jobs = self._write(self._run, numbers, self._owner, self.desk)
        except Exception:
            self._release(numbers)
            raise
        if self.desk.edition != edition:  # those that were written before it say what was true then
            self.give_back()
        self._add(jobs, self._clocks())
        self._release([number for number in numbers if number in self._run.delivered.unwritten])

    def top_up(self, least: int) -> None:
        """Write more where fewer than these wait, or have them written."""
        if self.exhausted:
            return
        if self._clerk is None:
            if len(self.waits) < least:
                self.write()
            return
        while len(self.waits) + len(self._orders) * LOT < LOTS_AHEAD * LOT and (numbers := self._take(LOT)):
            lot = asyncio.ensure_future(self._clerk.write(numbers, self._run.site.now()))
            lot.add_done_callback(lambda _: self._arrived())
            self._orders.append(_Order(numbers, lot, self._clocks()))

    def collect(self) -> None:
        """Take in what the clerk has written. It may be gone: then nobody else is asked."""
        while self._orders and self._orders[0].lot.done():
            self._receive(self._orders.popleft())

    def discard(self, machinery: Machinery) -> None:
        """Nothing that waits is true any more: it is written anew."""
        release(machinery, [job.written.mail_id for job in self.waits], owner=self._owner)
        self.waits.clear()
        self.exhausted = False

    def give_back(self) -> None:
        """What waits may be taken by the next delivery."""
        numbers = [job.written.mail_id for job in self.waits]
        self.waits.clear()
        if numbers:
            with self._run.site.journal.machinery() as machinery:
                release(machinery, numbers, owner=self._owner, reply=self._run.delivered.trouble)

    def end(self) -> None:
        """Give back what waits, and what the clerk is writing."""
        orders, self._orders = self._orders, deque()
        for order in orders:
            order.lot.cancel()
        self.give_back()
        self._release([number for order in orders for number in order.numbers])

    def is_stale(self) -> bool:
        """Whether what waits has waited too long, by either clock: the one stands still while the machine sleeps, the other
        may leap."""
        (ticked, told), (ticks, now) = self._written_at, self._clocks()
        return max(ticks - ticked, abs((now - told).total_seconds())) > STALE_SECONDS

    def _take(self, most: int) -> list[int]:
        site, unwritten = self._run.site, self._run.delivered.unwritten
        with site.journal.machinery() as machinery:
            numbers = claim(
                machinery,
                owner=self._owner,
                now=site.now(),
                today=site.today(),
                most=most,
                lease=CLAIM_LEASE,
                without=tuple(unwritten),
            )
        self.exhausted = not numbers
        return numbers

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
            with self._run.site.journal.reading() as session:
                true = self.desk.vouches_for(session, lot.head)
            jobs = taken(self._run, lot, self._owner) if true else []
        except Exception:
            self._release(order.numbers)
            raise
        self._add(jobs, order.at)
        if lot.later:
            self.exhausted = False
        self._release(list(lot.unwritten) if true else order.numbers)

    def _add(self, jobs: Sequence[Job], at: tuple[float, datetime]) -> None:
        self._written_at = min(self._written_at, at) if self.waits else at
        self.waits += jobs

    def _release(self, numbers: Sequence[int]) -> None:
        """Mails that were claimed may be claimed again."""
        if numbers:
            self.exhausted = False
            with self._run.site.journal.machinery() as machinery:
                release(machinery, numbers, owner=self._owner)

    def _clocks(self) -> tuple[float, datetime]:
        return self._run.site.clock.monotonic(), self._run.site.now()
