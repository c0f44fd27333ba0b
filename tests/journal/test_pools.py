"""The two pools as SQLite really has them, and whole entries or none when a process is killed."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from small_log import BERLIN, NOON, Log
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError, ResourceClosedError
from sqlmodel import select

from cycle.adapters import database
from cycle.adapters.database import BUSY_MILLISECONDS, connect, safe_wal
from cycle.cycles.records import Cycle
from cycle.errors import Conflict, NotReady, WrongInput
from cycle.journal.actor import SERVICE
from cycle.journal.entry import Entry
from cycle.journal.journal import Journal
from cycle.journal.machinery import Machinery
from cycle.journal.questions import rows_where
from cycle.journal.together import Together
from cycle.journal.verify import verify
from cycle.people.records import Person

FULL, EXTRA = 2, 3
PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema", "busy_timeout", "query_only")


def pragmas(engine: Engine) -> dict[str, object]:
    """What a connection of the pool says of itself."""
    with engine.connect() as connection:
        return {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in PRAGMAS}


def test_pragmas_are_set_on_both_pools_in_both_modes(sqlite_log: Log) -> None:
    mode = sqlite_log.database.journal_mode
    expected = {
        "journal_mode": mode,
        "synchronous": {"wal": FULL, "delete": EXTRA}[mode],
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "busy_timeout": BUSY_MILLISECONDS,
        "query_only": 0,
    }

    with sqlite_log.entry("comment.added", reason="ja"):
        pass

    assert pragmas(sqlite_log.database.writer) == expected
    assert pragmas(sqlite_log.database.reader) == expected | {"query_only": 1}
    assert verify(sqlite_log.database).problems == ()


@pytest.mark.parametrize(("was", "is_now"), [("wal", "delete"), ("delete", "wal")])
def test_file_takes_another_mode_with_the_next_entry_though_it_was_read_before(file: Path, was: str, is_now: str) -> None:
    for mode in (was, is_now):
        log = Log(database := connect(f"sqlite:///{file}", mode), Journal(database, BERLIN))
        before = log.told()
        with log.entry("comment.added", reason="ja"):
            pass
        assert log.told()[:-1] == before
        assert pragmas(database.reader)["journal_mode"] == mode
        assert verify(database).problems == ()
        database.dispose()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_wal_is_chosen_only_where_sqlite_has_the_fix(version: tuple[int, ...], safe: bool) -> None:
    assert safe_wal(version) is safe


def test_mode_is_chosen_by_the_version_of_this_sqlite(file: Path) -> None:
    database = connect(f"sqlite:///{file}")
    try:
        assert database.journal_mode == ("wal" if safe_wal(sqlite3.sqlite_version_info) else "delete")
        assert pragmas(database.writer)["journal_mode"] == database.journal_mode
    finally:
        database.dispose()


def test_file_changes_its_mode_with_the_settings(file: Path) -> None:
    told = []
    for mode in ("wal", "delete", "wal"):
        database = connect(f"sqlite:///{file}", mode)
        told.append(pragmas(database.writer)["journal_mode"])
        assert verify(database).problems == ()
        database.dispose()

    assert told == ["wal", "delete", "wal"]


def test_who_opens_a_database_that_stays_busy_is_told_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 100)  # SQLite's driver itself would wait for five seconds
    busy = connect(f"sqlite:///{file}", "delete")
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode=DELETE")
        holder.execute("CREATE TABLE held (id)")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Conflict) as refused, busy.writer.connect():
            pass

    assert refused.value.key == "database_busy"


def test_connection_that_is_given_back_is_in_no_transaction_whatever_became_of_its_last(sqlite_log: Log) -> None:
    writer = sqlite_log.database.writer
    with pytest.raises(TypeError, match="cannot be changed"), sqlite_log.entry() as entry:
        entry.change(entry.add(Person(ref="p:x", login="x")), colour="red")
    with writer.connect() as connection:
        connection.execute(text("UPDATE cycle SET wake_at = NULL"))  # which begins by itself, and nobody ends it
    with sqlite_log.database.writing() as connection:
        connection.execute(text("UPDATE cycle SET wake_at = NULL"))
    with pytest.raises(IntegrityError), writer.begin() as connection:
        connection.execute(text("INSERT INTO event (seq) VALUES (99)"))

    with closing(sqlite3.connect(str(sqlite_log.database.url).removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("PRAGMA busy_timeout=0")
        other.execute("BEGIN IMMEDIATE")  # nobody holds it
        other.execute("ROLLBACK")
    with writer.connect() as connection:
        assert connection.connection.driver_connection.in_transaction is False
    assert len(sqlite_log.told()) == 6


def test_sqlites_connection_rests_for_the_next_entry_unless_something_went_wrong_on_it(sqlite_log: Log) -> None:
    used = []
    for colour in (None, None, "red", None):
        with suppress(TypeError), sqlite_log.entry("comment.added", reason="ja") as entry:
            used.append(entry.connection.connection.driver_connection)
            if colour is not None:
                used.append(colour)
                entry.change(entry.session.get_one(Person, 1), colour=colour)

    assert [used.index(each) for each in used] == [0, 0, 0, 3, 0]
    sqlite_log.database.dispose()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        used[0].execute("SELECT 1")


def add_in_an_ended_transaction(_entry: Entry, together: Together, _machinery: Machinery) -> None:
    with together.entry("comment.added", by=SERVICE, now=NOON) as entry:
        entry.add(Person(ref="p:late", login="late"))


@pytest.mark.parametrize(
    "late",
    [
        lambda entry, _together, _machinery: entry.add(Person(ref="p:late", login="late")),
        lambda entry, _together, _machinery: entry.change(entry.session.identity_map.values()[0], name="late"),
        lambda entry, _together, _machinery: rows_where(entry.session, Person),
        lambda entry, _together, _machinery: entry.session.exec(select(Person)).all(),
        add_in_an_ended_transaction,
        lambda _entry, together, _machinery: together.machinery.change(Cycle, wake_at=NOON),
        lambda _entry, _together, machinery: machinery.change_row(Cycle, 1, holding={}, wake_at=NOON),
        lambda _entry, _together, machinery: machinery.session.exec(select(Person)).all(),
    ],
)
def test_who_goes_on_after_a_transaction_changes_nothing_and_holds_up_nobody(any_log: Log, late: Any) -> None:
    with any_log.entry("comment.added", reason="ja") as entry:
        loaded = entry.session.get_one(Person, 2)
    with any_log.journal.together() as together:
        pass
    with any_log.journal.machinery() as machinery:
        pass

    with pytest.raises(ResourceClosedError):
        late(entry, together, machinery)

    with any_log.entry("comment.added", reason="ja"):
        pass
    assert (loaded.login, any_log.rows("SELECT count(*) FROM person WHERE login = 'late'")) == ("s.r", [(0,)])
    assert verify(any_log.database).problems == ()


def commit_an_entry(log: Log) -> None:
    with log.entry("comment.added", reason="ja"):
        pass


def commit_several(log: Log) -> None:
    with log.journal.together() as together, together.entry("comment.added", by=SERVICE, now=NOON) as entry:
        entry.tell(text="ja")


def commit_machinery(log: Log) -> None:
    with log.journal.machinery() as machinery:
        machinery.change(Cycle, wake_at=NOON)


@pytest.mark.parametrize("commit", [commit_an_entry, commit_several, commit_machinery])
def test_commit_that_failed_leaves_no_lock_behind(
    file: Path, commit: Callable[[Log], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)
    log = Log(busy := connect(f"sqlite:///{file}", "delete"), Journal(busy, BERLIN))
    before = log.told()
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM event").fetchone()  # whoever reads lets somebody write, and nobody commit
        with pytest.raises(Conflict):
            commit(log)

    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    commit_an_entry(log)
    assert log.told()[:-1] == before
    busy.dispose()


@pytest.mark.parametrize(("pragma", "key"), [("max_page_count=1", "database_no_room"), ("query_only=ON", "database_read_only")])
def test_a_database_without_room_or_the_right_to_write_says_what_can_be_done(sqlite_log: Log, pragma: str, key: str) -> None:
    with sqlite_log.database.writing() as connection:
        connection.connection.driver_connection.execute(f"PRAGMA {pragma}")

    with pytest.raises(NotReady) as refused, sqlite_log.entry("comment.added", reason="x" * 100_000):
        pass

    assert (refused.value.key, list(refused.value.facts)) == (key, ["database"])


@pytest.mark.parametrize("how", ["a commit that failed", "a connection given up"])
def test_connection_on_which_a_fault_was_passed_over_does_not_rest(
    file: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)
    log = Log(busy := connect(f"sqlite:///{file}", "delete"), Journal(busy, BERLIN))
    with closing(sqlite3.connect(file, isolation_level=None)) as reader, busy.writing() as connection:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM event").fetchone()
        if how == "a connection given up":
            connection.invalidate()
        else:
            transaction = connection.begin()
            connection.execute(text("UPDATE cycle SET wake_at = NULL"))
            with suppress(OperationalError):
                transaction.commit()

    with busy.writing() as first, busy.writing() as second:
        assert first.connection.driver_connection is not second.connection.driver_connection
        assert second.connection.driver_connection.in_transaction is False
    commit_an_entry(log)
    busy.dispose()


def test_connection_that_wrote_while_the_database_was_disposed_of_is_closed(sqlite_log: Log) -> None:
    with sqlite_log.entry("comment.added", reason="ja") as entry:
        raw = entry.connection.connection.driver_connection
        sqlite_log.database.dispose()

    with sqlite_log.entry("comment.added", reason="ja") as entry:
        assert entry.connection.connection.driver_connection is not raw


def test_postgresql_reads_one_state_and_writes_what_is_committed(postgres_log: Log) -> None:
    told = {}
    for name in ("writer", "reader"):
        with getattr(postgres_log.database, name).connect() as connection:
            settings = ("transaction_isolation", "transaction_read_only")
            told[name] = [connection.execute(text(f"SHOW {setting}")).scalar() for setting in settings]

    assert told == {"writer": ["read committed", "off"], "reader": ["repeatable read", "on"]}


@pytest.mark.parametrize("url", ["mysql://localhost/x", "no address", ""])
def test_database_of_another_kind_is_wrong_input(url: str) -> None:
    with pytest.raises(WrongInput) as error:
        connect(url)

    assert (error.value.key, error.value.facts) == ("database_url", {"url": url})


# A process that dies at a point: with its rows written and no entry yet, with the entry but no commit, after the commit.
DYING = """
import os, signal, sys
from sqlalchemy import event
sys.path.insert(0, sys.argv[4])
from small_log import JANA, Log, person, NOON, BERLIN
from cycle.adapters.database import connect
from cycle.journal.journal import Journal
from cycle.people.records import Person

