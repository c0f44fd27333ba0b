"""What SpamAssassin thinks of every letter, where it is installed: nothing that costs a point."""

import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from test_letter_html import letter
from test_templates import EVERY_MAIL, FULL

from cycle.adapters.calendar import Appointment, method_of, written
from cycle.outbox.rules.message import CalendarPart, MailText, assemble

SECONDS = 240
POINT = 1.0
MEETING = Appointment(
    uid="ip-2026-spring@plan.example.org",
    sequence=1,
    stamp=datetime(2026, 2, 10, 8, 30, tzinfo=UTC),
    summary="Netzwerktreffen (Integrationsplan 2026)",
    description="Integrationsplan 2026",
    location="Stadthalle, online",
    day=date(2026, 4, 21),
    opens="14:00",
    closes="18:00",
    zone=ZoneInfo("Europe/Berlin"),
    organizer="integration@stadt.example.org",
    organizer_name="Jana Weißenburger",
)
STATUS = re.compile(r"^X-Spam-Status: (.*(?:\n[ \t].*)*)", re.MULTILINE)
SCORE = re.compile(r"score=(-?[\d.]+) required=[\d.]+ tests=(\S+)")


def as_sent(language: str, name: str) -> bytes:
    """A letter as it goes out; those about a meeting with it."""
    text, html = letter(name, language, FULL)
    mail = MailText(
        message_id=f"<4f1c{abs(hash((language, name))):x}@plan.example.org>",
        date=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        sender_name="Jana Weißenburger",
        sender_address="integration@stadt.example.org",
        to_name="Zeynep Koçak",
        to_address="zeynep.kocak@verein.example.org",
        subject=text.subject,
        text=text.body,
        html=html,
        calendars=(CalendarPart(method_of(MEETING), written(MEETING)),) if "meeting" in name or "invitation" in name else (),
        list_unsubscribe="mailto:integration@stadt.example.org?subject=Abmelden%20IP-2026-017",
        reply_to="integration@stadt.example.org",
    )
    return assemble(mail)


@pytest.mark.long
def test_no_letter_costs_a_point(tmp_path: Path) -> None:
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("SpamAssassin is not installed here (Debian: spamassassin)")
    files = {}
    for language, name in EVERY_MAIL:
        file = tmp_path / f"{language}-{name}.eml"
        file.write_bytes(as_sent(language, name))
        files[file.stem] = file

    answered = subprocess.run(
        [program, "--local", "--test-mode", *map(str, files.values())], check=True, capture_output=True, timeout=SECONDS
    ).stdout
    scores = {}
    for name, status in zip(files, STATUS.findall(answered.decode("utf-8", "replace")), strict=True):
        found = SCORE.search(" ".join(status.split()))
        assert found is not None, status
        scores[name] = (float(found[1]), found[2])

    assert {name: score for name, score in scores.items() if score[0] >= POINT} == {}
