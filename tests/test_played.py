"""A town that is copied is the town that was played: no test can tell them apart, and no two towns share anything."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_town import settle

from cycle.cli import shell

DRAWN = re.compile("[0-9a-f]{32,64}")  # by chance, whenever a town is played: hashes, ids, references


def seen(cycle: Any) -> dict[str, Any]:
    """All of a town that no chance decides."""
    last_seen = cycle.site.journal.last_seen
    assert last_seen is not None
    assert last_seen.file is not None
    clock = (os.environ["CYCLE_NOW"], os.environ["CYCLE_ACTOR"])
    kept = (shell.is_open(), last_seen.file.exists(), last_seen._looked, last_seen._mine.seq)
    files = {str(f.relative_to(cycle.home)): f.read_bytes() for f in cycle.home.rglob("*") if f.is_file() and f.suffix != ".db"}
    lines = ("history list", "status 2025", "partner list", "date list 2025", "people list", "mail list")
    answers = {line: DRAWN.sub("…", cycle(f"{line} --json").out) for line in lines}
    return {"clock": clock, "kept": kept, "files": files, **answers}


def test_a_copied_town_is_as_a_played_one(
    cycle: Any, command_line: Callable[..., Any], empty_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(cycle)
    copied = seen(cycle)
    shutil.copytree(empty_site, tmp_path / "other" / "home")
    shell.close()
    played = seen(settle(command_line(tmp_path / "other" / "home", monkeypatch)))

    assert {what: (copied[what], played[what]) for what in copied if copied[what] != played[what]} == {}
    assert copied["kept"] == (True, False, True, 4)


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_is_done_in_one_town_is_not_in_the_next(cycle_anywhere: Any, time: str) -> None:
    settle(cycle_anywhere)
    with cycle_anywhere.site.database.reader.connect() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM event").scalar()

    cycle_anywhere(f"history comment 2025 {time}")
    (cycle_anywhere.home / "workflows" / "integration.yaml").unlink()

    assert before == 4


def test_where_something_was_done_the_town_is_played_there(cycle: Any) -> None:
    cycle("people add v.vor --name Vera --role deputy")

    settle(cycle)

    told = json.loads(cycle("history list --json").out)["entries"]
    assert [each["type"] for each in told] == [
        "log.opened", "people.changed", "partner.imported", "cycle.started", "date.confirmed",
    ]  # fmt: skip


def test_a_town_of_other_files_or_settings_is_another(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_CITY__NAME", "Hafen")
    settings = cycle.home / "config" / "cycle.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + "# eigenes\n", encoding="utf-8")

    settle(cycle)

    assert settings.read_text(encoding="utf-8").endswith("# eigenes\n")
    assert cycle.site.settings.city.name == "Hafen"


def test_a_copied_history_is_taken_for_verified_only_as_long_as_no_byte_of_it_changes(cycle: Any) -> None:
    settle(cycle)
    assert cycle.content() == cycle.verified
    cycle("status 2025")
    assert cycle.content() == cycle.verified

    cycle("history comment 2025 neu")

    assert cycle.content() not in (cycle.verified, None)
