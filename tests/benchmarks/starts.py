"""What a command costs as a whole process, against the bare start of Python; and what the workflow file costs to read."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from cycle.app.opening import open_site
from cycle.app.places import data_root
from tests.benchmarks.figures import Figure, median, seconds_of
from tests.benchmarks.sites import environment

RUNS = 11
BOUNDS = {"--version": 3.0, "--help": 12.0, "status 2025": 45.0}


def starts(year: Path) -> Iterator[Figure]:
    """Whole processes in turn with the bare interpreter; `status` on the story's year."""
    command = [sys.executable, "-m", "cycle"]
    pyc = year.parent / "pyc"
    with environment(CYCLE_HOME=str(year), CYCLE_ACTOR="j.weissenburger", CYCLE_NOW="2025-06-03T09:00:00+02:00"):
        for line, bound in BOUNDS.items():
            bare, ours = [], []
            _run([*command, *line.split()], pyc)
            for _ in range(RUNS):
                bare.append(seconds_of(partial(_run, [sys.executable, "-c", "pass"], pyc), 1))
                ours.append(seconds_of(partial(_run, [*command, *line.split()], pyc), 1))
            mine, theirs = median(ours) * 1000, median(bare) * 1000
            yield Figure(f"cycle {line}", mine / theirs, "x", bound, f"{mine:.0f} ms against {theirs:.0f} of python -c pass")


def reading_the_workflow(year: Path) -> Iterator[Figure]:
    """integration.yaml into a typed workflow with every name checked; a command that needs it pays that once."""
    with environment(CYCLE_HOME=str(year)):
        site = open_site(year)
        file = data_root() / "workflows" / "integration.yaml"

        def load() -> None:
            site.files._workflows.clear()
            site.files.workflow_file(file)

        yield Figure("integration.yaml read", seconds_of(load, 3), "s", 1.0, "YAML to a checked workflow")
        site.database.dispose()


def _run(command: list[str], pyc: Path) -> None:
    """One process as an installed programme starts: with its bytecode at hand, whatever this environment says."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ["PYTHONPYCACHEPREFIX"] = str(pyc)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ, cwd=data_root())
