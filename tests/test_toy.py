"""The smallest workflow file runs to its end by the same commands: no code of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

PARTNERS = """\
Nr;Kürzel;Name;Art;Anrede;Vorname;Nachname;E-Mail;Versandform;Status
1;REF;Referat;Städtische Stelle;Frau;Jana;Weißenburger;jana@stadt.example.de;E-Mail;aktiv
2;KUL;Kulturverein;Kulturverein;Herr;Nikos;Papadakis;nikos@verein.example.org;E-Mail;aktiv
3;NBH;Nachbarschaft;Initiative/Ehrenamt;Frau;Samira;Aziz;samira@nachbarn.example.org;E-Mail;aktiv
4;RUM;Rumänischer Treff;Migrantenorganisation;Frau;Ioana;Pop;;Post;aktiv
5;ALT;Alter Verein;Sportverein;Herr;Karl;Alt;karl@alt.example.org;E-Mail;ausgeschieden
"""


@pytest.fixture
def toy(cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site whose plan is the open talk."""
    monkeypatch.setenv("CYCLE_PLAN", "toy")
    home = tmp_path / "toy"
    cycle(f"init {home} --sandbox", at="2025-01-02T09:00:00+01:00")
    monkeypatch.setenv("CYCLE_HOME", str(home))
    return cycle


def answered(cycle: Any, line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cycle(f"{line} --json").out)
    return found


def phase(cycle: Any) -> tuple[str, str]:
    (told,) = answered(cycle, "status 2025")["cycles"]
    return told["phase"], told["standing"]


def test_site_is_made_with_the_workflow_of_its_plan_and_its_caller_is_the_host(toy: Any) -> None:
    assert sorted(file.name for file in (toy.site.home / "workflows").iterdir()) == ["toy.yaml"]
    (host,) = answered(toy, "people list")["people"]
    assert (host["login"], [role["role"] for role in host["roles"]]) == ("j.weissenburger", ["host"])


def test_open_talk_runs_from_its_start_to_its_close(toy: Any, tmp_path: Path) -> None:
    file = tmp_path / "partners.csv"
    file.write_text(PARTNERS, encoding="utf-8")
    toy(f"partner import {file}")
    toy("start 2025", at="2025-01-07T09:00:00+01:00")
    assert [(d["key"], d["planned"]) for d in answered(toy, "date list 2025")["deadlines"]] == [
        ("invitation_due", "2025-04-16"),
        ("talk", "2025-05-14"),
    ]
    toy("advance 2025", code=3)
    toy("date confirm 2025 talk", at="2025-02-03T09:00:00+01:00")

    for morning in ("2025-04-15", "2025-04-16", "2025-04-17"):
        toy("run --once", at=f"{morning}T08:00:00+02:00")

    mails = answered(toy, "mail list")["mails"]
    assert [(mail["partner"], mail["templates"], mail["state"], mail["due"]) for mail in mails] == [
        (2, ["invitation"], "sent", "2025-04-16"),
        (3, ["invitation"], "sent", "2025-04-16"),
    ]
    assert [(letter["partner"], letter["template"]) for letter in answered(toy, "mail letters")["letters"]] == [
        (4, "invitation")
    ]
    toy("advance 2025")
    assert phase(toy) == ("meeting", "open")
    toy("advance 2025", code=3)
    toy("meeting held 2025 talk --on-site 23", at="2025-05-14T20:00:00+02:00")
    toy("advance 2025")
    assert phase(toy) == ("closed", "closed")
    assert [(d["key"], d["actual"]) for d in answered(toy, "date list 2025")["deadlines"]] == [
        ("invitation_due", "2025-04-16"),
        ("talk", "2025-05-14"),
    ]
    toy("advance 2025", code=5)


def test_only_one_open_talk_runs_at_a_time(toy: Any) -> None:
    toy("start 2025", at="2025-01-07T09:00:00+01:00")

    toy("start 2026", code=3)

    assert [each["year"] for each in answered(toy, "status")["cycles"]] == [2025]
