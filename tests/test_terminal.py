"""What a table looks like on a terminal of 80 columns, a real one."""

import json
import os
import pty
import re
import subprocess
import sys
from typing import Any

SHOW = """
import json, sys
from cycle.cli.table import as_table
columns, rows = json.loads(sys.argv[1])
as_table("Tabelle", columns, rows)
"""
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(columns: list[tuple[str, str]], rows: list[list[str]], width: int = 80) -> list[str]:
    """The lines of a table as a terminal of that width gets them."""
    return said_on_terminal(["-c", SHOW, json.dumps([columns, rows])], width)


def said_on_terminal(arguments: list[str], width: int = 80) -> list[str]:
    """The lines that a run of Python writes to a terminal of that width."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"COLUMNS": str(width), "TERM": "xterm", "CYCLE_LANGUAGE": "de"}
    process = subprocess.Popen([sys.executable, *arguments], stdout=theirs, env=environ)
    os.close(theirs)
    told = b""
    try:
        while chunk := os.read(ours, 65536):
            told += chunk
    except OSError:  # Linux says so where the other side is closed
        pass
    process.wait()
    os.close(ours)
    return [COLOURS.sub("", line).rstrip() for line in told.decode().splitlines()]


def test_a_table_that_has_room_shows_every_column() -> None:
    assert on_terminal([("col.no", "right"), ("col.name", "left")], [["1", "Turnverein"]]) == [
        "Tabelle",
        "Nr  Name",
        " 1  Turnverein",
    ]


def test_columns_without_room_are_named_and_short_words_stay_whole() -> None:
    columns = [("col.no", "right"), *[("col.name", "left")] * 6]
    row = ["1", *["Elternabend Kita"] * 6]

    lines = on_terminal(columns, [row])

    assert max(map(len, lines)) <= 80
    assert lines[1].split() == ["Nr", *["Name"] * 5]
    assert lines[2].split() == ["1", *["Elternabend"] * 5]
    assert lines[3].split() == ["Kita"] * 5
    assert lines[4:] == [
        "Für weitere Spalten ist hier kein Platz: Name. Ein breiteres Fenster oder --json",
        "zeigt sie.",
    ]


def test_a_title_keeps_its_long_words_and_the_last_column_makes_room() -> None:
    columns = [("col.no", "left"), ("col.name", "title"), *[("col.name", "left")] * 4]
    rows = [["M-2025-14", "Elternakademie Bildungsgerechtigkeit", *["zurückgestellt"] * 4]]

    lines = on_terminal(columns, rows)

    assert max(map(len, lines)) <= 80
    assert [line.split()[:2] for line in lines[2:4]] == [["M-2025-14", "Elternakademie"], ["Bildungsgerechtigkeit"]]
    assert lines[4].startswith("Für weitere Spalten ist hier kein Platz: Name.")


def test_an_address_is_broken_before_its_at_and_nowhere_else() -> None:
    columns = [
        ("col.day", "left"),
        ("col.template", "left"),
        ("col.partner", "left"),
        ("col.address", "address"),
        ("col.state", "left"),
    ]
    address = "claudia.huebner@wirtschaftsforum.example.com"
    row = ["18.02.2025", "save_the_date_spring", "58", address, "gesendet"]

    lines = on_terminal(columns, [row, row])

    assert max(map(len, lines)) <= 80
    assert [line for line in lines if "claudia.huebner " in line and "gesendet" in line] != []
    assert [line for line in lines if "@wirtschaftsforum.example.com" in line] != []


def test_the_verdict_on_the_history_breaks_between_its_words_and_keeps_its_hash_whole(cycle: Any) -> None:
    whole = cycle("history verify").out.rstrip("\n")

    lines = said_on_terminal(["-m", "cycle", "history", "verify"])

    assert "\n" not in whole
    assert (" ".join(lines), max(map(len, lines)) <= 80) == (whole, True)
