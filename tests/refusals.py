"""A refused command: its sentence and its code, and that it changed nothing."""

import sqlite3
from pathlib import Path
from typing import Any

from cycle.cli import shell


def dump(cycle: Any) -> list[str]:
    """Everything that the database holds."""
    shell.close()
    with sqlite3.connect(cycle.home / "cycle.db") as raw:
        return list(raw.iterdump())


def refused(cycle: Any, line: str, code: int) -> str:
    """The sentence of a command that is refused with that code, and that changed nothing."""
    before = dump(cycle)
    said = cycle(line, code=code)
    shell.close()
    assert dump(cycle) == before
    assert "Traceback" not in said.err
    assert said.out == ""
    return str(said.err)


def spoil(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
