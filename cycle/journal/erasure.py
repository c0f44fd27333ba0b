"""Erasing: the openings of a subject are deleted and its row's private columns blanked, in one transaction with the entry
`subject.erased` that covers them. The chain stays whole: it holds commitments, which now nobody can open (`cycle-log/1`)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, bindparam, delete, func, null, select, update
from sqlmodel import Session, col

from cycle.adapters.database import Database
from cycle.adapters.prepared import ask
from cycle.journal.entry import Entry
from cycle.journal.history import Told, entries
from cycle.journal.pen import pen
from cycle.journal.records import Opening, every_table
from cycle.journal.replay import Folded, empty, fold
from cycle.journal.shape import journalled

ERASED = "subject.erased"
_OPENING: Table = Opening.__table__  # type: ignore[attr-defined]
_COUNT = select(func.count()).select_from(_OPENING).where(_OPENING.c.subject == bindparam("of"))
_DELETE = delete(_OPENING).where(_OPENING.c.subject == bindparam("of"))


@dataclass(frozen=True)
class Erasure:
    """One erasure that was made: its entry, the persons it concerned, the subjects with the commitments that none opens."""

    entry: str
    refs: tuple[str, ...]
    legal_basis: str
    recorded_at: str
    subjects: dict[str, tuple[str, ...]] = field(default_factory=dict)


def erase(entry: Entry, subjects: Iterable[str]) -> int:
    """Delete the openings of these subjects (`table:id`, `event:id`) and blank what is personal in their rows; how many
    openings that were. The entry's data name those subjects that had one.

    Raises:
        TypeError: for an entry of another type, which would cover nothing (our bug).
    """
    if entry.type != ERASED:
        raise TypeError(f"{entry.type} covers no erasure")
    connection = entry.connection
    wanted = sorted(set(subjects), key=_in_order)
    counted = {subject: int(ask(connection, _COUNT, {"of": subject})[0][0]) for subject in wanted}
    known = [subject for subject, count in counted.items() if count]
    with pen(connection):
        for subject in known:
            connection.execute(_DELETE, {"of": subject})
        for name, numbers in _by_table(wanted).items():
            _blank(connection, every_table()[name], numbers)
    entry.session.expire_all()
    entry.session.info.clear()
    count = sum(counted.values())
    entry.tell(subjects=[*entry.facts.get("subjects", ()), *known], count=entry.facts.get("count", 0) + count)
    return count


def personal(table: Table) -> list[str]:
    """The columns of a table that an erasure blanks: the private ones, and what of machinery may hold words about a person."""
    return [column.name for column in table.columns if column.info.get("kind") == "private" or column.info.get("personal")]


def erasures(session: Session) -> list[Erasure]:
    """Every erasure that the journal tells of, with the commitments that it covers; none costs no walk along the chain."""
    told = {each.seq: each for each in entries(session, types=[ERASED])}
    if not told:
        return []
    state = _folded(session)
    made: dict[str, list[tuple[int, str]]] = {}
    for commitment, promise in state.promises.items():
        made.setdefault(promise.subject, []).append((promise.seq, commitment))
    return [_erasure(each, made) for each in told.values()]


def still_open(session: Session, erasure: Erasure) -> list[str]:
    """The subjects of an erasure of which the database can open a commitment: it is older, as a backup brought back is."""
    promised = {commitment: subject for subject, commitments in erasure.subjects.items() for commitment in commitments}
    opened = session.execute(select(col(Opening.commitment))).scalars()
    return sorted({promised[commitment] for commitment in opened if commitment in promised}, key=_in_order)


def scrub(database: Database) -> bool:
    """Be sure that no page of the database's files holds what was deleted: rebuild it, and empty the write-ahead log.

    `secure_delete` alone is not enough: where pages were split, copies of old cells stay in the unused space between.
    False if somebody held the database for as long as the time-out; then it has to be done again. PostgreSQL does this
    itself in its own time (VACUUM).
    """
    if database.kind != "sqlite":
        return True
    with database.writing() as connection, pen(connection):
        return database.rebuild(connection)


def _blank(connection: Connection, table: Table, numbers: list[int]) -> None:
    blanked = {name: null() for name in personal(table)}
    if blanked:
        statement = update(table).where(table.c.id == bindparam("_id")).values(blanked)
        connection.execute(statement, [{"_id": number} for number in numbers])


def _by_table(subjects: Iterable[str]) -> dict[str, list[int]]:
    known = journalled(every_table())
    found: dict[str, list[int]] = {}
    for subject in subjects:
        name, _, number = subject.partition(":")
        if name in known and number.isdigit():
            found.setdefault(name, []).append(int(number))
    return found


def _folded(session: Session) -> Folded:
    state = empty(every_table())
    for told in entries(session):
        for _ in fold(state, told.seq, told.body):
            pass  # what cannot be applied is for `verify` to tell
    return state


def _erasure(told: Told, made: dict[str, list[tuple[int, str]]]) -> Erasure:
    data = told.data
    return Erasure(
        entry=told.id,
        refs=tuple(data.get("refs", ())),
        legal_basis=data.get("legal_basis", ""),
        recorded_at=told.body["recorded_at"],
        subjects={
            subject: tuple(commitment for seq, commitment in made.get(subject, ()) if seq < told.seq)
            for subject in data.get("subjects", ())
        },
    )


def _in_order(subject: str) -> tuple[str, int, str]:
    name, _, number = subject.partition(":")
    return (name, int(number), "") if number.isdigit() else (name, 0, number)
