"""What building the bytes of a letter costs, beside the standard library; each mail has a name and subject of its own."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from cycle.adapters.calendar import Appointment, method_of, written
from cycle.adapters.templates import Letters
from cycle.app.places import data_root
from cycle.outbox.rules.blocks import blocks
from cycle.outbox.rules.message import CalendarPart, MailText, assemble
from tests.benchmarks.figures import Figure, median

ROUNDS = 5
MAILS = 200
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEXT = """\
Sehr geehrte Frau Koçak,

wir laden Sie herzlich zum Runden Tisch zum Integrationsplan 2026 ein:

Dienstag, 21. Juli 2026, 16:30 bis 18:30 Uhr
Ort: Rathaus und online

Tagesordnung:
1. Stand der Integrationsarbeit in Musterstadt
2. Schwerpunktthema „Bildungsgerechtigkeit“: Was ist geplant, wer macht mit?
3. Offene Bedarfe: Lernbegleitung nach Klasse 4; Elternabende mit Sprachmittlung
4. Verabredungen

Bitte melden Sie sich mit einer kurzen Antwort auf diese E-Mail an oder ab und nennen Sie uns, ob Sie Sprachmittlung,
Gebärdensprache, einen barrierefreien Zugang oder Kinderbetreuung benötigen.

Mit freundlichen Grüßen

Jana Weißenburger
Stadt Musterstadt, Referat Migration
E-Mail: integration@stadt.example.org

---
Diese Nachricht wurde automatisch erstellt und versandt; Ihre Antwort darauf lesen wir.
"""


def building() -> Iterator[Figure]:
    """A letter with its HTML, and one with a meeting too: built here and by `EmailMessage(policy.SMTP)`, in turn."""
    around = {"subject": "Runder Tisch", "plan": {"title": "Integrationsplan"}, "city": "Musterstadt"}
    html = Letters([data_root() / "templates"], ("de",)).html("de", blocks(TEXT), around)
    for name, meetings in (("a letter in text and HTML", ()), ("the same with a meeting", (_meeting(),))):
        mine, theirs = [], []
        for turn in range(ROUNDS):
            numbers = range(turn * MAILS, (turn + 1) * MAILS)  # nothing that was encoded before is met again
            mine.append(_seconds(numbers, lambda number, some=meetings: assemble(_mail(number, html, some))))
            theirs.append(_seconds(numbers, lambda number, some=meetings: _by_library(_mail(number, html, some))))
        ours, library = median(mine) / MAILS * 1e6, median(theirs) / MAILS * 1e6
        yield Figure(
            f"{name}, built", library / ours, "x", 12.0, f"{ours:.0f} µs against {library:,.0f} of policy.SMTP", at_least=True
        )


def _seconds(numbers: range, build: Callable[[int], bytes]) -> float:
    begun = time.perf_counter()
    for number in numbers:
        build(number)
    return time.perf_counter() - begun


def _mail(number: int, html: str, meetings: tuple[CalendarPart, ...]) -> MailText:
    return MailText(
        message_id=f"<{number}@plan.example.org>",
        date=AT,
        sender_name="Jana Weißenburger",
        sender_address="integration@stadt.example.org",
        to_name=f"Zeynep Koçak {number}",
        to_address="zeynep.kocak@verein.example.org",
        subject=f"[IP-2026-{number}] Einladung zum Runden Tisch für Bürgerinnen und Bürger am Dienstag, 21. Juli 2026",
        text=TEXT,
        html=html,
        calendars=meetings,
        reply_to="integration@stadt.example.org",
    )


def _by_library(mail: MailText) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{mail.sender_name} <{mail.sender_address}>"
    message["To"] = f"{mail.to_name} <{mail.to_address}>"
    message["Reply-To"] = mail.reply_to
    message["Subject"] = mail.subject
    message["Date"] = mail.date
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for calendar in mail.calendars:
        message.add_alternative(calendar.ics, subtype="calendar", params={"method": calendar.method})
        message.add_attachment(calendar.ics.encode(), maintype="application", subtype="ics", filename="request.ics")
    return message.as_bytes()


def _meeting() -> CalendarPart:
    appointment = Appointment(
        uid="ip-2026-round_table@plan.example.org",
        sequence=0,
        stamp=AT,
        summary="Runder Tisch (Integrationsplan 2026)",
        description="Integrationsplan 2026",
        location="Rathaus, online",
        day=date(2026, 7, 21),
        opens="16:30",
        closes="18:30",
        zone=ZoneInfo("Europe/Berlin"),
        organizer="integration@stadt.example.org",
        organizer_name="Jana Weißenburger",
    )
    return CalendarPart(method_of(appointment), written(appointment))
