"""A list of the history takes no more memory, and no longer reading, however long it is."""

import json
import sqlite3
import tracemalloc
from contextlib import closing
from typing import Any

import pytest

from cycle.cli import shell
from cycle.cli.entries import AT_ONCE, Listing
from cycle.journal.form import canonical, entry_hash

COLUMNS = "seq, prev, body, hash, cycle, cseq, cmd, type"
MANY = 3 * AT_ONCE


@pytest.fixture
def town(cycle: Any) -> Any:
    """A site with thousands of remarks in its history."""
    cycle("start 2025")
    cycle('history comment 2025 "der erste"')
    shell.close()
    with closing(sqlite3.connect(cycle.home / "cycle.db")) as raw:
        seq, prev, text = raw.execute("SELECT seq, hash, body FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        body = json.loads(text)
        for n in range(seq + 1, MANY + 1):
            body |= {"id": f"{n:032x}", "cmd": f"{n:032x}", "cseq": body["cseq"] + 1, "private": {}}
            text = canonical(body)
            digest = entry_hash(n, prev, text)
            row = (n, prev, text, digest, body["cycle"], body["cseq"], body["cmd"], body["type"])
            raw.execute(f"INSERT INTO event ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            prev = digest
        raw.commit()
    return cycle


def most_held(last: int) -> int:
    """The most bytes that a walk along the list holds."""
    listing = Listing(None, None, None, None, (), last, False)
    tracemalloc.start()
    assert sum(1 for _ in listing) == last
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_a_longer_list_holds_no_more(town: Any) -> None:
    most_held(1)  # what is loaded once
    assert most_held(MANY) < 1.2 * most_held(2 * AT_ONCE)  # one part is told while the next is read


def test_whoever_reads_it_slowly_holds_up_nobody_who_writes(town: Any) -> None:
    walking = iter(Listing(None, None, None, None, (), None, False))
    next(walking)

    town('history comment 2025 "geht"')

    assert sum(1 for _ in walking) == MANY - 1  # what came meanwhile is not in it


def test_it_is_whole_and_in_order_in_every_form(town: Any) -> None:
    told = json.loads(town("history list --json").out)["entries"]
    few = json.loads(town(f"history list --json --last {AT_ONCE + 1} --type comment.added").out)["entries"]

    assert [each["seq"] for each in told] == list(range(1, MANY + 1))
    assert [each["seq"] for each in few] == list(range(MANY - AT_ONCE, MANY + 1))
    assert json.loads(town("history list --json --type phase.held").out)["entries"] == []
    assert len(town("history list").out.splitlines()) == MANY + 1
    assert len(town("history list 2025 --csv").out.splitlines()) == MANY
