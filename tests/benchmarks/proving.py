"""What looking at the chain alone costs: its speed against a bare loop, and its memory with a thousand entries and a million.

`python -m tests.benchmarks.proving [ENTRIES]` writes a million entries and lets processes of their own look at them: minutes.
"""

import gc
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert

from cycle.adapters.database import Database, connect
from cycle.app.upgrade import upgrade
from cycle.journal.form import NO_HASH, canonical, entry_hash
from cycle.journal.records import Event
from cycle.journal.verify import verify
from tests.benchmarks.figures import Figure, median, table

FEW = 1_000
MANY = 1_000_000
LOOKED_AT = 20_000
AT_ONCE = 10_000
ROUNDS = 5
# A process that looks at the chain and tells how many entries there were and the most that it held.
LOOKING = """
import resource, sys
from cycle.adapters.database import connect
from cycle.journal.verify import verify
verdict = verify(connect(sys.argv[1]), replay=False)
assert verdict.intact, verdict.problems
print(verdict.entries, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def chain_alone(folder: Path) -> Iterator[Figure]:
    """Verifying without replay, against a bare loop over the same bodies held in memory, in turn."""
    database = written(folder / "chain.db", LOOKED_AT)
    with database.reader.connect() as connection:
        bodies = [body for (body,) in connection.exec_driver_sql("SELECT body FROM event ORDER BY seq")]
    ours, bare = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        assert verify(database, replay=False).intact
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        for body in bodies:
            _bare(body)
        bare.append(time.perf_counter() - begun)
        gc.collect()
    database.dispose()
    mine, theirs = (LOOKED_AT / median(taken) for taken in (ours, bare))
    made_of = f"{mine:,.0f} entries/s against {theirs:,.0f} of json.loads, json.dumps and two SHA-256"
    yield Figure("verify without replay", mine / theirs, "x", 0.5, made_of, at_least=True)


def memory(folder: Path, many: int = MANY) -> Iterator[Figure]:
    """The most that a process holds which looks at so many entries, over one that looks at a thousand."""
    held = {}
    begun = time.perf_counter()
    for entries in (FEW, many):
        file = folder / f"{entries}.db"
        written(file, entries).dispose()
        sys.stderr.write(f"{entries:,} entries after {time.perf_counter() - begun:.0f} s\n")
        looked = time.perf_counter()
        told = subprocess.run(
            [sys.executable, "-c", LOOKING, f"sqlite:///{file}"], check=True, capture_output=True, text=True, env=os.environ
        )
        found, kilobytes = map(int, told.stdout.split())
        assert found == entries
        held[entries] = kilobytes / 1024
    taken = time.perf_counter() - looked
    made_of = f"{held[many]:.1f} MB at {many:,} entries (in {taken:.0f} s), {held[FEW]:.1f} at {FEW:,}"
    yield Figure("memory of a longer chain", held[many] - held[FEW], "MB", 20.0, made_of)


def written(file: Path, entries: int) -> Database:
    """A database with a chain of so many entries, appended in one transaction; their rows are nowhere but in the chain."""
    url = f"sqlite:///{file}"
    upgrade(url)
    database = connect(url)
    prev = NO_HASH
    with database.writer.begin() as connection:
        for first in range(1, entries + 1, AT_ONCE):
            rows = []
            for seq in range(first, min(first + AT_ONCE, entries + 1)):
                body = _body(seq)
                row = {name: body[name] for name in ("cycle", "cseq", "cmd", "type")}
                text = canonical(body)
                digest = entry_hash(seq, prev, text)
                rows.append(row | {"seq": seq, "prev": prev, "body": text, "hash": digest})
                prev = digest
            connection.execute(insert(Event), rows)
    return database


def _body(seq: int) -> dict[str, object]:
    """An entry as the edit of an organisation leaves it: its first opens the log."""
    opened = seq == 1
    facts = {"log": "0" * 32, "municipality": "Musterstadt"} if opened else {}
    changes = {"change": "partner", "id": seq % 60 + 1, "fields": {"budget": [seq - 60, seq]}}
    return {
        "v": 1,
        "id": f"{seq:032x}",
        "cmd": f"{seq:032x}",
        "type": "log.opened" if opened else "partner.edited",
        "cycle": None if opened else "ip-2025",
        "cseq": None if opened else seq - 1,
        "recorded_at": f"2025-01-{seq * 28 // 10**9 + 1:02}T09:00:00.000000Z",
        "effective_on": "2025-01-10",
        "actor": {"ref": "p:" + "a" * 32, "role": "coordinator", "via": "cli"},
        "second": None,
        "basis": [],
        "data": facts | {"changes": [] if opened else [changes]},
        "private": {} if opened else {"reason": hashlib.sha256(str(seq).encode()).hexdigest()},
        "supersedes": None,
    }


def _bare(body: str) -> None:
    text = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    inner = hashlib.sha256(text.encode()).hexdigest()
    hashlib.sha256(inner.encode()).hexdigest()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        figures = [*chain_alone(Path(name)), *memory(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else MANY)]
    sys.stdout.write("\n".join(table(figures)) + "\n")
