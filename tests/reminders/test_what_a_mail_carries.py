"""What goes along with the words: the meeting for the calendar, the thread, how to unsubscribe; preview and mail alike."""

import hashlib
import json
import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from small_town import SAVE_THE_DATE, confirm_dates, mails, partner, post_office, run, send_to, settle
from survey_of_small_town import ALBA, BIRKE, FIRST_REMINDER, LAST_REMINDER, SECOND_REMINDER, ask

from cycle.cli import shell
from cycle.outbox.records import mails_all

INVITATION = "2025-03-25T09:00:00+01:00"
MEETING_REMINDER = "2025-04-22T09:00:00+02:00"
MOVED = "2025-02-19T08:30:00+01:00"


def box(town: Any, to: str, template: str | None = None) -> list[EmailMessage]:
    """The mails in the site's folder to one address, in the order made; of one template where asked."""
    wanted = [m for m in json.loads(town("mail list --json").out)["mails"] if m["to"] == to]
    ids = [m["message_id"] for m in wanted if template is None or template in m["templates"]]
    read = [message_from_bytes(file.read_bytes(), policy=default) for file in (town.home / "mail" / "new").iterdir()]
    found = {message["Message-ID"]: message for message in read}
    return [found[each] for each in ids if each in found]


def last(town: Any, to: str, template: str) -> EmailMessage:
    return box(town, to, template)[-1]


def ics(message: EmailMessage) -> str | None:
    """The calendar file of a mail."""
    files = [part.get_content() for part in message.walk() if part.get_content_type() == "application/ics"]
    return files[0].decode("utf-8") if files else None


def meeting(message: EmailMessage) -> tuple[str, ...]:
    """Method, UID, SEQUENCE, begin and end of the meeting in a mail."""
    calendar = Calendar.from_ical(ics(message) or "")
    (event,) = calendar.walk("VEVENT")
    times = (event[name].to_ical().decode() for name in ("DTSTART", "DTEND"))
    return (str(calendar["METHOD"]), str(event["UID"]), str(event["SEQUENCE"]), *times)


# The meeting for the calendar

UID = "ip-2025-spring@musterstadt.example.de"


def test_every_mail_about_a_meeting_brings_it_and_unchanged_it_is_the_same(town: Any) -> None:
    ask(town)
    for moment in (SAVE_THE_DATE, INVITATION, MEETING_REMINDER):
        run(town, moment)

    files = [ics(last(town, ALBA, name)) for name in ("invitation_spring", "meeting_reminder")]

    assert files[0] == files[1]
    assert meeting(last(town, ALBA, "meeting_reminder")) == ("REQUEST", UID, "0", "20250429T120000Z", "20250429T160000Z")
    assert "LOCATION:Stadthalle\\, online" in (files[0] or "")


def test_a_survey_brings_no_meeting_though_its_day_counts_from_one(town: Any) -> None:
    ask(town)

    assert ics(last(town, ALBA, "survey_invitation")) is None


def test_a_meeting_that_moved_and_one_that_is_off_replace_what_was_entered(town: Any) -> None:
    run(town, SAVE_THE_DATE)
    town('meeting move 2025 spring 2025-05-06 --reason "Halle belegt"', at=MOVED)
    run(town, "2025-02-19T09:00:00+01:00")
    town('meeting cancel 2025 spring --reason "Unwetter"', at="2025-02-20T08:30:00+01:00")
    run(town, "2025-02-20T09:00:00+01:00")

    told = [meeting(last(town, ALBA, name)) for name in ("save_the_date_spring", "meeting_rescheduled", "meeting_cancelled")]

    assert told == [
        ("REQUEST", UID, "0", "20250429T120000Z", "20250429T160000Z"),
        ("REQUEST", UID, "1", "20250506T120000Z", "20250506T160000Z"),
        ("CANCEL", UID, "2", "20250506T120000Z", "20250506T160000Z"),
    ]


def test_each_reader_is_the_only_one_named_in_the_meeting(town: Any) -> None:
    run(town, SAVE_THE_DATE)

    for address in (ALBA, BIRKE):
        calendar = (ics(last(town, address, "save_the_date_spring")) or "").replace("\r\n ", "")
        assert re.findall(r"^ATTENDEE.*:mailto:(.*)\r$", calendar, re.MULTILINE) == [address]


