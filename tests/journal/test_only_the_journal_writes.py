"""The guard of the tests is no decoration: what does not come from the journal's pen is denied."""

import sqlite3

import pytest
from small_log import Log, person
from sqlalchemy import text, update
from sqlalchemy.exc import DatabaseError
from sqlmodel import col

from cycle.journal.shape import shape, update_of
from cycle.people.records import Person

UPDATE = update(Person).where(col(Person.id) == 1).values(name="past the journal")


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch, log: Log) -> Log:
    """The log, its connections made anew under the guard."""
    monkeypatch.setenv("CYCLE_TEST_GUARD", "1")
    log.database.dispose()
    return log


def test_writer_engine_is_denied_an_update_of_its_own(guarded: Log) -> None:
    with pytest.raises(DatabaseError, match="not authorized") as error, guarded.database.writer.begin() as connection:
        connection.execute(UPDATE)

    assert isinstance(error.value.orig, sqlite3.DatabaseError)
    assert guarded.person(1).name == "Jana Weiß"


def test_session_of_an_entry_is_denied_to_write(guarded: Log) -> None:
    before = guarded.told()

    with pytest.raises(DatabaseError, match="not authorized"), guarded.entry() as entry:
        entry.session.execute(UPDATE)
    with pytest.raises(DatabaseError, match="not authorized"), guarded.entry() as entry:
        _flushed(entry.session.get_one(Person, 1), entry.session)
    with pytest.raises(DatabaseError, match="not authorized"), guarded.journal.machinery() as running:
        running.session.execute(text("DELETE FROM opening"))

    assert guarded.told() == before
    assert guarded.person(1).name == "Jana Weiß"


def test_statement_that_the_journal_wrote_before_is_denied_all_the_same(guarded: Log) -> None:
    """A statement kept prepared is not asked about again: the guarded connection must keep none."""
    told = str(update_of(shape(Person).table, frozenset({"name"})).compile(guarded.database.writer))

    with guarded.entry() as entry:
        entry.change(entry.session.get_one(Person, 1), name="Jana Neu")

    with pytest.raises(DatabaseError, match="not authorized"), guarded.database.writer.begin() as connection:
        connection.exec_driver_sql(told, ("past the journal", 1, 1, 2))

    assert guarded.person(1).name == "Jana Neu"


def test_journal_itself_writes_under_the_guard(guarded: Log) -> None:
    with guarded.entry(reason="Stelle besetzt") as entry:
        entry.change(entry.add(person("a", name="Ada")), name="Ada L.")

    assert guarded.person(3).name == "Ada L."


def _flushed(row: Person, session: object) -> None:
    row.name = "past the journal"
    session.flush()  # type: ignore[attr-defined]
