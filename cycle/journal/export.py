"""The journal as lines that anybody can check: the exact text of an entry, or of one that is withheld its hash alone.

A withheld entry keeps its place, so the chain still closes; what it said is not told, and no opening of it goes along.
Lines are read some hundreds at a time, each in a short reading of its own: memory does not grow with the journal, and no
commit waits for an export. The form is published: cycle-log/1, "Without us".
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, Table, select
from sqlmodel import Session, col

from cycle.journal.form import export_line, parse_instant
from cycle.journal.history import Told
from cycle.journal.journal import Journal
from cycle.journal.records import Event, Opening

_AT_ONCE = 200


@dataclass(frozen=True)
class Selection:
    """Which entries are shown: of one cycle, recorded from one day to another (of `zone`, both included), and none that
    `redact` names by its number, its type, or the first word of its type."""

    zone: ZoneInfo
    cycle: str | None = None
    first: date | None = None
    last: date | None = None
    redact: Collection[str] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing is withheld."""
        return not (self.cycle or self.first or self.last or self.redact)

    def shows(self, seq: int, body: Any) -> bool:
        """Whether an entry is shown. One whose body cannot be read is shown only where everything is."""
        if self.everything:
            return True
        try:
            day = parse_instant(body["recorded_at"]).astimezone(self.zone).date()
            of_cycle = self.cycle is None or body["cycle"] == self.cycle
            in_span = (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
            return of_cycle and in_span and not self.redacted(seq, body["type"])
        except (ValueError, TypeError, LookupError):
            return False

    def redacted(self, seq: int, type: str) -> set[str]:
        """The words of `redact` that name an entry."""
        return {str(seq), type, type.partition(".")[0]} & set(self.redact)


@dataclass(frozen=True)
class Line:
    """One entry on its way out: its exact line, its cycle, what it tells (None: withheld or unreadable), the words of
    `redact` that named it, the lines of its openings and their values (canonical text) by name."""

    seq: int
    hash: Any
    text: str
    cycle: str | None
    shown: bool
    told: Told | None
    redacted: Collection[str] = ()
    openings: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


def lines(journal: Journal, until: int, selection: Selection, *, openings: bool = False) -> Iterator[Line]:
    """Every entry up to a number, in its order; with `openings` what still opens the commitments of those shown."""
    after: int | None = None
    more = True
    while more:
        with journal.reading() as session:
            page = [_line(row, selection) for row in _rows(session, after, until)]
            if openings:
                page = _with_openings(session, page)
        more = len(page) == _AT_ONCE
        after = page[-1].seq if more else None
        yield from page
        del page  # before the next one is read


def _rows(session: Session, after: int | None, until: int) -> Sequence[RowMapping]:
    table: Table = Event.__table__  # type: ignore[attr-defined]
    columns = (table.c[name] for name in ("seq", "prev", "body", "hash", "cycle"))
    query = select(*columns).where(table.c.seq <= until).order_by(table.c.seq).limit(_AT_ONCE)
    return session.execute(query if after is None else query.where(table.c.seq > after)).mappings().all()


def _line(row: RowMapping, selection: Selection) -> Line:
    try:
        body = json.loads(row["body"])
    except (ValueError, TypeError, RecursionError):
        body = None
    seq = row["seq"]
    shown = selection.shows(seq, body)
    return Line(
        seq=seq,
        hash=row["hash"],
        text=export_line(seq, row["prev"], str(row["body"]), row["hash"], shown=shown),
        cycle=row["cycle"],
        shown=shown,
        told=Told(seq, row["hash"], body) if shown and isinstance(body, dict) else None,
        redacted=selection.redacted(seq, str(body.get("type"))) if isinstance(body, dict) else (),
    )


def _with_openings(session: Session, page: list[Line]) -> list[Line]:
    """The same lines with the openings of what they promise, in the order promised."""
    promised = [_promises(line) for line in page]
    wanted = [each for promises in promised for each in promises.values()]
    found: dict[str, Opening] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(Opening).where(col(Opening.commitment).in_(wanted[start : start + _AT_ONCE]))
        found |= {opening.commitment: opening for opening in session.execute(query).scalars()}
    return [_opened(line, promises, found) for line, promises in zip(page, promised, strict=True)]


def _promises(line: Line) -> dict[str, str]:
    """The commitments of a shown entry by their names, whatever else stands there."""
    private = line.told.body.get("private") if line.told else None
    if not isinstance(private, dict):
        return {}
    return {name: promise for name, promise in private.items() if isinstance(promise, str)}


def _opened(line: Line, promises: Mapping[str, str], found: Mapping[str, Opening]) -> Line:
    openings = {name: found[promise] for name, promise in promises.items() if promise in found}
    texts = [
        _json({"commitment": each.commitment, "salt": each.salt.hex(), "value": each.value, "subject": each.subject})
        for each in openings.values()
    ]
    return replace(line, openings=tuple(texts), values={name: each.value for name, each in openings.items()})


def _json(document: Mapping[str, Any]) -> str:
    """One line; of what no sound journal holds (bytes for a text) at least what it looks like."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
