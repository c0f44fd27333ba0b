"""Hands mails out to the connections of one delivery, and writes down what becomes of them.

Mails are claimed and written ahead, so that no connection waits for another. A mail is in doubt when the process dies only
from the moment it was *begun*: marked as handed to a connection. What several connections bring at about the same moment,
and the mails they take in exchange, become durable in one transaction; each connection waits for it before it goes on.
While others are still sending, who comes back waits for them, but no longer than it took last to make a transaction durable:
one for each would take as long.

An error of our own ends a delivery gently: nothing more is begun, what is under way comes back and is written down.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from cycle.adapters.outcome import Outcome
from cycle.journal.together import Together
from cycle.outbox.actions import begin, release
from cycle.service.clerk import Clerk
from cycle.service.delivery import Job, Run
from cycle.service.relay import lease_of
from cycle.service.settle import count, settle
from cycle.service.stock import Stock, Write

# Seconds that are waited at most for what other connections bring, however slow the disk is.
MOST_PATIENCE = 0.1

Done = tuple[Job, Outcome]


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
        self._lease = lease_of(run.site)
        self._stock = Stock(run, self.owner, write, clerk, lambda: self._later(self._collect))
        self._under_way: dict[int, Job] = {}
        self._asked: list[_Asking] = []
        self._idle: list[_Asking] = []
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
            return bool(self._stock.waits) or self._fill()
        except Exception as error:
            self._end(error)
            return False

    def end(self) -> None:
        """Write down what was still brought; what was claimed and not begun may be taken by the next delivery."""
        self._over = True
        if self._gathering is not None:
            self._turn()
        self._stock.end()

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
        if ((self._stock.waits and self._under_way) or self._stock.ordered) and self._goes_on():
            self._idle = [replace(each, done=None) for each in asked if each.waits]
        for each in asked:
            if not each.answer.done() and not (each.waits and self._idle):
                each.answer.set_result(None)
        if asked:
            self._later(self._top_up)

    def _waiting_or_fill(self) -> bool:
        """Whether asking once more may give another mail."""
        waits = self._stock.waits
        return self._goes_on() and (any(map(self._may_go, waits)) if waits else self._fill())

    def _top_up(self) -> None:
        """Write more mails while the connections are busy, or have them written."""
        if self._goes_on():
            self._stock.top_up(self._connections)

    def _collect(self) -> None:
        """The clerk has written more, for connections that wait."""
        self._stock.collect()
        self._later(self._top_up)
        self._later(self._turn)

    def _fill(self) -> bool:
        while not self._stock.waits and not self._stock.exhausted and self._goes_on():
            self._stock.write()
        return bool(self._stock.waits)

    def _exchange(self, done: Sequence[Done], wanted: int) -> list[Job]:
        """One transaction: what became of these, and up to so many mails begun. Where it fails each is written by itself."""
        if not self._goes_on():
            wanted = 0
        if not done and not (wanted and self._stock.waits):
            return []
        waiting = self._stock.waits.copy()
        try:
            return self._in_one(done, wanted)
        except Exception as error:
            self._stock.waits = waiting
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
            head = self._stock.desk.still_true(together.session)
            if wanted and not any(run.stops(outcome) for _, outcome in done):
                picked = self._begin(together, wanted, fresh=head is not None)
            written = loop.time()
        self._patience = min(loop.time() - written, MOST_PATIENCE)
        if head is not None:
            self._stock.desk.saw(head)
        for (job, outcome), mine in zip(done, ours, strict=True):
            del self._under_way[job.written.mail_id]
            count(run, job, outcome, ours=mine)
        self._under_way |= {job.written.mail_id: job for job in picked}
        return picked

    def _begin(self, together: Together, wanted: int, *, fresh: bool) -> list[Job]:
        """Mark mails as handed to a connection. What was written before something happened is given back."""
        if not fresh or self._stock.is_stale():
            self._stock.discard(together.machinery)
            return []
        chosen = self._choose(together, wanted)
        until = self._run.site.now() + self._lease
        numbers = [job.written.mail_id for job in chosen]
        taken = begin(together.machinery, numbers, owner=self.owner, until=until)
        return [job for job in chosen if job.written.mail_id in taken]

    def _doubtful(self, job: Job) -> set[str]:
        return {template for template in job.mail.templates if template in self._run.memory.refused}

    def _on_trial(self) -> set[str]:
        """The templates that the relay refused of which a mail is under way: the others wait for what becomes of it."""
        return {template for job in self._under_way.values() for template in self._doubtful(job)}

    def _may_go(self, job: Job) -> bool:
        return not self._doubtful(job) & self._on_trial()

    def _choose(self, together: Together, wanted: int) -> list[Job]:
        """The next mails; of a template that the relay refused none while it rests, and then one before the others."""
        refused, waits = self._run.memory.refused, self._stock.waits
        if not refused:
            return [waits.popleft() for _ in range(min(wanted, len(waits)))]
        tried = self._on_trial()
        chosen: list[Job] = []
        kept: deque[Job] = deque()
        at = self._run.site.clock.monotonic()
        for job in waits:
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
        self._stock.waits = kept
        return chosen


def _wanted(asked: Sequence[_Asking]) -> int:
    return sum(each.waits for each in asked)


def _hand_out(asked: Sequence[_Asking], jobs: Sequence[Job]) -> None:
    for each, job in zip([each for each in asked if each.waits], jobs, strict=False):
        each.answer.set_result(job)
