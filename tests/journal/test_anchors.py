"""Anchors on the command line: given as a line, a file or a saved mail; what they confirm, and what they contradict."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from played import played_once
from small_log import Log

from cycle.cli import shell
from cycle.journal.anchors import Anchor, anchors_in, head_anchor
from cycle.outbox.rules.message import MailText, assemble

LINE = "cycle-log/1 00fde23a29f5dd15 3 a9ce1e3c53060e2e8f98b65f56b4fa64abf660ee107bf22d0a679de1ff291845"
ANCHOR = Anchor("00fde23a29f5dd15", 3, "a9ce1e3c53060e2e8f98b65f56b4fa64abf660ee107bf22d0a679de1ff291845")
UNANCHORED = "in sich stimmig, aber nicht verankert: ein abgeschnittenes Ende oder ein Austausch ist nicht auszuschließen."


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    cycle("start 2025")
    cycle('history comment 2025 "Auftakt besprochen"')
    return cycle


def line(cycle: Any) -> str:
    """The anchor of the history as it is."""
    return str(cycle("history seal --dry-run").out.strip())


def test_the_line_is_that_of_the_page_for_its_test_vector() -> None:
    assert ANCHOR.line == LINE


def test_the_head_of_a_log_is_its_first_hash_its_number_and_its_last_hash(any_log: Log) -> None:
    told = any_log.told()
    with any_log.journal.reading() as session:
        assert head_anchor(session) == Anchor(told[0].hash[:16], 6, told[-1].hash)


@pytest.mark.parametrize(
    "content",
    [
        LINE,
        f"Vorlage 2026/12\n\nAnker: {LINE}.\nSeite 3\n".encode(),
        LINE.replace(" ", "\n    ").encode(),
        f"\ufeff2026-01-01\t{LINE}\r\n".encode(),
        assemble(
            MailText(
                message_id="<1@example.org>",
                date=None,
                sender_name="Ämter",
                sender_address="cycle@example.org",
                to_name="",
                to_address="pruefung@example.org",
                subject="Anker",
                text=f"Guten Tag,\n\n{LINE}\n\nBitte bewahren.\n",
            )
        ),
        b"From: a@b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(f"Grüße\n{LINE}\n".encode()),
    ],
    ids=["line", "paper", "broken line", "with a byte order mark", "mail", "mail in base64"],
)
def test_an_anchor_is_found_wherever_it_was_kept(content: bytes | str) -> None:
    assert anchors_in(content) == {ANCHOR}


@pytest.mark.parametrize(
    "content",
    [
        "",
        LINE[:-1],
        LINE + "0",
        LINE.replace("log/1", "log/2"),
        LINE.replace(" 3 ", " 03 "),
        LINE.upper(),
        b"\x00\xff" * 500,
        b"Subject: \xff\n\n\xff",
    ],
)
def test_what_is_no_anchor_is_none(content: bytes | str) -> None:
    assert anchors_in(content) == frozenset()


def test_without_an_anchor_it_is_said_and_with_require_anchor_it_is_7(town: Any) -> None:
    said = town("history verify")
    wanted = town("history verify --require-anchor", code=7)

    assert UNANCHORED in said.out
    assert (wanted.out, "Ein Anker ist verlangt" in wanted.err) == ("", True)
    without = json.loads(town("history verify --json").out)
    told = json.loads(town("history verify --require-anchor --json", code=7).out)
    assert told == without | {"problems": [{"seq": None, "key": "anchor_wanted", "sentence": wanted.err.strip()}]}


def test_an_anchor_confirms_up_to_its_entry_and_its_day(town: Any, tmp_path: Path) -> None:
    file = tmp_path / "anker.txt"
    file.write_text(f"Ratsvorlage\n{line(town)}\n", encoding="utf-8")
    whole = town(f"history verify --require-anchor --anchor {file}").out
    town('history comment 2025 "Noch etwas"', at="2025-01-12T09:00:00+01:00")

    said = town(f"history verify --require-anchor --anchor {file}").out
    told = json.loads(town(f"history verify --anchor {file} --json").out)

    assert "bis zum letzten Eintrag 3 vom 10.01.2025 09:00." in whole
    assert (
        "bis Eintrag 3 vom 10.01.2025 09:00. Noch nicht verankert, aber in sich stimmig sind die Einträge danach (1)." in said
    )
    assert (told["intact"], told["entries"], told["anchored"]) == (True, 4, 3)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"), "Eintrag 3: widerspricht dem Anker"),
        (lambda text: text.replace(" 3 ", " 33 "), "bezeugt 33 Einträge, hier sind nur 3"),
        (lambda text: f"cycle-log/1 {'0' * 16} {text.split(' ', 2)[2]}", "gehört zum Log 0000000000000000"),
    ],
)
def test_an_anchor_that_contradicts_is_7_and_says_how(town: Any, change: Any, sentence: str) -> None:
    good = line(town)

    said = town(f'history verify --anchor "{good}" --anchor "{change(good)}"', code=7)

    assert sentence in said.err
    assert len(said.err.splitlines()) == 2


@pytest.mark.parametrize("given", ["nirgends.txt", "cycle-log/1 00", "{home}", "{home}/config/cycle.toml", "a\x00b"])
def test_what_holds_no_anchor_is_wrong_use_and_named(town: Any, given: str) -> None:
    given = given.format(home=town.home)

    said = town(f'history verify --anchor "{given}"', code=2)

    assert (said.out, len(said.err.splitlines())) == ("", 1)


def test_an_older_backup_is_refused_by_every_writing_command_until_it_is_accepted(town: Any) -> None:
    file = town.home / "cycle.db"
    shell.close()
    shutil.copyfile(file, town.home / "backup")
    town('history comment 2025 "Nach der Sicherung"')
    shell.close()
    shutil.copyfile(town.home / "backup", file)

    sentence = "Die Datenbank ist auf einem älteren Stand als schon gesehen: 3 Einträge, gesehen waren 4."
    read = town("status 2025")
    refused = [
        town(command, code=5) for command in ('history comment 2025 "x"', "start 2026", "run", "run --once", "history seal")
    ]
    bad = town("doctor", code=5).out
    tried = town('db accept-restore --reason "Platte war defekt" --dry-run', login="j.weissenburger")
    assert [sentence in each for each in (read.err, bad, *(each.err for each in refused))] == [True] * 7
    assert all(len(each.err.splitlines()) == 1 for each in refused)
    assert json.loads(town("history list --json").out)["entries"][-1]["seq"] == 3
    assert tried.code == 0

    town("db accept-restore", code=2)
    town("db accept-restore --reason kurz", code=2)
    told = json.loads(town('db accept-restore --reason "Platte war defekt" --json').out)
    after = town('history comment 2025 "Es geht weiter"')

    assert (told["type"], told["entry"], told["seen"], told["entries"]) == ("log.restored", 4, 4, 3)
    assert after.err.splitlines()[0].startswith("!") is False
    assert "wiederhergestellt" in town("history show 4").out
    assert town('db accept-restore --reason "Noch einmal, bitte"', code=5).err.startswith("Die Datenbank ist auf dem Stand")


def test_a_database_exchanged_for_another_is_refused_and_one_begun_anew_is_not(town: Any, tmp_path: Path) -> None:
    file = town.home / "cycle.db"
    shell.close()
    kept = file.read_bytes()
    file.unlink()
    town(f"init {town.home} --sandbox")
    town("start 2026")
    shell.close()
    another = file.read_bytes()
    file.write_bytes(kept)

    assert "anderen Verlauf" in town("start 2027", code=5).err
    shell.close()
    file.write_bytes(another)
    town("start 2027")


def test_a_state_folder_that_cannot_be_written_is_a_warning_and_no_failure(town: Any, monkeypatch: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    shell.close()
    monkeypatch.setenv("CYCLE_GUARD__FOLDER", str(blocked))

    town("start 2026")
    told = json.loads(town("doctor --json").out)["findings"]
    shell.close()
    monkeypatch.setenv("CYCLE_GUARD__FOLDER", str(town.home / "seen"))
    beside = json.loads(town("doctor --json").out)["findings"]

    assert [each["health"] for each in told if each["key"] == "guard_unwritable"] == ["warning"]
    assert [each["health"] for each in beside if each["key"] == "guard_beside"] == ["warning"]
