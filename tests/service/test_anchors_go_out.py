"""Anchors by themselves: at each step and once a day, into a folder and to addresses, tried again, never twice."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_town import DROP, PostOffice, post_office, send_to, settle

from cycle.cli import shell
from cycle.journal.anchors import anchors_in, head_anchor
from cycle.service.anchoring import keep_anchors, send_anchors
from cycle.service.loop import Service

AUDIT = "pruefung@example.org"
SECOND = "zweite@example.org"


@pytest.fixture
def town(cycle: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The town, whose anchors go into a folder and to two addresses from now on."""
    settle(cycle)
    shell.close()
    monkeypatch.setenv("CYCLE_ANCHORS__FOLDER", str(tmp_path / "anker"))
    monkeypatch.setenv("CYCLE_ANCHORS__MAIL", json.dumps([AUDIT, SECOND]))
    return cycle


def seals(cycle: Any) -> list[dict[str, Any]]:
    """What the seals in the history say."""
    return [each["data"] for each in json.loads(cycle("history list --type log.sealed --json").out)["entries"]]


def filed(tmp_path: Path) -> list[str]:
    (file,) = (tmp_path / "anker").iterdir()
    return file.read_text(encoding="utf-8").splitlines()


def test_a_seal_is_said_in_the_chain_filed_and_mailed_once_to_each_address(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with town.site.journal.reading() as session:
        before = head_anchor(session)
    shell.close()
    with post_office(monkeypatch) as office:
        line = town("history seal").out.strip()
        again = town("history seal").out.strip()
        town("run --once")

    assert before is not None
    assert (line, again) == (before.line, before.line)
    assert [(each["seq"], each["hash"], each["mails"], each["folder"]) for each in seals(town)] == [
        (before.seq, before.hash, 2, True)
    ]
    assert filed(tmp_path) == [line]
    assert office.to == [AUDIT, SECOND]
    assert [anchors_in(message) for _, message in office.got] == [{before}, {before}]
    assert len(set(office.ids())) == 2
    town(f'history verify --require-anchor --anchor "{line}"')


def test_a_step_is_sealed_at_once_and_the_mail_goes_with_the_next_run(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town('hold 2025 --until 2025-03-01 --reason "Warten auf den Haushalt"')
    entries = json.loads(town("history list --json").out)["entries"]
    shell.close()
    with post_office(monkeypatch) as office:
        town("run --once")

    assert [each["type"] for each in entries[-2:]] == ["phase.held", "log.sealed"]
    assert entries[-1]["data"]["seq"] == entries[-2]["seq"]
    assert (len(filed(tmp_path)), office.to) == (1, [AUDIT, SECOND])


def test_once_a_day_and_only_if_anything_was_entered(town: Any, tmp_path: Path) -> None:
    site = town.site

    made = []
    for at in ("10T09:00", "10T15:00", "11T09:00", "12T09:00"):
        town.at(f"2025-01-{at}:00+01:00")
        made.append(bool(keep_anchors(site, site.now())))
        if at in ("10T15:00", "11T09:00"):
            town('history comment 2025 "Etwas geschah"')

    assert made == [True, False, True, True]
    town.at("2025-01-14T09:00:00+01:00")
    assert keep_anchors(site, site.now()) == 0
    assert len(filed(tmp_path)) == len(seals(town)) == 3


def test_a_server_that_is_down_gets_it_later_and_one_that_puts_off_too(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        send_to(monkeypatch, probe.getsockname()[1])
    shell.close()
    town("history seal")
    office = PostOffice(refuse={SECOND: "451 4.3.0 later"})
    shell.close()
    with post_office(monkeypatch, office):
        town("run --once", at="2025-01-10T09:01:00+01:00")
        early = list(office.to)
        town("run --once", at="2025-01-10T09:10:00+01:00")
        office.refuse.clear()
        town("run --once", at="2025-01-10T20:00:00+01:00")
        town("run --once", at="2025-01-11T09:00:00+01:00")

    assert early == []
    assert [office.to.count(AUDIT), office.to.count(SECOND)] == [1, 1]


def test_what_may_have_gone_is_not_sent_again_and_doctor_tells(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    office = PostOffice(at_the_dot={AUDIT: DROP}, refuse={SECOND: "550 5.1.1 nobody"})
    shell.close()
    with post_office(monkeypatch, office):
        town("history seal")
        office.at_the_dot.clear()
        office.refuse.clear()
        town("run --once", at="2025-01-10T21:00:00+01:00")
        told = json.loads(town("doctor --json").out)["findings"]

    assert office.to == [AUDIT]
    (unsent,) = [each["facts"] for each in told if each["key"] == "anchors_unsent"]
    assert unsent == {"unclear": 1, "failed": 1, "waiting": 0}


def test_two_processes_send_it_once(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.close()
    with post_office(monkeypatch) as office:
        site = town.site
        keep_anchors(site, site.now())

        async def both() -> None:
            await asyncio.gather(send_anchors(site), send_anchors(site))

        asyncio.run(both())

    assert office.to == [AUDIT, SECOND]


def test_a_folder_that_cannot_be_written_holds_back_no_mail(town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "anker").touch()
    shell.close()
    with post_office(monkeypatch) as office:
        said = town("run --once", code=5)
        town('hold 2025 --until 2025-03-01 --reason "Warten auf den Haushalt"')
        (tmp_path / "anker").unlink()
        town("run --once", at="2025-01-10T09:30:00+01:00")

    assert "Bitte anchors.folder prüfen" in said.err
    assert [office.to.count(AUDIT), len(filed(tmp_path))] == [2, 1]


def test_on_either_database_a_seal_becomes_a_file_in_the_mail_folder_for_each_address(
    cycle_anywhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = cycle_anywhere
    cycle("start 2025")
    shell.close()
    monkeypatch.setenv("CYCLE_ANCHORS__MAIL", json.dumps([AUDIT, SECOND]))
    cycle("history seal")
    cycle("history seal")
    cycle('history comment 2025 "Etwas geschah"')
    line = cycle("history seal").out

    got = [file.read_bytes() for file in (cycle.home / "mail" / "new").iterdir()]
    assert len(got) == 4
    assert [anchors_in(line) <= anchors_in(message) for message in got].count(True) == 2
    assert [each["seq"] for each in seals(cycle)] == [2, 4]


def test_without_settings_nothing_goes_by_itself(cycle: Any) -> None:
    settle(cycle)
    cycle('hold 2025 --until 2025-03-01 --reason "Warten auf den Haushalt"')
    cycle("run --once")

    assert seals(cycle) == []


def test_the_auditor_may_compare_with_an_anchor_but_not_seal(town: Any) -> None:
    town("people add admin --name Verwaltung --role admin")
    town("people add p.pruef --name Prüfung --role auditor", login="admin")

    line = town("history seal --dry-run").out.strip()
    before = seals(town)

    compared = json.loads(town(f"history verify --anchor '{line}' --json", login="p.pruef").out)
    refused = [
        town(command, login="p.pruef", code=6).err
        for command in ("history seal", "history seal --dry-run", 'db accept-restore --reason "Platte war defekt"')
    ]

    assert (compared["intact"], compared["anchored"]) == (True, int(line.split()[2]))
    assert ["p.pruef" in each and "darf das nicht" in each for each in refused] == [True] * 3
    assert seals(town) == before


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


def test_the_service_seals_and_proves_the_history_at_night_and_ends_if_it_is_broken(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CYCLE_TEST_GUARD")
    town.at("2025-01-10T22:00:00+01:00")
    site = town.site
    service = Service(site, heartbeat_seconds=0.01)
    beats: dict[str, int] = {}

    async def play() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(service.run(stop))
        await until(lambda: service.beats > 0)
        for at in ("2025-01-11T02:30:00+01:00", "2025-01-11T03:10:00+01:00"):
            town.at(at)
            seen = service.beats
            await until(lambda seen=seen: service.beats > seen + 2)  # type: ignore[misc]
            beats[at] = capsys.readouterr().err.count("history_proved")
        with site.database.writer.begin() as connection:
            connection.exec_driver_sql("UPDATE deadline SET planned = '2025-12-24' WHERE id = 1")
        town.at("2025-01-12T03:10:00+01:00")
        await asyncio.wait_for(running, 20)

    try:
        asyncio.run(play())
        assert list(beats.values()) == [0, 1]
        assert len(seals(town)) == len(filed(tmp_path)) == 1  # nothing was entered in the days that followed
        assert len(list((town.home / "mail" / "new").iterdir())) == 2
        assert service.broken is not None
        assert [problem for problem in service.broken.problems if "deadline" in problem]
    finally:
        with site.database.writer.begin() as connection:
            connection.exec_driver_sql("UPDATE deadline SET planned = first_planned WHERE id = 1")
