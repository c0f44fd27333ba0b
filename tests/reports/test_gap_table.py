"""The gap analysis on a real terminal of 80 columns, in a pipe, and on both databases."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from second_city import ROWS, city, projects, settle, workflow

__all__ = ["city"]

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(words: list[str], width: int = 80) -> list[str]:
    """The lines that a terminal of that width gets."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"COLUMNS": str(width), "TERM": "xterm"}
    process = subprocess.Popen([sys.executable, "-m", "cycle", *words], stdout=theirs, env=environ)
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


def test_a_terminal_of_80_columns_shows_bars_words_and_the_matrix_with_its_legend(city: Any) -> None:
    workflow(city.home, fields={"sea": "Meer", "land": "Land"}, groups={"crew": "Besatzung", "old": "Alte"})
    city("start 2026", at="2026-01-12T09:00:00+01:00")
    rows = [
        ("sea", "crew", "laufend", "2000", ""),
        ("sea", "crew", "laufend", "", ""),
        ("land", "crew", "laufend", "5001", "3"),
    ]
    city(f"project import 2026 {projects(Path('next.csv'), rows, 2026)}")

    lines = on_terminal(["gap", "2026"])

    assert max(map(len, lines)) <= 80
    assert lines == [
        "Lückenanalyse 2026",
        "Jetzt gezählt, nicht festgehalten; Stand der Daten 12.01.2026",
        "Umfang: alle Projekte, 3; Rücklauf netto 0,0\N{NO-BREAK SPACE}%",
        "! Vorsicht: Der Rücklauf liegt nur bei 0,0 % (netto); die Anteile sind",
        "entsprechend unsicher.",
        "",
        "Gezählt sind 3 Projekte (alle Projekte), Stand 12.01.2026.",
        "Am stärksten vertreten ist die Zielgruppe Besatzung (100,0\N{NO-BREAK SPACE}%).",
        "Eine Lücke besteht bei der Zielgruppe Alte (0,0\N{NO-BREAK SPACE}%).",
        "Die meisten Projekte gibt es im Handlungsfeld Meer (66,7\N{NO-BREAK SPACE}%).",
        "In keinem Handlungsfeld besteht eine Lücke.",
        "Für 2 von 4 Verbindungen aus Zielgruppe und Handlungsfeld gibt es kein Projekt.",
        "Von 2 Projekten ist das Finanzvolumen bekannt; 50,0\N{NO-BREAK SPACE}% davon kommen mit höchstens",
        "5.000 Euro aus, der Median liegt bei 3.500 Euro.",
        "Bei einem Projekt ist das Finanzvolumen nicht bekannt.",
        "Ein Projekt hat ein Finanzvolumen von mehr als 5.000 Euro; es kann zusätzliche",
        "Mittel brauchen.",
        "An einem von 3 Projekten (33,3\N{NO-BREAK SPACE}%) arbeiten zwei oder mehr Partner zusammen.",
        "",
        "Zielgruppen",
        "Zielgruppe  Projekte  Anteil %  Balken    Bewertung",
        "Besatzung          3     100,0  ████████  Schwerpunkt",
        "Alte               0       0,0            Lücke",
        "",
        "Handlungsfelder",
        "Handlungsfeld  Projekte  Anteil %  Balken    Bewertung",
        "Meer                  2      66,7  ████████  Schwerpunkt",
        "Land                  1      33,3  ███▉      abgedeckt",
        "Lücke unter 10 %, ausbaufähig unter 15 %, Schwerpunkt ab 40 %.",
        "",
        "Projekte je Zielgruppe und Handlungsfeld (· = keines)",
        "                             A   B",
        "Besatzung                    2   1",
        "Alte                         ·   ·",
        "A Meer · B Land",
        "",
        "Finanzvolumen der Projekte",
        "  0 Euro: 0",
        "  bis 2.000 Euro: 1",
        "  2.001 bis 10.000 Euro: 1",
        "  über 10.000 Euro: 0",
        "  nicht bekannt: 1",
        "",
        "Aus dem Jahr davor ist nichts festgehalten, womit sich vergleichen ließe.",
    ]


def test_many_fields_are_shown_some_at_a_time(city: Any) -> None:
    workflow(city.home, fields={f"f{number}": f"Feld {number}" for number in range(30)}, groups={"crew": "Besatzung"})
    city("start 2026", at="2026-01-12T09:00:00+01:00")
    city(f"project import 2026 {projects(Path('next.csv'), [('f0 | f29', 'crew', 'laufend', '', '')], 2026)}")

    lines = on_terminal(["gap", "2026"])

    assert max(map(len, lines)) <= 80
    assert len([line for line in lines if re.fullmatch(r"Besatzung {15,}[ ·1]+", line)]) == 3


def test_a_pipe_gets_lines_with_tabs_without_bars_and_every_field_by_name(city: Any) -> None:
    lines = city("gap 2025").out.splitlines()

    assert "Besatzung\t4\t60,0\tSchwerpunkt" in lines
    (heads,) = [line for line in lines if line.startswith("Zielgruppe\tMeer")]
    assert len(heads.split("\t")) == 5
    assert "█" not in "".join(lines)


def test_every_database_counts_the_same(cycle_anywhere: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(cycle_anywhere, tmp_path, monkeypatch)

    cycle_anywhere("gap 2025 --record")

    lines = cycle_anywhere("gap 2025").out.splitlines()
    assert (lines[1], len(ROWS)) == ("Festgehalten am 17.03.2025, Stand der Daten 17.03.2025", 5)
    assert "Besatzung\t4\t60,0\tSchwerpunkt" in lines
