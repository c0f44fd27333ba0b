"""What verifying finds, and where it says it lies; whatever the file holds, it answers."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from small_log import Log, mail, past_the_journal, tampered

from cycle.adapters.database import connect
from cycle.errors import NotReady
from cycle.journal.form import canonical, entry_hash
from cycle.journal.replay import Problem
from cycle.journal.verify import MOST_PROBLEMS, verify


def problems(file: Path) -> tuple[Problem, ...]:
    """What is found in a file."""
    database = connect(f"sqlite:///{file}")
    try:
        return verify(database).problems
    finally:
        database.dispose()


def places(file: Path) -> list[tuple[str, int | None]]:
    """The same, only what and at which entry."""
    return [(problem.key, problem.seq) for problem in problems(file)]


def test_filled_log_is_intact_and_tells_its_size_and_ends(any_log: Log) -> None:
    told = any_log.told()

    verdict = verify(any_log.database)

    assert (verdict.entries, verdict.log, verdict.head, verdict.intact) == (6, told[0].hash, told[-1].hash, True)


def test_changed_byte_of_a_body_names_its_entry(file: Path) -> None:
    tampered(file, "UPDATE event SET body = replace(body, 'round_table', 'roundxtable') WHERE seq = 4")

    differs = {"table": "cycle", "id": 1, "field": "phase", "journal": "roundxtable", "table_value": "round_table"}
    assert problems(file) == (Problem("hash_wrong", 4, {}), Problem("table_differs", 4, differs))


def test_changed_byte_of_the_file_itself_is_found_at_its_entry(file: Path) -> None:
    content = file.read_bytes()
    assert content.count(b'"recorded_at":"2025-01-10T11:02') == 1
    file.write_bytes(content.replace(b'"recorded_at":"2025-01-10T11:02', b'"recorded_at":"2025-01-10T11:01'))

    assert places(file) == [("hash_wrong", 5)]


def test_entry_deleted_in_the_middle_is_a_gap(file: Path) -> None:
    tampered(file, "DELETE FROM event WHERE seq = 4")

    assert places(file) == [
        ("gap", 5),
        ("chain_broken", 5),
        ("cseq_gap", 6),
        ("table_differs", 3),
        ("table_differs", 3),
    ]


def test_missing_number_of_a_cycle_is_named_with_the_cycle(file: Path) -> None:
    with past_the_journal(file) as connection:
        rehash(connection, 6, lambda body: body | {"cseq": 4})

    assert problems(file) == (Problem("cseq_gap", 6, {"cycle": "ip-2025", "expected": 3}),)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"recorded_at": "2025-01-10T10:00:00.000000Z"}, ["time_falls"]),
        ({"recorded_at": "2025-01-10T11:03:00Z"}, ["time_falls"]),
        ({"supersedes": "nobody"}, ["supersedes_unknown"]),
        ({"v": 2}, ["fields_wrong"]),
        ({"more": 1}, ["fields_wrong"]),
        ({"type": "mail.sent"}, ["sent_not_queued"]),
        ({"private": {}}, ["replay_impossible", "opening_foreign", "private_differs"]),
    ],
)
def test_rehashed_entry_that_breaks_a_rule_is_named(file: Path, change: dict[str, Any], found: list[str]) -> None:
    """Whoever hashes anew leaves a chain that closes: what it says must still hold."""
    with past_the_journal(file) as connection:
        rehash(connection, 6, lambda body: body | change)

    assert [problem.key for problem in problems(file)] == found


def test_body_that_is_not_canonical_is_named_though_its_hash_is_right(file: Path) -> None:
    with past_the_journal(file) as connection:
        rehash(connection, 6, lambda body: body, written=lambda body: json.dumps(body, ensure_ascii=False))

    assert places(file) == [("not_canonical", 6)]


@pytest.mark.parametrize("column", ["cycle", "cseq", "cmd", "type"])
def test_column_beside_the_body_that_differs_is_named(file: Path, column: str) -> None:
    tampered(file, f"UPDATE event SET {column} = 77 WHERE seq = 6")

    assert problems(file) == (Problem("column_differs", 6, {"field": column}),)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "UPDATE cycle SET phase = 'closed' WHERE id = 1",
            ("table_differs", 4, {"table": "cycle", "field": "phase", "journal": "round_table", "table_value": "closed"}),
        ),
        (
            "UPDATE cycle SET version = 1",
            ("table_differs", 4, {"table": "cycle", "field": "version", "journal": 2, "table_value": 1}),
        ),
        (
            "UPDATE mail SET state = 'sent'",
            ("table_differs", 6, {"table": "mail", "field": "state", "journal": "queued", "table_value": "sent"}),
        ),
        (
            "UPDATE mail SET day = '2025-01-11'",
            ("table_differs", 6, {"table": "mail", "field": "day", "journal": "2025-01-10", "table_value": "2025-01-11"}),
        ),
        (
            "UPDATE mail SET sent_at = '2025-01-11 10:00:00.000000'",
            (
                "table_differs",
                6,
                {"table": "mail", "field": "sent_at", "journal": None, "table_value": "2025-01-11T10:00:00.000000Z"},
            ),
        ),
        ("UPDATE mail SET address = 'other@example.de'", ("private_differs", 6, {"table": "mail"})),
        ("UPDATE person SET name = NULL WHERE id = 1", ("private_differs", 2, {"table": "person"})),
        ("DELETE FROM opening WHERE subject = 'person:1'", ("opening_missing", 2, {"table": "person"})),
        (
            """UPDATE opening SET value = '{"login":"x"}' WHERE subject = 'person:1'""",
            ("opening_differs", 2, {"table": "person"}),
        ),
        ("UPDATE opening SET salt = zeroblob(32) WHERE subject = 'mail:1'", ("opening_differs", 6, {"table": "mail"})),
        ("UPDATE opening SET subject = 'mail:2' WHERE subject = 'mail:1'", ("opening_differs", 6, {"table": "mail"})),
        ("DELETE FROM mail", ("row_missing", 6, {"table": "mail"})),
    ],
)
def test_table_changed_while_the_chain_is_left_alone_names_table_row_and_field(
    file: Path, statement: str, expected: tuple[str, int, dict[str, Any]]
) -> None:
    tampered(file, statement)

    key, seq, facts = expected
    assert problems(file) == (Problem(key, seq, {"id": 1} | facts),)


def test_deleted_opening_of_a_reason_is_missed(file: Path) -> None:
    tampered(file, "DELETE FROM opening WHERE subject LIKE 'event:%'")

    (problem,) = problems(file)
    assert (problem.key, problem.seq, problem.facts["table"]) == ("opening_missing", 5, "event")


def test_deleted_opening_of_what_a_row_said_before_is_missed(file: Path) -> None:
    """Person 2 was changed: its first value opens the older commitment, and belongs to the evidence."""
    older = "rowid = (SELECT min(rowid) FROM opening WHERE subject = 'person:2')"
    tampered(file, f"DELETE FROM opening WHERE {older}")

    assert problems(file) == (Problem("opening_missing", 2, {"table": "person", "id": 2}),)


def test_row_and_opening_that_no_entry_wrote_are_named(file: Path) -> None:
    tampered(
        file,
        "INSERT INTO person (id, version, ref) VALUES (9, 1, 'p:nobody')",
        "INSERT INTO opening (commitment, salt, value, subject) VALUES ('ff', x'00', '1', 'person:9')",
    )

    assert problems(file) == (
        Problem("opening_foreign", None, {"subject": "person:9"}),
        Problem("row_not_in_journal", None, {"table": "person", "id": 9}),
    )


def test_machinery_is_nobodys_business(file: Path) -> None:
    tampered(file, "UPDATE mail SET lease = 'x', attempts = 3, next_try_at = 'garbage'", "UPDATE cycle SET wake_at = NULL")

    assert problems(file) == ()


def test_trigger_that_drops_rows_is_found_and_so_is_a_missing_or_changed_one(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TRIGGER aside BEFORE INSERT ON mail BEGIN SELECT RAISE(IGNORE); END")
        connection.execute("DROP TRIGGER event_delete")
        connection.execute("DROP TRIGGER event_update")
        connection.execute("CREATE TRIGGER event_update BEFORE UPDATE ON event WHEN 0 BEGIN SELECT 1; END")
        connection.commit()

    assert [problem.facts["trigger"] for problem in problems(file)] == [
        "aside: foreign",
        "event_delete: missing",
        "event_update: changed",
    ]


def test_last_entry_cut_off_leaves_rows_without_their_entry(file: Path) -> None:
    tampered(file, "DELETE FROM event WHERE seq = 6")

    assert problems(file) == (
        Problem("opening_foreign", None, {"subject": "mail:1"}),
        Problem("row_not_in_journal", None, {"table": "mail", "id": 1}),
    )


def test_emptied_journal_says_so(file: Path) -> None:
    tampered(file, "DELETE FROM event")

    assert ("journal_empty", None) in places(file)


def test_at_most_a_hundred_problems_are_listed(log: Log) -> None:
    with log.entry("mail.queued") as entry:
        entry.add_all([mail(f"<n{number}@example.de>") for number in range(150)])
    file = Path(log.database.url.removeprefix("sqlite:///"))
    original = file.read_bytes()
    tampered(file, "UPDATE mail SET state = 'sent'")

    assert len(verify(log.database).problems) == MOST_PROBLEMS

    log.database.dispose()
    file.write_bytes(original)


def test_erased_subject_needs_no_opening_but_an_empty_row(log: Log) -> None:
    with log.entry("subject.erased") as entry:
        entry.tell(subjects=["person:2"])
    file = Path(log.database.url.removeprefix("sqlite:///"))
    blank = "UPDATE person SET login = NULL, name = NULL, mail = NULL WHERE id = 2"

    tampered(file, "DELETE FROM opening WHERE subject = 'person:2'")
    assert problems(file) == (Problem("private_differs", 5, {"table": "person", "id": 2}),)
    tampered(file, blank)
    assert problems(file) == ()


@pytest.mark.parametrize("statement", ["DROP TABLE mail", "ALTER TABLE mail DROP COLUMN why"])
def test_table_that_is_gone_is_a_problem_of_its_own(file: Path, statement: str) -> None:
    tampered(file, statement)

    (problem,) = [problem for problem in problems(file) if problem.key == "table_unreadable"]
    assert problem.facts["table"] == "mail"


@pytest.mark.parametrize("damage", [b"no database at all" * 100, None])
def test_file_that_sqlite_cannot_read_is_told_as_such(file: Path, damage: bytes | None) -> None:
    content = file.read_bytes()
    file.write_bytes(damage or content[:4096] + b"\xff" * (len(content) - 4096))

    with pytest.raises(NotReady) as error:
        problems(file)

    assert error.value.key == "database_unusable"


def test_empty_file_is_no_new_log(tmp_path: Path) -> None:
    empty = tmp_path / "cycle.db"
    empty.touch()

    with pytest.raises(NotReady) as error:
        problems(empty)

    assert error.value.key == "database_unusable"
    assert empty.read_bytes() == b""


def rehash(connection: sqlite3.Connection, seq: int, change: Any, written: Any = canonical) -> None:
    """Change the body of the last entry and hash it anew, its columns with it."""
    prev, body = connection.execute("SELECT prev, body FROM event WHERE seq = ?", (seq,)).fetchone()
    told = change(json.loads(body))
    text_of = written(told)
    connection.execute(
        "UPDATE event SET body = ?, hash = ?, cseq = ?, type = ? WHERE seq = ?",
        (text_of, entry_hash(seq, prev, text_of), told["cseq"], told["type"], seq),
    )
