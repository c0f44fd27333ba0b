"""A medium that is read-only, a lock that somebody holds, a file cut short, an output without room, a clock that is wrong."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from refusals import dump
from small_town import settle

from cycle.adapters import database
from cycle.adapters.clock import SystemClock
from cycle.adapters.database import APPEND_LOCK
from cycle.app.opening import open_site
from cycle.app.start import make_site
from cycle.cli import shell
from cycle.journal.history import entries
from cycle.journal.verify import verify

MOVE = ("date", "move", "2025", "spring_meeting", "2025-05-06", "--reason", "Stadthalle gesperrt")
LINE = "date move 2025 spring_meeting 2025-05-06 --reason 'Stadthalle gesperrt'"
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
SECONDS = 60
HOUR, DAY = 3_600, 86_400


def _in_a_process(*words: str, before: Sequence[str] = (), **how: Any) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-m", "cycle", *words]
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    return subprocess.run(command, text=True, timeout=SECONDS, check=False, **how)


def _may_mount() -> bool:
    """Whether a folder may be mounted read-only here, in a namespace of its own."""
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode
    )


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


@pytest.mark.skipif(not _may_mount(), reason="no folder may be mounted read-only here (unshare -rm)")
def test_on_a_read_only_medium_it_can_be_read_and_who_writes_is_told(town: Any) -> None:
    before = dump(town)
    shell.close()
    mounted = ["unshare", "-rm", "sh", "-c", READ_ONLY, str(town.home)]

    read = _in_a_process("history", "verify", before=mounted)
    written = _in_a_process(*MOVE, before=mounted)

    assert (read.returncode, read.stdout[:28], read.stderr) == (0, "Der Verlauf ist unverändert:", "")
    assert (written.returncode, written.stdout, written.stderr) == (
        5,
        "",
        f"Die Datenbank {town.home / 'cycle.db'} darf nur gelesen werden. Geben Sie dem Konto Schreibrecht auf die Datei "
        "und ihren Ordner, und sehen Sie nach, ob der Datenträger zum Schreiben eingehängt ist.\n",
    )
    assert dump(town) == before


def test_a_lock_that_another_process_holds_is_told_and_nothing_is_written(
    cycle_anywhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = settle(cycle_anywhere)
    before = _types(town.site)
    shell.close()
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 100)

    with _locked(town):
        said = town(LINE, code=9)
        assert said.err == "Die Datenbank ist gerade belegt. Bitte gleich noch einmal versuchen.\n"
        assert _types(town.site) == before

    town(LINE)
    assert _types(town.site) == [*before, "meeting.moved"]


@contextmanager
def _locked(town: Any) -> Iterator[None]:
    """Somebody else's transaction, in the middle of an append."""
    url = os.environ.get("CYCLE_DATABASE__URL")
    if url is None:
        with closing(sqlite3.connect(town.home / "cycle.db", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})")
        yield


@pytest.mark.parametrize("kept", [1, 100, 4096, 5000, 100_000, -4096])
def test_a_file_cut_short_is_told_by_every_command_and_stays_as_it_is(town: Any, kept: int) -> None:
    shell.close()
    file, whole = town.home / "cycle.db", (town.home / "cycle.db").read_bytes()
    file.write_bytes(whole[:kept])

    said = [town(line, code=5) for line in ("history verify", "status 2025", LINE)]

    shell.close()
    assert file.read_bytes() == whole[:kept]
    file.write_bytes(whole)
    assert [answer.out for answer in said] == ["", "", ""]
    assert all(str(file) in answer.err and answer.err.count("\n") == 1 for answer in said)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_what_was_written_stands_though_its_answer_found_no_room(town: Any) -> None:
    before = _types(town.site)
    shell.close()
    with Path("/dev/full").open("w") as full:
        said = _in_a_process(*MOVE, stdout=full)

    assert (said.returncode, said.stderr) == (
        5,
        "Die Ausgabe lässt sich nicht schreiben (kein Platz mehr auf dem Datenträger); was der Befehl geändert hat, gilt: "
        "cycle history list.\n",
    )
    assert _types(town.site) == [*before, "meeting.moved"]


@pytest.mark.parametrize(
    "line",
    [
        "survey form 2025 2 --to {file}",
        "date list 2025 --ics {file}",
        "meeting press 2025 spring --to {file}",
        "meeting show 2025 spring --csv {file}",
        "survey status 2025 --csv {file}",
        "mail letters --from 2025-01-01 --to {file}.html",
        "gap 2025 --html {file}.html",
    ],
)
def test_a_file_that_finds_no_room_leaves_the_earlier_one_and_nothing_half(town: Any, tmp_path: Path, line: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    words = line.format(file=folder / "datei").split()
    earlier = Path(words[-1])
    earlier.write_bytes(b"von gestern")
    shell.close()

    said = _in_a_process(*words, preexec_fn=_no_file_above_100_bytes)

    assert (said.returncode, said.stderr.splitlines()[-1][:30]) == (2, f"Die Datei {earlier} lässt"[:30])
    assert [(each, each.read_bytes()) for each in folder.iterdir()] == [(earlier, b"von gestern")]


def _no_file_above_100_bytes() -> None:
    """From here on this process may write no file of more bytes, and is told so instead of killed."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime (Debian: libfaketime) is not installed")
def test_a_clock_two_hours_back_and_three_days_on_leaves_a_record_that_never_falls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = f"Etc/GMT{SystemClock().now().hour - 12:+d}"  # where it is noon now, two hours ago it was the same day
    monkeypatch.setenv("CYCLE_TIMEZONE", noon)
    home = tmp_path / "echt"
    make_site(home, sandbox=False, login="root").database.dispose()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CYCLE_")}
    for number, clock in enumerate(("-2h", "+3d", "+0")):
        faked = {"CYCLE_HOME": str(home), "CYCLE_LANGUAGE": "de", "CYCLE_TIMEZONE": noon}
        faked |= {"LD_PRELOAD": str(FAKETIME), "FAKETIME": clock}
        words = ("people", "add", f"p{number}", "--name", "Vera Muster", "--role", "deputy")
        assert _in_a_process(*words, env=kept | faked).returncode == 0

    site = open_site(home)
    with site.journal.reading() as session:
        told = list(entries(session))
    assert verify(site.database).problems == ()
    site.database.dispose()
    behind = [round((entry.data.get("clock_behind_seconds") or 0) / HOUR) for entry in told]
    assert behind == [0, 2, 0, 3 * DAY // HOUR]
    first, back, ahead, again = (entry.recorded_at for entry in told)
    assert first == back < ahead == again


def _types(site: Any) -> list[str]:
    with site.journal.reading() as session:
        return [told.type for told in entries(session)]
