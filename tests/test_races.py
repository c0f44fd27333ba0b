"""Several people at once, each a process of its own: one is first, the others are told who, and nothing is lost."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from postgres import admin, named

from cycle.app.opening import open_site
from cycle.app.site import Site
from cycle.app.start import make_site
from cycle.cli import main, shell
from cycle.journal.actor import Actor
from cycle.journal.history import entries
from cycle.journal.journal import Journal
from cycle.journal.verify import verify

HOST = "h.host"
AT = "2025-02-24T09:00:00+01:00"
NOW = datetime(2025, 2, 24, 8, tzinfo=UTC)
PEOPLE = 12
WRITERS = 8
COMMENTS = 100


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site whose year may advance: its only check is met."""
    folder = tmp_path / "home"
    name = f"races_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**12}"
    variables = {"CYCLE_HOME": str(folder), "CYCLE_PLAN": "toy", "CYCLE_NOW": AT, "CYCLE_ACTOR": HOST, "CYCLE_LANGUAGE": "de"}
    server = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    if server:
        admin(server, f"CREATE DATABASE {name}")
        variables["CYCLE_DATABASE__URL"] = named(server, name)
    else:
        variables["CYCLE_DATABASE__JOURNAL"] = request.param
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    make_site(folder, sandbox=True, login=HOST, now=AT).database.dispose()
    for line in ("start 2025", "date confirm 2025 talk"):
        assert main.run(line.split()) == 0
    yield folder
    shell.close()
    if server:
        admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def site(home: Path) -> Iterator[Site]:
    """The same site opened in this process; verified when the race is over."""
    opened = open_site(home)
    yield opened
    assert verify(opened.database).problems == ()
    opened.database.dispose()


@pytest.mark.parametrize("home", ["delete", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True)
def test_of_twelve_who_advance_at_once_one_is_first_and_the_others_are_told_who(site: Site) -> None:
    words = [sys.executable, "-m", "cycle", "advance", "2025", "--expect", "1"]
    racing = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        for _ in range(PEOPLE)
    ]
    told = [(process.communicate(timeout=120)[1], process.returncode) for process in racing]

    assert sorted(code for _, code in told) == [0] + [9] * (PEOPLE - 1)
    assert {text for text, code in told if code == 9} == {
        f"Jemand war schneller: {HOST} (Gastgeber) am 24.02.2025 09:00, Schritt in die nächste Phase. "
        "Bitte den Stand ansehen und den Befehl wiederholen. (Fassung 2, erwartet 1)\n"
    }
    assert _types(site) == ["log.opened", "cycle.started", "date.confirmed", "phase.advanced"]


@pytest.mark.parametrize("home", ["delete", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True)
def test_eight_threads_that_comment_at_once_leave_no_gap(site: Site) -> None:
    def comment(number: int) -> int:
        by = Actor(ref=f"p:{number:032x}", role="host")
        journal = Journal(site.database, site.zone)
        for count in range(COMMENTS):
            with journal.entry("comment.added", by=by, now=NOW, cycle="og-2025", reason=f"{number} {count}"):
                pass
        return COMMENTS

    before = _types(site)
    with ThreadPoolExecutor(WRITERS) as pool:
        assert sum(pool.map(comment, range(WRITERS))) == WRITERS * COMMENTS

    _gapless(site, len(before))


# A process that appends its comments, each in an entry of its own.
COMMENTING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from cycle.app.opening import open_site
from cycle.journal.actor import Actor

site = open_site(Path(sys.argv[1]))
for count in range(int(sys.argv[3])):
    by = Actor(ref="p:" + sys.argv[2].zfill(32), role="host")
    with site.journal.entry("comment.added", by=by, now=datetime(2025, 2, 24, 9, tzinfo=UTC), cycle="og-2025", reason="x"):
        pass
"""


@pytest.mark.parametrize(
    "home", [*(pytest.param(mode, marks=pytest.mark.long) for mode in ("wal", "delete")), "postgresql"], indirect=True
)
def test_eight_processes_that_comment_at_once_leave_no_gap(site: Site) -> None:
    before = _types(site)
    racing = [
        subprocess.Popen([sys.executable, "-c", COMMENTING, str(site.home), str(number), str(COMMENTS)])
        for number in range(WRITERS)
    ]

    assert [process.wait(timeout=120) for process in racing] == [0] * WRITERS
    _gapless(site, len(before))


def _types(site: Site) -> list[str]:
    with site.journal.reading() as session:
        return [told.type for told in entries(session)]


def _gapless(site: Site, before: int) -> None:
    with site.journal.reading() as session:
        found = list(entries(session))
    comments = [told for told in found if told.type == "comment.added"]
    assert [told.seq for told in found] == list(range(1, before + WRITERS * COMMENTS + 1))
    assert [told.body["cseq"] for told in found if told.cycle] == list(range(1, len(found)))
    counted = Counter(told.body["actor"]["ref"] for told in comments)
    assert counted == {f"p:{number:032x}": COMMENTS for number in range(WRITERS)}
