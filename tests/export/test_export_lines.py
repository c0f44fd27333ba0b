"""The lines of an export are read some at a time: memory does not grow with the journal."""

import json
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

from cycle.adapters.database import connect
from cycle.app.upgrade import upgrade
from cycle.journal.export import Selection, lines
from cycle.journal.form import NO_HASH, canonical, commitment, entry_hash
from cycle.journal.journal import Journal

BERLIN = ZoneInfo("Europe/Berlin")
SALT, VALUE = bytes(32), '"Danke"'


def test_ten_times_the_entries_take_no_more_memory(tmp_path: Path) -> None:
    journal = long_log(tmp_path / "log.db", 2_500)

    walk(journal, 10)  # what is loaded once
    (few, of_few), (many, of_many) = walk(journal, 250), walk(journal, 2_500)

    assert (few, many) == (250, 2_500)
    assert of_many < of_few * 2  # all at once would take ten times as much


def test_every_page_ends_where_the_next_begins(tmp_path: Path) -> None:
    journal = long_log(tmp_path / "log.db", 1_001)

    told = [json.loads(line.text) for line in lines(journal, 1_000, Selection(BERLIN), openings=True)]

    assert [each["seq"] for each in told] == list(range(1, 1_001))
    assert [after["prev"] for after in told] == [NO_HASH, *(each["hash"] for each in told[:-1])]


def walk(journal: Journal, until: int) -> tuple[int, int]:
    """How many lines there are, and the most memory that reading them took."""
    tracemalloc.start()
    try:
        count = sum(1 for _ in lines(journal, until, Selection(BERLIN, cycle="ip-2025"), openings=True))
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def long_log(file: Path, count: int) -> Journal:
    """A journal of so many comments."""
    upgrade(f"sqlite:///{file}")
    rows, prev = [], NO_HASH
    promise = commitment(SALT, VALUE)
    for seq in range(1, count + 1):
        body = canonical(
            {
                "cycle": "ip-2025",
                "type": "comment.added",
                "recorded_at": "2025-01-10T08:00:00.000000Z",
                "private": {"reason": promise},
                "data": {"x": "y" * 300},
            }
        )
        digest = entry_hash(seq, prev, body)
        rows.append((seq, prev, body, digest, "ip-2025", seq, str(seq), "comment.added"))
        prev = digest
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TRIGGER event_insert")  # which asks four questions of every row
        connection.executemany(
            "INSERT INTO event (seq, prev, body, hash, cycle, cseq, cmd, type) VALUES (?,?,?,?,?,?,?,?)", rows
        )
        connection.execute("INSERT INTO opening VALUES (?, ?, ?, 'event:x')", (promise, SALT, VALUE))
    return Journal(connect(f"sqlite:///{file}"), BERLIN)
