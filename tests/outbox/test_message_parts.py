"""The parts of a mail: what each program reads of it, decoded by the standard library; and names of many languages."""

import asyncio
import os
import random
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

import pytest
from small_town import PostOffice, post_office

from cycle.adapters.outcome import OutcomeKind
from cycle.adapters.smtp import Relay, RelaySettings, Tls
from cycle.errors import WrongInput
from cycle.outbox.rules.message import CalendarPart, MailText, assemble

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyzäöüßÄÖÜ „“–,.:;()[]?!\"'\\/&%@<>=_0123456789",
    "abcçdefgğhıijklmnoöprsştuüvyzİĞŞ -.’",
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя ’-.",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي ءآأؤإئ،؟",
)
FUZZED = 3_000
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:ip-2026-spring@plan.example.org\r\n"
    "SUMMARY:Netzwerktreffen für alle\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
MAIL = MailText(
    message_id="<r4nd0m@plan.example.org>",
    date=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
    sender_name="Jana Weißenburger",
    sender_address="integration@stadt.example.org",
    to_name="Zeynep Koçak",
    to_address="zeynep.kocak@verein.example.org",
    subject="[IP-2026-023] Einladung",
    text="Sehr geehrte Frau Koçak,\n\nbis bald.\n",
    html="<!DOCTYPE html>\n<p>Sehr geehrte Frau Koçak,</p>\n<p>bis bald.</p>\n",
    calendars=(CalendarPart("REQUEST", ICS),),
)


def read(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=default)


def tree(message: EmailMessage) -> object:
    """The kinds of the parts, as they stand in each other."""
    if not message.is_multipart():
        return message.get_content_type()
    return (message.get_content_type(), *(tree(part) for part in message.iter_parts()))  # type: ignore[arg-type]


def leaves(data: bytes) -> list[EmailMessage]:
    return [part for part in read(data).walk() if not part.is_multipart()]


def test_a_mail_about_a_meeting_has_it_among_the_alternatives_and_as_a_file() -> None:
    assert tree(read(assemble(MAIL))) == (
        "multipart/mixed",
        ("multipart/alternative", "text/plain", "text/html", "text/calendar"),
        "application/ics",
    )


def test_a_mail_without_a_meeting_has_only_the_alternatives() -> None:
    assert tree(read(assemble(replace(MAIL, calendars=())))) == ("multipart/alternative", "text/plain", "text/html")


def test_each_part_is_read_as_it_was_given() -> None:
    text, html, calendar, file = leaves(assemble(MAIL))

    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().replace("\r\n", "\n") == MAIL.html
    assert (calendar.get_param("method"), calendar.get_content()) == ("REQUEST", file.get_content().decode("utf-8"))
    assert (file.get_filename(), file.get_content_disposition()) == ("request.ics", "attachment")


def test_the_reader_is_named_in_the_meeting_and_nothing_else_of_it_changes() -> None:
    _, _, _, file = leaves(assemble(MAIL))

    attendee = "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:mailto:zeyne\r\n p.kocak@verein.example.org\r\n"
    assert file.get_content().decode("utf-8") == ICS.replace("END:VEVENT", attendee + "END:VEVENT")


def test_of_two_meetings_the_first_is_offered_and_both_are_files() -> None:
    cancelled = CalendarPart("CANCEL", ICS.replace("REQUEST", "CANCEL").replace("spring", "round_table"))

    found = leaves(assemble(replace(MAIL, calendars=(*MAIL.calendars, cancelled))))

    assert [(part.get_content_type(), part.get_filename()) for part in found] == [
        ("text/plain", None),
        ("text/html", None),
        ("text/calendar", None),
        ("application/ics", "request.ics"),
        ("application/ics", "cancel-2.ics"),
    ]


def test_the_same_facts_make_the_same_bytes_and_another_message_id_other_boundaries() -> None:
    other = replace(MAIL, message_id="<0ther@plan.example.org>")

    assert assemble(MAIL) == assemble(replace(MAIL))
    assert boundaries(assemble(MAIL)).isdisjoint(boundaries(assemble(other)))
    assert len(boundaries(assemble(MAIL))) == 2


def boundaries(data: bytes) -> set[str]:
    return {part.get_boundary() or "" for part in read(data).walk() if part.is_multipart()}


def test_a_text_that_looks_like_a_boundary_stays_text() -> None:
    lines = "\n".join(f"--{boundary}--" for boundary in sorted(boundaries(assemble(MAIL))))

    text, *_ = leaves(assemble(replace(MAIL, text=lines)))

    assert text.get_content() == lines.replace("\n", "\r\n") + "\r\n"


