"""What the demo does after its story: forms from its own mails come back, and the rest of the survey ends as it is known to."""

import json
from pathlib import Path
from typing import Any

import pytest

from cycle.app.places import data_root
from cycle.cli import main, shell
from cycle.demo.epilogue import ANSWERS
from cycle.demo.telling import play

TABLE = data_root() / "config" / "demo" / "survey_2026.csv"
LINE = "survey status 2026 --json"


@pytest.mark.long
def test_the_forms_of_the_demo_come_back_and_the_survey_of_2026_ends_as_known(
    tmp_path: Path, command_line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = play(tmp_path / "home", main.run, epilogue=True, out=lambda _line: None)
    shell.close()
    town = command_line(tmp_path / "home", monkeypatch)
    told = json.loads(town(LINE, at="2026-03-05T12:00:00+01:00").out)
    missing = {each["partner"] for each in told["missing"]}
    titles = [each["title"] for each in json.loads(town("project list 2026 --json").out)["projects"]]
    town(f"survey import 2026 {TABLE} --until 2026-03-31", at="2026-04-01T09:00:00+02:00")
    ended = json.loads(town(LINE).out)
    shell.close()

    assert (played.differing, played.intact, played.mails["survey_thanks"]) == ([], True, 41 + 13 + len(ANSWERS))
    assert (told["answered"], missing & set(ANSWERS)) == (13 + len(ANSWERS), set())
    assert {"Homework club", "Lesepaten in der Kita"} <= set(titles)
    assert {name: ended[name] for name in ("invited", "answered", "late")} == {"invited": 57, "answered": 44, "late": 8}
