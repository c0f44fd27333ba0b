"""Does the history prove itself: chain, form, counters, times, triggers, and every table against its replay.

Whatever the file holds, the answer is a list of problems: nothing read here is trusted to have its type.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from cycle.adapters.database import Database, unusable
from cycle.journal.form import NO_HASH, canonical, entry_hash
from cycle.journal.guards import foreign_triggers
from cycle.journal.records import Event
from cycle.journal.replay import Folded, Problem, Unreadable, compare, empty, fold

FIELDS = {
    "v", "id", "cmd", "type", "cycle", "cseq", "recorded_at", "effective_on", "actor", "second", "basis", "data",
    "private", "supersedes",
}  # fmt: skip
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
MOST_PROBLEMS = 100
LONGEST_FACT = 200


@dataclass(frozen=True)
class Verdict:
    """What verifying gave: how many entries, the last hash, the problems (none: intact)."""

    entries: int
    log: str
    head: str
    problems: tuple[Problem, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify(database: Database, tables: Mapping[str, Table] | None = None, *, replay: bool = True) -> Verdict:
    """Check the whole journal and every table of one state of the database; at most 100 problems are listed.

    Without `replay` only the chain is looked at, entry by entry, in memory that does not grow with it: form, hashes,
    counters, times, triggers. What takes remembering the entries is left out: the tables and openings, whether a mail sent
    was queued, whether what is superseded exists.

    Raises:
        NotReady: if the database cannot be read at all.
    """
    checking = _Checking(SQLModel.metadata.tables if tables is None else tables, replay)
    try:
        with database.reader.connect() as connection, _any_bytes(connection):
            problems = tuple(_printable(problem) for problem in islice(checking.all(connection), MOST_PROBLEMS))
    except DatabaseError as error:
        raise unusable(error, database.url) from error
    return Verdict(entries=checking.seq, log=_text(checking.first), head=_text(checking.prev), problems=problems)


class _Checking:
    """The walk along the chain, with what has been seen so far."""

    def __init__(self, tables: Mapping[str, Table], replay: bool) -> None:
        self.tables = tables
        self.replay = replay
        self.state: Folded = empty(tables)
        self.seq = 0
        self.prev: Any = NO_HASH
        self.first: Any = ""
        self.recorded_at = ""
        self.cseq: dict[str, int] = {}
        self.ids: set[str] = set()
        self.queued: set[int] = set()

    def all(self, connection: Connection) -> Iterator[Problem]:
        for trouble in foreign_triggers(connection):
            yield Problem("trigger", None, {"trigger": trouble})
        table = Event.__table__  # type: ignore[attr-defined]
        columns = select(*(table.c[name] for name in ("seq", "prev", "body", "hash", "cycle", "cseq", "cmd", "type")))
        for row in connection.execute(columns.order_by(table.c.seq).execution_options(yield_per=1000)):
            yield from self.entry(*row)
        if self.seq == 0:
            yield Problem("journal_empty", None, {})
        highest = connection.execute(select(func.max(table.c.seq))).scalar() or 0
        if highest != self.seq:
            yield Problem("gap", highest, {"expected": self.seq})
        if self.replay:
            yield from compare(self.state, connection, self.tables)

    def entry(
        self, seq: Any, prev: Any, body: Any, digest: Any, cycle: Any, cseq: Any, cmd: Any, kind: Any
    ) -> Iterator[Problem]:
        if seq != self.seq + 1:
            yield Problem("gap", seq, {"expected": self.seq + 1})
        self.seq = seq if isinstance(seq, int) else self.seq + 1
        if prev != self.prev:
            yield Problem("chain_broken", seq, {})
        try:
            calculated = entry_hash(seq, prev, body)
        except (TypeError, AttributeError, UnicodeError):
            calculated = None
        if calculated != digest:
            yield Problem("hash_wrong", seq, {})
        self.prev = digest
        self.first = self.first or digest
        try:
            told_body = json.loads(body)
            if canonical(told_body) != body:
                yield Problem("not_canonical", seq, {})
            yield from self._body(seq, told_body, {"cycle": cycle, "cseq": cseq, "cmd": cmd, "type": kind})
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            yield Problem("body_unreadable", seq, {})

    def _body(self, seq: int, body: dict[str, Any], beside: Mapping[str, Any]) -> Iterator[Problem]:
        if set(body) != FIELDS or body["v"] != 1:
            yield Problem("fields_wrong", seq, {})
        for name, value in beside.items():
            if body[name] != value:
                yield Problem("column_differs", seq, {"field": name})
        if body["cycle"] is not None:
            expected = self.cseq.get(body["cycle"], 0) + 1
            if body["cseq"] != expected:
                yield Problem("cseq_gap", seq, {"cycle": body["cycle"], "expected": expected})
            self.cseq[body["cycle"]] = body["cseq"] if isinstance(body["cseq"], int) else expected
        if not _INSTANT.fullmatch(body["recorded_at"]) or body["recorded_at"] < self.recorded_at:
            yield Problem("time_falls", seq, {})
        self.recorded_at = max(self.recorded_at, body["recorded_at"])
        if (seq == 1) != (body["type"] == "log.opened"):
            yield Problem("not_opened", seq, {})
        if self.replay:
            yield from self._remembered(seq, body)

    def _remembered(self, seq: int, body: dict[str, Any]) -> Iterator[Problem]:
        if body["supersedes"] is not None and body["supersedes"] not in self.ids:
            yield Problem("supersedes_unknown", seq, {})
        self.ids.add(body["id"])
        yield from self._mails(seq, body)
        yield from fold(self.state, seq, body)

    def _mails(self, seq: int, body: Mapping[str, Any]) -> Iterator[Problem]:
        if body["type"] in ("mail.queued", "mail.held"):
            for change in body["data"]["changes"]:
                if change.get("add") == "mail":
                    self.queued.update(change["ids"])
        elif body["type"] == "mail.sent" and body["data"].get("mail") not in self.queued:
            yield Problem("sent_not_queued", seq, {"mail": body["data"].get("mail")})


@contextmanager
def _any_bytes(connection: Connection) -> Iterator[None]:
    """SQLite keeps any bytes as text; read so, what is not UTF-8 is a problem of its entry and not of the whole file."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw.text_factory = _escaped
    try:
        yield
    finally:
        raw.text_factory = str


def _escaped(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogateescape")


def _printable(problem: Problem) -> Problem:
    """The problem with facts that can be printed on any terminal, whatever was found."""
    seq = problem.seq if isinstance(problem.seq, int | None) else _text(problem.seq)
    return Problem(problem.key, seq, {name: _fact(value) for name, value in problem.facts.items()})


def _fact(value: Any) -> Any:
    value = value.stored if isinstance(value, Unreadable) else value
    return value if value is None or isinstance(value, int) else _text(value)


def _text(value: Any) -> str:
    try:
        told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, TypeError, RecursionError):
        told = type(value).__name__
    told = told if len(told) <= LONGEST_FACT else f"{told[:LONGEST_FACT]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in told)
