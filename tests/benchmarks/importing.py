"""Importing inventories of 1,000, 10,000 and 100,000 projects: whole processes, how long and with how much memory."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cycle.app.start import make_site
from cycle.cli.main import run
from tests.benchmarks.figures import Figure
from tests.benchmarks.sites import LOGIN, NOW, environment
from tests.small_town import write_partners
from tests.workbooks import Cell, xlsx

SIZES = (1_000, 10_000, 100_000)
SECONDS, MEGABYTES = 5.0, 200.0
OF = 10_000
HEADER = (
    "Nr", "Projekttitel", "Träger Nr", "Kooperation mit Nr", "Handlungsfelder", "Zielgruppen", "Beginn", "Status",
    "Finanzvolumen EUR", "Antwort vom",
)  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """One process: seconds, and the most memory that it held."""

    seconds: float
    megabytes: float


def imports(folder: Path) -> Iterator[Figure]:
    """Each size into a site of its own: dry run, import, the same again; the middle size from a workbook, too."""
    took: dict[int, Ran] = {}
    for size in SIZES:
        file = _csv(folder / f"projects-{size}.csv", size)
        dry, took[size], again = _measured(folder / f"imports-{size}", file)
        if size == OF:
            name, held = f"import of {size:,} projects", took[size].megabytes
            yield Figure(name, took[size].seconds, "s", SECONDS, f"CSV of {file.stat().st_size / 1e6:.1f} MB; one process")
            yield Figure(f"memory of {name}", held, "MB", MEGABYTES, "the most that the process held")
            yield Figure(f"dry run of {name}", dry.seconds / took[size].seconds, "x", 1.1, f"{dry.seconds:.2f} s")
            yield Figure(f"second {name}", again.seconds / took[size].seconds, "x", 1.2, f"{again.seconds:.2f} s, nothing new")
    book = xlsx(folder / "projects.xlsx", {"Projekte": [HEADER, *_rows(OF)]})
    _, sheet, _ = _measured(folder / "imports-xlsx", book)
    yield Figure(f"import of {OF:,} projects, XLSX", sheet.seconds, "s", SECONDS, f"{sheet.megabytes:.0f} MB at most")
    each = [took[size].seconds / size for size in SIZES]
    told = ", ".join(f"{size:,}: {ran.seconds:.2f} s, {ran.megabytes:.0f} MB" for size, ran in took.items())
    yield Figure("a project of 100,000 against one of 10,000", each[2] / each[1], "x", 1.5, told)


def _measured(home: Path, file: Path) -> tuple[Ran, Ran, Ran]:
    with environment(CYCLE_HOME=str(home), CYCLE_NOW=NOW, CYCLE_ACTOR=LOGIN):
        make_site(home, sandbox=True, login=LOGIN, now=NOW).database.dispose()
        for line in (f"partner import {write_partners(home / 'partners.csv')}", "start 2025"):
            if run(line.split()):
                raise RuntimeError(line)
        words = ["project", "import", "2025", str(file)]
        _ran([*words, "--dry-run"])  # the first one of a file reads it from the disk
        return _ran([*words, "--dry-run"]), _ran(words), _ran(words)


def _ran(words: Sequence[str]) -> Ran:
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "cycle", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)}: exit {process.returncode}")
    return Ran(time.perf_counter() - begun, used.ru_maxrss / 1024)


def _csv(path: Path, size: int) -> Path:
    lines = [";".join("" if cell is None else str(cell) for cell in row) for row in (HEADER, *_rows(size))]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def _rows(size: int) -> Iterator[Sequence[Cell]]:
    fields = ("Sprache", "Bildung | Arbeit", "Wohnen", "Gesundheit | Zusammenleben")
    groups = ("Frauen", "Kinder | Jugendliche", "Senioren", "Familien")
    for n in range(1, size + 1):
        day = f"{n % 28 + 1:02}.03.2025"
        yield (n, f"Projekt {n}", n % 5 + 1, str(n % 3 + 1), fields[n % 4], groups[n % 4], day, "laufend", n % 9_000, day)
