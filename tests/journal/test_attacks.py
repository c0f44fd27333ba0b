"""Every attack of cycle-log/1 §2 that is not shown in test_guards and test_verify: where it is stopped, or what finds it.

Plain UPDATE and DELETE (ATTACH too), OR REPLACE, a deleted entry, byte edits, RAISE(IGNORE), edited tables, a superuser
without triggers and disabled triggers stand there.
"""

import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from small_log import BERLIN, JANA, NOON, SABINE, Log, fill, mail, open_log, past_the_journal, person, tampered
from sqlalchemy import text
from sqlmodel import SQLModel

from cycle.adapters.database import Database, connect
from cycle.app.upgrade import upgrade
from cycle.errors import NotReady
from cycle.journal.anchors import Anchor, anchor_of, head_anchor
from cycle.journal.form import canonical, entry_hash
from cycle.journal.guards import SQLITE
from cycle.journal.journal import Journal
from cycle.journal.lastseen import LastSeen
from cycle.journal.replay import Problem
from cycle.journal.shape import journalled
from cycle.journal.verify import Verdict, verify


def verdict(file: Path, *anchors: Anchor) -> Verdict:
    """What verifying a file gives."""
    database = connect(f"sqlite:///{file}")
    try:
        return verify(database, anchors=anchors)
    finally:
        database.dispose()


def found(file: Path, *anchors: Anchor) -> list[tuple[str, int | None]]:
    """What is found, and at which entry."""
    return [(problem.key, problem.seq) for problem in verdict(file, *anchors).problems]


def head(file: Path) -> Anchor:
    """The anchor of a file's last entry."""
    with closing(sqlite3.connect(file)) as connection:
        ((first,), (seq, last)) = (
            connection.execute("SELECT hash FROM event WHERE seq = 1").fetchone(),
            connection.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone(),
        )
    return anchor_of(first, seq, last)


def cut_tail(connection: sqlite3.Connection) -> None:
    """Take the last entry away, with all that it brought."""
    connection.execute("DELETE FROM event WHERE seq = 6")
    connection.execute("DELETE FROM mail")
    connection.execute("DELETE FROM opening WHERE subject = 'mail:1'")


@contextmanager
def opened(file: Path, mode: str = "delete") -> Iterator[Database]:
    database = connect(f"sqlite:///{file}", mode)
    try:
        yield database
    finally:
        database.dispose()


