"""What the demo does after its story: forms from its own mails come back, and the rest of the survey ends as it is known to."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cycle.app.places import data_root
from cycle.cli import main, shell
from cycle.demo.epilogue import ANSWERS
from cycle.demo.telling import play
from cycle.errors import INTERRUPTED

TABLE = data_root() / "config" / "demo" / "survey_2026.csv"
LINE = "survey status 2026 --json"


def test_a_demo_that_is_broken_off_ends_at_once(tmp_path: Path) -> None:
    lines: list[Sequence[str]] = []

    def broken_off_at_the_third(words: Sequence[str], *, keep_open: bool) -> int:
        lines.append(words)
        return INTERRUPTED if len(lines) == 3 else 0

    with pytest.raises(KeyboardInterrupt):
        play(tmp_path / "home", broken_off_at_the_third, epilogue=True, out=lambda _line: None)

    assert len(lines) == 3


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
