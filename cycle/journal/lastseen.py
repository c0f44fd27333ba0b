"""The rollback guard: the last entry that was seen of a database, kept in a file elsewhere, so that an older state is noticed.

A backup put back, or a journal file that was deleted, verifies as intact by itself; what was seen before says it is not all.
Each person and each service keeps a file of its own, or they share one; who accepts a restore does so for all (`log.restored`).
"""

import json
import os
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select
from sqlmodel import col

from cycle.adapters.files import read_file
from cycle.adapters.prepared import Question, ask
from cycle.errors import NotFound, NotReady, WrongInput
from cycle.journal.records import Event

RESTORED = "log.restored"
MOST_BYTES = 10_000_000
_HASH = re.compile("[0-9a-f]{64}")


class Seen(NamedTuple):
    """The identity of the log (its first hash), the last entry seen with its hash, and the restores known by their hashes."""

    log: str
    seq: int
    hash: str
    restores: tuple[str, ...] = ()


class Unreadable(Exception):
    """The file of what was seen is there and does not say it: it cannot be read, or holds something else."""

    def __init__(self, problem: OSError | None = None) -> None:
        super().__init__(str(problem or "garbled"))
        self.problem = problem


@dataclass(frozen=True)
class Behind:
    """A database that is not what was seen: behind it, or (`different`) another one, or one that goes on otherwise.

    `seen` is None where the file does not say any more what was seen: then nobody knows, which is no better.
    """

    seen: Seen | None
    entries: int
    different: bool
    file: Path | None = None
    problem: OSError | None = None

    def refusal(self) -> NotReady:
        """The error that says so."""
        if self.seen is None:
            if self.problem is not None:
                return NotReady("last_seen_unreadable", file=self.file, problem=self.problem)
            return NotReady("last_seen_garbled", file=self.file)
        key = "database_different" if self.different else "database_behind"
        return NotReady(key, seen=self.seen.seq, entries=self.entries, log=self.seen.log[:16])


class LastSeen:
    """One database's last seen entry. It moves in memory with each append, and into the file with `keep`."""

    def __init__(self, file: Path | None, database: str) -> None:
        self.file = file
        self._database = database
        self._lock = threading.Lock()
        self._kept: Seen | None = None
        self._mine: Seen | None = None
        self._looked = False

    def look(self, connection: Connection) -> Behind | None:
        """Compare the database with what was seen, in the file or by this process; None if all of that is there."""
        try:
            kept = self._mine or self._read()
        except Unreadable as unreadable:
            return Behind(None, 0, False, self.file, unreadable.problem)
        rows = ask(connection, _compared(), {"seen": kept.seq if kept else 1})
        hashes = {seq: digest for seq, digest, _ in rows}
        restores = tuple(digest for _, digest, kind in rows if kind == RESTORED)
        entries = max(hashes, default=0)
        fits = kept is None or (hashes.get(1) == kept.log and hashes.get(kept.seq) == kept.hash)
        if kept is not None and not fits and not set(restores) - set(kept.restores):
            self._looked = False
            return Behind(kept, entries, hashes.get(1) != kept.log or entries >= kept.seq)
        self._looked = True
        if entries:
            with self._lock:
                self._mine = Seen(hashes[1], entries, hashes[entries], restores) if 1 in hashes else None
        return None

    def demand_first(self, connection: Connection) -> None:
        """Before the first entry of this process changes anything: as `demand`. Costs nothing after it."""
        if not self._looked:
            self._demand(connection)

    def demand(self, connection: Connection, head: int) -> None:
        """Before an append: the database is the one that was seen, or further. Costs a comparison after the first time.

        Raises:
            NotReady: if it is not.
        """
        if not self._looked or self._mine is None or head < self._mine.seq:
            self._demand(connection)

    def _demand(self, connection: Connection) -> None:
        behind = self.look(connection)
        if behind is not None:
            raise behind.refusal()

    def moved(self, seq: int, digest: str, *, restored: bool) -> None:
        """An entry was appended, and its transaction is durable."""
        with self._lock:
            if restored or self._mine is None:
                self._mine = None  # looked up anew, with the identity of the log
                self._looked = False
            elif seq > self._mine.seq:
                self._mine = Seen(self._mine.log, seq, digest, self._mine.restores)

    def keep(self) -> OSError | str | None:
        """Write what was seen into the file if it has moved; what keeps it from being written, None if nothing."""
        with self._lock:
            mine = self._mine
        if mine is None or mine == self._kept:
            return None
        if self.file is None:
            return "HOME"
        try:
            there = self._known_there()
            if there is not None and there.log == mine.log and _knows_more(there, mine):
                return None
            self._write(mine)
        except OSError as error:
            return error
        self._kept = mine
        return None

    def forget(self) -> None:
        """A new log begins here: what was seen of another in the same place is over."""
        if self.file is not None:
            with suppress(OSError):
                self.file.unlink(missing_ok=True)

    def _read(self) -> Seen | None:
        """What the file says; None without one. Raises Unreadable."""
        if self.file is None:
            return None
        try:
            content = read_file(self.file, MOST_BYTES)
        except NotFound:
            return None
        except WrongInput as error:
            problem = error.facts.get("problem")
            raise Unreadable(problem if isinstance(problem, OSError) else None) from error
        self._kept = _told(content)
        return self._kept

    def _known_there(self) -> Seen | None:
        """What the file says before it is written over: what it does not say, this process has seen."""
        try:
            return self._read()
        except Unreadable:
            return None

    def _write(self, seen: Seen) -> None:
        assert self.file is not None
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"database": self._database, **seen._asdict()}, indent=1) + "\n", encoding="utf-8")
        draft.replace(self.file)


@cache
def _compared() -> Question:
    """The first entry, the one that was seen, the last one, and the restores."""
    seq, kind = col(Event.seq), col(Event.type)
    last = select(func.max(Event.seq)).scalar_subquery()
    known = or_(seq == 1, seq == bindparam("seen"), seq == last, kind == RESTORED)
    return select(seq, col(Event.hash), kind).where(known)


def _told(content: bytes) -> Seen:
    """What was written, whole and of its types. Raises Unreadable."""
    try:
        told = json.loads(content)
        seen = Seen(told["log"], told["seq"], told["hash"], tuple(told["restores"]))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise Unreadable from error
    hashes = (seen.log, seen.hash, *seen.restores)
    whole = all(isinstance(each, str) and _HASH.fullmatch(each) for each in hashes)
    if not whole or type(seen.seq) is not int or seen.seq < 1:
        raise Unreadable
    return seen


def _knows_more(there: Seen, mine: Seen) -> bool:
    """Whether another process has seen a later restore, or without one of ours a later entry."""
    theirs, ours = set(there.restores), set(mine.restores)
    return bool(theirs - ours) or (there.seq > mine.seq and ours <= theirs)
