"""Hands mails out to the connections of one delivery, and writes down what becomes of them.

Mails are claimed and written ahead, so that no connection waits for another. A mail is in doubt when the process dies only
from the moment it was *begun*: marked as handed to a connection. What several connections bring at the same moment, and
the mails they take in exchange, become durable in one transaction; each connection waits for it before it goes on.
"""

import asyncio
import gc
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from cycle.adapters.smtp import Outcome
from cycle.journal.journal import Together
from cycle.outbox.actions import begin, claim, release
from cycle.service.delivery import Job, Run
from cycle.service.desk import Desk
from cycle.service.relay import CLAIM_LEASE, batch_of, lease_of
from cycle.service.settle import count, settle

# A mail says what was true when it was written, and its window may close: one that waited longer is written anew.
STALE_SECONDS = 45.0

# After so many new objects what is not needed any more is swept up: a run may go over a hundred thousand mails.
SWEEP = 30_000

# Puts claimed mails into words: those that can go, in their order. The others it has given back, or done with.
Write = Callable[[Run, Sequence[int], str, Desk], list[Job]]


@dataclass(frozen=True)
class _Asking:
    """A connection: what became of its last mail, whether it wants another, and where it waits for that."""

    done: tuple[Job, Outcome] | None
    more: bool
    answer: asyncio.Future[Job | None]


