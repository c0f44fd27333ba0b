"""Story 5: the coordinator moves the spring meeting, and every calendar follows; the file of all dates, read in twice."""

import json
import os
import shutil
import subprocess
from collections import Counter
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from played import played_once

DEMO = Path(__file__).parents[2] / "config" / "demo"
SAVE_THE_DATE = "2025-02-18T08:00:00+01:00"
IN_MARCH = "2025-03-06T15:40:00+01:00"
LINE = (
    'meeting move 2025 spring 2025-05-06 --venue "Bürgerhaus Bergfeld" --reason "Stadthalle wegen Brandschutz gesperrt" --json'
)
SEVEN = {
    "survey_due": ("2025-03-25", "2025-04-01"),
    "survey_hard_close": ("2025-04-01", "2025-04-08"),
    "spring_invitation": ("2025-03-25", "2025-04-01"),
    "gap_analysis_due": ("2025-04-11", "2025-04-17"),
    "spring_registration_due": ("2025-04-22", "2025-04-28"),
    "spring_minutes_due": ("2025-05-21", "2025-05-27"),
    "status_analysis_due": ("2025-05-28", "2025-06-04"),
}


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """Musterstadt with its partners, the year 2025 and the save the date sent."""
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle(f"partner import {DEMO / 'partners_2025.csv'}")
    cycle("start 2025")
    cycle("date confirm 2025 spring_meeting")
    cycle("run --once", at=SAVE_THE_DATE)
    return cycle


def events(data: bytes) -> dict[str, Any]:
    """The events of a calendar file by their UID before the @."""
    return {str(event["UID"]).partition("@")[0]: event for event in Calendar.from_ical(data).walk("VEVENT")}


def test_moving_the_meeting_moves_seven_deadlines_and_tells_each_invited_partner_once(town: Any) -> None:
    tried = json.loads(town(f"{LINE} --dry-run", at=IN_MARCH).out)
    before = town("history list --json").out
    moved = json.loads(town(LINE).out)

    assert (tried["moves"], tried["sequence"]) == (moved["moves"], moved["sequence"])
    assert len(json.loads(before)["entries"]) == len(json.loads(town("history list --json").out)["entries"]) - 1
    followers = {each["key"]: (each["from"], each["to"]) for each in moved["moves"] if each["follows"] == "spring_meeting"}
    assert followers == SEVEN
    assert [each["key"] for each in moved["moves"] if each["follows"] is None] == ["spring_meeting"]
    assert moved["sequence"] == 1

    for moment in ("2025-03-06T15:45:00+01:00", "2025-03-07T08:00:00+01:00", "2025-03-10T08:00:00+01:00"):
        town("run --once", at=moment)

    told = [m for m in json.loads(town("mail list --json").out)["mails"] if "meeting_rescheduled" in m["templates"]]
    saved = [m for m in json.loads(town("mail list --json").out)["mails"] if "save_the_date_spring" in m["templates"]]
    assert Counter(m["partner"] for m in told) == Counter(m["partner"] for m in saved)
    assert max(Counter(m["to"] for m in told).values()) == 1
    files = [message_from_bytes(file.read_bytes(), policy=default) for file in (town.home / "mail" / "new").iterdir()]
    ids = {m["message_id"] for m in told}
    parts = [
        p.get_content() for m in files if m["Message-ID"] in ids for p in m.walk() if p.get_content_type() == "application/ics"
    ]
    assert len(parts) == len(told)
    for data in parts:
        event = events(data)["ip-2025-spring"]
        assert (str(Calendar.from_ical(data)["METHOD"]), event["SEQUENCE"]) == ("REQUEST", 1)
        assert event["DTSTART"].dt == datetime(2025, 5, 6, 12, tzinfo=UTC)
        assert str(event["LOCATION"]) == "Bürgerhaus Bergfeld, online"


def test_the_file_of_all_dates_has_each_once_under_the_name_that_the_mails_use(town: Any, tmp_path: Path) -> None:
    said = town(f"date list 2025 --ics {tmp_path / 'a.ics'}")
    found = events((tmp_path / "a.ics").read_bytes())

    assert said.err.startswith("28 Termine stehen in ")
    dates = {each["key"]: each["planned"] for each in json.loads(town("date list 2025 --json").out)["deadlines"]}
    whole_days = {uid.removeprefix("ip-2025-date-"): event["DTSTART"].dt for uid, event in found.items() if "-date-" in uid}
    assert {key: day.isoformat() for key, day in whole_days.items()} == {
        key: day for key, day in dates.items() if key not in ("spring_meeting", "round_table")
    }
    assert found["ip-2025-spring"]["DTSTART"].dt.isoformat() == "2025-04-29T14:00:00+02:00"
    text = (tmp_path / "a.ics").read_text(encoding="utf-8")
    assert [word for word in ("ORGANIZER", "ATTENDEE", "mailto", "Weißenburger") if word in text] == []


