"""The real service, killed with SIGKILL at any moment while it sends to a real mail server: nothing lost, nothing doubled."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_sink import Sink, Taken, mail_sink
from small_town import PARTNERS, mail, mails, partner, send_to, settle

from cycle.cli import shell
from cycle.outbox.records import mails_all
from cycle.service.relay import BATCH

POOL = 4
SECONDS = 120
OPENS = datetime.fromisoformat("2025-02-18T08:05:00+01:00")  # the day of the save-the-date, and the window just open
TIMEOUTS = {"CONNECT": "5", "COMMAND": "5", "DATA": "20"}
PAUSE = timedelta(minutes=25)  # longer than any lease by these; fourteen of them end before the window closes
LONG = (pytest.mark.long, pytest.mark.timeout(1800))


def crowded(cycle: Any, people: int) -> list[str]:
    """The small town with so many partners who are all written to on the same day; their addresses."""
    names = [f"verein{number:05}" for number in range(people)]
    settle(cycle, [PARTNERS[0], *(partner(number, name) for number, name in enumerate(names, start=2))])
    return [mail(name) for name in names]


def lead_to(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site send there, with a pool and time-outs of this test."""
    send_to(monkeypatch, sink.port)
    monkeypatch.setenv("CYCLE_SMTP__POOL", str(POOL))
    for name, seconds in TIMEOUTS.items():
        monkeypatch.setenv(f"CYCLE_SMTP__{name}_TIMEOUT_SECONDS", seconds)
    shell.close()


class Service:
    """`cycle run` as a process of its own. Its clock stands still; what it says is read, so that it never waits for us."""

    def __init__(self, at: datetime, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cycle", "run"],
            env=os.environ | {"CYCLE_NOW": at.isoformat()} | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started = threading.Event()
        self._told: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        running.append(self)

    def started(self) -> "Service":
        """The same once it says that it has started."""
        assert self._started.wait(SECONDS), self._told
        return self

    def kill(self) -> None:
        """No farewell: SIGKILL."""
        self._process.kill()
        code = self._wait()
        running.remove(self)
        assert code == -signal.SIGKILL, self._told

    def end(self) -> None:
        """Ask it to stop; it ends with nothing half done."""
        self._process.send_signal(signal.SIGTERM)
        code = self._wait()
        running.remove(self)
        assert code == 0, self._told

    def _wait(self) -> int:
        code = self._process.wait(timeout=SECONDS)
        self._reader.join(SECONDS)
        return code

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._told.append(line)
                if re.search(r"service[._]started", line):
                    self._started.set()


running: list[Service] = []


@pytest.fixture(autouse=True)
def _no_service_is_left() -> Iterator[None]:
    """A test that fails leaves no service, and nobody who waits for what it says."""
    yield
    for service in [*running]:
        service.kill()


def finish(cycle: Any, at: datetime) -> None:
    """What is left goes, and what was in the hands of the dead is told as unclear."""
    cycle("run --once", at=at.isoformat(), code=None)
    cycle("run --once", at=at.isoformat(), code=0)


def ended(cycle: Any) -> dict[str, list[dict[str, Any]]]:
    """The mails by the state in which they ended."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in mails(cycle):
        found.setdefault(each["state"], []).append(each)
    return found


def ids(cycle: Any) -> dict[str, str]:
    """The Message-ID of each address."""
    with cycle.site.journal.reading() as session:
        return {each.address: each.message_id for each in mails_all(session)}


@pytest.mark.parametrize(
    ("people", "kills", "seed"), [(200, 3, 1), pytest.param(3000, 14, 2, marks=LONG)], ids=["a little", "in earnest"]
)
def test_a_service_killed_again_and_again_loses_nothing_and_sends_nothing_twice(
    cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: int, kills: int, seed: int
) -> None:
    chance = random.Random(seed)
    everybody = crowded(cycle, people)
    with mail_sink(tmp_path / "taken.jsonl") as sink:
        lead_to(sink, monkeypatch)
        at = OPENS
        for number in range(kills):
            service = Service(at).started()
            few = chance.randrange(1, 2 * people // (kills + 3))  # so that something is left for the next one
            if number % 4 == 1:  # also while it looks for what is due, or has only just begun
                sink.await_more(few, seconds=chance.uniform(0, 1))
            else:
                assert sink.await_more(few, SECONDS)
            service.kill()
            at += PAUSE
        service = Service(at).started()
        sink.await_more(people - sink.count - POOL * kills, SECONDS)
        service.end()
        at += PAUSE
        finish(cycle, at)
        first = sink.taken()
        states = ended(cycle)
        unclear = states.pop("unclear", [])
        for each in unclear:
            cycle(f"mail retry {each['id']}")
        finish(cycle, at + PAUSE)
        again = sink.taken()[len(first) :]
        known = ids(cycle)

    assert {(each.to, each.message_id) for each in first} <= set(known.items())
    assert [to for to, times in Counter(each.to for each in first).items() if times > 1] == []
    assert set(states) == {"sent"}
    assert {each["to"] for each in states["sent"]} <= {each.to for each in first}
    assert len(states["sent"]) + len(unclear) == people
    assert len(unclear) <= POOL * kills
    # Repeated by a person, each goes once with the Message-ID that it had, and so everybody has it.
    assert Counter((each.to, each.message_id) for each in again) == Counter((each["to"], known[each["to"]]) for each in unclear)
    assert sorted({each.to for each in first + again}) == everybody
    assert {state: len(those) for state, those in ended(cycle).items()} == {"sent": people}


@pytest.mark.parametrize("people", [pytest.param(1000, marks=LONG)], ids=["in earnest"])  # a little: test_two_services
def test_two_services_of_one_site_share_the_work_and_the_death_of_one_loses_nothing(
    cycle_anywhere: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: int
) -> None:
    everybody = crowded(cycle_anywhere, people)
    with mail_sink(tmp_path / "taken.jsonl") as sink:
        lead_to(sink, monkeypatch)
        both = [Service(OPENS, CYCLE_MAIL__SENDER=f"{name}@stadt.example.org") for name in ("one", "other")]
        one, other = (service.started() for service in both)
        assert sink.await_more(people // 3, SECONDS)
        one.kill()
        sink.await_more(people - sink.count - 2 * POOL - BATCH, SECONDS)  # the clock stands still: its claims do not end
        other.end()
        finish(cycle_anywhere, OPENS + PAUSE)
        taken = sink.taken()
        states = ended(cycle_anywhere)

    assert [to for to, times in Counter(each.to for each in taken).items() if times > 1] == []
    assert of(taken, "one") & of(taken, "other") == set()
    unclear = states.pop("unclear", [])
    assert (set(states), len(unclear) <= POOL) == ({"sent"}, True)
    assert len(states["sent"]) + len(unclear) == people
    assert {each["to"] for each in states["sent"]} <= {each.to for each in taken}
    assert {each["to"] for each in unclear} >= set(everybody) - {each.to for each in taken}


def of(taken: list[Taken], name: str) -> set[str]:
    """The Message-IDs that one of the services sent."""
    return {each.message_id for each in taken if each.sender == f"{name}@stadt.example.org"}
