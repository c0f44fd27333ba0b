"""A small history of two years with reasons, and what `cycle history export` makes of it."""

import contextlib
import io
import os
import shlex
import shutil
from collections.abc import Callable, Iterator
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


@pytest.fixture(scope="session")
def small_history(empty_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's folder, not to be written to."""
    home = tmp_path_factory.mktemp("small") / "home"
    shutil.copytree(empty_site, home)
    with pytest.MonkeyPatch.context() as patch:
        for moment, line in LINES:
            run(patch, home, line, moment=moment)
    return home


def run(patch: pytest.MonkeyPatch, home: Path, line: str, *, moment: str = "2025-01-20T09:00", login: str = "j.weissenburger") -> None:
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


@pytest.fixture(scope="session")
def export_of(small_history: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`export_of("--cycle 2025")`: the folder of such an export, made once; not to be written to."""
    base = tmp_path_factory.mktemp("exports")
    made: dict[str, Path] = {}

    def folder(options: str) -> Path:
        if options not in made:
            home, made[options] = base / f"home{len(made)}", base / f"out{len(made)}"
            shutil.copytree(small_history, home)
            with pytest.MonkeyPatch.context() as patch:
                run(patch, home, f"history export {made[options]} {options}", login=AUDITOR)
        return made[options]

    return folder


@pytest.fixture
def history(cycle, small_history: Path) -> Iterator[object]:  # type: ignore[no-untyped-def]
    """The command line of a copy of that site, on a Monday after."""
    shutil.rmtree(cycle.home)
    shutil.copytree(small_history, cycle.home)
    os.environ.pop("CYCLE_DATABASE__URL", None)
    cycle.at("2025-01-20T09:00:00+01:00")
    yield cycle
