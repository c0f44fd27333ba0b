"""The proof of a dossier: first and last hash of the history it was read from, and its entries as JSON lines."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlmodel import Session, col

from cycle.errors import Broken
from cycle.journal.form import body_sha256, export_line
from cycle.journal.history import entries, head_seq
from cycle.journal.records import Event
from cycle.reports.rules.dossier import Proof


def proof(session: Session, cycle: str) -> Proof:
    """What the journal had come to at the moment that is told of.

    Raises:
        Broken: `history_broken` for a journal without an entry.
    """
    newest = head_seq(session)
    first = next(iter(entries(session, until=1)), None)
    last = next(iter(entries(session, after=newest - 1, until=newest)), None)
    link = session.execute(select(col(Event.prev), col(Event.body)).where(col(Event.seq) == newest)).first()
    if first is None or last is None or link is None:
        raise Broken("history_broken", count=1)
    seals = list(entries(session, types=["log.sealed"]))
    return Proof(
        log=first.hash,
        entries=newest,
        hash=last.hash,
        prev=link.prev,
        body_sha256=body_sha256(link.body),
        year_entries=_count(session, cycle),
        opened_at=first.recorded_at,
        recorded_at=last.recorded_at,
        sealed=len(seals),
        sealed_at=seals[-1].recorded_at if seals else None,
    )


def _count(session: Session, cycle: str) -> int:
    return int(session.execute(select(func.count()).select_from(Event).where(col(Event.cycle) == cycle)).scalar_one())


def json_lines(session: Session, cycle: str) -> Iterator[str]:
    """Every entry of the journal as one line of JSON: those of the cycle whole, of the others only what closes the chain
    (cycle-log/1, "Without us")."""
    query = select(col(Event.seq), col(Event.prev), col(Event.body), col(Event.hash), col(Event.cycle)).order_by(col(Event.seq))
    for seq, prev, body, digest, of in session.execute(query):
        yield export_line(seq, prev, body, digest, shown=of == cycle) + "\n"