def test_dropped_edited_and_created_again_is_found_by_the_chain(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for name in SQLITE:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE event SET body = replace(body, 'Musterstadt', 'Musterdorf') WHERE seq = 1")
        for statement in SQLITE.values():
            connection.execute(statement)
        connection.commit()

    assert found(file) == [("hash_wrong", 1)]


def test_a_trigger_taken_out_of_the_schema_by_hand_is_missed(file: Path) -> None:
    """`writable_schema` leaves no DROP behind."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'event_delete'")
        silent = "replace(sql, 'BEFORE UPDATE ON event', 'BEFORE UPDATE ON event WHEN 0')"
        connection.execute(f"UPDATE sqlite_master SET sql = {silent} WHERE name = 'event_update'")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'body TEXT NOT NULL', 'body TEXT') WHERE name = 'event'"
        )
        connection.commit()

    assert verdict(file).problems == (
        Problem("trigger", None, {"trigger": "event_delete: missing"}),
        Problem("trigger", None, {"trigger": "event_update: changed"}),
        Problem("schema", None, {"table": "event", "part": "body", "wanted": "TEXT NOT NULL", "found": "TEXT"}),
    )


def test_a_tail_cut_off_with_the_triggers_off_is_seen_by_an_anchor_and_by_nothing_else(file: Path) -> None:
    kept = head(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False) if hasattr(connection, "setconfig") else [
            connection.execute(f"DROP TRIGGER {name}") for name in SQLITE
        ]
        cut_tail(connection)
        if not hasattr(connection, "setconfig"):
            for statement in SQLITE.values():
                connection.execute(statement)
        connection.commit()

    assert found(file) == []
    assert verdict(file, kept).problems == (Problem("anchor_beyond", None, {"number": 6, "entries": 5, "line": kept.line}),)


def test_an_event_table_renamed_and_made_anew_lacks_its_keys_and_its_triggers(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE event RENAME TO old")
        connection.execute(
            "CREATE TABLE event (seq INTEGER PRIMARY KEY, prev TEXT, body TEXT, hash TEXT, cycle TEXT, cseq INTEGER, "
            "cmd TEXT, type TEXT)"
        )
        connection.execute("INSERT INTO event SELECT seq, prev, body, hash, cycle, cseq, cmd, type FROM old")
        connection.commit()

    problems = verdict(file).problems
    assert [problem.facts["trigger"] for problem in problems if problem.key == "trigger"] == [
        "event_delete: changed",
        "event_insert: changed",
        "event_update: changed",
    ]
    assert [problem.facts["part"] for problem in problems if problem.key == "schema"] == [
        "body",
        "cmd",
        "hash",
        "prev",
        "seq",
        "type",
        "unique cmd",
        "unique cseq, cycle",
        "unique hash",
    ]
    assert {problem.key for problem in problems} == {"trigger", "schema"}


def test_an_entry_edited_and_the_rest_hashed_anew_is_seen_by_an_anchor_and_by_nothing_else(file: Path) -> None:
    kept = [Anchor(head(file).log, 2, hash_of(file, 2)), Anchor(head(file).log, 3, hash_of(file, 3)), head(file)]
    with past_the_journal(file) as connection:
        rehashed_from(connection, 3, "2025-01-10T11:00:00.000000Z", "2025-01-10T11:00:00.000001Z")

    assert found(file) == []
    assert found(file, *kept) == [("anchor_differs", 3), ("anchor_differs", 6)]
    assert verdict(file, kept[0]).anchored == 2


def test_another_database_is_seen_by_an_anchor_and_by_nothing_else(file: Path, tmp_path: Path) -> None:
    kept = head(file)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    upgrade(url)
    database = connect(url)
    log = Log(database, open_log(database).journal)
    fill(log)
    database.dispose()

    assert found(tmp_path / "other.db") == []
    assert found(tmp_path / "other.db", kept) == [("anchor_foreign", None)]


def test_an_older_backup_is_refused_by_the_guard_until_a_restore_is_accepted(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    shutil.copyfile(file, backup)
    state = tmp_path / "state" / "seen.json"
    with opened(file) as database:
        append(database, state)
    shutil.copyfile(backup, file)

    with opened(file) as database:
        assert verify(database).problems == ()
        with pytest.raises(NotReady) as error:
            append(database, state)
        assert (error.value.key, error.value.facts["seen"], error.value.facts["entries"]) == ("database_behind", 7, 6)
        assert len(rows(database, "SELECT seq FROM event")) == 6

        accept(database, state)
        append(database, state)
        assert [kind for (kind,) in rows(database, "SELECT type FROM event WHERE seq > 6")] == [
            "log.restored",
            "people.changed",
        ]
        assert verify(database).problems == ()


def test_a_restore_accepted_by_one_holds_for_the_others_but_the_next_one_does_not(file: Path, tmp_path: Path) -> None:
    backup, later = tmp_path / "backup.db", tmp_path / "later.db"
    mine, hers = tmp_path / "mine.json", tmp_path / "hers.json"
    shutil.copyfile(file, backup)
    with opened(file) as database:
        for state in (mine, hers):
            append(database, state)
    shutil.copyfile(backup, file)
    with opened(file) as database:
        accept(database, mine)
        shutil.copyfile(file, later)
        append(database, hers)
    shutil.copyfile(later, file)

    with opened(file) as database, pytest.raises(NotReady) as error:
        append(database, hers)
    assert error.value.key == "database_behind"


def test_a_history_that_goes_on_otherwise_is_refused_as_another_one(file: Path, tmp_path: Path) -> None:
    backup, state = tmp_path / "backup.db", tmp_path / "seen.json"
    shutil.copyfile(file, backup)
    with opened(file) as database:
        append(database, state)
    shutil.copyfile(backup, file)
    with opened(file) as database:
        append(database, tmp_path / "another.json")

    with opened(file) as database, pytest.raises(NotReady) as error:
        append(database, state)
    assert error.value.key == "database_different"


def test_a_deleted_wal_is_refused_by_the_guard(file: Path, tmp_path: Path) -> None:
    state = tmp_path / "seen.json"
    database = connect(f"sqlite:///{file}", "wal")
    try:
        append(database, state)
        stolen = tmp_path / "stolen.db"
        shutil.copyfile(file, stolen)  # without its -wal: the entry was in there
    finally:
        database.dispose()

    with opened(stolen, "wal") as behind:
        assert verify(behind).problems == ()
        with pytest.raises(NotReady) as error:
            append(behind, state)
    assert error.value.key == "database_behind"


def test_a_hot_journal_laid_beside_the_file_takes_nothing_back_unseen(file: Path, tmp_path: Path) -> None:
    """It was left by an append that broke off; SQLite rolls it back, and with it the entry that came in its place."""
    hot, state = tmp_path / "hot-journal", tmp_path / "seen.json"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 10")
        connection.execute("PRAGMA synchronous = OFF")  # every page in the journal counts
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO event SELECT seq + 1, hash, hex(zeroblob(400000)), 'new', cycle, cseq + 1, 'new', type "
            "FROM event ORDER BY seq DESC LIMIT 1"
        )
        shutil.copyfile(f"{file}-journal", hot)
        connection.execute("ROLLBACK")
    with opened(file) as database:
        append(database, state)
    shutil.copyfile(hot, f"{file}-journal")

    with opened(file) as database:
        assert {problem.key for problem in verify(database).problems} == {"opening_foreign", "row_not_in_journal"}
        with pytest.raises(NotReady) as error:
            append(database, state)
    assert error.value.key == "database_behind"


def test_a_bad_row_put_in_with_constraints_off_is_named(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("INSERT INTO role_span (id, version, person_id, role, valid_from) VALUES (9, 1, 77, 'admin', 'x')")
        connection.commit()

    assert verdict(file).problems == (Problem("row_not_in_journal", None, {"table": "role_span", "id": 9}),)


def test_a_clock_set_back_is_told_in_the_entry_and_the_order_stands(log: Log) -> None:
    with log.entry(minutes=10) as entry:
        entry.add(person("x.y"))
    with log.entry(minutes=-90) as entry:
        entry.add(person("y.z"))

    before, after = log.told()[-2:]
    assert after.recorded_at == before.recorded_at
    assert after.data["clock_behind_seconds"] == 100 * 60


def test_a_mail_that_was_never_queued_is_named_whatever_entry_sent_it(file: Path) -> None:
    with opened(file) as database:
        log = Log(database, open_again(database))
        with log.entry("people.changed", minutes=9) as entry:
            sent = mail("<2@example.de>")
            sent.state = "sent"
            entry.add(sent)

    assert verdict(file).problems == (Problem("sent_not_queued", 7, {"mail": 2}),)


def test_a_finding_tells_when_and_who(file: Path) -> None:
    tampered(file, "UPDATE mail SET state = 'sent'")

    told = verdict(file)

    witness = told.witnesses[6]
    assert (told.problems[0].seq, witness.recorded_at, witness.ref, witness.role) == (
        6,
        "2025-01-10T11:03:00.000000Z",
        JANA.ref,
        "coordinator",
    )


@pytest.mark.parametrize("flips", [pytest.param(60), pytest.param(1000, marks=pytest.mark.long)])
def test_no_flipped_bit_of_the_file_changes_a_value_unseen(file: Path, tmp_path: Path, flips: int) -> None:
    """One bit of the whole file, or of what is written in it: it is found, nothing can be read, or all reads as before."""
    content = file.read_bytes()
    before = told_values(file)
    chance = random.Random(20250110)
    everywhere, written = range(len(content)), [place for place, byte in enumerate(content) if byte]
    spoilt = tmp_path / "spoilt.db"
    seen = {"found": 0, "unreadable": 0, "nothing changed": 0}
    with opened(spoilt) as database:
        for number in range(flips):
            place, bit = chance.choice(everywhere if number % 2 else written), chance.randrange(8)
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            database.dispose()
            spoilt.write_bytes(changed)
            try:
                intact = verify(database).intact
            except NotReady:
                seen["unreadable"] += 1
                continue
            if intact:
                assert told_values(spoilt) == before, f"byte {place}, bit {bit}"
            seen["nothing changed" if intact else "found"] += 1

    assert sum(seen.values()) == flips
    assert seen["found"] > 0


def test_postgresql_body_made_jsonb_is_an_altered_table_and_no_body_is_read(postgres_log: Log) -> None:
    run(postgres_log, "ALTER TABLE event DISABLE TRIGGER USER", "ALTER TABLE event ALTER body TYPE jsonb USING body::jsonb")
    run(postgres_log, "ALTER TABLE event ENABLE TRIGGER USER")

    problems = verify(postgres_log.database).problems

    assert problems[0] == Problem(
        "schema", None, {"table": "event", "part": "body", "wanted": "text NOT NULL", "found": "jsonb NOT NULL"}
    )
    assert {("hash_wrong", seq) for seq in range(1, 7)} <= {(problem.key, problem.seq) for problem in problems}


def test_postgresql_emptied_trigger_catalogue_is_three_missing_guards(postgres_log: Log) -> None:
    run(postgres_log, "SET allow_system_table_mods = on", "DELETE FROM pg_trigger WHERE NOT tgisinternal")

    assert verify(postgres_log.database).problems == tuple(
        Problem("trigger", None, {"trigger": f"{name}: missing"}) for name in ("event_change", "event_insert", "event_truncate")
    )


def test_postgresql_key_dropped_or_table_that_hides_rows_is_an_altered_table(postgres_log: Log) -> None:
    run(postgres_log, "ALTER TABLE event DROP CONSTRAINT uq_event_cmd", "ALTER TABLE mail ENABLE ROW LEVEL SECURITY")

    told = [problem.facts for problem in verify(postgres_log.database).problems if problem.key == "schema"]
    assert [(each["table"], each["part"], each["found"]) for each in told] == [
        ("event", "unique cmd", "–"),
        ("mail", "mail", "–"),
    ]


def test_postgresql_tail_cut_by_a_superuser_is_seen_by_an_anchor_and_refused_by_the_guard(
    postgres_log: Log, tmp_path: Path
) -> None:
    state = tmp_path / "seen.json"
    with postgres_log.journal.reading() as session:
        kept = head_anchor(session)
    assert kept is not None
    guard(postgres_log.database, state)
    run(
        postgres_log,
        "SET LOCAL session_replication_role = replica",
        "DELETE FROM event WHERE seq = 6",
        "DELETE FROM mail",
        "DELETE FROM opening WHERE subject = 'mail:1'",
    )

    assert verify(postgres_log.database).problems == ()
    assert [problem.key for problem in verify(postgres_log.database, anchors=[kept]).problems] == ["anchor_beyond"]
    with pytest.raises(NotReady) as error:
        append(postgres_log.database, state)
    assert error.value.key == "database_behind"


def test_postgresql_role_of_the_application_can_only_read_and_add(postgres_log: Log) -> None:
    """As HISTORY.md has it: the owner does not log in, the application has SELECT and INSERT on `event`."""
    role = f"app_{abs(hash(postgres_log.database.url)) % 10**9}"
    run(postgres_log, f"CREATE ROLE {role}", f"GRANT SELECT, INSERT ON event TO {role}")
    refused = []
    attempts = [
        "UPDATE event SET body = '{}'",
        "DELETE FROM event",
        "TRUNCATE event",
        "ALTER TABLE event DISABLE TRIGGER event_change",
        "DROP TRIGGER event_insert ON event",
        "CREATE OR REPLACE FUNCTION event_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DROP TABLE event",
        "SET session_replication_role = replica",
        "INSERT INTO event SELECT 2, prev, body, hash, cycle, cseq, cmd, type FROM event WHERE seq = 2",
        "DELETE FROM pg_trigger",
    ]
    try:
        for statement in attempts:
            with postgres_log.database.writer.connect() as connection:
                connection.execute(text(f"SET ROLE {role}"))
                try:
                    connection.execute(text(statement))
                except Exception:
                    refused.append(statement)
                connection.rollback()
                connection.execute(text("RESET ROLE"))
                connection.commit()
    finally:
        run(postgres_log, f"REVOKE ALL ON event FROM {role}", f"DROP ROLE {role}")

    assert refused == attempts
    assert verify(postgres_log.database).problems == ()


def run(log: Log, *statements: str) -> None:
    """Statements past the journal, in one transaction."""
    with log.database.writer.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def open_again(database: Database, state: Path | None = None) -> Journal:
    return Journal(database, BERLIN, LastSeen(state, "cycle.db") if state is not None else None)


def append(database: Database, state: Path) -> None:
    """One entry by a process that keeps what it has seen."""
    journal = open_again(database, state)
    with journal.entry("people.changed", by=SABINE, now=NOON + timedelta(hours=1)) as entry:
        entry.add(person(f"n.{entry.session.execute(text('SELECT count(*) FROM event')).scalar()}"))
    guard(database, state)


def guard(database: Database, state: Path) -> None:
    """See the database as it is, and keep it."""
    last_seen = LastSeen(state, "cycle.db")
    with database.reader.connect() as connection:
        assert last_seen.look(connection) is None
    assert last_seen.keep() is None


def accept(database: Database, state: Path) -> None:
    """Go on from a restored database."""
    with open_again(database, state).entry("log.restored", by=JANA, now=NOON + timedelta(hours=1), reason="Sicherung"):
        pass
    guard(database, state)


def hash_of(file: Path, seq: int) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT hash FROM event WHERE seq = ?", (seq,)).fetchone()[0])


def rehashed_from(connection: sqlite3.Connection, seq: int, old: str, new: str) -> None:
    """Change a text in one entry and hash it and all that follow anew."""
    prev = connection.execute("SELECT prev FROM event WHERE seq = ?", (seq,)).fetchone()[0]
    entries = connection.execute("SELECT seq, body FROM event WHERE seq >= ? ORDER BY seq", (seq,)).fetchall()
    for number, body in entries:
        if number == seq:
            assert old in body
            body = canonical(json.loads(body.replace(old, new)))
        digest = entry_hash(number, prev, body)
        connection.execute("UPDATE event SET prev = ?, body = ?, hash = ? WHERE seq = ?", (prev, body, digest, number))
        prev = digest


def told_values(file: Path) -> list[list[tuple[object, ...]]]:
    """All that is journalled or replayed, as SQLite reads it."""
    counted = sorted({"event", "opening", *journalled(SQLModel.metadata.tables)})
    with closing(sqlite3.connect(file)) as connection:
        connection.text_factory = bytes
        return [connection.execute(f"SELECT * FROM {name}").fetchall() for name in counted]
