"""A database whose history somebody took away is broken, not empty; only one without any row of ours is."""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from command_line import commands, line_of

from cycle.cli import shell

LINES = ("status", "status 2025", "history verify", "history list", "db upgrade", "doctor", "run --once", "db backup x.db")
NO_TRIGGERS = "DROP TRIGGER event_update; DROP TRIGGER event_delete; DROP TRIGGER event_insert;"


@pytest.fixture
def town(cycle: Any) -> Iterator[Any]:
    """A site that is as it was when the test is over."""
    cycle("start 2025")
    shell.close()
    whole = (cycle.home / "cycle.db").read_bytes()
    yield cycle
    shell.close()
    (cycle.home / "cycle.db").write_bytes(whole)


def by_hand(town: Any, script: str) -> None:
    shell.close()
    with contextlib.closing(sqlite3.connect(town.home / "cycle.db")) as raw:
        raw.executescript(script)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (f"{NO_TRIGGERS} DELETE FROM event", "fehlt der Verlauf, obwohl andere Tabellen gefüllt sind (cycle, "),
        ("DROP TABLE event", "fehlt der Verlauf, obwohl andere Tabellen gefüllt sind (cycle, "),
        (f"{NO_TRIGGERS} DELETE FROM event WHERE seq = 1", "fehlt der Anfang des Verlaufs (der erste Eintrag ist 2, nicht 1)"),
        ("DELETE FROM alembic_version", "nicht mehr, zu welcher Fassung des Programms die Datenbank gehört"),
        ("DROP TABLE alembic_version", "nicht mehr, zu welcher Fassung des Programms die Datenbank gehört"),
        ("DROP TABLE alembic_version; DROP TABLE event", "fehlt der Verlauf, obwohl andere Tabellen gefüllt sind (cycle, "),
    ],
)
def test_a_history_that_was_taken_away_is_broken_for_every_command(town: Any, script: str, sentence: str) -> None:
    by_hand(town, script)

    said = {line: town(line, code=None) for line in LINES}

    assert {line: each.code for line, each in said.items()} == dict.fromkeys(LINES, 7) | {"doctor": 5}
    assert [line for line, each in said.items() if sentence not in each.out + each.err] == []
    assert [line for line, each in said.items() if "cycle init" in each.out + each.err] == []


def test_a_database_without_any_row_of_ours_is_empty(town: Any) -> None:
    with contextlib.closing(sqlite3.connect(town.home / "cycle.db")) as raw:
        tables = [
            name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'") if "sqlite_" not in name
        ]
    by_hand(town, f"PRAGMA foreign_keys=OFF; {NO_TRIGGERS}" + ";".join(f"DELETE FROM {name}" for name in tables))

    assert "(sie ist leer). Anlegen mit: cycle init" in town("status", code=5).err


@pytest.mark.parametrize("backend", ["postgresql"])
def test_on_postgresql_it_is_the_same_and_nothing_is_set_up_over_it(cycle_anywhere: Any, tmp_path: Any) -> None:
    cycle_anywhere("start 2025")
    with cycle_anywhere.site.database.writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE alembic_version RENAME TO elsewhere")
        connection.exec_driver_sql("ALTER TABLE event RENAME TO event_elsewhere")
    shell.close()
    try:
        lines = ("status", "db upgrade", f"init {tmp_path / 'new'} --sandbox")
        said = {line: cycle_anywhere(line, code=None) for line in lines}
        assert {line: (each.code, "fehlt der Verlauf" in each.err) for line, each in said.items()} == dict.fromkeys(
            lines, (7, True)
        )
    finally:
        shell.close()
        from cycle.adapters.database import connect  # noqa: PLC0415 - only to put the tables back
        from cycle.app.furnishing import database_url, load_settings  # noqa: PLC0415

        database = connect(database_url(cycle_anywhere.home, load_settings(cycle_anywhere.home)))
        with database.writer.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO alembic_version")
            connection.exec_driver_sql("ALTER TABLE event_elsewhere RENAME TO event")
        database.dispose()


def test_on_an_older_database_every_command_that_needs_it_asks_for_the_upgrade(town: Any) -> None:
    by_hand(town, "UPDATE alembic_version SET version_num = '0004'")
    without = {"init", "demo", "db upgrade", "config show", "workflow check", "workflow show"}
    lines = {words: line_of(words, each) for words, each in commands() if words not in without}

    codes = {words: town(line, code=None).code for words, line in lines.items()}

    assert codes == dict.fromkeys(lines, 5)
    assert {"db scrub", "db erasures", "db backup", "db accept-restore", "privacy due", "privacy offer"} < set(codes)
