"""The service as it runs: it ticks, sends, survives a bad tick, and ends with nothing half done."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from small_town import HOLD, SAVE_THE_DATE, PostOffice, mail, mails, name_everybody, post_office, run, settle, states

from cycle.adapters.clock import SetClock, SystemClock
from cycle.app.site import Site
from cycle.cli import shell
from cycle.journal.history import entries
from cycle.journal.verify import verify
from cycle.service.loop import Service
from cycle.service.tick import tick

ALBA, BIRKE, CASSIA = mail("alba"), mail("birke"), mail("cassia")
EVERYBODY = [ALBA, BIRKE, CASSIA]
SECONDS = 30


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


def start_service(at: str | None) -> subprocess.Popen[str]:
    """`cycle run` as a process of its own, once it said that it has started."""
    environment = {name: value for name, value in os.environ.items() if name != "CYCLE_NOW"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cycle", "run"],
        env=environment if at is None else environment | {"CYCLE_NOW": at},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert json.loads(process.stderr.readline())["event"] == "service_started"
    return process


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[list[str], int]:
    """Ask it to stop; the events it told of to the end, and its exit code."""
    process.send_signal(number)
    _, told = process.communicate(timeout=SECONDS)
    return [json.loads(line)["event"] for line in told.splitlines()], process.returncode


def troubles(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The troubles a service in this process told of, in their order."""
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return [line["trouble"] for line in told if line["event"] == "trouble"]