def test_a_meeting_without_an_hour_is_a_whole_day(cycle: Any) -> None:
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('from: "14:00", to: "18:00", venue: "Stadthalle", ', ""), encoding="utf-8")
    town = settle(cycle)

    run(town, SAVE_THE_DATE)

    assert meeting(last(town, ALBA, "save_the_date_spring")) == ("REQUEST", UID, "0", "20250429", "20250430")


def test_a_group_s_invitation_brings_its_session_and_a_mail_that_only_names_it_does_not(cycle: Any) -> None:
    groups = cycle.home / "groups.csv"
    groups.write_text("Nr;Name;Sprecher Partner-Nr;Mitglieder\nNG1;Sprache und Bildung;2;2\n", encoding="utf-8-sig")
    members = [partner(1, "Referat", **{"Netzwerkgruppen": ""}), partner(2, "Alba", **{"Netzwerkgruppen": "NG1"})]
    cycle(f"group import {groups}", at="2025-01-10T08:00:00+01:00")
    town = settle(cycle, members)
    confirm_dates(town)
    town("meeting add 2025 group_session --group NG1 --on 2025-11-05", at="2025-10-20T09:00:00+02:00")

    run(town, "2025-10-31T09:00:00+01:00")

    session = ("REQUEST", "ip-2025-group_session/NG1@musterstadt.example.de", "0", "20251105", "20251106")
    assert meeting(last(town, ALBA, "group_session_invitation")) == session
    asked_back = box(town, ALBA, "autumn_review_request")
    assert [ics(message) for message in asked_back] == [None] * len(asked_back)


# Threads


def test_each_reminder_answers_the_one_before_it_to_the_same_person(town: Any) -> None:
    ask(town)
    for moment in (FIRST_REMINDER, SECOND_REMINDER, LAST_REMINDER):
        run(town, moment)

    for address in (ALBA, BIRKE):
        ids = [last(town, address, f"survey_{name}")["Message-ID"] for name in ("reminder_1", "reminder_2", "overdue")]
        told = [
            (message["In-Reply-To"], (message["References"] or "").split())
            for message in (last(town, address, f"survey_{name}") for name in ("reminder_1", "reminder_2", "overdue"))
        ]
        assert told == [(None, []), (ids[0], ids[:1]), (ids[1], ids[:2])]


