from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cycle.errors import WrongInput
from cycle.outbox.rules.message import MailText, assemble, new_message_id

LETTERS = {
    "german": "abcdefghijklmnopqrstuvwxyzäöüßÄÖÜ „“–,.:;()[]?!\"'\\/&%@<>=_0123456789",
    "turkish": "abcçdefgğhıijklmnoöprsştuüvyzİĞŞ -.’",
    "ukrainian": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя ’-.",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي ءآأؤإئ،؟",
}
WORDS = st.one_of([st.text(letters, min_size=1, max_size=160) for letters in LETTERS.values()])
TEXTS = st.lists(WORDS, max_size=8).map("\n".join)

MAIL = MailText(
    message_id="<r4nd0m@plan.example.org>",
    date=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
    sender_name="Jana Weißenburger",
    sender_address="integration@stadt.example.org",
    to_name="Zeynep Koçak",
    to_address="zeynep.kocak@verein.example.org",
    subject="[IP-2026-023] Save the Date: Netzwerktreffen am Dienstag, 21. April 2026",
    text="Sehr geehrte Frau Koçak,\n\nbis bald.",
)


def _decoded(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=default)


def _mailbox(data: bytes, header: str) -> tuple[str, str]:
    # not by policy.default: on Python 3.11 it reads a space between two encoded words of a name (RFC 2047 §6.2: none)
    name, address = parseaddr(message_from_bytes(data)[header])
    return str(make_header(decode_header(name))), address


def test_a_mail_reads_as_it_goes_over_the_wire() -> None:
    assert assemble(MAIL) == (
        b"From: =?utf-8?q?Jana_Wei=C3=9Fenburger?= <integration@stadt.example.org>\r\n"
        b"To: =?utf-8?q?Zeynep_Ko=C3=A7ak?= <zeynep.kocak@verein.example.org>\r\n"
        b"Subject: =?utf-8?q?=5BIP-2026-023=5D_Save_the_Date=3A_Netzwerktreffen_am_D?=\r\n"
        b" =?utf-8?q?ienstag=2C_21=2E_April_2026?=\r\n"
        b"Date: Mon, 02 Mar 2026 08:00:00 +0000\r\n"
        b"Message-ID: <r4nd0m@plan.example.org>\r\n"
        b"Auto-Submitted: auto-generated\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n"
        b"Sehr geehrte Frau Ko=C3=A7ak,\r\n\r\nbis bald.\r\n"
    )


def test_a_reminder_names_the_one_before_and_how_to_leave() -> None:
    mail = replace(
        MAIL,
        in_reply_to="<first@plan.example.org>",
        references=("<zero@plan.example.org>", "<first@plan.example.org>"),
        list_unsubscribe="mailto:integration@stadt.example.org?subject=Austragen",
        reply_to="antwort@stadt.example.org",
    )

    message = _decoded(assemble(mail))

    wanted = ("In-Reply-To", "References", "List-Unsubscribe", "Reply-To")
    assert {name: message[name] for name in wanted} == {
        "In-Reply-To": "<first@plan.example.org>",
        "References": "<zero@plan.example.org> <first@plan.example.org>",
        "List-Unsubscribe": "<mailto:integration@stadt.example.org?subject=Austragen>",
        "Reply-To": "antwort@stadt.example.org",
    }


def test_a_mail_never_tried_has_no_date() -> None:
    assert _decoded(assemble(replace(MAIL, date=None)))["Date"] is None


@settings(max_examples=400, deadline=None)
@given(subject=WORDS, name=WORDS, text=TEXTS)
def test_what_is_written_is_what_is_read(subject: str, name: str, text: str) -> None:
    data = assemble(replace(MAIL, subject=subject, sender_name=name, to_name=name, text=text))

    message = _decoded(data)
    told = " ".join(part for part in name.split(" ") if part)
    assert (
        message["Subject"],
        _mailbox(data, "From"),
        _mailbox(data, "To"),
        message.get_content().replace("\r\n", "\n"),
    ) == (
        subject,
        (told, MAIL.sender_address),
        (told, MAIL.to_address),
        text.rstrip("\n") + "\n",
    )
    assert (max(map(len, data.split(b"\r\n"))) <= 76, b"\n" in data.replace(b"\r\n", b"")) == (True, False)


def test_a_long_line_that_ends_with_a_space_stays_within_76_characters() -> None:
    for length in range(140, 160):
        data = assemble(replace(MAIL, text="a" * length + " \nb"))

        assert (_decoded(data).get_content(), max(map(len, data.split(b"\r\n"))) <= 76) == (
            "a" * length + " \r\nb\r\n",
            True,
        )


@pytest.mark.parametrize("broken", ["a\r\nBcc: all@example.org", "a\nb", "a\rb", "a\0b", "a\x85b", "a\u2028b", "a\tb"])
@pytest.mark.parametrize(
    ("field", "header"),
    [
        ("subject", "Subject"),
        ("sender_name", "From"),
        ("sender_address", "From"),
        ("to_name", "To"),
        ("to_address", "To"),
        ("reply_to", "Reply-To"),
        ("message_id", "Message-ID"),
        ("in_reply_to", "In-Reply-To"),
        ("list_unsubscribe", "List-Unsubscribe"),
    ],
)
def test_a_line_break_in_a_header_is_refused(field: str, header: str, broken: str) -> None:
    with pytest.raises(WrongInput) as refused:
        assemble(replace(MAIL, **{field: broken}))  # type: ignore[arg-type]

    assert (refused.value.key, refused.value.facts) == ("header_injection", {"header": header})


def test_an_address_that_holds_a_second_one_is_refused() -> None:
    with pytest.raises(WrongInput) as refused:
        assemble(replace(MAIL, to_address="a@x.example>,<b@x.example"))

    assert refused.value.facts == {"header": "To"}


def test_a_message_id_is_a_token_at_a_domain() -> None:
    assert new_message_id("k7Fq", "plan.example.org") == "<k7Fq@plan.example.org>"


def test_a_message_id_with_a_space_is_refused() -> None:
    with pytest.raises(WrongInput) as refused:
        new_message_id("k7 Fq", "plan.example.org")

    assert refused.value.facts == {"header": "Message-ID"}
