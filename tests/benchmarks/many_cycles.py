"""Whether one year's history takes longer to show where the database holds the years of many plans."""

import contextlib
import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert, select

from cycle.app.opening import open_site
from cycle.cli import shell
from cycle.cli.main import run
from cycle.cycles.records import Cycle
from cycle.journal.form import canonical, entry_hash
from cycle.journal.history import entries
from cycle.journal.records import Event
from tests.benchmarks.figures import Figure, median
from tests.benchmarks.sites import environment

FEW, MANY = 200, 20_000
ENTRIES = 20
YEARS = 100  # of a plan
ROUNDS = 15
AT_ONCE = 500
LINE = "history list 2025"


def one_history(year: Path) -> Iterator[Figure]:
    """`cycle history list 2025` of the story's year among the cycles of many plans, few against many, in turn."""
    homes = {count: _among(year, year.parent / f"among-{count}", count) for count in (FEW, MANY)}
    taken: dict[int, list[float]] = {FEW: [], MANY: []}
    told = set()
    for _ in range(ROUNDS):
        for count, home in homes.items():
            with environment(CYCLE_HOME=str(home), CYCLE_ACTOR="j.weissenburger", CYCLE_NOW="2026-03-03T09:00:00+01:00"):
                said = io.StringIO()
                with contextlib.redirect_stdout(said):
                    run(LINE.split(), keep_open=True)  # so that what opening a site costs is not in it
                    said.seek(0)
                    said.truncate()
                    begun = time.perf_counter()
                    code = run(LINE.split(), keep_open=True)
                    taken[count].append(time.perf_counter() - begun)
                shell.close()
                told.add(said.getvalue())
                assert code == 0
    assert len(told) == 1
    few, many = (median(taken[count]) * 1000 for count in (FEW, MANY))
    lines = len(told.pop().splitlines()) - 1
    made_of = f"{many:.1f} ms with {MANY:,} cycles against {few:.1f} with {FEW}: {lines} entries of one of them"
    yield Figure(f"cycle {LINE}", many / few, "x", 1.3, made_of)


def _among(year: Path, home: Path, cycles: int) -> Path:
    """A copy of a site with so many cycles more, of other plans, each with its entries at the end of the chain."""
    shutil.copytree(year, home)
    with environment(CYCLE_HOME=str(home)):
        site = open_site(home)
        with site.journal.reading() as session:
            last = list(entries(session))[-1]
            pattern = dict(session.execute(select(Cycle.__table__)).mappings().first() or {})  # type: ignore[attr-defined]
            prev = last.hash
        with site.database.writer.begin() as connection:
            for first in range(0, cycles, AT_ONCE):
                rows, written = [], []
                for number in range(first, min(first + AT_ONCE, cycles)):
                    of = {"plan": f"p{number // YEARS}", "year": 3000 + number % YEARS}
                    key = f"{of['plan']}-{of['year']}"
                    rows.append(pattern | of | {"id": 1000 + number, "key": key, "label": key})
                    for cseq in range(1, ENTRIES + 1):
                        body = last.body | {"id": f"{number:016x}{cseq:016x}", "cmd": f"{number:016x}{cseq:016x}", "cycle": key}
                        text = canonical(body | {"cseq": cseq, "type": "comment.added", "private": {}, "data": {"changes": []}})
                        seq = last.seq + number * ENTRIES + cseq
                        digest = entry_hash(seq, prev, text)
                        beside = {"cycle": key, "cseq": cseq, "cmd": body["cmd"], "type": "comment.added"}
                        written.append(beside | {"seq": seq, "prev": prev, "body": text, "hash": digest})
                        prev = digest
                connection.execute(insert(Cycle), rows)
                connection.execute(insert(Event), written)
        site.database.dispose()
    return home