def test_a_mail_that_never_went_is_not_answered(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(town)
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(town, FIRST_REMINDER, code=8)
        town("survey answer 2025 --partner 2", at="2025-03-11T10:00:00+01:00")
        shell.close()
    run(town, "2025-03-12T09:00:00+01:00")

    run(town, SECOND_REMINDER)

    assert [m["state"] for m in mails(town) if m["to"] == ALBA and "survey_reminder_1" in m["templates"]] == ["cancelled"]
    second = last(town, BIRKE, "survey_reminder_2")
    assert second["In-Reply-To"] == last(town, BIRKE, "survey_reminder_1")["Message-ID"]


# Unsubscribing


def unsubscribe(message: EmailMessage) -> tuple[str | None, str | None]:
    where, post = message["List-Unsubscribe"], message["List-Unsubscribe-Post"]
    return where and where.strip(), post


def test_what_is_no_duty_can_be_unsubscribed_by_mail_and_what_is_one_cannot(town: Any) -> None:
    run(town, SAVE_THE_DATE)
    ask(town)

    assert unsubscribe(last(town, ALBA, "save_the_date_spring")) == (
        "<mailto:cycle@musterstadt.example.de?subject=Abmelden%20IP-2025-002>",
        None,
    )
    assert unsubscribe(last(town, ALBA, "survey_invitation")) == (None, None)


def test_the_answer_goes_where_answers_are_read(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_MAIL__REPLY_TO", "integration@stadt.example.org")
    shell.close()

    run(town, SAVE_THE_DATE)

    assert unsubscribe(last(town, ALBA, "save_the_date_spring"))[0] == (
        "<mailto:integration@stadt.example.org?subject=Abmelden%20IP-2025-002>"
    )
    calendars = [p for p in last(town, ALBA, "save_the_date_spring").walk() if p.get_content_type() == "text/calendar"]
    assert calendars
    for each in calendars:
        told = each.get_content().replace("\r\n ", "").replace("\n ", "")
        assert "mailto:integration@stadt.example.org" in told


def test_a_page_of_the_city_is_called_with_the_token_of_the_mail(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_MAIL__UNSUBSCRIBE_URL", "https://stadt.example.org/abmelden?mail={token}")
    shell.close()

    run(town, SAVE_THE_DATE)

    message = last(town, ALBA, "save_the_date_spring")
    token = message["Message-ID"][1:].partition("@")[0]
    assert unsubscribe(message) == (f"<https://stadt.example.org/abmelden?mail={token}>", "List-Unsubscribe=One-Click")


@pytest.mark.parametrize("url", ["http://stadt.example.org/{token}", "https://stadt.example.org/abmelden", "{token}"])
def test_a_page_that_cannot_know_the_mail_is_refused(town: Any, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("CYCLE_MAIL__UNSUBSCRIBE_URL", url)
        shell.close()
        said = town("status 2025", code=2)
    shell.close()

    assert said.err.splitlines()[1] == (
        "  CYCLE_MAIL__UNSUBSCRIBE_URL: mail.unsubscribe_url muss eine Adresse sein, die mit https:// beginnt und {token} "
        "enthält, zum Beispiel https://stadt.example.org/abmelden?mail={token}."
    )


# Preview


@pytest.fixture
def waiting(town: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The town with its save-the-dates queued, as the mail server is down; called, it comes back."""
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(town, SAVE_THE_DATE, code=8)
    shell.close()
    return shell.close


def without_date(data: bytes) -> bytes:
    return re.sub(rb"(?m)^Date: .*\r\n", b"", data)


def test_preview_and_sent_mail_are_the_same_bytes_but_for_the_date(
    town: Any, waiting: Callable[[], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    town.at("2025-02-18T09:05:00+01:00")
    for each in mails(town):
        town(f"mail preview {each['id']} --eml {tmp_path / each['to']}.eml --html {tmp_path / each['to']}.html")

    with post_office(monkeypatch) as office:
        waiting()
        run(town, "2025-02-18T09:20:00+01:00")

    assert len(office.got) == 3
    for address, data in office.got:
        previewed = (tmp_path / f"{address}.eml").read_bytes()
        assert without_date(previewed) == without_date(data)
        assert (b"09:05:00 +0100" in previewed, b"09:20:00 +0100" in data) == (True, True)
        html = message_from_bytes(data, policy=default).get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert (tmp_path / f"{address}.html").read_text(encoding="utf-8") + "\n" == html.replace("\r\n", "\n")


def test_what_is_kept_of_a_mail_is_its_text_and_the_hash_of_all_its_bytes(town: Any) -> None:
    run(town, SAVE_THE_DATE)

    message = last(town, ALBA, "save_the_date_spring")
    kept = json.loads(town(f"mail show {next(m['id'] for m in mails(town) if m['to'] == ALBA)} --json").out)
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    assert (kept["text"], kept["subject"]) == (text, message["Subject"])
    hashes = {hashlib.sha256(file.read_bytes()).hexdigest() for file in (town.home / "mail" / "new").iterdir()}
    with town.site.journal.reading() as session:
        from_journal = {each.mime_sha256 for each in mails_all(session)}
    assert from_journal == hashes


def test_the_preview_tells_which_files_it_wrote(town: Any, waiting: Callable[[], None], tmp_path: Path) -> None:
    html, eml = tmp_path / "a.html", tmp_path / "a.eml"

    said = town(f"mail preview 1 --html {html} --eml {eml}")
    told = json.loads(town(f"mail preview 1 --html {html} --json").out)["mails"][0]

    assert said.err.splitlines() == [
        f"Der HTML-Teil steht in {html}; öffnen Sie die Datei im Browser.",
        f"Das ganze Schreiben steht in {eml}; öffnen Sie die Datei im Mailprogramm.",
    ]
    assert told["files"] == {"html": str(html)}
    assert html.read_text(encoding="utf-8").startswith('<!DOCTYPE html>\n<html lang="de"')


def test_a_file_that_cannot_be_written_is_named(town: Any, waiting: Callable[[], None], tmp_path: Path) -> None:
    said = town(f"mail preview 1 --html {tmp_path / 'fehlt' / 'a.html'}", code=2)

    assert said.err == (
        f"Die Datei {tmp_path / 'fehlt' / 'a.html'} lässt sich nicht schreiben: Datei oder Ordner gibt es nicht. "
        "Bitte einen anderen Ort angeben.\n"
    )


def test_a_file_is_written_of_one_mail_only(town: Any, tmp_path: Path) -> None:
    said = town(f"mail preview --html {tmp_path / 'a.html'}", code=2)

    assert said.err.startswith("--html schreibt ein einzelnes Schreiben in eine Datei")
    assert list(tmp_path.glob("*.html")) == []
