"""What an entry costs: a whole transition against bare SQL, ten thousand rows at once, and the proof of it all."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from cycle.app.site import Site
from cycle.journal.actor import SERVICE
from cycle.journal.verify import verify
from cycle.partners.records import Partner
from cycle.phases.actions import take
from cycle.phases.rules import Step, StepKind
from cycle.vocabulary import Right
from tests.benchmarks.figures import Figure, median, processor
from tests.benchmarks.sites import empty_town, same_site, small_plan

ROUNDS = 9
STEPS = 10
ROWS = 10_000
ENTRIES = 20_000
BODY = "x" * 1200  # as long as a transition's entry
BOUNDS = {"delete": 4.5, "wal": 8.0}


def transitions(folder: Path) -> Iterator[Figure]:
    """A transition by `Site.entry` and `phases.take`, against UPDATE and INSERT by the bare driver, in turn."""
    for journal, bound in BOUNDS.items():
        ours: list[float] = []
        bare: list[float] = []
        with small_plan(folder, journal) as plan:
            connection = _bare(folder / f"bare-{journal}.db", journal)
            for round in range(ROUNDS):
                with same_site(plan.home, folder / f"{journal}-{round}") as site:
                    _to_and_fro(site)
                    with processor(ours):
                        for _ in range(STEPS // 2):
                            _to_and_fro(site)
                with processor(bare):
                    for _ in range(STEPS):
                        _update_and_insert(connection)
            connection.close()
        mine, theirs = median(ours) / STEPS * 1000, median(bare) / STEPS * 1000
        made_of = f"{mine:.2f} ms of processor time against {theirs:.2f} of a bare UPDATE and INSERT"
        yield Figure(f"a transition, {journal.upper()}", mine / theirs, "x", bound, made_of)


def _to_and_fro(site: Site) -> None:
    with site.entry("phase.advanced", Right.RUN, year=2025) as (entry, about):
        assert about is not None
        take(entry, about, Step(StepKind.ADVANCE))
    with site.entry("phase.returned", Right.RUN, year=2025, reason="Der Termin wird neu gesucht") as (entry, about):
        assert about is not None
        take(entry, about, Step(StepKind.BACK, to="planned"))


def _bare(file: Path, journal: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.execute(f"PRAGMA synchronous={'FULL' if journal == 'wal' else 'EXTRA'}")
    for pragma in ("foreign_keys=ON", "secure_delete=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE cycle (id INTEGER PRIMARY KEY, phase TEXT, version INTEGER)")
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, body TEXT, hash TEXT UNIQUE)")
    connection.execute("INSERT INTO cycle VALUES (1, 'planned', 0)")
    return connection


def _update_and_insert(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE cycle SET phase = 'meeting', version = version + 1 WHERE id = 1")
    connection.execute("INSERT INTO event (body, hash) VALUES (?, hex(randomblob(32)))", (BODY,))
    connection.execute("COMMIT")


def rows_and_proof(folder: Path) -> Iterator[Figure]:
    """Ten thousand rows in one entry; then many entries, verified and replayed against every table."""
    with empty_town(folder) as site:
        rows = [
            Partner(number=number, short=f"V{number}", name=f"Verein {number}", kind="association") for number in range(ROWS)
        ]
        begun = time.perf_counter()
        with site.journal.entry("partner.imported", by=SERVICE, now=site.now()) as entry:
            entry.add_all(rows)
        yield Figure(
            f"{ROWS:,} rows in one entry", time.perf_counter() - begun, "s", 1.5, "partners, checked, hashed, committed"
        )
    with empty_town(folder / "proof") as site:
        made = _many_entries(site)
        begun = time.perf_counter()
        verdict = verify(site.database)
        taken = time.perf_counter() - begun
        assert verdict.intact
        yield Figure(
            "verify with replay", made / taken, "entries/s", 20_000, f"{made:,} entries in {taken:.2f} s", at_least=True
        )


def _many_entries(site: Site) -> int:
    """Entries as a year makes them, appended without waiting for the disk."""
    with site.database.writing() as connection:  # which rests, and is the one that the entries get
        connection.connection.driver_connection.execute("PRAGMA synchronous=OFF")
    with site.journal.entry("partner.imported", by=SERVICE, now=site.now()) as entry:
        partners = entry.add_all(
            [Partner(number=number, short=f"V{number}", name=f"Verein {number}", kind="association") for number in range(60)]
        )
    for number in range(ENTRIES):
        with site.journal.entry("partner.edited", by=SERVICE, now=site.now()) as entry:
            entry.change(partners[number % len(partners)], budget=number)
    return ENTRIES + 2
