"""Every write and sync call of an append killed, failing or without room: by strace, on the real command.

What was acknowledged is there, what is there is whole, and where the command lives on it answers with a sentence.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from cycle.app.opening import open_site
from cycle.app.start import make_site
from cycle.cli import main, shell
from cycle.journal.actor import SERVICE
from cycle.journal.history import Told, entries
from cycle.journal.verify import verify

MODES = ("delete", "wal")
# All that reaches the disk: pages, barriers, the end of a rollback journal or of a WAL, the file's new length.
CALLS = ("pwrite64", "fsync", "fdatasync", "unlink", "ftruncate")
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC")
HOST = "h.host"
AT = "2025-02-24T09:00:00+01:00"
# Ten dates of the year, the commitment to a reason and its opening, in one entry.
COMMAND = ("date", "move", "2025", "spring_meeting", "2025-05-06", "--reason", "Stadthalle gesperrt")
DONE = "Netzwerktreffen Frühjahr ist jetzt am 06.05.2025."
SECONDS = 60
AT_ONCE = 2
NO_ROOM = "findet keinen Platz mehr: der Datenträger ist voll. Schaffen Sie Platz und wiederholen Sie den Befehl.\n"


def _why_not() -> str:
    """Why calls cannot be made to fail here; empty where they can."""
    if shutil.which("strace") is None:
        return "strace (Debian: apt install strace) is not installed"
    tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    return f"strace may not trace here: {tried.stderr.strip()}" if tried.returncode else ""


NOT_HERE = _why_not()
pytestmark = pytest.mark.skipif(bool(NOT_HERE), reason=NOT_HERE)


@dataclass(frozen=True)
class Outcome:
    """How the command ended under a fault: whether that was injected, what was said, and the entries that are there."""

    fired: bool
    code: int
    out: str
    err: str
    entries: Sequence[Told]


@dataclass(frozen=True)
class Place:
    """A site in one journal mode, as it is before the command; every try has a copy of it."""

    home: Path
    before: Sequence[Told]

    def tried(self, inject: str) -> Outcome:
        """Run the command on a copy, with a fault."""
        copy = self.home.with_name(inject.replace("=", "_").replace(":", "_"))
        shutil.copytree(self.home, copy)
        trace, file = copy / "trace", copy / "cycle.db"
        traced = [word for path in (copy, file, f"{file}-wal", f"{file}-journal") for word in ("-P", str(path))]
        strace = ["strace", "-f", "-qq", "-o", str(trace), *traced, "-e", f"trace={','.join(CALLS)}", "-e", f"inject={inject}"]
        process = subprocess.run(
            [*strace, sys.executable, "-m", "cycle", *COMMAND],
            env={**os.environ, **_variables(copy)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        fired = process.returncode == -signal.SIGKILL or b"(INJECTED)" in trace.read_bytes()
        found = left_whole(copy)
        shutil.rmtree(copy)
        return Outcome(fired, process.returncode, process.stdout, process.stderr, found)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Place]:
    """Musterstadt's 2025, just begun, in each journal mode."""
    made = {}
    for mode in MODES:
        home = tmp_path_factory.mktemp("faults") / mode
        with pytest.MonkeyPatch.context() as patch:
            for name, value in _variables(home).items():
                patch.setenv(name, value)
            patch.setenv("CYCLE_DATABASE__JOURNAL", mode)
            make_site(home, sandbox=True, login=HOST, now=AT).database.dispose()
            settings = home / "config" / "cycle.toml"
            settings.write_text(settings.read_text(encoding="utf-8").replace('journal = "auto"', f'journal = "{mode}"'))
            assert main.run(["start", "2025"]) == 0
            shell.close()
        before = home.with_name("before")
        shutil.copytree(home, before)
        made[mode] = Place(home, left_whole(before))
    return made


def _variables(home: Path) -> dict[str, str]:
    return {"CYCLE_HOME": str(home), "CYCLE_ACTOR": HOST, "CYCLE_NOW": AT, "CYCLE_LANGUAGE": "de"}


