"""A small history of two years with reasons, told by command lines."""

import contextlib
import io
import shlex
from pathlib import Path

import pytest

from cycle.cli import main, shell

AUDITOR = "a.kraut"
LINES = (
    ("2025-01-10T09:00", f'people add {AUDITOR} --name "Albrecht Kraut" --role auditor'),
    ("2025-01-10T09:01", "start 2025"),
    ("2025-01-13T09:00", 'history comment 2025 "Frau Çelik (Verein „Brücke“) fragt\nnach dem Raum"'),
    ("2025-01-14T09:00", "start 2026"),
    ("2025-01-15T09:00", 'history comment 2026 "=1+1"'),
    ("2025-01-16T09:00", 'meeting edit 2025 spring --venue "Rathaus"'),
    ("2025-01-17T09:00", 'history comment 2025 "Danke"'),
)


def run(
    patch: pytest.MonkeyPatch, home: Path, line: str, *, moment: str = "2025-01-20T09:00", login: str = "j.weissenburger"
) -> None:
    """A command line of a site, that must succeed."""
    patch.setenv("CYCLE_HOME", str(home))
    patch.setenv("CYCLE_NOW", moment)
    patch.setenv("CYCLE_ACTOR", login)
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            assert main.run(shlex.split(line)) == 0, (line, said.getvalue())
    finally:
        shell.close()
