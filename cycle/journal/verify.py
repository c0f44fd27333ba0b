"""Does the history prove itself: chain, form, counters, times, schema, anchors, and every table against its replay.

Whatever the file holds, the answer is a list of problems: nothing read here is trusted to have its type.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import DatabaseError

from cycle.adapters.database import Database, damages, garbled, no_table, of_one_table, unusable
from cycle.journal.anchors import Anchor
from cycle.journal.fingerprint import altered
from cycle.journal.form import IDENTITY, NO_HASH, canonical, entry_hash
from cycle.journal.guards import foreign_triggers
from cycle.journal.records import Event, every_table
from cycle.journal.replay import Folded, Problem, Unreadable, compare, empty, fold
from cycle.journal.sent import SentMails

FIELDS = {
    "v", "id", "cmd", "type", "cycle", "cseq", "recorded_at", "effective_on", "actor", "second", "basis", "data",
    "private", "supersedes",
}  # fmt: skip
_ID = re.compile(r'"id":"([^"]*)"')
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
MOST_PROBLEMS = 100
LONGEST_FACT = 200


@dataclass(frozen=True)
class Witness:
    """When an entry says it was recorded, and who it says acted: the reference and the role, as far as they can be read."""

    recorded_at: str
    ref: str
    role: str


@dataclass(frozen=True)
class Verdict:
    """What verifying gave: how many entries, the last hash, the problems (none: intact).

    `anchored` is the last entry that an anchor given was right about, 0 without; `witnesses` are the entries that problems
    concern and that one, by number.
    """

    entries: int
    log: str
    head: str
    problems: tuple[Problem, ...]
    anchored: int = 0
    witnesses: Mapping[int, Witness] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify(
    database: Database,
    tables: Mapping[str, Table] | None = None,
    *,
    anchors: Collection[Anchor] = frozenset(),
    replay: bool = True,
) -> Verdict:
    """Check the whole journal and every table of one state of the database, and what `anchors` say of it.

    At most 100 problems are listed. Without `replay` the tables and openings are left out: then it takes no more memory
    for a long journal than for a short one.

    Raises:
        NotReady: if the database cannot be read at all.
    """
    checking = _Checking(every_table() if tables is None else tables, anchors, replay=replay)
    try:
        with database.reader.connect() as connection, _any_bytes(connection):
            problems = tuple(_printable(problem) for problem in islice(checking.all(connection), MOST_PROBLEMS))
            named = {seq for seq in (checking.anchored, *(each.seq for each in problems)) if isinstance(seq, int)}
            witnesses = dict(_witnesses(connection, named))
    except DatabaseError as error:
        raise unusable(error, database.url) from error
    except UnicodeDecodeError as error:
        raise garbled(database.url) from error
    return Verdict(
        entries=checking.seq,
        log=_text(checking.first),
        head=_text(checking.prev),
        problems=problems,
        anchored=checking.anchored,
        witnesses=witnesses,
    )


class _Checking:
    """The walk along the chain, with what has been seen so far."""

    def __init__(self, tables: Mapping[str, Table], anchors: Collection[Anchor], *, replay: bool) -> None:
        self.tables = tables
        self.replay = replay
        self.anchors: dict[int, list[Anchor]] = {}
        for anchor in sorted(anchors):
            self.anchors.setdefault(anchor.seq, []).append(anchor)
        self.anchored = 0
        self.state: Folded = empty(tables)
        self.seq = 0
        self.prev: Any = NO_HASH
        self.first: Any = ""
        self.recorded_at = ""
        self.cseq: dict[str, int] = {}
        self.superseded: dict[str, list[int]] = {}
        self.mails = SentMails()

    def all(self, connection: Connection) -> Iterator[Problem]:
        # A question answered from an index may else differ from one answered by the table.
        for damage in damages(connection) if self.replay else ():
            yield Problem("file_damaged", None, {"problem": damage})
        for trouble in foreign_triggers(connection):
            yield Problem("trigger", None, {"trigger": trouble})
        for each in altered(connection, self.tables):
            yield Problem("schema", None, {"table": each.table, "part": each.part, "wanted": each.wanted, "found": each.found})
        yield from self.chain(connection)
        for seq in sorted(self._unknown(connection)):
            yield Problem("supersedes_unknown", seq, {})
        for seq, anchors in self.anchors.items():
            for anchor in anchors:
                yield Problem("anchor_beyond", None, {"number": seq, "entries": self.seq, "line": anchor.line})
        if self.replay:
            yield from compare(self.state, connection, self.tables)

    def chain(self, connection: Connection) -> Iterator[Problem]:
        try:
            with connection.begin_nested():
                yield from self.entries(connection)
        except DatabaseError as error:
            if not of_one_table(error) or no_table(error):
                raise  # without its journal it is no database of ours
            yield Problem("table_unreadable", None, {"table": Event.__tablename__, "problem": str(error.orig).splitlines()[0]})

    def entries(self, connection: Connection) -> Iterator[Problem]:
        table = Event.__table__  # type: ignore[attr-defined]
        columns = select(*(table.c[name] for name in ("seq", "prev", "body", "hash", "cycle", "cseq", "cmd", "type")))
        for row in connection.execute(columns.order_by(table.c.seq).execution_options(yield_per=1000)):
            yield from self.entry(*row)
        if self.seq == 0:
            yield Problem("journal_empty", None, {})
        highest = connection.execute(select(func.max(table.c.seq))).scalar() or 0
        if highest != self.seq:
            yield Problem("gap", highest, {"expected": self.seq})

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
        for anchor in self.anchors.pop(self.seq, ()):
            yield from self._anchor(seq, digest, anchor)
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
        if body["supersedes"] is not None:
            self.superseded.setdefault(body["supersedes"], []).append(seq)
        yield from self.mails.entry(seq, body)
        if self.replay:
            yield from fold(self.state, seq, body)

    def _unknown(self, connection: Connection) -> list[int]:
        """The entries that supersede none before them: looked up in a second walk, so that no id need be remembered."""
        if not self.superseded:
            return []
        first: dict[str, int] = {}
        table = Event.__table__  # type: ignore[attr-defined]
        for seq, body in connection.execute(select(table.c.seq, table.c.body).execution_options(yield_per=1000)):
            for found in _ID.findall(body) if isinstance(body, str) else ():
                if found in self.superseded and _id_of(body) == found:
                    first[found] = min(seq, first.get(found, seq))
        return [seq for id, later in self.superseded.items() for seq in later if first.get(id, seq) >= seq]

    def _anchor(self, seq: Any, digest: Any, anchor: Anchor) -> Iterator[Problem]:
        if not isinstance(self.first, str) or self.first[:IDENTITY] != anchor.log:
            yield Problem("anchor_foreign", None, {"log": anchor.log, "found": self.first, "line": anchor.line})
        elif digest != anchor.hash:
            yield Problem("anchor_differs", seq, {"line": anchor.line, "found": digest})
        else:
            self.anchored = max(self.anchored, anchor.seq)


def _id_of(body: str) -> Any:
    try:
        return json.loads(body)["id"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def _witnesses(connection: Connection, numbers: Collection[int]) -> Iterator[tuple[int, Witness]]:
    """Who and when of some entries; those that cannot be read are left out."""
    table = Event.__table__  # type: ignore[attr-defined]
    try:
        with connection.begin_nested():
            found = connection.execute(select(table.c.seq, table.c.body).where(table.c.seq.in_(sorted(numbers)))).all()
    except DatabaseError as error:
        if not of_one_table(error):
            raise
        return
    for seq, body in found:
        try:
            told = json.loads(body)
            actor = told["actor"]
            yield seq, Witness(*(_text(value) for value in (told["recorded_at"], actor["ref"], actor["role"])))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            continue


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
