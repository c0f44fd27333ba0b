"""A small journal of a city: a few persons, a cycle and a mail, in a database of its own; and ways past the journal."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import col, select

from cycle.adapters.database import Database
from cycle.cycles.records import Cycle, WorkflowText
from cycle.journal.actor import Actor
from cycle.journal.entry import Entry
from cycle.journal.guards import SQLITE
from cycle.journal.history import Told, entries
from cycle.journal.journal import Journal
from cycle.outbox.records import Mail
from cycle.people.records import Person

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2025, 1, 10, 11, tzinfo=UTC)
JANA = Actor("p:" + "a" * 32, "coordinator")
SABINE = Actor("p:" + "b" * 32, "deputy")


@dataclass(frozen=True)
class Log:
    """The journal of one test and its database."""

    database: Database
    journal: Journal

    @contextmanager
    def entry(
        self, type: str = "people.changed", *, by: Actor = JANA, minutes: float = 0, cycle: str | None = None, **how: Any
    ) -> Iterator[Entry]:
        """An open entry, some minutes after noon."""
        with self.journal.entry(type, by=by, now=NOON + timedelta(minutes=minutes), cycle=cycle, **how) as entry:
            yield entry

    def told(self) -> list[Told]:
        """All entries."""
        with self.journal.reading() as session:
            return list(entries(session))

    def last(self) -> dict[str, Any]:
        """The body of the last entry."""
        return self.told()[-1].body

    def person(self, number: int = 1) -> Person:
        """A person as it was read, before any lock."""
        with self.journal.reading() as session:
            return session.get_one(Person, number)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a plain query gives."""
        with self.database.reader.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]


def open_log(database: Database) -> Log:
    """The log with its first entry and nothing else."""
    log = Log(database, Journal(database, BERLIN))
    with log.entry("log.opened") as entry:
        entry.tell(log="0" * 32, municipality="Musterstadt", sandbox=True)
    return log


def fill(log: Log) -> None:
    """Two persons (one changed with a reason), a cycle that is at its second entry, a mail."""
    with log.entry() as entry:
        entry.add_all([person("j.w", name="Jana Weiß"), person("s.r", name="Sabine Reinhardt")])
    with log.entry("cycle.started", cycle="ip-2025") as entry:
        entry.add(WorkflowText(sha256="c" * 64, plan="integration", edition="1.0", text="{}"))
        entry.add(year(2025))
    with log.entry("phase.advanced", cycle="ip-2025", minutes=1) as entry:
        row = entry.session.exec(select(Cycle).where(col(Cycle.year) == 2025)).one()
        entry.change(row, phase="round_table", round=1)
    with log.entry(minutes=2, reason="neue Stelle") as entry:
        entry.change(entry.session.get_one(Person, 2), name="Sabine Roth", mail="roth@example.de")
    with log.entry("mail.queued", cycle="ip-2025", minutes=3) as entry:
        entry.add(mail("<1@example.de>"))


def person(login: str, **fields: Any) -> Person:
    """Somebody with a login."""
    return Person(ref=f"p:{login}", login=login, **fields)


def year(number: int) -> Cycle:
    """A cycle of the integration plan."""
    return Cycle(
        key=f"ip-{number}",
        plan="integration",
        year=number,
        label=str(number),
        workflow_sha256="c" * 64,
        phase="status_analysis",
        started_on=date(number, 1, 10),
    )


def mail(message_id: str) -> Mail:
    """A queued mail to a person."""
    return Mail(
        person="p:j.w",
        day=date(2025, 1, 10),
        language="de",
        templates=["survey_call"],
        message_id=message_id,
        queued_at=NOON,
        address="jana@example.de",
        subject="Bitte um Antwort",
        text="Guten Tag",
    )


@contextmanager
def past_the_journal(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection of somebody who holds the file: the triggers are dropped, and put back as they were."""
    with closing(sqlite3.connect(file)) as connection:
        for name in SQLITE:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for statement in SQLITE.values():
            connection.execute(statement)
        connection.commit()


def tampered(file: Path, *statements: str, values: Sequence[Any] = ()) -> None:
    """Run statements past the journal."""
    with past_the_journal(file) as connection:
        for statement in statements:
            assert connection.execute(statement, values).rowcount != 0
