"""A small history of two years, and what `cycle history export` makes of it."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from export_of_small_history import AUDITOR, LINES, run


@pytest.fixture(scope="session")
def small_history(empty_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's folder, not to be written to."""
    home = tmp_path_factory.mktemp("small") / "home"
    shutil.copytree(empty_site, home)
    with pytest.MonkeyPatch.context() as patch:
        for moment, line in LINES:
            run(patch, home, line, moment=moment)
    return home


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
def history(cycle: Any, small_history: Path) -> Any:
    """The command line of a copy of that site, on the Monday after."""
    shutil.rmtree(cycle.home)
    shutil.copytree(small_history, cycle.home)
    cycle.at("2025-01-20T09:00:00+01:00")
    return cycle


@pytest.fixture
def behind_the_back() -> Callable[[Path, str], None]:
    """One statement past the triggers that guard the journal, which stand again afterwards."""

    def change(database: Path, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            assert connection.execute(statement).rowcount == 1
            for _, made_by in triggers:
                connection.execute(made_by)

    return change
