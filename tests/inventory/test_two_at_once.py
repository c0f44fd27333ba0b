"""Two people take the same file in the same moment: one takes it, the other is told that nothing was left to take."""

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filled_form import PROJECTS
from small_town import settle

from cycle.cli import shell

AT = "2025-03-05T09:00:00+01:00"
ANSWERS = "Nr;Antwort am;Projekte\n2;04.03.2025;0\n"
REVIEWS = "Projekt Nr;Beantwortet;Stand\n7;04.03.2025;laufend\n"
LINES = {
    "survey.answered by forms": "survey import 2025 {home}/form2.xlsx",
    "survey.answered by table": "survey import 2025 {home}/antworten.csv --until 2025-03-05",
    "project.imported": "project import 2025 {home}/weitere.csv",
    "project.reviewed": "project review 2025 --file {home}/rueckblick.csv --until 2025-03-05",
}


@pytest.fixture
def town(cycle: Any) -> Any:
    settle(cycle)
    home = cycle.home
    for name, content in (
        ("projekte.csv", PROJECTS),
        ("weitere.csv", PROJECTS.replace("\n7;", "\n77;")),
        ("antworten.csv", ANSWERS),
        ("rueckblick.csv", REVIEWS),
    ):
        (home / name).write_text(content, encoding="utf-8-sig", newline="")
    cycle(f"project import 2025 {home / 'projekte.csv'}")
    cycle(f"survey form 2025 2 --to {home / 'form2.xlsx'}", at=AT)
    shell.close()
    return cycle


@pytest.mark.parametrize("which", LINES)
def test_of_two_who_import_the_same_at_once_one_takes_it_and_one_entry_is_written(town: Any, which: str) -> None:
    words = LINES[which].format(home=town.home).split()
    before = types(town)
    with closing(sqlite3.connect(town.home / "cycle.db", isolation_level=None)) as holding:
        holding.execute("BEGIN IMMEDIATE")
        racing = [
            subprocess.Popen([sys.executable, "-m", "cycle", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        for each in racing:
            wait_until_it_wants_to_write(each, town.home / "cycle.db")
        holding.execute("ROLLBACK")
    told = [each.communicate(timeout=60)[1] for each in racing]

    assert [each.returncode for each in racing] == [0, 0]
    assert sorted("Es wurde nichts geändert." in each for each in told) == [False, True]
    assert types(town) == [*before, which.partition(" ")[0]]


def types(town: Any) -> list[str]:
    found = [each["type"] for each in json.loads(town("history list --json").out)["entries"]]
    shell.close()
    return found


def wait_until_it_wants_to_write(process: "subprocess.Popen[str]", database: Path) -> None:
    """Until a process has read and opens the database a second time, to write."""
    opened = Path(f"/proc/{process.pid}/fd")
    for _ in range(600):
        names = [each.readlink() for each in opened.iterdir() if each.is_symlink()] if process.poll() is None else []
        if names.count(database) > 1:
            return
        threading.Event().wait(0.05)
    raise AssertionError("never came to write")
