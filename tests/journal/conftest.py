"""The journal on each database and in each of SQLite's journal modes, made from one filled copy."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import admin, named
from small_log import BERLIN, Log, fill, open_log

from cycle.adapters.database import Database, connect, sqlite_file
from cycle.app.upgrade import upgrade
from cycle.journal.journal import Journal
from cycle.journal.verify import verify


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a filled log."""
    file = tmp_path_factory.mktemp("journal") / "cycle.db"
    _make(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The name of the database of a filled log."""
    name = f"journal_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    admin(postgres_url, f"CREATE DATABASE {name}")
    _make(named(postgres_url, name))
    return name


@pytest.fixture(params=["delete", "wal"])
def sqlite_log(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Log]:
    """A filled log on SQLite, in both journal modes; what a test does to it is the test's to look at."""
    file = tmp_path / "cycle.db"
    shutil.copyfile(sqlite_template, file)
    yield from _opened(connect(f"sqlite:///{file}", request.param))


@pytest.fixture
def postgres_log(request: pytest.FixtureRequest, postgres_url: str, postgres_template: str) -> Iterator[Log]:
    """The same on PostgreSQL."""
    name = f"journal_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**12}"
    admin(postgres_url, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    try:
        yield from _opened(connect(named(postgres_url, name)))
    finally:
        admin(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def log(file: Path) -> Iterator[Log]:
    """A filled log on SQLite that must verify when the test is over."""
    for opened in _opened(connect(f"sqlite:///{file}")):
        yield opened
        assert verify(opened.database).problems == ()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_log(request: pytest.FixtureRequest) -> Iterator[Log]:
    """The same on either database."""
    opened = request.getfixturevalue("log" if request.param == "sqlite" else "postgres_log")
    yield opened
    assert verify(opened.database).problems == ()


@pytest.fixture
def empty_log(tmp_path: Path) -> Iterator[Log]:
    """The tables and triggers without any entry, on SQLite."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    upgrade(url)
    yield from _opened(connect(url))


@pytest.fixture
def file(tmp_path: Path, sqlite_template: Path) -> Path:
    """The SQLite file of a filled log, opened by nobody."""
    return Path(shutil.copyfile(sqlite_template, tmp_path / "cycle.db"))


def _opened(database: Database) -> Iterator[Log]:
    try:
        yield Log(database, Journal(database, BERLIN))
    finally:
        database.dispose()


def _make(url: str) -> None:
    upgrade(url)
    database = connect(url, "delete")
    fill(open_log(database))
    database.dispose()
    file = sqlite_file(url)
    assert file is None or file.is_file()
