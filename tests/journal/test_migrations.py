"""Migrations and models say the same tables; a database that is newer, empty or up to date is told as such."""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from small_log import Log
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from cycle.adapters.database import Database, connect
from cycle.app.upgrade import bring_up, revision_of
from cycle.cli import shell
from cycle.errors import NotReady
from cycle.journal.guards import foreign_triggers, install
from cycle.journal.verify import verify
from cycle.migrations import REVISIONS
from cycle.service.records import Pulse

DATA = Path(__file__).parent.parent / "data"


def test_models_and_migrations_do_not_drift(any_log: Log) -> None:
    assert Pulse.metadata is SQLModel.metadata
    with any_log.database.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, SQLModel.metadata) == []


def test_checks_and_unique_keys_are_those_of_the_models(any_log: Log) -> None:
    """Autogenerate looks at neither checks nor, on SQLite, all unique keys."""
    with any_log.database.reader.connect() as connection:
        found = inspect(connection)
        checks = {name: {check["name"] for check in found.get_check_constraints(name)} for name in SQLModel.metadata.tables}
        unique = {
            name: {tuple(key["column_names"]) for key in found.get_unique_constraints(name)}
            for name in SQLModel.metadata.tables
        }

    assert checks == {name: set(_named(table, "CheckConstraint")) for name, table in SQLModel.metadata.tables.items()}
    assert unique == {
        name: {
            tuple(column.name for column in constraint.columns)
            for constraint in table.constraints
            if type(constraint).__name__ == "UniqueConstraint"
        }
        for name, table in SQLModel.metadata.tables.items()
    }


def test_upgrade_of_a_database_that_is_up_to_date_changes_nothing(any_log: Log) -> None:
    before = any_log.told()

    assert bring_up(any_log.database.url).applied == []

    assert revision_of(any_log.database.url) == REVISIONS[-1]
    assert any_log.told() == before


def test_triggers_can_be_put_back_again_and_again(any_log: Log) -> None:
    with any_log.database.writer.begin() as connection:
        install(connection)
        install(connection)
        assert foreign_triggers(connection) == []


@pytest.fixture
def newer(any_log: Log) -> Database:
    """The database as a newer version of the programme left it."""
    with any_log.database.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    return any_log.database


def test_newer_database_is_not_upgraded(newer: Database) -> None:
    with pytest.raises(NotReady) as error:
        bring_up(newer.url)

    assert (error.value.key, error.value.facts) == ("database_newer", {"found": "9999", "wanted": REVISIONS[-1]})
    assert verify(newer).problems == ()


def test_command_line_tells_of_an_up_to_date_and_of_a_newer_database(cycle: Any) -> None:
    assert cycle("db upgrade --json").out == '{\n "schema": "cycle/upgrade/1",\n "applied": []\n}\n'
    writer = cycle.site.database.writer
    with writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    shell.close()

    told = [cycle(line, code=5) for line in ("db upgrade", "history verify", "status")]

    assert {(said.out, said.err) for said in told} == {
        (
            "",
            f"Die Datenbank (9999) gehört zu einer neueren Fassung des Programms (dieses kennt {REVISIONS[-1]}). "
            "Bitte das Programm aktualisieren.\n",
        )
    }
    with writer.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{REVISIONS[-1]}'"))
    writer.dispose()


def _named(table: Any, kind: str) -> Iterator[str]:
    return (str(constraint.name) for constraint in table.constraints if type(constraint).__name__ == kind)


# One database of each form that the tables had in a version that somebody may have: `site_REVISION.sql.gz`.
OLDER = sorted(file.name.removesuffix(".sql.gz").removeprefix("site_") for file in DATA.glob("site_*.sql.gz"))


@pytest.fixture(params=OLDER)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A database with partners and sent mails, later an erasure too, as an older version left it."""
    file = tmp_path / "cycle.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(gzip.decompress((DATA / f"site_{request.param}.sql.gz").read_bytes()).decode())
    return request.param, file


def test_a_database_of_an_older_version_is_upgraded_with_all_that_is_in_it(older: tuple[str, Path]) -> None:
    revision, file = older
    url = f"sqlite:///{file}"
    before = _everything(file)

    assert bring_up(url).applied == list(REVISIONS[REVISIONS.index(revision) + 1 :])

    database = connect(url)
    try:
        assert (revision_of(url), verify(database).problems) == (REVISIONS[-1], ())
    finally:
        database.dispose()
    after = _everything(file)
    assert {name: len(rows) for name, rows in after.items() if rows} == {n: len(rows) for n, rows in before.items() if rows}
    assert after["event"] == before["event"]


def _everything(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
