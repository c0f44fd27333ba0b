"""Measure everything and print the table."""

import compileall
import contextlib
import gc
import io
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import cycle
from tests.benchmarks.dossier import dossiers
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.gaps import gap_analyses
from tests.benchmarks.importing import imports
from tests.benchmarks.letters import building
from tests.benchmarks.mailing import far, near
from tests.benchmarks.many_cycles import one_history
from tests.benchmarks.proving import chain_alone
from tests.benchmarks.reports import growing, reports
from tests.benchmarks.service import a_year, idle_service, idle_tick
from tests.benchmarks.starts import reading_the_workflow, starts
from tests.benchmarks.writing import rows_and_proof, transitions


def main() -> None:
    """Measure, and print each figure beside its bound; `!` marks one that is missed."""
    gc.disable()  # as the command line does
    compileall.compile_dir(Path(cycle.__file__).parent, quiet=2)  # as pip installs it, whatever this environment says
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures: list[Figure] = []
        for measure in (
            lambda: imports(folder),  # first: a process begins with the memory of the one that starts it
            lambda: a_year(folder),
            lambda: starts(folder / "year"),
            lambda: transitions(folder),
            lambda: rows_and_proof(folder),
            lambda: chain_alone(folder),
            lambda: one_history(folder / "year"),
            lambda: idle_tick(folder),
            lambda: idle_service(folder / "year"),
            lambda: reading_the_workflow(folder / "year"),
            lambda: dossiers(folder / "year"),
            lambda: gap_analyses(folder),
            lambda: reports(folder / "year"),
            lambda: growing(folder),
            building,
            lambda: near(folder),
            lambda: far(folder),
        ):
            figures += _measured(measure)
            gc.collect()
    sys.stdout.write(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}\n\n")
    sys.stdout.write("\n".join(table(figures)) + "\n")


def _measured(measure: Callable[[], Iterable[Figure]]) -> list[Figure]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        figures = list(measure())
    for figure in figures:
        sys.stderr.write(f"{figure.name} …\n")
    return figures


if __name__ == "__main__":
    main()
