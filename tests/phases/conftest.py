"""The shipped integration plan, and a small plan with every kind of step (`steps.yaml`) for the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cycle.app.lent import LENT
from cycle.app.places import data_root
from cycle.workflow.load import load
from cycle.workflow.model import Workflow

STEPS = Path(__file__).with_name("steps.yaml")
Load = Callable[..., Workflow]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """`loaded("integration.yaml", ("old", "new"))`: a workflow file of the house, with a text changed."""
    root = data_root()
    templates = frozenset(file.name.removesuffix(".txt.j2") for file in (root / "templates" / "mail").glob("*/*.txt.j2"))

    def load_changed(name: str, *changes: tuple[str, str]) -> Workflow:
        file = STEPS if name == STEPS.name else root / "workflows" / name
        text = file.read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        changed = tmp_path_factory.mktemp("workflow") / name
        changed.write_text(text, encoding="utf-8")
        defaults = root / "config" / "workflow_defaults.yaml"
        return load(changed, lent=LENT, templates=templates, defaults=defaults)

    return load_changed


@pytest.fixture(scope="session")
def workflow(loaded: Load) -> Workflow:
    """The integration plan as shipped."""
    return loaded("integration.yaml")


@pytest.fixture
def steps(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site of the plan `steps`, its year 2025 open, with a sponsor, an admin and one partner."""
    return _opened(cycle, monkeypatch, STEPS.read_text(encoding="utf-8"))


@pytest.fixture
def strict(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same, where a second person must approve that the meeting is left."""
    text = STEPS.read_text(encoding="utf-8")
    return _opened(cycle, monkeypatch, text.replace("exit: [G1]}", "exit: [G1], four_eyes: true}"))


def _opened(cycle: Any, monkeypatch: pytest.MonkeyPatch, text: str) -> Any:
    (cycle.home / "workflows" / STEPS.name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("CYCLE_PLAN", "steps")
    cycle('people add d.steinhilber --name "Dorothea Steinhilber" --role sponsor', at="2025-03-03T09:00:00+01:00")
    cycle('people add t.brenner --name "Tilo Brenner" --role admin')
    cycle('people change j.weissenburger --name "Jana Weißenburger" --role coordinator')
    partners = cycle.home.parent / "partners.csv"
    partners.write_text(
        "Nr;Kürzel;Name;Art;Vorname;Nachname;E-Mail;Versandform;Status\n"
        "2;KUL;Kulturverein;Kulturverein;Nikos;Papadakis;nikos@verein.example.org;E-Mail;aktiv\n",
        encoding="utf-8",
    )
    cycle(f"partner import {partners}")
    cycle("start 2025")
    return cycle
