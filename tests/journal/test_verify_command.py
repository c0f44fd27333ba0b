"""`cycle history verify` on files that somebody laid hands on: exit 7 with the number, exit 5 where nothing can be read."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from small_log import tampered

from cycle.cli import shell

Laid = Callable[[], Any]


@pytest.fixture
def hands_on(cycle: Any) -> Callable[[], Any]:
    """The site's database file for a while, put back afterwards as it was: the site itself must verify at the end."""

    @contextmanager
    def block() -> Iterator[Path]:
        shell.close()
        file, kept = cycle.home / "cycle.db", cycle.home / "kept"
        shutil.copyfile(file, kept)
        try:
            yield file
        finally:
            shell.close()
            shutil.copyfile(kept, file)

    return block


def test_byte_changed_with_sqlite_exits_7_and_names_the_sequence_number(cycle: Any, hands_on: Laid) -> None:
    cycle("start 2025")
    cycle('history comment 2025 "Auftakt besprochen"')

    with hands_on() as file:
        tampered(file, "UPDATE event SET body = replace(body, 'coordinator', 'coordinatur') WHERE seq = 3")
        said = cycle("history verify", code=7)
        told = cycle("history verify --json", code=7)

    assert said.out == ""
    assert said.err.splitlines()[1:] == [
        "  Eintrag 3: der Hash passt nicht zum Inhalt. [10.01.2025 09:00, j.weissenburger, Rolle coordinatur]"
    ]
    assert '"intact": false' in told.out
    assert '"seq": 3' in told.out
    cycle("history verify")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = CAST(x'fffe' AS TEXT) WHERE seq = 2",
        "UPDATE event SET body = char(27) || '[2J' WHERE seq = 2",
        "UPDATE event SET body = '\"\\ud800\"' WHERE seq = 2",
        "UPDATE event SET cycle = CAST(x'ff' AS TEXT) WHERE seq = 2",
        "UPDATE deadline SET planned = 'neulich' WHERE id = 1",
        "UPDATE opening SET salt = 99999999999",
        "DROP TABLE mail",
    ],
)
def test_garbage_in_the_file_exits_7_and_can_be_printed(cycle: Any, hands_on: Laid, statement: str) -> None:
    cycle("start 2025")

    with hands_on() as file:
        tampered(file, statement)
        said = cycle("history verify", code=7)

    assert all(line.isprintable() for line in said.err.splitlines())


@pytest.mark.parametrize("content", [b"", b"kein SQLite" * 500], ids=["empty", "other"])
def test_file_that_is_no_database_of_ours_exits_5_and_stays_as_it_is(cycle: Any, hands_on: Laid, content: bytes) -> None:
    with hands_on() as file:
        file.write_bytes(content)
        told = {cycle(line, code=5).err for line in ("history verify", "status", "start 2025")}
        after = file.read_bytes()

    assert len(told) == 1
    assert after == content


def test_empty_file_is_not_filled_with_tables_by_an_upgrade(cycle: Any, hands_on: Laid) -> None:
    with hands_on() as file:
        file.write_bytes(b"")
        said = cycle("db upgrade", code=None)
        after = file.read_bytes()

    assert (said.code, after) == (5, b"")


def test_journal_emptied_exits_7_and_a_missing_file_5(cycle: Any, hands_on: Laid) -> None:
    with hands_on() as file:
        with closing(sqlite3.connect(file)) as connection:
            for name in ("event_insert", "event_update", "event_delete"):
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute("DELETE FROM event")
            connection.commit()
        cycle("start 2025", code=7)
        shell.close()
        file.unlink()
        cycle("history verify", code=5)
        assert not file.exists()


def test_look_at_the_chain_alone_finds_what_is_wrong_with_it_and_says_what_it_left_out(cycle: Any, hands_on: Laid) -> None:
    cycle("start 2025")

    whole, chain = cycle("history verify").out, cycle("history verify --chain-only").out
    assert chain == (
        f"{whole}Nur die Kette wurde geprüft, die Tabellen und die nicht öffentlichen Angaben nicht. "
        "Alles prüft: cycle history verify\n"
    )
    with hands_on() as file:
        tampered(file, "UPDATE deadline SET moves = 7 WHERE id = 1")
        assert cycle("history verify --chain-only").out == chain
        cycle("history verify", code=7)
        tampered(file, "UPDATE event SET body = replace(body, 'integration', 'integrotion') WHERE seq = 2")
        said = cycle("history verify --chain-only", code=7)

    (line,) = said.err.splitlines()[1:]
    assert line.startswith("  Eintrag 2: der Hash passt nicht zum Inhalt. ")


@pytest.mark.parametrize(
    ("tamper", "lines", "said"),
    [
        (
            "UPDATE event SET body = '{' WHERE seq = 2",
            ["history list", "history show 2", "status 2025 --as-of 2025-03-01", "report lateness 2025"],
            "Eintrag 2 des Verlaufs lässt sich nicht lesen",
        ),
        (
            "UPDATE deadline SET planned = 'kaputt' WHERE id = 3",
            ["status 2025", "date list 2025", "report lateness 2025"],
            "In der Datenbank steht ein Wert, den es dort nicht geben kann",
        ),
    ],
)
def test_what_a_hand_made_unreadable_is_a_sentence_wherever_it_is_read(
    cycle: Any, hands_on: Laid, tamper: str, lines: list[str], said: str
) -> None:
    cycle("start 2025")
    cycle.at("2025-03-02T09:00:00+01:00")
    with hands_on() as file:
        tampered(file, tamper)
        told = [cycle(line, code=7).err for line in lines]

    assert [each.startswith(said) for each in told] == [True] * len(lines)
