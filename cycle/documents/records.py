"""Results on file: minutes, papers, reports. The file is copied into the site; its SHA-256 stands in the journal."""

from datetime import date

from sqlmodel import Field, Session, col, select

from cycle.journal.questions import rows_of_cycle
from cycle.journal.records import Row, private


class Document(Row, table=True):
    """One filed document. `of` is the meeting it is the minutes of; `path` is relative to the site's documents folder."""

    __tablename__ = "document"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    kind: str
    of: str | None = None
    phase: str
    filename: str
    path: str
    sha256: str
    size: int
    amount: int | None = None
    filed_on: date
    superseded: bool = False
    note: str | None = private()


class RecordedNumber(Row, table=True):
    """A number of the cycle that a workflow asks for (points of an audit); the last one counts."""

    __tablename__ = "recorded_number"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    number: str
    value: int
    recorded_on: date


def documents_of(session: Session, cycle_id: int) -> list[Document]:
    """Every document of a cycle in the order filed."""
    return rows_of_cycle(session, Document, cycle_id)


def latest(session: Session, cycle_id: int, kind: str, of: str | None = None) -> Document | None:
    """The last document of a kind that still stands (of a meeting, where `of` is given)."""
    found = [d for d in documents_of(session, cycle_id) if d.kind == kind and not d.superseded and (of is None or d.of == of)]
    return found[-1] if found else None


def numbers_of(session: Session, cycle_id: int) -> list[RecordedNumber]:
    """Every number recorded in a cycle, in order; of each the last counts."""
    query = select(RecordedNumber).where(RecordedNumber.cycle_id == cycle_id).order_by(col(RecordedNumber.id))
    return list(session.exec(query))
