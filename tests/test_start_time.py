"""What a start loads: `--version` and `--help` leave out what they do not need."""

import subprocess
import sys
from pathlib import Path

import pytest

NOT_FOR_HELP = (
    "alembic",
    "apscheduler",
    "babel",
    "holidays",
    "jinja2",
    "pydantic_settings",
    "ruamel",
    "sqlalchemy",
    "sqlmodel",
)


def loaded(line: str) -> set[str]:
    """The top-level modules in memory when a command line has been answered, in a process of its own."""
    programme = (
        "import atexit, os, sys\n"
        "def tell(): print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr, flush=True)\n"
        "end = os._exit\n"
        "os._exit = lambda code: (tell(), end(code))\n"
        "atexit.register(tell)\n"
        f"sys.argv = ['cycle', *{line.split()!r}]\n"
        "from cycle.__main__ import main\n"
        "main()\n"
    )
    told = subprocess.run([sys.executable, "-c", programme], check=True, capture_output=True, text=True)
    return set(told.stderr.splitlines()[-1].split())


def test_version_loads_no_typer() -> None:
    assert loaded("--version") & {"typer", "click", "rich", *NOT_FOR_HELP} == set()


def test_help_loads_neither_database_nor_templates() -> None:
    assert loaded("--help") & set(NOT_FOR_HELP) == set()


def test_help_of_a_noun_loads_neither_database_nor_templates() -> None:
    assert loaded("partner --help") & set(NOT_FOR_HELP) == set()


def test_status_of_a_command_is_in_memory_when_asked_for() -> None:
    """The other way round, so that the three tests above are known to look."""
    assert {"typer", "sqlalchemy"} - loaded("config show --help") == {"sqlalchemy"}


def test_the_status_of_a_year_at_work_reads_no_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_HOME", str(tmp_path / "site"))
    monkeypatch.setenv("CYCLE_ACTOR", "v.muster")
    monkeypatch.setenv("CYCLE_NOW", "2026-01-12T09:00:00+01:00")
    for line in (["init", str(tmp_path / "site"), "--sandbox"], ["start", "2026"]):
        subprocess.run([sys.executable, "-m", "cycle", *line], check=True, capture_output=True)
    assert loaded("status 2026") & {"alembic", "apscheduler", "babel", "jinja2", "ruamel", "sqlmodel"} == {"sqlmodel"}
