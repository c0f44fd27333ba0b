"""The files beside the database: garbled, of another shape, a folder in their place. Told in a sentence, never passed over."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_town import PARTNERS, partner, settle

from cycle.cli import shell

QUAST = partner(6, "Kolibri", Nachname="Quastenflosser", **{"E-Mail": "x.quast@kolibri.example.org"})
LAW = '--reason "auf Wunsch" --legal-basis "Art. 17 DSGVO"'
SHAPES = [
    "",
    "{",
    "[]",
    '"x"',
    "{}",
    '{"log": null, "seq": "3", "hash": 1, "restores": 7}',
    '{"log": "x", "seq": 0}',
    "[" * 9999,
]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the state of this test's site is kept, and nobody else's."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "cycle"


def pipe(file: Path) -> None:
    os.mkfifo(file)


GARBLED: list[Callable[[Path], Any]] = [
    *(lambda file, text=text: file.write_text(text) for text in SHAPES),  # type: ignore[misc]
    lambda file: file.write_bytes(b"\x00\xff\xfe" * 99),
    Path.mkdir,
    pipe,
]


@pytest.mark.parametrize("garble", GARBLED)
def test_a_last_seen_file_that_says_nothing_holds_up_what_changes_until_a_person_settles_it(
    cycle: Any, state: Path, garble: Callable[[Path], Any]
) -> None:
    cycle("start 2025")
    shell.close()
    (file,) = state.glob("*.json")
    file.unlink()
    garble(file)

    lines = ('history comment 2025 "Auftakt"', "run --once", 'db accept-restore --reason "Platte war defekt"')
    refused = {line: cycle(line, code=None) for line in lines}
    read = cycle("history verify")
    health = cycle("doctor", code=5).out

    told = f"Die Datei {file} sagt nicht mehr, wie weit die Datenbank zuletzt war"
    assert {line: (each.code, told in each.err) for line, each in refused.items()} == dict.fromkeys(lines, (5, True))
    assert (read.out.startswith("Der Verlauf ist unverändert"), told in health) == (True, True)
    file.rename(file.with_suffix(".alt"))
    cycle('history comment 2025 "Auftakt"')


def test_whoever_only_reads_is_told_too(cycle: Any, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle("start 2025")
    shell.close()
    (file,) = state.glob("*.json")
    file.write_text("{")

    said = cycle("status")

    assert said.err.startswith(f"! Die Datei {file} sagt nicht mehr")


def test_a_state_that_cannot_be_kept_is_told_and_what_was_done_stands(
    cycle: Any, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state.parent.write_text("kein Ordner")
    cycle("start 2025")

    shell.close()

    assert "ließ sich nicht aufbewahren" in capsys.readouterr().err
    assert "2025" in cycle("status").out


LINE = '{"entry": "a", "refs": [], "legal_basis": "b", "recorded_at": "2025-01-10T08:00:00.000000Z", "subjects": {}}'


@pytest.mark.parametrize(
    "garble",
    [
        lambda file: file.write_bytes(b"\x00\xff\xfe\n" * 9),
        *(
            lambda file, line=line: file.write_text(f"{line}\n{LINE}\n")  # type: ignore[misc]
            for line in (
                "{}",
                "[]",
                "7",
                LINE.replace("{}", "[]"),
                LINE.replace('"a"', "7"),
                LINE.replace("2025-01", "2025"),
                LINE.replace("{}", '{"contact:1": 7}'),
                "[" * 9999,
            )
        ),
        Path.mkdir,
        pipe,
    ],
)
def test_a_list_of_erasures_that_cannot_be_read_is_told_before_anything_is_accepted_or_erased_again(
    cycle: Any, state: Path, garble: Callable[[Path], Any]
) -> None:
    settle(cycle, [*PARTNERS, QUAST])
    backup = cycle.home.parent / "before.db"
    cycle(f"db backup {backup}")
    cycle(f"partner forget 6 {LAW}")
    shell.close()
    shutil.copyfile(backup, cycle.home / "cycle.db")
    (file,) = state.glob("*.jsonl")
    kept = file.read_bytes()
    file.unlink()
    garble(file)

    lines = ("db erasures", "db erasures --note", "db erasures --json", 'db accept-restore --reason "Platte war defekt"')
    said = {line: cycle(line, code=None) for line in lines}
    health = cycle("doctor", code=5).out

    told = f"Liste der Löschungen {file} "
    assert {line: (each.code, told in each.err + each.out) for line, each in said.items()} == dict.fromkeys(lines, (5, True))
    assert told in health
    shutil.rmtree(file) if file.is_dir() else file.unlink()
    file.write_bytes(kept)
    assert "älter als die Löschungen, die ihr fehlen (1)." in cycle("doctor", code=5).out
    assert json.loads(cycle('db accept-restore --reason "Platte war defekt" --json').out)["erased_again"] == 1


def test_a_line_that_was_cut_off_is_written_once_more(cycle: Any, state: Path) -> None:
    settle(cycle, [*PARTNERS, QUAST])
    cycle(f"partner forget 6 {LAW}")
    (file,) = state.glob("*.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole[:40])

    cycle("db erasures --note")

    assert file.read_bytes() == whole