def left_whole(home: Path) -> Sequence[Told]:
    """What is in a site's journal; it must verify, replay to its tables, and take its next entry."""
    site = open_site(home)
    try:
        with site.journal.reading() as session:
            found = list(entries(session))
        with site.journal.entry("comment.added", by=SERVICE, now=found[-1].recorded_at, cycle="ip-2025", reason="next"):
            pass
        assert verify(site.database).problems == ()
    finally:
        site.database.dispose()
    return found


def judged(place: Place, outcome: Outcome) -> None:
    """No acknowledged entry is lost, none is half, and who lives on says what was wrong."""
    known, more = outcome.entries[: len(place.before)], outcome.entries[len(place.before) :]
    assert known == place.before
    assert [told.type for told in more] in ([], ["meeting.moved"])
    if DONE in outcome.err or outcome.code == 0:
        assert more
    if outcome.code == 0:
        assert DONE in outcome.err
    elif outcome.code != -signal.SIGKILL:
        assert outcome.code in (5, 9), outcome
        assert outcome.out == ""
        stands = f"Der Eintrag {len(place.before) + 1} steht, aber der Datenträger meldete danach einen Fehler"
        assert outcome.err.startswith(stands if more else "Die Datenbank "), outcome
        assert outcome.err.count("\n") == 1, outcome


def points(place: Place, call: str, fault: str) -> int:
    """Let each call of that name fail in turn, until the command makes no more of them; how many there were."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for first in count(1, AT_ONCE):
            batch = [f"{call}:{fault}:when={number}" for number in range(first, first + AT_ONCE)]
            outcomes = list(pool.map(place.tried, batch))
            for outcome in outcomes:
                judged(place, outcome)
            fired = [outcome.fired for outcome in outcomes]
            if not all(fired):
                assert fired == sorted(fired, reverse=True)
                return first - 1 + sum(fired)
    raise AssertionError


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("mode", MODES)
def test_no_write_or_sync_of_an_append_can_lose_or_halve_an_entry(
    places: dict[str, Place], mode: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    covered = {call: points(places[mode], call, fault) for call in CALLS}

    with capsys.disabled():
        sys.stdout.write(f"\n{mode}, {fault}: {covered}\n")
    assert covered["pwrite64"] > 10
    assert covered["fsync"] + covered["fdatasync"] >= 3
    assert covered["unlink"] == 1


def test_whose_entry_stands_when_the_disk_fails_after_it_is_told_so_and_not_to_repeat_it(places: dict[str, Place]) -> None:
    outcome = places["delete"].tried("fdatasync:error=EIO:when=5")  # the folder, after the rollback journal is gone

    judged(places["delete"], outcome)
    assert (outcome.fired, outcome.code, len(outcome.entries)) == (True, 5, 3)
    assert outcome.err == (
        "Der Eintrag 3 steht, aber der Datenträger meldete danach einen Fehler (disk I/O error); ob er einen Stromausfall "
        "überstünde, ist nicht sicher. Bitte den Befehl nicht wiederholen, sondern den Datenträger prüfen, dann: "
        "cycle history show 3\n"
    )


# The thirtieth write fills the rollback journal, but with a WAL it brings the pages of a committed entry into the file.
@pytest.mark.parametrize(("mode", "acknowledged"), [("delete", False), ("wal", True)])
def test_an_append_that_is_killed_or_fails_leaves_the_state_before_or_after(
    places: dict[str, Place], mode: str, acknowledged: bool
) -> None:
    place = places[mode]
    injected = ("pwrite64:signal=KILL:when=30", "fdatasync:error=EIO:when=1", "pwrite64:error=ENOSPC:when=3")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        killed, failed, full = pool.map(place.tried, injected)

    for outcome in (killed, failed, full):
        judged(place, outcome)
    assert (killed.code, DONE in killed.err, len(killed.entries)) == (-signal.SIGKILL, acknowledged, 3 if acknowledged else 2)
    for outcome, told in ((failed, "lässt sich nicht benutzen: disk I/O error\n"), (full, NO_ROOM)):
        assert (outcome.fired, outcome.code, len(outcome.entries)) == (True, 5, 2)
        assert outcome.err.endswith(told)
