"""What a person names in place of an ordinary file: one sentence at once, never a wait, never a memory full of it."""

import os
from pathlib import Path
from typing import Any

import pytest

LINES = (
    "history verify --anchor {}",
    "partner import {}",
    "group import {}",
    "need import 2025 {}",
    "measure import 2025 {}",
    "project import 2025 {}",
    "project review 2025 --file {} --until 2025-01-10",
    "document file 2025 theme_paper --file {}",
    "workflow check {}",
    "workflow show {}",
)


def answers(cycle: Any, file: object) -> dict[str, tuple[int, str]]:
    said = {line: cycle(line.format(file), code=None) for line in LINES}
    return {line: (each.code, each.err) for line, each in said.items()}


@pytest.mark.parametrize("kind", ["pipe", "device", "socket of nobody"])
def test_a_pipe_or_a_device_is_not_waited_for(cycle: Any, tmp_path: Path, kind: str) -> None:
    cycle("start 2025")
    file = tmp_path / "anker.txt"
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file = Path("/dev/zero" if kind == "device" else "/dev/null")

    sentence = f"{file} ist keine gewöhnliche Datei. Bitte den Pfad einer Datei nennen.\n"
    assert answers(cycle, file) == dict.fromkeys(LINES, (2, sentence))


def test_a_folder_is_told(cycle: Any, tmp_path: Path) -> None:
    cycle("start 2025")

    sentence = f"{tmp_path} ist ein Ordner. Nennen Sie eine Datei darin.\n"
    assert answers(cycle, tmp_path) == dict.fromkeys(LINES, (2, sentence))


def test_a_file_of_gigabytes_is_not_read(cycle: Any, tmp_path: Path) -> None:
    cycle("start 2025")
    file = tmp_path / "riesig.csv"
    with file.open("wb") as stream:
        stream.truncate(20_000_000_000)  # takes no room on the disk

    found = answers(cycle, file)

    assert {line: (code, err.startswith("Die Datei riesig.csv ist größer als ")) for line, (code, err) in found.items()} == (
        dict.fromkeys(LINES, (2, True))
    )


WRITERS = (
    "history export {}/beweis",
    "history export --database {}/kopie.db",
    "db backup {}/sicherung.db",
    "report dossier 2025 --out {}/dossier.html",
    "mail forecast --ics {}/termine.ics",
)


def test_where_nothing_can_be_written_is_wrong_use_for_every_command(cycle: Any, tmp_path: Path) -> None:
    cycle("start 2025")
    (tmp_path / "datei").write_text("x", encoding="utf-8")

    said = {line: cycle(line.format(tmp_path / "datei"), code=None) for line in WRITERS}

    assert {line: each.code for line, each in said.items()} == dict.fromkeys(WRITERS, 2)
    wrong = {line: each.err for line, each in said.items() if "ein Teil des Pfades ist kein Ordner" not in each.err}
    assert wrong == {}
