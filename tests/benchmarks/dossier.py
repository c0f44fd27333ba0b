"""How long the dossier of a whole year takes: the page, and the page printed as PDF."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from cycle.cli.main import run
from tests.benchmarks.figures import Figure, median, processor, seconds_of
from tests.benchmarks.sites import environment

LOGIN = "a.kraut"
TIMES = 3


def dossiers(home: Path) -> Iterator[Figure]:
    """Seconds for the dossier of the story's year, history verified first; the PDF only where its extra is installed."""
    with environment(CYCLE_HOME=str(home), CYCLE_ACTOR=LOGIN):
        yield _figure(home, "html", 3.0, "1,535 entries, 57 partners, 27 measures")
        if importlib.util.find_spec("weasyprint"):
            yield _figure(home, "pdf", 8.0, "15 pages, tagged, entries attached")


def _figure(home: Path, form: str, bound: float, made_of: str) -> Figure:
    line = ["report", "dossier", "2025", "--format", form, "--out", str(home / f"dossier.{form}")]
    worked: list[float] = []

    def write() -> None:
        with processor(worked):
            code = run(line)
        if code:
            raise RuntimeError(f"{' '.join(line)} ended with {code}")

    taken = seconds_of(write, TIMES)
    return Figure(
        f"dossier of a year, {form.upper()}", taken, "s", bound, f"{made_of}; {median(worked):.1f} s of it processor time"
    )
