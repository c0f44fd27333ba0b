"""What a service lets others know: its log, its pulse for `cycle doctor`, the gaps in the history, and the watcher's ping."""

import asyncio
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from apscheduler.events import EVENT_ALL
from apscheduler.jobstores.memory import MemoryJobStore
from small_town import SAVE_THE_DATE, PostOffice, mail, post_office, run, settle, states
from test_service import LeapingClock, end, serving, start_service, until

from cycle.adapters.clock import SetClock
from cycle.app.site import Site
from cycle.cli import shell
from cycle.errors import WrongInput
from cycle.journal.history import entries
from cycle.service.log import told_of
from cycle.service.loop import Service

ALBA, BIRKE, CASSIA = mail("alba"), mail("birke"), mail("cassia")
EVERYBODY = [ALBA, BIRKE, CASSIA]


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


def found(cycle: Any, code: int = 0) -> dict[str, tuple[str, dict[str, Any]]]:
    """What the doctor finds, with how bad it is and its facts."""
    told = json.loads(cycle("doctor --json", code=code).out)["findings"]
    return {each["key"]: (each["health"], each["facts"]) for each in told}


def at(given: Site, clock: SetClock) -> Site:
    """The same site with a clock of its own."""
    return Site(given.home, given.settings, given.database, sandbox=True, clock=clock)


async def beats(service: Service, more: int = 2) -> None:
    """Let the heart beat so many times."""
    before = service.beats
    await until(lambda: service.beats >= before + more)


def gaps(cycle: Any) -> list[tuple[str, str, bool]]:
    with cycle.site.journal.reading() as session:
        told = [each.data for each in entries(session, types=["service.gap"])]
    return [(each["from"], each["to"], each["clean"]) for each in told]


def test_every_line_of_the_log_is_json_and_none_tells_an_address_a_name_or_a_subject(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = {BIRKE: f"550 5.1.1 <{BIRKE}>: no such user", CASSIA: f"450 4.2.0 <{CASSIA}>: greylisted"}
    with post_office(monkeypatch, PostOffice(refuse=refuse)) as office:
        shell.close()
        process = start_service(SAVE_THE_DATE)
        assert office.arrived.acquire(timeout=30)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)

    lines = [json.loads(line) for line in said.splitlines()]
    mails = sorted((line["event"], line["mail"], line["reply"]) for line in lines if line["event"].startswith("mail_"))
    assert mails == [
        ("mail_later", 3, "450 4.2.0 (rcpt)"),
        ("mail_permanent", 2, "550 5.1.1 (rcpt)"),
        ("mail_sent", 1, "250 2.0.0 (dot)"),
    ]
    assert {line["at"] for line in lines} == {"2025-02-18T08:00:00+00:00"}
    assert not [word for word in ("@", "Alba", "Birke", "Cassia", "Anna", "Termin") if word in said]


def test_what_an_error_holds_is_not_told_beside_its_kind_and_place() -> None:
    def raised() -> Exception:
        try:
            raise ValueError(f"cannot write to {ALBA}")
        except ValueError as error:
            return error

    assert told_of(raised()).startswith("ValueError at test_health.py:")
    assert told_of(WrongInput("bad_sender", sender=ALBA, file="cycle.toml")) == "bad_sender: file=cycle.toml"