def test_a_page_to_unsubscribe_takes_one_click_and_an_address_does_not() -> None:
    page = read(assemble(replace(MAIL, list_unsubscribe="https://stadt.example.org/abmelden?mail=r4nd0m")))
    address = read(assemble(replace(MAIL, list_unsubscribe="mailto:integration@stadt.example.org")))

    headers = ("List-Unsubscribe", "List-Unsubscribe-Post")
    assert [page[name] for name in headers] == [
        "<https://stadt.example.org/abmelden?mail=r4nd0m>",
        "List-Unsubscribe=One-Click",
    ]
    assert [address[name] for name in headers] == ["<mailto:integration@stadt.example.org>", None]


@pytest.mark.parametrize("where", ["http://stadt.example.org", "https://a.example\r\nBcc: b@example.org", "https://a b"])
def test_what_is_no_safe_place_to_unsubscribe_is_refused(where: str) -> None:
    with pytest.raises(WrongInput) as refused:
        assemble(replace(MAIL, list_unsubscribe=where))

    assert (refused.value.key, refused.value.facts) == ("header_injection", {"header": "List-Unsubscribe"})


def words(chance: random.Random, most: int) -> str:
    """A name or subject of one of the languages; now and then with a letter of another."""
    letters = chance.choice(ALPHABETS)
    text = "".join(chance.choice(letters) for _ in range(chance.randint(1, most)))
    return text if chance.random() < 0.9 else text + chance.choice(ALPHABETS)[chance.randint(0, 20)]


def test_names_and_subjects_of_four_languages_are_decoded_back_exactly() -> None:
    chance = random.Random(20261124)
    wrong = []
    for number in range(FUZZED):
        name, subject, text = words(chance, 60), words(chance, 180), words(chance, 400)
        html = f"<p>{text}</p>"
        mail = replace(MAIL, subject=subject, to_name=name, sender_name=name, text=text, html=html)

        data = assemble(replace(mail, message_id=f"<{number}@plan.example.org>"))

        message = message_from_bytes(data)  # not by `default`: on Python 3.11 it reads spaces between encoded words
        plain, rich, *_ = (part for part in message.walk() if not part.is_multipart())
        read_back = (
            str(make_header(decode_header(message["Subject"]))),
            *(str(make_header(decode_header(parseaddr(message[header])[0]))) for header in ("To", "From")),
            plain.get_payload(decode=True).decode("utf-8"),  # type: ignore[union-attr]
            rich.get_payload(decode=True).decode("utf-8"),  # type: ignore[union-attr]
        )
        told = " ".join(part for part in name.split(" ") if part)
        if read_back != (subject, told, told, f"{text}\r\n", f"{html}\r\n") or not well_formed(data):
            wrong.append((name, subject, data))
    assert wrong == []


def well_formed(data: bytes) -> bool:
    """ASCII, CRLF alone, no line over 76."""
    return data.isascii() and b"\n" not in data.replace(b"\r\n", b"") and max(map(len, data.split(b"\r\n"))) <= 76


@pytest.mark.parametrize("broken", ["a\r\nBcc: all@example.org", "a\nb", "a\rb", "ا\nب", "a\u2028b", "a\ud800b"])
@pytest.mark.parametrize(("field", "header"), [("subject", "Subject"), ("to_name", "To"), ("sender_name", "From")])
def test_no_name_or_subject_ends_its_line(field: str, header: str, broken: str) -> None:
    with pytest.raises(WrongInput) as refused:
        assemble(replace(MAIL, **{field: broken}))  # type: ignore[arg-type]

    assert refused.value.facts == {"header": header}


async def _sent(port: int, mails: list[bytes]) -> list[OutcomeKind]:
    relay = Relay(RelaySettings("127.0.0.1", port, Tls.NONE))
    outcomes = [(await relay.send(MAIL.sender_address, MAIL.to_address, mail)).kind for mail in mails]
    await relay.close()
    return outcomes


def test_the_bytes_at_the_server_are_the_bytes_built(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    dots = "\n".join([".", "..", ".eine Zeile mit Punkt", words(chance, 300), "."])
    mails = [assemble(replace(MAIL, subject=words(chance, 90), text=words(chance, 900) + "\n" + dots)) for _ in range(40)]

    with post_office(monkeypatch, PostOffice()) as office:
        outcomes = asyncio.run(_sent(int(os.environ["CYCLE_SMTP__PORT"]), mails))

    assert outcomes == [OutcomeKind.SENT] * len(mails)
    assert [message for _, message in office.got] == mails