url, mode, point = sys.argv[1:4]
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
database = connect(url, mode)
log = Log(database, Journal(database, BERLIN))
if point == "before the commit": event.listen(database.writer, "commit", die)
with log.entry(minutes=9, reason="never heard of") as entry:
    entry.add_all([person(f"n{number}", name="x" * 500) for number in range(2000)])
    entry.change(entry.session.get_one(Person, 1), name="half")
    if point == "after the change": die()
die()
"""


def die_at(log: Log, point: str) -> int:
    """Run a process that is killed at the point; its exit status."""
    words = [sys.executable, "-c", DYING, log.database.url, log.database.journal_mode or "auto", point]
    return subprocess.run([*words, str(Path(__file__).parent)], check=False, timeout=60).returncode


@pytest.mark.parametrize("point", ["after the change", "before the commit"])
def test_killed_process_leaves_no_half_entry(sqlite_log: Log, point: str) -> None:
    before = sqlite_log.told()
    sqlite_log.database.dispose()

    assert die_at(sqlite_log, point) == -signal.SIGKILL

    assert sqlite_log.told() == before
    assert sqlite_log.rows("SELECT count(*) FROM person") == [(2,)]
    assert sqlite_log.person(1).name == "Jana Weiß"
    with sqlite_log.entry("comment.added", reason="next"):
        pass
    assert verify(sqlite_log.database).problems == ()


def test_killed_process_leaves_no_half_entry_on_postgresql(postgres_log: Log) -> None:
    before = postgres_log.told()

    assert die_at(postgres_log, "before the commit") == -signal.SIGKILL

    with postgres_log.entry("comment.added", reason="next"):
        pass
    assert postgres_log.told()[:-1] == before
    assert verify(postgres_log.database).problems == ()


def test_process_killed_after_the_commit_has_written_all(sqlite_log: Log) -> None:
    sqlite_log.database.dispose()

    assert die_at(sqlite_log, "after the commit") == -signal.SIGKILL

    assert sqlite_log.rows("SELECT count(*) FROM person") == [(2002,)]
    assert sqlite_log.told()[-1].seq == 7
    assert verify(sqlite_log.database).problems == ()


def test_somebody_reads_the_old_state_while_an_entry_is_open(sqlite_log: Log) -> None:
    other = connect(sqlite_log.database.url, sqlite_log.database.journal_mode)
    with sqlite_log.entry() as entry:
        entry.change(entry.session.get_one(Person, 1), name="Jana Neu")
        assert Log(other, Journal(other, BERLIN)).person(1).name == "Jana Weiß"
    assert Log(other, Journal(other, BERLIN)).person(1).name == "Jana Neu"
    other.dispose()