def test_a_template_that_cannot_be_written_is_told_once_to_the_doctor_and_the_log_and_the_others_go(
    town: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = town.home / "templates" / "mail" / "de" / "save_the_date_spring.txt.j2"
    clock = SetClock(datetime.fromisoformat(SAVE_THE_DATE))
    town.at(SAVE_THE_DATE)
    good = found(town)
    own.write_text("{% block subject %}Termin{% endblock %}\n{% block body %}\n{{ recipient.nobody }}\n{% endblock %}\n")
    with post_office(monkeypatch) as office:
        shell.close()
        service = Service(at(town.site, clock), heartbeat_seconds=0.02)

        async def scene(stop: asyncio.Event) -> None:
            await until(lambda: service.troubles == 1)
            await beats(service, 3)
            assert (service.troubles, office.to) == (1, [])
            health, facts = (await asyncio.to_thread(found, town, 5))["service_troubles"]  # the template itself is a fault
            assert (health, facts["count"], facts["at"]) == ("warning", 1, "2025-02-18T08:00:00+00:00")
            assert facts["trouble"].startswith("mails cannot be written: template_error: ")
            own.unlink()
            await until(lambda: len(office.got) == 3)

        serving(service, scene)

    assert "service_troubles" not in good
    assert states(town) == dict.fromkeys(EVERYBODY, "sent")


@pytest.mark.parametrize(
    ("stopped", "later", "clean"),
    [
        (signal.SIGTERM, "2025-02-18T12:30:00+01:00", True),
        (signal.SIGKILL, "2025-02-18T12:30:00+01:00", False),
        (signal.SIGTERM, "2025-02-18T09:10:00+01:00", None),
        (signal.SIGKILL, "2025-02-18T08:00:00+01:00", None),
    ],
)
def test_the_time_a_service_was_off_stands_in_the_history(
    town: Any, stopped: signal.Signals, later: str, clean: bool | None
) -> None:
    shell.close()
    first = start_service(SAVE_THE_DATE)
    assert first.stderr is not None
    assert json.loads(first.stderr.readline())["event"] == "ticked"
    first.send_signal(stopped)
    first.communicate(timeout=30)
    end(start_service(later))

    until_then = "2025-02-18T11:30:00.000000Z"
    assert gaps(town) == ([] if clean is None else [("2025-02-18T08:00:00.000000Z", until_then, clean)])
    if clean is not None:
        town.at(later)
        word = "ja" if clean else "nein"
        said = town("history list").out
        assert f"Der Dienst war unterbrochen, vom 18.02.2025 09:00 bis 18.02.2025 12:30 (ordentlich beendet: {word})." in said


def test_a_service_that_died_is_bad_and_one_that_was_stopped_is_not(town: Any) -> None:
    shell.close()
    process = start_service(SAVE_THE_DATE)
    assert process.stderr is not None
    process.stderr.readline()
    process.kill()
    process.communicate()
    town.at("2025-02-18T09:10:01+01:00")
    died = found(town, code=5)
    end(start_service("2025-02-18T09:10:01+01:00"))
    town.at("2025-02-18T12:00:00+01:00")
    stopped = found(town)
    run(town)
    by_hand = found(town)

    assert died["service_died"] == ("bad", {"since": "2025-02-18T08:00:00+00:00"})
    assert stopped["service"] == ("warning", {"seconds": 10199})
    assert by_hand["service"] == ("good", {"seconds": 0})


def test_two_services_are_told_by_both_and_by_the_doctor_until_one_is_gone(
    town: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SetClock(datetime.fromisoformat("2025-02-03T09:00:00+01:00"))
    site = at(town.site, clock)
    one, other = (Service(site, heartbeat_seconds=0.02) for _ in range(2))
    town.at("2025-02-03T09:00:00+01:00")

    async def scene(stop: asyncio.Event) -> None:
        await beats(one)
        alone = await asyncio.to_thread(found, town)
        end_other = asyncio.Event()
        second = asyncio.create_task(other.run(end_other))
        await until(lambda: one.troubles == 1 and other.troubles == 1)
        both = await asyncio.to_thread(found, town)
        end_other.set()
        await second
        clock.set(clock.now() + timedelta(minutes=3))
        await beats(one)
        town.at("2025-02-03T09:03:00+01:00")
        again = await asyncio.to_thread(found, town)
        assert ["two_services" in each for each in (alone, both, again)] == [False, True, False]
        assert both["two_services"][0] == "warning"
        assert one.troubles == 1

    serving(one, scene)


@contextmanager
def watcher(answer: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A watcher's web server: its address, and the paths that were fetched."""
    fetched: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ping/abc", fetched
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_watcher_hears_of_good_beats_once_a_minute_and_of_no_bad_one(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = town.home / "config" / "calendars" / "calendar_bw.csv"
    kept = calendar.read_bytes()
    clock = SetClock(datetime.fromisoformat("2025-02-03T09:00:00+01:00"))
    with watcher() as (url, fetched):
        monkeypatch.setenv("CYCLE_SERVICE__PING_URL", url)
        shell.close()
        calendar.write_bytes(b"kein Kalender")
        service = Service(at(town.site, clock), heartbeat_seconds=0.02)

        async def scene(stop: asyncio.Event) -> None:
            await beats(service, 3)
            assert (service.troubles > 0, fetched) == (True, [])
            calendar.write_bytes(kept)
            await until(lambda: len(fetched) == 1)
            await beats(service, 3)
            assert len(fetched) == 1
            clock.set(clock.now() + timedelta(seconds=60))
            await until(lambda: len(fetched) == 2)

        serving(service, scene)

    assert fetched == ["/ping/abc"] * 2


@pytest.mark.parametrize("answer", [500, None])
def test_a_watcher_that_is_away_is_no_trouble(town: Any, monkeypatch: pytest.MonkeyPatch, answer: int | None) -> None:
    clock = SetClock(datetime.fromisoformat("2025-02-03T09:00:00+01:00"))
    with watcher(answer or 200) as (url, fetched):
        monkeypatch.setenv("CYCLE_SERVICE__PING_URL", url)
        if answer is not None:
            service = watch(town, clock, lambda: len(fetched) == 1)
    if answer is None:
        service = watch(town, clock, bool)  # nobody listens there any more
    assert service.troubles == 0


def watch(town: Any, clock: SetClock, seen: Callable[[], bool]) -> Service:
    shell.close()
    service = Service(at(town.site, clock), heartbeat_seconds=0.02)

    async def scene(stop: asyncio.Event) -> None:
        await beats(service, 3)
        if seen is not bool:
            await until(seen)

    serving(service, scene)
    return service


def test_a_clock_set_back_or_on_by_an_hour_is_told_and_nothing_goes_twice_or_waits(
    town: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = LeapingClock(datetime.fromisoformat("2025-02-18T07:30:00+01:00"))
    with post_office(monkeypatch) as office:
        shell.close()
        service = Service(at(town.site, clock), heartbeat_seconds=0.02)

        async def scene(stop: asyncio.Event) -> None:
            await beats(service)
            clock.set(datetime.fromisoformat("2025-02-18T08:30:00+01:00"))
            await until(lambda: len(office.got) == 3)
            clock.set(datetime.fromisoformat("2025-02-18T07:30:00+01:00"))
            await beats(service, 3)
            clock.set(datetime.fromisoformat("2025-02-18T09:00:00+01:00"))
            await beats(service, 3)

        serving(service, scene)

    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["trouble"] for line in told if line["event"] == "trouble"] == [
        "the clock jumped by 3600 s", "the clock jumped by -3600 s", "the clock jumped by 5400 s"
    ]  # fmt: skip
    town.at("2025-02-18T09:00:00+01:00")
    assert (office.to, states(town)) == (EVERYBODY, dict.fromkeys(EVERYBODY, "sent"))


class BrokenStore(MemoryJobStore):  # type: ignore[misc]
    """A job store that fails whenever the scheduler asks it: what ends an APScheduler for good."""

    def get_due_jobs(self, now: Any) -> Any:
        raise RuntimeError("job store broken")

    def get_next_run_time(self) -> Any:
        raise RuntimeError("job store broken")


@pytest.mark.parametrize("broken", ["job store", "listener"])
def test_a_scheduler_that_breaks_keeps_no_mail_from_going(
    town: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    def listen(event: Any) -> None:
        raise RuntimeError("listener broken")

    clock = SetClock(datetime.fromisoformat("2025-02-18T07:59:00+01:00"))
    with post_office(monkeypatch) as office:
        shell.close()
        service = Service(at(town.site, clock), heartbeat_seconds=0.05)

        async def scene(stop: asyncio.Event) -> None:
            await beats(service)
            scheduler = service._alarm._scheduler
            if broken == "job store":
                scheduler.add_jobstore(BrokenStore(), "broken")
            else:
                scheduler.add_listener(listen, EVENT_ALL)
            before = service.beats
            clock.set(datetime.fromisoformat("2025-02-18T08:00:00+01:00"))
            await until(lambda: len(office.got) == 3)
            assert service.beats <= before + 3

        serving(service, scene)

    assert office.to == EVERYBODY
    town.at("2025-02-18T08:00:00+01:00")
    assert states(town) == dict.fromkeys(EVERYBODY, "sent")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]  # also what the library says
    assert {line["event"] for line in lines} >= {"ticked", "mail_sent"}
