"""Every reading command in a process of its own, which has loaded nothing that another command needed."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from small_town import SAVE_THE_DATE, run, settle

from cycle.cli import main

# What stands for the arguments of a command, by their names, and what it is not asked to do here.
GIVEN = {
    "year": "2025",
    "number": "2",
    "partner": "2",
    "partners": "2",
    "name": "spring",
    "file": "workflows/integration.yaml",
    "address": "a@example.org",
}
NUMBERS = {"need": "B-2025-01", "theme": "T1", "measure": "M-2025-01", "mail": "1", "history": "1"}
MORE = {"survey form": "2 --to form.xlsx", "privacy report": "2"}
# The verbs that only read; the others have no noun to be found by.
VERBS = ("status", "status 2025", "status 2025 --as-of 2025-01-12", "status 2025 --effective 2025-01-12", "gap 2025 --now")
WAYS = ("", "--as-of 2025-01-12", "--effective 2025-01-12", "--json")


def readings() -> Iterator[str]:
    """Every command that changes nothing, with its arguments, as often as it has ways to look back."""
    yield from VERBS
    for noun in main.NOUNS:
        for name, command in commands(main.command(noun).commands[noun], noun):
            words = {word for each in command.params for word in each.opts}
            if "--dry-run" in words:
                continue
            needed = [each.name for each in command.params if each.param_type_name == "argument" and each.required]
            given = [NUMBERS.get(noun, GIVEN[each]) if each == "number" else GIVEN[each] for each in needed]
            for way in WAYS:
                if not way or way.split()[0] in words:
                    yield " ".join(filter(None, [name, *given, MORE.get(name, ""), way]))


def commands(found: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, each in found.commands.items():
        whole = f"{before} {name}"
        yield from commands(each, whole) if hasattr(each, "commands") else [(whole, each)]


@pytest.mark.long
def test_every_reading_command_answers_in_a_process_of_its_own(cycle_anywhere: Any) -> None:
    town = settle(cycle_anywhere)
    town('need add 2025 "Raum" --field housing --source survey')
    town('theme propose 2025 "Wohnen" --field housing --valid-from 2025-01-01 --valid-to 2025-12-31')
    town('measure add 2025 "Raumbörse"')
    run(town, at=SAVE_THE_DATE)

    codes: dict[str, set[int]] = {}
    for line in readings():
        command = [sys.executable, "-m", "cycle", *line.split()]
        ended = subprocess.run(command, cwd=town.home, capture_output=True, text=True, timeout=60, check=False)
        codes.setdefault(" ".join(line.split()[:2]), set()).add(ended.returncode)

    assert {name: found for name, found in codes.items() if found != {0}} == {"theme suggest": {5}}  # before any gap analysis
