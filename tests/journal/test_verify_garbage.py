"""Whatever somebody writes into the file, verifying answers with problems, and what it says can be printed."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_log import past_the_journal

from cycle.adapters.database import Database, connect
from cycle.errors import NotReady
from cycle.journal.form import canonical, entry_hash
from cycle.journal.verify import Verdict, verify

# One file is changed, looked at and restored again and again: nothing of a test is left for the next example.
ON_ONE_FILE = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

COLUMNS = {
    "event": ("prev", "body", "hash", "cycle", "cseq", "cmd", "type"),
    "opening": ("commitment", "salt", "value", "subject"),
    "person": ("ref", "login", "name", "version"),
    "mail": ("day", "level", "templates", "queued_at", "text", "state"),
    "cycle": ("year", "started_on", "phase"),
    "workflow_text": ("text",),
}
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
stored = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
)


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    """The file, opened once for all examples."""
    opened = connect(f"sqlite:///{file}")
    yield opened
    opened.dispose()


@contextmanager
def restored(file: Path, database: Database) -> Iterator[None]:
    """The file is as before when the block ends, and the pool's connections look at it anew."""
    kept = file.with_suffix(".kept")
    shutil.copyfile(file, kept)
    try:
        yield
    finally:
        database.dispose()
        shutil.copyfile(kept, file)


def looked_at(database: Database) -> Verdict | None:
    """The verdict, each fact of which can be printed; None where the file could not be read."""
    try:
        verdict = verify(database)
    except NotReady:
        return None
    for text in (verdict.log, verdict.head, *(str(fact) for p in verdict.problems for fact in p.facts.values())):
        assert text.isprintable()
        text.encode()
    return verdict


@ON_ONE_FILE
@given(seq=st.integers(1, 6), body=st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_as_a_body_are_a_problem_of_their_entry(file: Path, database: Database, seq: int, body: bytes) -> None:
    with restored(file, database):
        with past_the_journal(file) as connection:
            connection.execute("UPDATE event SET body = CAST(? AS TEXT) WHERE seq = ?", (body, seq))

        verdict = looked_at(database)

        assert verdict is not None
        assert ("hash_wrong", seq) in {(problem.key, problem.seq) for problem in verdict.problems}


@ON_ONE_FILE
@given(seq=st.integers(1, 6), path=st.lists(st.integers(0, 20), min_size=1, max_size=6), value=anything, rehashed=st.booleans())
def test_any_value_anywhere_in_a_body_is_found(
    file: Path, database: Database, seq: int, path: list[int], value: Any, rehashed: bool
) -> None:
    """Also if the entry is hashed anew: then what follows does not close, or what it says does not hold."""
    with restored(file, database):
        with past_the_journal(file) as connection:
            prev, body = connection.execute("SELECT prev, body FROM event WHERE seq = ?", (seq,)).fetchone()
            told = json.loads(body)
            replaced(told, path, value)
            text = json.dumps(told, sort_keys=True, separators=(",", ":"))
            digest = entry_hash(seq, prev, text) if rehashed else None
            connection.execute("UPDATE event SET body = ?, hash = coalesce(?, hash) WHERE seq = ?", (text, digest, seq))

        verdict = looked_at(database)

        assert verdict is not None
        assert not verdict.intact or (rehashed and seq == 6) or text == body


@ON_ONE_FILE
@given(where=st.sampled_from([(table, column) for table in COLUMNS for column in COLUMNS[table]]), value=stored)
def test_any_value_in_any_column_is_answered(file: Path, database: Database, where: tuple[str, str], value: Any) -> None:
    table, column = where
    with restored(file, database):
        with past_the_journal(file) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            try:
                before = connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
                row = f"rowid = (SELECT max(rowid) FROM {table})"
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {row}", (value,))
                after = connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            except sqlite3.IntegrityError:
                return  # the table itself did not take it

        verdict = looked_at(database)

        assert verdict is not None
        assert verdict.intact == (same(before) == same(after))


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 900 + "1" + "}" * 900,
        "9" * 5000,
        '"\\ud800"',
        "NaN",
        "{}",
        "null",
        canonical({"cycle": "\x1b[2J", "cseq": None}),
    ],
)
def test_deep_large_and_strange_json_is_answered(file: Path, database: Database, body: str) -> None:
    with past_the_journal(file) as connection:
        connection.execute("UPDATE event SET body = ? WHERE seq = 4", (body,))

    verdict = looked_at(database)

    assert verdict is not None
    assert ("hash_wrong", 4) in {(problem.key, problem.seq) for problem in verdict.problems}


def test_event_table_made_anew_without_types_is_answered(file: Path, database: Database) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE event RENAME TO old")
        connection.execute("CREATE TABLE event (seq, prev, body, hash, cycle, cseq, cmd, type)")
        number = "CASE seq WHEN 3 THEN 'three' ELSE seq END"
        connection.execute(f"INSERT INTO event SELECT {number}, prev, body, hash, 1, 2, 3, 4 FROM old")
        nothing = ", ".join(["NULL"] * 8)
        connection.execute(f"INSERT INTO event VALUES ({nothing}), (x'ff', 1.5, x'ff', 1, 1, 1, 1, 1)")
        connection.commit()

    verdict = looked_at(database)

    assert verdict is not None
    assert {"gap", "chain_broken", "hash_wrong", "body_unreadable"} <= {problem.key for problem in verdict.problems}


def replaced(told: Any, path: list[int], value: Any) -> None:
    """Put a value in place of what the path leads to, as deep as it goes."""
    for number, step in enumerate(path):
        names = sorted(told) if isinstance(told, dict) else list(range(len(told)))
        name = names[step % len(names)]
        if number + 1 == len(path) or not isinstance(told[name], dict | list) or not told[name]:
            told[name] = value
            return
        told = told[name]


def same(rows: list[tuple[Any, ...]]) -> list[list[tuple[str, Any]]]:
    """Rows with the types of their values: 1 and 1.0 are not the same."""
    return [[(type(value).__name__, value) for value in row] for row in rows]
