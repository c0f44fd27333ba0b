"""`cycle workflow check` speaks the user's language, and a program gets keys and facts beside the sentences."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TOY = HERE.parents[1] / "workflows" / "toy.yaml"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workflow file called wf.yaml in the folder where the command runs."""
    monkeypatch.chdir(tmp_path)
    return Path("wf.yaml")


def test_a_file_full_of_mistakes_is_told_whole_in_german(cycle: Any, file: Path) -> None:
    shutil.copy(HERE / "all_wrong.yaml", file)

    said = cycle(f"workflow check {file}", code=2)

    assert said.out == ""
    assert said.err == (HERE / "all_wrong.de.txt").read_text(encoding="utf-8")


def test_in_english_it_is_english(file: Path) -> None:
    file.write_text(TOY.read_text(encoding="utf-8").replace("phase: meeting", "phase: meating"), encoding="utf-8")

    asked = subprocess.run(
        [sys.executable, "-m", "cycle", "workflow", "check", file],
        env=os.environ | {"CYCLE_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.stderr.splitlines() == [
        "The workflow file wf.yaml has mistakes (1). Please mend the places below (file:line:column) and run "
        "`cycle workflow check` again.",
        "  wf.yaml:18:128: dates.talk.phase: The phase `meating` is not known here. Did you mean `meeting`?",
    ]


def test_a_program_gets_place_key_and_facts_beside_the_sentence(cycle: Any, file: Path) -> None:
    file.write_text(TOY.read_text(encoding="utf-8").replace("max_active: 1", "max_active: 0"), encoding="utf-8")

    said = cycle(f"workflow check {file} --json", code=2)

    assert (said.err, json.loads(said.out)) == (
        "",
        {
            "schema": "cycle/error/2",
            "exit": 2,
            "error": "workflow_invalid",
            "sentence": "Die Ablaufdatei wf.yaml enthält Fehler (1). Bitte berichtigen Sie die folgenden Stellen "
            "(Datei:Zeile:Spalte) und prüfen Sie sie mit „cycle workflow check“ noch einmal.",
            "findings": [],
            "problems": [
                {
                    "file": "wf.yaml",
                    "line": 4,
                    "column": 71,
                    "path": "cycle.max_active",
                    "key": "mistake.too_small",
                    "facts": {"given": "0", "least": 1},
                    "sentence": "0 ist zu klein. Bitte schreiben Sie 1 oder mehr.",
                }
            ],
        },
    )


@pytest.mark.parametrize("command", ["start 2031", "workflow show", "status"])
def test_every_command_tells_the_mistakes_of_the_sites_own_workflow_in_german(cycle: Any, command: str) -> None:
    folder = cycle.home / "workflows"
    folder.mkdir(exist_ok=True)
    text = (TOY.parent / "integration.yaml").read_text(encoding="utf-8")
    (folder / "integration.yaml").write_text(text.replace("max_active: 2", "max_active: zwei"), encoding="utf-8")

    said = cycle(command, code=2)

    assert said.err.splitlines()[1:] == [
        f"  {folder / 'integration.yaml'}:6:71: cycle.max_active: „zwei“ passt hier nicht. Bitte schreiben Sie eine ganze Zahl."
    ]


def test_the_doctor_tells_the_first_mistakes_once_and_how_many_there_are(cycle: Any) -> None:
    folder = cycle.home / "workflows"
    folder.mkdir(exist_ok=True)
    file = folder / "integration.yaml"
    shutil.copy(HERE / "all_wrong.yaml", file)

    said = cycle("doctor", code=5)

    lines = said.out.splitlines()
    assert [line[:1] for line in lines].count("✗") == 1
    at = next(number for number, line in enumerate(lines) if line.startswith("✗"))
    assert lines[at : at + 7] == [
        f"✗ Die Ablaufdatei {file} enthält Fehler (58). Bitte berichtigen Sie die folgenden Stellen (Datei:Zeile:Spalte) "
        "und prüfen Sie sie mit „cycle workflow check“ noch einmal.",
        f"  {file}:2:1: plan: Hier fehlt „title_en“. Bitte ergänzen Sie „title_en:“ und den Wert dazu.",
        f"  {file}:2:13: plan.id: „offenes-gespräch“ ist hier kein Name. Bitte schreiben Sie nur Buchstaben ohne Umlaute, "
        "Ziffern und _, zuerst einen Buchstaben.",
        f"  {file}:2:49: plan.version: 1.0 ist eine Dezimalzahl. Bitte schreiben Sie eine ganze Zahl oder, wenn Text gemeint "
        'ist, "1.0" in Anführungszeichen.',
        f"  {file}:2:64: plan.title_de: Der Text ist leer. Bitte schreiben Sie mindestens ein Zeichen.",
        f"  {file}:2:68: plan.titel_en: Den Schlüssel „titel_en“ gibt es hier nicht. Meinten Sie „title_en“?",
        "  … und 53 weitere Fehler.",
    ]
