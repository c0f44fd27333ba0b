"""How long the reports of a year take, and how the year's report grows with the projects of its inventory."""

import csv
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from cycle.app.places import data_root
from cycle.cli.main import run
from tests.benchmarks.figures import Figure, median, processor, seconds_of
from tests.benchmarks.sites import LOGIN, environment
from tests.small_town import write_partners

TIMES = 3
MANY = (1_000, 10_000, 100_000)
A_FILE = 10_000  # more rows than that no import takes at once
NOW = "2025-04-08T09:00:00+02:00"


def reports(home: Path) -> Iterator[Figure]:
    """Seconds for year report and plan of the story's year; the PDF only where its extra is installed."""
    forms = ["html", *(["pdf"] if importlib.util.find_spec("weasyprint") else [])]
    with environment(CYCLE_HOME=str(home), CYCLE_ACTOR="a.kraut"):
        for what, pages in (("year", "6 pages"), ("plan", "4 pages")):
            for form in forms:
                line = ["report", what, "2025", "--to", str(home / f"{what}.{form}")]
                made_of = f"1,535 entries, as they held on the day of the close; {pages}"
                yield _figure(f"report {what}, {form.upper()}", line, 8.0 if form == "pdf" else 3.0, made_of, TIMES)


def growing(folder: Path) -> Iterator[Figure]:
    """Seconds for the year report of 1,000, 10,000 and 100,000 projects: ten times as many take at most ten times as long."""
    for number in MANY:
        home = folder / f"projects-{number}"
        with environment(CYCLE_HOME=str(home), CYCLE_ACTOR=LOGIN, CYCLE_NOW="2025-01-10T09:00:00+01:00"):
            _done("init", str(home), "--sandbox")
            _done("partner", "import", str(write_partners(home / "partners.csv")))
            _done("start", "2025")
        with environment(CYCLE_HOME=str(home), CYCLE_ACTOR=LOGIN, CYCLE_NOW=NOW):
            for first in range(1, number + 1, A_FILE):
                file = _projects(home / "projects.csv", range(first, min(first + A_FILE, number + 1)))
                _done("project", "import", "2025", str(file))
            _done("gap", "2025", "--record")
            line = ["report", "year", "2025", "--to", str(home / "year.html")]
            bound = 3.0 if number <= 10_000 else 30.0
            yield _figure(f"report year, {number:,} projects", line, bound, "the inventory on record, one gap analysis", 1)


def _projects(file: Path, numbers: range) -> Path:
    """The story's projects over and over, under numbers and titles of their own, carried by the town's five partners."""
    with (data_root() / "config" / "demo" / "projects_2025.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        writer.writeheader()
        for number in numbers:
            row = rows[number % len(rows)]
            own = {"Nr": str(number), "Träger Nr": str(2 + number % 4), "Kooperation mit Nr": str(2 + number % 3)}
            writer.writerow(row | own | {"Projekttitel": f"{row['Projekttitel']} {number}"})
    return file


def _figure(name: str, line: list[str], bound: float, made_of: str, times: int) -> Figure:
    worked: list[float] = []

    def write() -> None:
        with processor(worked):
            _done(*line)

    taken = seconds_of(write, times)
    return Figure(name, taken, "s", bound, f"{made_of}; {median(worked):.1f} s of it processor time")


def _done(*line: str) -> None:
    code = run(list(line))
    if code:
        raise RuntimeError(f"{' '.join(line)} ended with {code}")
