"""`cycle history export --database FILE`: the whole SQLite database in one file that nobody can write to."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from export_of_small_history import AUDITOR

from cycle.adapters.copying import copy
from cycle.cli import shell
from cycle.errors import NotReady, WrongInput


def events(file: Path) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute("SELECT seq, hash FROM event ORDER BY seq").fetchall()


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_copy_opens_read_only_and_holds_all_up_to_its_own_entry(
    history: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    shell.close()
    with contextlib.closing(sqlite3.connect(history.home / "cycle.db")) as connection:
        assert connection.execute(f"PRAGMA journal_mode={mode}").fetchone() == (mode,)
    monkeypatch.setenv("CYCLE_DATABASE__JOURNAL", mode)
    file = tmp_path / "copy.db"

    said = history(f"history export --database {file}", login=AUDITOR)

    (entry,) = json.loads(history("history list --json --last 1").out)["entries"]
    found = events(file)
    assert (file.stat().st_mode & 0o777, list(tmp_path.glob("*copy*"))) == (0o444, [file])
    assert (entry["type"], entry["actor"]["role"], entry["data"]["what"]) == ("log.exported", "auditor", "database")
    assert (entry["data"]["entries"], entry["data"]["head"], entry["seq"]) == (*found[-1], len(found) + 1)
    assert f'sqlite3 "{file.as_uri()}?mode=ro&immutable=1"' in said.err


def test_the_command_that_is_named_verifies_the_copy_where_it_cannot_be_written(
    history: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(f"history export --database {tmp_path / 'copy.db'}")
    before = (tmp_path / "copy.db").read_bytes()
    shell.close()

    with monkeypatch.context() as patch:
        patch.setenv("CYCLE_DATABASE__URL", f"sqlite:///{tmp_path / 'copy.db'}")
        told = json.loads(history("history verify --json", login=AUDITOR).out)
        shell.close()

    assert (told["intact"], told["entries"]) == (True, len(events(tmp_path / "copy.db")))
    assert (before, list(tmp_path.glob("*copy*"))) == ((tmp_path / "copy.db").read_bytes(), [tmp_path / "copy.db"])


def test_a_copy_does_not_count_when_the_check_says_no_or_the_source_is_not_sound(history: Any, tmp_path: Path) -> None:
    source, target = history.home / "cycle.db", tmp_path / "copy.db"
    spoilt = tmp_path / "spoilt.db"
    shutil.copyfile(source, spoilt)
    with spoilt.open("r+b") as stream:
        stream.seek(4096 * 3)
        stream.write(b"\xff" * 4096)

    def says_no(_: Path) -> None:
        raise NotReady("copy_unsound", file=source, problem="no")

    for found, counts in ((source, says_no), (spoilt, lambda _: None), (tmp_path / "missing.db", lambda _: None)):
        with pytest.raises(NotReady):
            copy(found, target, counts)

    assert list(tmp_path.glob("*copy*")) == []


def test_a_file_that_appears_meanwhile_is_not_written_over(history: Any, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"

    with pytest.raises(WrongInput):
        copy(history.home / "cycle.db", target, lambda _: target.write_text("theirs") and None)

    assert (target.read_text(), list(tmp_path.glob("*copy*"))) == ("theirs", [target])


@pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
def test_a_copy_is_never_one_of_the_files_that_sqlite_removes(history: Any, ending: str) -> None:
    target = history.home / f"cycle.db{ending}"

    with pytest.raises(WrongInput) as error:
        copy(history.home / "cycle.db", target, lambda _: None)

    assert (error.value.key, target.exists()) == ("copy_beside", False)