def of_service(cycle: Any) -> list[str]:
    with cycle.site.journal.reading() as session:
        return [told.type for told in entries(session) if told.type.startswith("service.")]


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something has happened."""
    async with asyncio.timeout(SECONDS):
        while not true():
            await asyncio.sleep(0.01)


def serving(service: Service, scene: Callable[[asyncio.Event], Any]) -> None:
    """Run a service in this process while a scene is played; the scene may stop it, else its end does."""

    async def play() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(service.run(stop))
        try:
            await scene(stop)
        finally:
            stop.set()
            await running

    asyncio.run(play())


def test_the_service_ticks_sends_and_ends_at_sigterm_with_nothing_half_done(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch) as office:
        shell.close()
        process = start_service(SAVE_THE_DATE)
        for _ in EVERYBODY:
            assert office.arrived.acquire(timeout=SECONDS)

        told, code = end(process)

    assert (told, code) == (["ticked", *["mail_sent"] * 3, "service_stopped"], 0)
    assert office.to == EVERYBODY
    assert states(town) == dict.fromkeys(EVERYBODY, "sent")
    assert of_service(town) == ["service.started", "service.stopped"]
    assert verify(town.site.database).intact


def test_without_a_set_clock_a_sandbox_lives_in_the_present(town: Any) -> None:
    shell.close()

    told, code = end(start_service(None), signal.SIGINT)

    assert (told[-1], code) == ("service_stopped", 0)
    with town.site.journal.reading() as session:
        last = [one.recorded_at for one in entries(session)][-1]
    assert abs(SystemClock().now() - last) < timedelta(minutes=5)


def test_the_service_does_not_start_on_a_journal_that_does_not_verify(town: Any) -> None:
    shell.close()
    with sqlite3.connect(town.home / "cycle.db") as raw:
        raw.execute("UPDATE partner SET name = 'Verein Alb' WHERE number = 2")

    said = town("run", code=7)

    shell.close()
    with sqlite3.connect(town.home / "cycle.db") as raw:
        raw.execute("UPDATE partner SET name = 'Verein Alba' WHERE number = 2")
    assert said.err.startswith("Der Verlauf stimmt nicht (Befunde: 1):")
    assert of_service(town) == []


def test_a_tick_that_fails_does_not_end_the_service(
    town: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calendar = town.home / "config" / "calendars" / "calendar_bw.csv"
    kept = calendar.read_bytes()
    with post_office(monkeypatch) as office:
        town.at(SAVE_THE_DATE)
        shell.close()
        service = Service(town.site, heartbeat_seconds=0.05)

        async def scene(stop: asyncio.Event) -> None:
            await until(lambda: service.troubles > 0)
            assert office.to == []
            calendar.write_bytes(kept)
            for _ in EVERYBODY:
                assert await asyncio.to_thread(office.arrived.acquire, timeout=SECONDS)

        calendar.write_bytes(b"kein Kalender")
        serving(service, scene)

    first, *_ = troubles(capsys)
    assert first.startswith("ip-2025: ")
    assert office.to == EVERYBODY
    assert states(town) == dict.fromkeys(EVERYBODY, "sent")


def test_a_server_that_keeps_silent_is_not_waited_for_and_its_mail_becomes_unclear(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CYCLE_SMTP__POOL", "1")
    with post_office(monkeypatch, PostOffice(at_the_dot={BIRKE: HOLD})) as office:
        town.at(SAVE_THE_DATE)
        shell.close()

        async def scene(stop: asyncio.Event) -> None:
            assert await asyncio.to_thread(office.holding.wait, SECONDS)

        serving(Service(town.site, drain_seconds=0.1), scene)
        after_stop = states(town)
        office.at_the_dot.clear()
        told = run(town, "2025-02-18T10:00:00+01:00", code=8)

    assert after_stop == {ALBA: "sent", BIRKE: "queued", CASSIA: "queued"}
    assert (told["sent"], told["unclear"]) == (1, 1)
    assert office.to == EVERYBODY


def test_a_server_that_is_down_is_left_alone_for_a_while(
    town: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with post_office(monkeypatch):
        pass  # the settings lead to a port where nobody answers any more
    clock = SetClock(datetime.fromisoformat(SAVE_THE_DATE))
    shell.close()
    given = town.site
    site = Site(given.home, given.settings, given.database, sandbox=True, clock=clock)
    service = Service(site, heartbeat_seconds=0.01)

    async def scene(stop: asyncio.Event) -> None:
        await until(lambda: service.troubles == 1)
        clock.set(clock.now() + timedelta(seconds=59))
        beats = service.beats
        await until(lambda: service.beats > beats + 3)
        assert service.troubles == 1
        clock.set(clock.now() + timedelta(seconds=2))
        await until(lambda: service.troubles == 2)

    serving(service, scene)

    first, second = troubles(capsys)
    assert first.endswith("next try in 60 s")
    assert second.endswith("next try in 120 s")
    assert states(town) == dict.fromkeys(EVERYBODY, "queued")


class LeapingClock(SetClock):
    """A wall clock that somebody sets while the machine runs on."""

    def monotonic(self) -> float:
        return 0.0


def test_what_becomes_due_after_the_clock_leapt_ahead_waits_for_approval(town: Any, capsys: pytest.CaptureFixture[str]) -> None:
    clock = LeapingClock(datetime.fromisoformat("2025-02-03T09:00:00+01:00"))
    given = town.site
    site = Site(given.home, given.settings, given.database, sandbox=True, clock=clock)
    service = Service(site, heartbeat_seconds=0.01)

    async def scene(stop: asyncio.Event) -> None:
        beats = service.beats
        await until(lambda: service.beats > beats + 1)
        clock.set(datetime.fromisoformat(SAVE_THE_DATE))
        await until(lambda: service.troubles == 1)
        beats = service.beats
        await until(lambda: service.beats > beats + 1)

    serving(service, scene)

    assert troubles(capsys) == ["the clock jumped by 1296000 s; mails wait for approval"]
    town.at(SAVE_THE_DATE)
    assert states(town) == dict.fromkeys(EVERYBODY, "held")
    town("mail approve 2025 --template save_the_date_spring")
    assert run(town)["sent"] == 3
    assert not service.holding  # what becomes due by the clock afterwards goes again


def test_time_the_service_was_off_is_made_up_for_once(town: Any) -> None:
    ten_days_later = "2025-02-28T09:00:00+01:00"

    first = run(town, ten_days_later)
    second = run(town, ten_days_later)

    assert (first["sent"], second["sent"]) == (3, 0)
    assert [m["templates"] for m in mails(town)] == [["save_the_date_spring"]] * 3


def test_a_cancelled_year_does_not_keep_the_tick_awake(town: Any) -> None:
    run(town, "2025-01-13T07:00:00+01:00")  # before the window opens: there is something to do at eight
    name_everybody(town)
    town("approve 2025 cancel", login="s.stell")
    town('cancel 2025 --yes --reason "es findet in diesem Jahr nicht statt"', login="d.dez")

    run(town, "2025-03-03T09:00:00+01:00")

    assert tick(town.site).looked == 0
