"""A year of the real service in minutes, by libfaketime: the wall clock of the process runs, its code is what is installed."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mail_sink import mail_sink
from small_town import PARTNERS, confirm_dates, name_everybody, partner, send_to, settle
from sqlmodel import select

from cycle.cli import shell
from cycle.journal.history import entries
from cycle.outbox.records import Mail, MailState, mails_all
from cycle.reminders.records import ItemState, LedgerItem
from cycle.service.records import Pulse

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
BERLIN = ZoneInfo("Europe/Berlin")
FASTER = 60_000
POOL = 4
# A second of the machine is seventeen hours of the service: its time-outs are as long.
TIMEOUT_SECONDS = 150_000
LOOK_SECONDS = 0.05
STOPPED_SECONDS = 60
ENDED_WELL = (ItemState.IN_MAIL, ItemState.LETTER)
AFTER_EVERY_LEASE = timedelta(days=60)
# The two days of the change to and from summer time lie inside a stretch, not at its end. How each ends: asked, or killed.
STRETCHES = (
    ("2025-02-24T09:00", signal.SIGTERM),
    ("2025-03-14T12:00", signal.SIGKILL),
    ("2025-03-27T03:00", signal.SIGTERM),
    ("2025-04-24T10:30", signal.SIGKILL),
    ("2025-06-16T09:10", signal.SIGTERM),
    ("2025-08-14T17:00", signal.SIGKILL),
    ("2025-10-24T11:00", signal.SIGTERM),
    ("2025-12-02T08:30", signal.SIGKILL),
    ("2026-01-12T09:00", signal.SIGTERM),
)


@pytest.fixture
def town(cycle: Any) -> Any:
    """A dozen partners, one of them by post, one by telephone, one with a deputy; the year open and its days confirmed."""
    more = [partner(number, f"verein{number}") for number in range(6, 12)]
    settle(cycle, [*PARTNERS, *more, partner(12, "fon", **{"E-Mail": "", "Versandform": "Telefon"})])
    name_everybody(cycle)
    confirm_dates(cycle)
    return cycle


def faked(at: datetime) -> "subprocess.Popen[bytes]":
    """`cycle run`, whose clock begins at a moment and runs so much faster."""
    environment = {name: value for name, value in os.environ.items() if name != "CYCLE_NOW"}
    local = at.astimezone(BERLIN)
    return subprocess.Popen(
        [sys.executable, "-m", "cycle", "run"],
        env=environment
        | {
            "TZ": "Europe/Berlin",
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_DONT_RESET": "1",
            "FAKETIME": f"@{local:%Y-%m-%d %H:%M:%S} x{FASTER}",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def live(town: Any, begins: datetime, ends: datetime, how: int) -> datetime:
    """Let the service live until a moment, and end it; the last moment it knew of."""
    process = faked(begins)
    try:
        while (last := beat(town)) < ends:
            try:
                process.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"the service ended with {process.returncode} after {last}")
        process.send_signal(how)
        process.wait(STOPPED_SECONDS)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == (0 if how == signal.SIGTERM else -signal.SIGKILL)
    return last_moment(town)


def beat(town: Any) -> datetime:
    """The last heartbeat."""
    with town.site.journal.reading() as session:
        row = session.exec(select(Pulse)).first()
        return row.beat_at if row is not None and row.beat_at is not None else datetime.fromisoformat("2025-01-01T00:00Z")


def last_moment(town: Any) -> datetime:
    """The last heartbeat or entry, whichever is later."""
    with town.site.journal.reading() as session:
        newest = next(iter(entries(session, newest_first=True))).recorded_at
    return max(newest, beat(town))


def kept(town: Any) -> tuple[list[Mail], list[LedgerItem]]:
    """Every mail, and every item of the ledger."""
    with town.site.journal.reading() as session:
        return mails_all(session), list(session.exec(select(LedgerItem)))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(LIBRARY is None, reason="libfaketime (Debian: libfaketime) is not installed")
def test_a_year_of_the_service_with_restarts_and_both_changes_of_the_clock(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_sink(tmp_path / "taken.jsonl") as sink:
        send_to(monkeypatch, sink.port)
        monkeypatch.setenv("CYCLE_SMTP__POOL", str(POOL))
        for name in ("CONNECT", "COMMAND", "DATA"):
            monkeypatch.setenv(f"CYCLE_SMTP__{name}_TIMEOUT_SECONDS", str(TIMEOUT_SECONDS))
        shell.close()
        at = datetime.fromisoformat("2025-01-13T07:00:00+01:00")
        for ends, how in STRETCHES:
            at = live(town, at, datetime.fromisoformat(ends).replace(tzinfo=BERLIN), how)
            told(town, at)
        at += AFTER_EVERY_LEASE
        town("run --once", at=at.isoformat(), code=None)
        taken = sink.taken()
        mails, items = kept(town)
        unclear = [each for each in mails if each.state == MailState.UNCLEAR]
        for each in unclear:
            town(f"mail retry {each.id}")
        town("run --once", at=at.isoformat(), code=None)
        at_last, items_at_last = kept(town)

    went = [each for each in mails if each.state in (MailState.SENT, MailState.UNCLEAR)]
    assert len(items) > 100
    assert len(unclear) <= POOL * len(STRETCHES)
    # The day a mail was made for is a local one, on the day of 25 hours as well.
    assert [key for key, times in Counter((each.person, each.day) for each in went).items() if times > 1] == []
    assert [key for key, times in Counter(each.message_id for each in taken).items() if times > 1] == []
    assert {each.message_id for each in mails if each.state == MailState.SENT} <= {each.message_id for each in taken}
    assert {each.message_id for each in taken} <= {each.message_id for each in went}
    assert {each.day.weekday() for each in went} <= set(range(5))
    assert {each.state for each in at_last} <= {MailState.SENT, MailState.CANCELLED, MailState.MISSED}
    assert [each.id for each in at_last if each.state != MailState.SENT and not each.why] == []
    assert [each.id for each in items_at_last if each.state not in ENDED_WELL and not each.why] == []
    assert {each.state for each in items_at_last} <= {*ENDED_WELL, ItemState.CANCELLED, ItemState.MISSED}


def told(town: Any, at: datetime) -> None:
    """What people do at the end of a stretch: the year is advanced once, and two partners answer."""
    local = at.astimezone(BERLIN)
    if local.month == 2:
        town("advance 2025", at=at.isoformat())
    if local.month == 3:
        town(f"survey answer 2025 --partner {2 if local.day < 20 else 3} --on {local:%Y-%m-%d}", at=at.isoformat())
    shell.close()
