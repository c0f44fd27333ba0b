"""A second city: other words with hostile and long labels, other thresholds and bands, all by its workflow file alone."""

import re
from pathlib import Path
from typing import Any

import pytest
from small_town import partner, write_partners

from cycle.app.places import data_root

HOSTILE = 'Jung & <b>alt</b> "zusammen" {{ 7 * 7 }}\''
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsausbildung und Ähnliches"
FIELDS = {"sea": "Meer", "sky": HOSTILE, "river": LONG, "land": "Land"}
GROUPS = {"crew": "Besatzung", "guests": LONG, "young": HOSTILE, "old": "Alte", "anyone": "Alle"}
GAP = (
    "gap: {gap_below_percent: 10, expandable_below_percent: 15, focus_from_percent: 40,"
    " caution_below_response_percent: 70, funding_bands_eur: [2000, 10000]}"
)
HEADER = (
    "Nr;Projekttitel;Träger Nr;Träger;Kooperation mit Nr;Handlungsfelder;Zielgruppen;Richtung;Beginn;Ende;Status;"
    "Finanzvolumen EUR;Finanzierung;Teilnehmende pro Jahr;Stadtteil;Erhebungsjahr;Antwort vom;Bemerkung"
)


def workflow(home: Path, *, fields: dict[str, str] = FIELDS, groups: dict[str, str] = GROUPS, gap: str = GAP) -> None:
    """Lay the city's own workflow file."""
    text = (data_root() / "workflows" / "integration.yaml").read_text(encoding="utf-8")
    words = f"  fields:\n{_listed(fields)}  target_groups:\n{_listed(groups)}  partner_kinds:"
    text = re.sub(r"(?ms)^  fields:.*?^  partner_kinds:", lambda _: words, text, count=1)
    text = re.sub(r"(?m)^gap: .*$", lambda _: gap, text, count=1)
    (home / "workflows").mkdir(exist_ok=True)
    (home / "workflows" / "integration.yaml").write_text(text, encoding="utf-8")


def projects(file: Path, rows: list[tuple[str, str, str, str, str]], year: int = 2025) -> Path:
    """Write a table of projects: fields, target groups, status, amount, numbers of partners besides 2, the carrier."""
    lines = [
        f"{number};Projekt {number};2;;{partners};{fields};{groups};;;;{status};{amount};;;;{year};10.03.{year};"
        for number, (fields, groups, status, amount, partners) in enumerate(rows, start=1)
    ]
    file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return file


ROWS = [
    ("sea", "crew", "laufend", "2000", "3"),
    ("sea", "crew", "laufend", "2001", ""),
    ("sea | sky", "crew | guests", "laufend", "10001", "1, 3"),
    ("land", "old", "abgeschlossen", "", ""),
    ("sea", "crew | anyone", "laufend", "0", ""),
]


@pytest.fixture
def city(cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The second city in March 2025."""
    return settle(cycle, tmp_path, monkeypatch)


def settle(cycle: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The second city in March 2025: three partners, five projects, nothing recorded; one stands in `folder`."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CYCLE_CITY__NAME", f"Hafen {HOSTILE}")
    workflow(cycle.home)
    members = [partner(number, name, Handlungsfelder="") for number, name in ((1, "Amt"), (2, "Boot"), (3, "Steg"))]
    cycle(f"partner import {write_partners(folder / 'partners.csv', members)}")
    cycle("start 2025")
    cycle(f"project import 2025 {projects(folder / 'projects.csv', ROWS)}", at="2025-03-17T09:00:00+01:00")
    return cycle


def _listed(words: dict[str, str]) -> str:
    quiet = {"anyone": ", monitored: false"}
    return "".join(
        f"    {word}: {{de: {_quoted(label)}, en: {_quoted(label)}{quiet.get(word, '')}}}\n" for word, label in words.items()
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