def test_moved_and_read_in_again_it_is_the_same_events_with_higher_sequences(town: Any, tmp_path: Path) -> None:
    town("meeting edit 2025 round_table --link https://konferenz.example.org/geheim")
    town(f"date list 2025 --ics {tmp_path / 'a.ics'}")
    town(LINE, at=IN_MARCH)
    town("meeting cancel 2025 round_table --reason 'Kein Raum'")
    town(f"date list 2025 --ics {tmp_path / 'b.ics'} --alarm 7")
    before, after = (events((tmp_path / name).read_bytes()) for name in ("a.ics", "b.ics"))

    assert before.keys() == after.keys()
    grown = {uid for uid in after if after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"]}
    assert grown == {"ip-2025-spring", "ip-2025-round_table", *(f"ip-2025-date-{key}" for key in SEVEN)}
    newer = {uid for uid in after if after[uid]["DTSTAMP"].dt > before[uid]["DTSTAMP"].dt}
    assert newer == grown
    assert str(after["ip-2025-round_table"]["STATUS"]) == "CANCELLED"
    assert after["ip-2025-date-survey_due"]["DTSTART"].dt == date(2025, 4, 1)
    assert "geheim" not in (tmp_path / "b.ics").read_text(encoding="utf-8")
    town(f"date list 2025 --ics {tmp_path / 'c.ics'} --alarm 7")
    assert (tmp_path / "b.ics").read_bytes() == (tmp_path / "c.ics").read_bytes()


def test_who_only_reads_may_have_the_file_and_what_cannot_be_written_is_told(town: Any, tmp_path: Path) -> None:
    town("people add p.pruefer --name Prüferin --role auditor")
    town(f"date list 2025 --ics {tmp_path / 'a.ics'}", login="p.pruefer")
    town("meeting press 2025 spring", login="p.pruefer")
    town("meeting agenda list 2025 spring", login="p.pruefer")
    town("meeting agenda add 2025 spring Vortrag", login="p.pruefer", code=6)

    assert "lässt sich nicht schreiben" in town(f"date list 2025 --ics {tmp_path / 'fehlt' / 'a.ics'}", code=2).err
    assert town("date list 2025 --alarm 3", code=2).err == "--alarm gilt nur zusammen mit --ics DATEI.\n"


def khal(folder: Path, *words: str) -> str:
    """What khal, a calendar program of other people, answers; with a calendar and settings of its own below the folder."""
    program = os.environ.get("CYCLE_TEST_KHAL") or shutil.which("khal")
    if program is None:
        pytest.skip("khal is not installed (pip install khal==0.10.5, or CYCLE_TEST_KHAL)")
    settings = folder / "khal.conf"
    if not settings.exists():
        (folder / "calendar").mkdir()
        settings.write_text(
            f"[calendars]\n[[plan]]\npath = {folder / 'calendar'}\n[sqlite]\npath = {folder / 'khal.db'}\n"
            "[locale]\nlocal_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\ntimeformat = %H:%M\n"
            "dateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
            "longdatetimeformat = %Y-%m-%d %H:%M\n",
            encoding="utf-8",
        )
    line = [program, "-c", str(settings), *words]
    home = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": "", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(line, capture_output=True, text=True, env=home, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_khal_reads_the_file_and_read_in_again_after_a_move_has_no_event_twice(town: Any, tmp_path: Path) -> None:
    def listed() -> list[str]:
        form = "{start-date} {start-time} {title}"
        told = khal(tmp_path, "list", "--day-format", "", "--format", form, "2025-01-01", "2026-03-31").splitlines()
        return [line.strip() for line in told if line.strip()]

    town(f"date list 2025 --ics {tmp_path / 'a.ics'}")
    khal(tmp_path, "import", "--batch", str(tmp_path / "a.ics"))
    first = listed()
    town(LINE, at=IN_MARCH)
    town("meeting move 2025 round_table 2025-11-11 --reason 'nach den Ferien'")
    town(f"date list 2025 --ics {tmp_path / 'b.ics'}")
    khal(tmp_path, "import", "--batch", str(tmp_path / "b.ics"))
    second = listed()

    assert (len(first), len(second)) == (28, 28)
    assert "2025-04-29 14:00 Netzwerktreffen (Integrationsplan 2025)" in first
    held = [
        line for line in second if line.endswith(("Netzwerktreffen (Integrationsplan 2025)", "Tisch (Integrationsplan 2025)"))
    ]
    timed = sorted(line for line in held if len(line.split()[1]) == len("14:00") and line.split()[1][2] == ":")
    assert timed == [
        "2025-05-06 14:00 Netzwerktreffen (Integrationsplan 2025)",
        "2025-11-11 16:30 Runder Tisch (Integrationsplan 2025)",
    ]
