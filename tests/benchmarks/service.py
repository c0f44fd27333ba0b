"""What the service costs while nothing is to be done, and how long a whole year takes."""

import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from cycle.app.site import Site
from cycle.cli.main import run
from cycle.cycles.records import Cycle, WorkflowText
from cycle.demo.telling import play
from cycle.journal.actor import SERVICE
from cycle.service.deliver import deliver
from cycle.service.tick import tick
from cycle.workflow.canonical import canonical_text, sha256_of
from tests.benchmarks.figures import Figure, median, seconds_of
from tests.benchmarks.sites import empty_town, environment

CYCLES = 1_000
TIMES = 200
ROUNDS = 15
IDLE_SECONDS = 4


def a_year(folder: Path) -> Iterator[Figure]:
    """Musterstadt's 2025, told without printing: 60 partners, 191 commands, every morning's tick and delivery."""
    begun, worked = time.perf_counter(), time.process_time()
    played = play(folder / "year", run, out=lambda _line: None)
    taken, worked = time.perf_counter() - begun, time.process_time() - worked
    mails = sum(played.mails.values())
    made_of = f"{played.done + played.refused} commands, {mails:,} mails; {worked:.1f} s of it processor time"
    yield Figure("a whole year of 60 partners", taken, "s", 10.0, made_of)


def idle_tick(folder: Path) -> Iterator[Figure]:
    """A tick that has nothing to do while a thousand cycles are open, against one SELECT by an index, in turn."""
    with empty_town(folder / "idle") as site:
        _open_cycles(site)
        tick(site)
        asyncio.run(deliver(site))
        select = text("SELECT id FROM cycle WHERE standing = :standing AND wake_at <= :now ORDER BY wake_at LIMIT 1")

        def one_select() -> None:
            with site.journal.reading() as session:
                session.execute(select, {"standing": "open", "now": "2024-01-01"}).first()

        ticks, selects = [], []
        for _ in range(ROUNDS):
            ticks.append(seconds_of(lambda: tick(site), TIMES))
            selects.append(seconds_of(one_select, TIMES))
        mine, theirs = median(ticks) * 1e6, median(selects) * 1e6
        yield Figure(
            f"a tick, nothing due, {CYCLES:,} cycles",
            mine / theirs,
            "x",
            1.5,
            f"{mine:.0f} µs against {theirs:.0f} of a SELECT",
        )


def idle_service(year: Path) -> Iterator[Figure]:
    """The memory of `cycle run` once it has ticked and waits, on the story's year."""
    with environment(CYCLE_HOME=str(year), CYCLE_ACTOR="j.weissenburger", CYCLE_NOW="2026-03-16T19:00:00+01:00"):
        process = subprocess.Popen(
            [sys.executable, "-m", "cycle", "run"], env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(IDLE_SECONDS)
        except subprocess.TimeoutExpired:
            megabytes = resident_megabytes(process.pid)
        else:
            raise RuntimeError(f"cycle run ended with {process.returncode}")
        finally:
            process.terminate()
            process.wait()
    yield Figure("the idle service", megabytes, "MB", 130.0, "resident memory, after its first tick and verify")


def _open_cycles(site: Site) -> None:
    workflow = site.workflow()
    written = canonical_text(workflow)
    sha256 = sha256_of(written)
    with site.journal.entry("cycle.started", by=SERVICE, now=site.now()) as entry:
        entry.add(WorkflowText(sha256=sha256, plan="integration", edition="1", text=written))
        entry.add_all(
            [
                Cycle(
                    key=f"ip-{1000 + number}",
                    plan="integration",
                    year=1000 + number,
                    label=str(1000 + number),
                    workflow_sha256=sha256,
                    phase=workflow.first_phase,
                    started_on=entry.today,
                )
                for number in range(CYCLES)
            ]
        )


def resident_megabytes(number: int) -> float:
    """What a process holds in memory now."""
    status = Path(f"/proc/{number}/statm")
    if status.is_file():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(number)], check=True, capture_output=True, text=True)
    return int(told.stdout) / 1024