class Dispatch:
    """The mails of one delivery, from the queue to what became of them."""

    def __init__(self, run: Run, connections: int, write: Write) -> None:
        self.owner = secrets.token_hex(8)
        self._run = run
        self._connections = connections
        self._batch = batch_of(run.site)
        self._lease = lease_of(run.site)
        self._write = write
        self._desk = Desk(run.site)
        self._waiting: deque[Job] = deque()
        self._written_at = 0.0
        self._under_way: dict[int, Job] = {}
        self._asked: list[_Asking] = []
        self._idle: list[_Asking] = []
        self._exhausted = False
        self._failed: Exception | None = None
        self._soon: set[Callable[[], None]] = set()

    async def next(self, done: tuple[Job, Outcome] | None = None, *, more: bool = True) -> Job | None:
        """The next mail for a connection, begun; None when there is none, or no `more` is wanted.

        What became of its last one is durable before that.
        """
        asking = _Asking(done, more, asyncio.get_running_loop().create_future())
        self._asked.append(asking)
        self._later(self._turn)
        return await asking.answer

    def give_back(self) -> None:
        """The delivery ends: what was claimed and not begun may be taken by the next one."""
        numbers = [job.mail.id or 0 for job in self._waiting]
        self._waiting.clear()
        if numbers:
            with self._run.site.journal.machinery() as machinery:
                release(machinery, numbers, owner=self.owner, reply=self._run.delivered.trouble)

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
            self._failed = error
            self._later(self._turn)

    def _turn(self) -> None:
        asked, self._asked = self._idle + self._asked, []
        self._idle = []
        try:
            self._serve(asked)
            if self._failed is not None:
                raise self._failed
        except Exception as error:
            for each in asked:
                if not each.answer.done():
                    each.answer.set_exception(error)

    def _serve(self, asked: Sequence[_Asking]) -> None:
        """Write down what was brought, and hand out as many mails as are wanted."""
        _hand_out(asked, self._exchange([each for each in asked if each.done], sum(map(_wants, asked))))
        while wanted := sum(map(_wants, asked)):
            begun = self._exchange((), wanted)
            _hand_out(asked, begun)
            if not begun and not self._fill():
                break
        left = [each for each in asked if _wants(each)]
        if self._waiting and self._under_way and self._run.goes_on():
            self._idle = [replace(each, done=None) for each in left]  # until one that is under way is back
        else:
            _hand_out(left, [None] * len(left))
        for each in asked:
            if not each.more and not each.answer.done():
                each.answer.set_result(None)
        if len(self._waiting) < self._connections and not self._exhausted:
            self._later(self._top_up)

    def _top_up(self) -> None:
        """Write more mails while the connections are busy."""
        if len(self._waiting) < self._connections and self._run.goes_on():
            self._claim()

    def _fill(self) -> bool:
        """Be sure that mails wait; False when there are none."""
        if not self._run.goes_on() or self._waiting:  # those that wait may not go before others are back
            return False
        while not self._waiting and not self._exhausted:
            self._claim()
        return bool(self._waiting)

    def _claim(self) -> None:
        site, unwritten = self._run.site, self._run.delivered.unwritten
        with site.journal.machinery() as machinery:
            numbers = claim(
                machinery,
                owner=self.owner,
                now=site.now(),
                today=site.today(),
                most=self._batch,
                lease=CLAIM_LEASE,
                without=tuple(unwritten),
            )
        if not numbers:
            self._exhausted = True
            return
        if gc.get_count()[0] > SWEEP:
            gc.collect()  # a command has it turned off, and sessions hold themselves
        edition = self._desk.edition
        try:
            jobs = self._write(self._run, numbers, self.owner, self._desk)
        except Exception:
            with site.journal.machinery() as machinery:
                release(machinery, numbers, owner=self.owner)
            raise
        if self._desk.edition != edition:  # those that were written before it say what was true then
            self.give_back()
        if not self._waiting:
            self._written_at = site.clock.monotonic()
        self._waiting += jobs
        broken = [number for number in numbers if number in unwritten]
        if broken:
            with site.journal.machinery() as machinery:
                release(machinery, broken, owner=self.owner)

    def _exchange(self, brought: Sequence[_Asking], wanted: int) -> list[Job]:
        """One transaction: what became of these, and up to so many mails begun."""
        run, journal = self._run, self._run.site.journal
        done = [asking.done for asking in brought if asking.done is not None]
        goes_on = run.goes_on()
        picked: list[Job] = []
        if not done and not (wanted and goes_on and self._waiting):
            return picked
        waiting = self._waiting.copy()
        try:
            with journal.together() as together:
                ours = [settle(run, together, job, outcome, self.owner) for job, outcome in done]
                head = self._desk.still_true(together.session)
                if wanted and goes_on and run.delivered.trouble is None:
                    picked = self._begin(together, wanted, fresh=head is not None)
        except Exception:
            self._waiting = waiting
            if len(done) < 2:
                raise
            for each in brought:  # one of them cannot be written down: the others can
                self._alone(each)
            return []
        if head is not None:
            self._desk.saw(head)
        for (job, outcome), mine in zip(done, ours, strict=True):
            del self._under_way[job.mail.id or 0]
            count(run, job, outcome, ours=mine)
        self._under_way |= {job.mail.id or 0: job for job in picked}
        return picked

    def _alone(self, asking: _Asking) -> None:
        assert asking.done is not None
        try:
            self._exchange([asking], 0)
        except Exception as error:
            self._under_way.pop(asking.done[0].mail.id or 0, None)
            if not asking.answer.done():
                asking.answer.set_exception(error)

    def _begin(self, together: Together, wanted: int, *, fresh: bool) -> list[Job]:
        """Mark mails as handed to a connection. What was written before something happened is given back."""
        machinery = together.machinery
        if not fresh or self._run.site.clock.monotonic() - self._written_at > STALE_SECONDS:
            release(machinery, [job.mail.id or 0 for job in self._waiting], owner=self.owner)
            self._waiting.clear()
            self._exhausted = False
            return []
        chosen = self._choose(together, wanted)
        until = self._run.site.now() + self._lease
        taken = begin(machinery, [job.mail.id or 0 for job in chosen], owner=self.owner, until=until)
        return [job for job in chosen if job.mail.id in taken]

    def _choose(self, together: Together, wanted: int) -> list[Job]:
        """The next mails; of a template that the relay refused none while it rests, and then one before the others."""
        refused = self._run.memory.refused
        if not refused:
            return [self._waiting.popleft() for _ in range(min(wanted, len(self._waiting)))]
        tried = {template for job in self._under_way.values() for template in job.mail.templates if template in refused}
        chosen: list[Job] = []
        kept: deque[Job] = deque()
        at = self._run.site.clock.monotonic()
        for job in self._waiting:
            doubtful = {template for template in job.mail.templates if template in refused}
            rest = max((refused[template].until - at for template in doubtful), default=0.0)
            if rest > 0:
                opens = self._run.site.now() + timedelta(seconds=rest)
                release(together.machinery, [job.mail.id or 0], owner=self.owner, next_try_at=opens)
            elif len(chosen) < wanted and not doubtful & tried:
                chosen.append(job)
                tried |= doubtful
            else:
                kept.append(job)
        self._waiting = kept
        return chosen


def _wants(asking: _Asking) -> bool:
    return asking.more and not asking.answer.done()  # else its connection was told to stop


def _hand_out(asked: Sequence[_Asking], jobs: Sequence[Job | None]) -> None:
    for each, job in zip(filter(_wants, asked), jobs, strict=False):
        each.answer.set_result(job)
