"""The minutes go along with the mail that tells of them, where they can; else the mail says that they come on request."""

import json
import os
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from small_town import confirm_dates, name_everybody, run, settle

from cycle.documents.actions import _as_filed
from cycle.documents.rules import MOST_ATTACHED, ascii_name, media_type

FILED = "2025-05-02T09:00:00+02:00"
ON_REQUEST = "Wir senden es Ihnen auf Anfrage gern zu"


@pytest.fixture
def careful(cycle: Any, request: pytest.FixtureRequest) -> Any:
    """The town whose minutes wait for approval."""
    file = cycle.home / "workflows" / "integration.yaml"
    given = "approval: [theme_announcement, cycle_closed]"
    text = file.read_text(encoding="utf-8")
    assert given in text
    file.write_text(text.replace(given, "approval: [minutes_sent]"), encoding="utf-8")
    return request.getfixturevalue("town")


@pytest.fixture
def town(cycle: Any) -> Any:
    """A town that has held its spring meeting; partner 5 wants letters."""
    settle(cycle)
    name_everybody(cycle)
    confirm_dates(cycle)
    cycle("advance 2025", at="2025-02-24T09:00:00+01:00")
    cycle("meeting held 2025 spring --on-site 62 --online 100", at="2025-04-29T19:00:00+02:00")
    return cycle


def file_minutes(town: Any, content: bytes) -> None:
    file = town.home / "Protokoll Frühjahr.pdf"
    file.write_bytes(content)
    town(f"document file 2025 minutes --of spring --file '{file}'", at=FILED)


def sent(town: Any) -> list[Any]:
    """The mails in the Maildir that tell of the minutes."""
    files = sorted((town.home / "mail").rglob("new/*"))
    found = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [each for each in found if "Ergebnisse" in each["Subject"]]


def said(message: Any) -> str:
    return " ".join(message.get_body(("plain",)).get_content().split())


def test_the_minutes_go_along_as_they_were_filed_and_the_letter_on_paper_offers_them(town: Any, tmp_path: Path) -> None:
    content = b"%PDF-1.7\n" + os.urandom(3000)
    file_minutes(town, content)
    run(town)

    for message in sent(town):
        (file,) = message.iter_attachments()
        assert (file.get_filename(), file.get_content_type()) == ("Protokoll Fruehjahr.pdf", "application/pdf")
        assert file.get_content() == content
        assert ("„Protokoll“ liegt diesem Schreiben bei." in said(message), ON_REQUEST in said(message)) == (True, False)
    assert len(sent(town)) == 3
    printed = json.loads(town(f"mail letters --to {tmp_path / 'briefe.html'} --json").out)["letters"]
    (letter,) = [each for each in printed if each["template"] == "minutes_sent"]
    assert any(ON_REQUEST in paragraph for paragraph in letter["paragraphs"])
    assert "Protokoll" not in town("doctor", code=None).out


@pytest.mark.parametrize("why", ["too large", "gone", "altered"])
def test_minutes_that_cannot_go_along_come_on_request(town: Any, why: str) -> None:
    file_minutes(town, b"x" * (MOST_ATTACHED + 1 if why == "too large" else 10))
    (kept,) = (town.home / "documents").rglob("*Frühjahr.pdf")
    if why == "gone":
        kept.unlink()
    elif why == "altered":
        kept.chmod(0o600)
        kept.write_bytes(b"something else")
    run(town)

    assert [[*message.iter_attachments()] for message in sent(town)] == [[], [], []]
    assert [ON_REQUEST in said(message) for message in sent(town)] == [True, True, True]
    examined = town("doctor", code=None).out
    assert ("! Zu groß, um einem Schreiben beizuliegen (mehr als 5 MB): Protokoll" in examined) is (why == "too large")
    assert ("! Abgelegt, aber nicht mehr da oder verändert: Protokoll" in examined) is (why != "too large")


def in_the_mails(town: Any) -> list[tuple[int, str, str | None]]:
    told = json.loads(town("mail list --json").out)["mails"]
    return [(each["partner"], each["state"], each["reason"]) for each in told if "minutes_sent" in each["templates"]]


def test_of_minutes_that_were_replaced_before_they_went_only_the_new_ones_go(careful: Any) -> None:
    file_minutes(careful, b"first")
    run(careful)
    careful("mail approve 2025 --template minutes_sent")
    file_minutes(careful, b"second")
    run(careful)
    careful("mail approve 2025 --template minutes_sent")
    run(careful)

    assert [[file.get_content() for file in message.iter_attachments()] for message in sent(careful)] == [[b"second"]] * 3
    assert in_the_mails(careful) == [
        *((number, "cancelled", "superseded") for number in (2, 3, 4)),
        *((number, "sent", None) for number in (2, 3, 4)),
    ]


def test_what_is_filed_while_the_clock_stands_still_is_foreseen_for_the_next_day(town: Any) -> None:
    file_minutes(town, b"first")
    run(town)
    file_minutes(town, b"second")

    told = json.loads(town("mail forecast --days 5 --json").out)
    foreseen = [(day["day"], bundle["templates"], bundle["count"]) for day in told["days"] for bundle in day["lines"]]

    assert ("2025-05-05", ["minutes_sent"], 3) in foreseen


def test_of_minutes_that_were_replaced_before_a_mail_was_made_nothing_is_made(careful: Any) -> None:
    file_minutes(careful, b"first")
    file_minutes(careful, b"second")
    run(careful)

    assert in_the_mails(careful) == [(number, "held", None) for number in (2, 3, 4)]


@pytest.mark.parametrize("change", [Path.unlink, lambda file: file.write_bytes(b"other")])
def test_a_mail_whose_attachment_has_changed_since_it_was_approved_is_held_again(careful: Any, change: Any) -> None:
    file_minutes(careful, b"as it was seen")
    run(careful)
    seen = careful("mail preview 2025 --held --template minutes_sent").err
    careful("mail approve 2025 --template minutes_sent")
    (kept,) = (careful.home / "documents").rglob("*Frühjahr.pdf")
    kept.chmod(0o600)
    change(kept)
    _as_filed.cache_clear()  # another process has not read it yet
    run(careful)

    assert "Es liegt bei: Protokoll Fruehjahr.pdf" in seen
    assert (in_the_mails(careful), sent(careful)) == ([(number, "held", None) for number in (2, 3, 4)], [])
    assert "Es liegt bei" not in careful("mail preview 2025 --held --template minutes_sent").err


@pytest.mark.parametrize(
    ("name", "plain", "kind"),
    [
        ("Protokoll.pdf", "Protokoll.pdf", "application/pdf"),
        ('Bericht "Übergänge" ß.docx', "Bericht _Uebergaenge_ ss.docx", None),
        ("Протокол.pdf", "document.pdf", "application/pdf"),
        ("Протокол 1.pdf", "1.pdf", "application/pdf"),
        ("Протокол – Şükran Wałęsa .pdf", "- Suekran Walesa.pdf", "application/pdf"),
        (".pdf", "document.pdf", "application/octet-stream"),
        ("…", "document", "application/octet-stream"),
        ("notiz.txt", "notiz.txt", "application/octet-stream"),
        ("archiv.tar.gz", "archiv.tar.gz", "application/octet-stream"),
        ("ohne", "ohne", "application/octet-stream"),
    ],
)
def test_a_file_is_named_as_any_mail_program_takes_it(name: str, plain: str, kind: str | None) -> None:
    assert ascii_name(name) == plain
    assert media_type(name) == kind or (kind is None and media_type(name).startswith("application/"))
