"""The seat belts: the database itself refuses everything but the next entry, whoever asks."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from small_log import Log
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from cycle.errors import NotReady
from cycle.journal.verify import verify

INSERT = "INSERT INTO event (seq, prev, body, hash, cycle, cseq, cmd, type) "
# What the next entry would be, from the last one, with one thing wrong.
NEXT = {
    "seq": "(SELECT max(seq) + 1 FROM event)",
    "prev": "(SELECT hash FROM event ORDER BY seq DESC LIMIT 1)",
    "body": "'{}'",
    "hash": "'new'",
    "cycle": "'ip-2025'",
    "cseq": "99",
    "cmd": "'new'",
    "type": "'comment.added'",
}


def insert(**wrong: str) -> str:
    """The INSERT of the next entry with other columns."""
    return INSERT + "SELECT " + ", ".join((NEXT | wrong).values())


FORBIDDEN = {
    "update": "UPDATE event SET body = '{}' WHERE seq = 2",
    "update of nothing but itself": "UPDATE event SET seq = seq",
    "delete in the middle": "DELETE FROM event WHERE seq = 2",
    "delete of the tail": "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
    "gap": insert(seq="(SELECT max(seq) + 2 FROM event)"),
    "old number": insert(seq="2"),
    "other predecessor": insert(prev="'other'"),
    "repeated hash": insert(hash="(SELECT hash FROM event WHERE seq = 2)"),
    "repeated command": insert(cmd="(SELECT cmd FROM event WHERE seq = 2)"),
    "repeated number in the cycle": insert(cseq="1"),
}
ON_SQLITE = {
    "replace an old number": insert(seq="2").replace("INSERT", "INSERT OR REPLACE", 1),
    "replace by an old hash": insert(hash="(SELECT hash FROM event WHERE seq = 2)").replace("INSERT", "INSERT OR REPLACE", 1),
    "replace by an old command": insert(cmd="(SELECT cmd FROM event WHERE seq = 2)").replace("INSERT", "REPLACE", 1),
    "replace by a number in the cycle": insert(cseq="1").replace("INSERT", "INSERT OR REPLACE", 1),
    "update or replace": "UPDATE OR REPLACE event SET hash = (SELECT hash FROM event WHERE seq = 2) WHERE seq = 3",
    "update or ignore": "UPDATE OR IGNORE event SET body = '{}' WHERE seq = 3",
    "upsert": insert(seq="2") + " WHERE true ON CONFLICT (seq) DO UPDATE SET body = '{}'",
}
ON_POSTGRESQL = {
    "truncate": "TRUNCATE event",
    "truncate with others": "TRUNCATE event, opening CASCADE",
    "upsert": insert(seq="2") + " ON CONFLICT (seq) DO UPDATE SET body = '{}'",
    "copy of an old entry": INSERT + "SELECT seq, prev, body, hash, cycle, cseq, cmd, type FROM event WHERE seq = 2",
}


@pytest.mark.parametrize("statement", (FORBIDDEN | ON_SQLITE).values(), ids=(FORBIDDEN | ON_SQLITE).keys())
def test_sqlite_refuses_it_from_any_connection(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        before = connection.execute("SELECT * FROM event").fetchall()

        with pytest.raises(sqlite3.IntegrityError, match="the journal"):
            connection.execute(statement)

        connection.commit()
        assert connection.execute("SELECT * FROM event").fetchall() == before


def test_sqlite_refuses_it_through_an_attached_file_too(file: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("ATTACH ? AS theirs", (str(file),))

        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            connection.execute("UPDATE theirs.event SET body = '{}' WHERE seq = 2")


def test_next_entry_itself_is_taken(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(insert()).rowcount == 1


def test_postgresql_refuses_it(postgres_log: Log) -> None:
    before = postgres_log.rows("SELECT * FROM event ORDER BY seq")
    answers: dict[str, str] = {}

    for name, statement in (FORBIDDEN | ON_POSTGRESQL).items():
        with postgres_log.database.writer.connect() as connection:
            try:
                connection.execute(text(statement))
            except DatabaseError as error:
                answers[name] = str(error.orig).splitlines()[0]
            else:
                connection.commit()

    added, only_next = "the journal is only added to", "the journal takes only its next entry"
    changing = {"update", "update of nothing but itself", "delete in the middle", "delete of the tail"}
    assert answers == {
        name: added if name in changing or name.startswith("truncate") else only_next for name in FORBIDDEN | ON_POSTGRESQL
    }
    assert postgres_log.rows("SELECT * FROM event ORDER BY seq") == before


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE event DISABLE TRIGGER event_insert", "event_insert: changed"),
        ("ALTER TABLE event ENABLE REPLICA TRIGGER event_change", "event_change: changed"),
        ("DROP TRIGGER event_truncate ON event", "event_truncate: missing"),
        (
            "CREATE OR REPLACE FUNCTION event_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "event_change: changed",
        ),
        (
            "DROP TRIGGER event_change ON event; CREATE TRIGGER event_change BEFORE DELETE ON event "
            "FOR EACH ROW EXECUTE FUNCTION event_change()",
            "event_change: changed",
        ),
        (
            "CREATE TRIGGER aside BEFORE INSERT ON mail FOR EACH ROW EXECUTE FUNCTION event_change()",
            "mail.aside: foreign",
        ),
        ("CREATE RULE aside AS ON INSERT TO mail DO INSTEAD NOTHING", "mail.aside: foreign"),
    ],
)
def test_verify_finds_changed_guards_on_postgresql(postgres_log: Log, statement: str, told: str) -> None:
    assert verify(postgres_log.database).problems == ()

    with postgres_log.database.writer.begin() as connection:
        for part in statement.split("; ") if "DROP TRIGGER event_change" in statement else [statement]:
            connection.execute(text(part))

    problems = verify(postgres_log.database).problems
    assert {problem.facts["trigger"] for problem in problems if problem.key == "trigger"} >= {told}
    assert {problem.key for problem in problems} == {"trigger"}


def test_postgresql_superuser_who_switches_triggers_off_is_found_by_the_chain(postgres_log: Log) -> None:
    with postgres_log.database.writer.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE event SET body = replace(body, 'round_table', 'roundxtable') WHERE seq = 4"))

    problems = verify(postgres_log.database).problems
    assert ("hash_wrong", 4) in {(problem.key, problem.seq) for problem in problems}


@pytest.mark.parametrize("pool", ["writer", "reader"])
def test_reading_pool_refuses_every_write(any_log: Log, pool: str) -> None:
    """The writing pool is asked only to show that the statements themselves are sound."""
    statements = ["UPDATE person SET ref = 'p:new' WHERE id = 1", "DELETE FROM opening", "CREATE TABLE aside (id INTEGER)"]
    refused = []

    for statement in statements:
        with getattr(any_log.database, pool).connect() as connection:
            try:
                connection.execute(text(statement))
            except DatabaseError as error:
                refused.append(str(error.orig))
            connection.rollback()

    readonly: dict[str, Any] = {"writer": 0, "reader": len(statements)}
    assert len(refused) == readonly[pool]
    assert all("read-only" in answer or "readonly" in answer for answer in refused)
    assert any_log.rows("SELECT ref FROM person WHERE id = 1") == [("p:j.w",)]


def test_session_of_a_reading_refuses_to_write(any_log: Log) -> None:
    before = any_log.told()

    with pytest.raises((DatabaseError, NotReady), match=r"read[-_]?only"), any_log.journal.reading() as session:
        session.execute(text("UPDATE person SET ref = 'p:new'"))

    assert any_log.told() == before
