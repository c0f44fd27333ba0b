import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server  # noqa: N811
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from cycle.adapters.outcome import Outcome, OutcomeKind, Phase, Transport
from cycle.adapters.smtp import Relay, RelaySettings, Tls
from cycle.errors import WrongInput

SENDER = "plan@stadt.example.org"
PARTNER = "vorstand@verein.example.org"
MESSAGE = b"Subject: Hallo\r\nMessage-ID: <t0k3n@plan.example.org>\r\n\r\nGuten Tag\r\n.\r\n.. bis bald\r\n"
EHLO = "250 plan.example.org"
DROP = "drop"
SILENT = "silent"


@dataclass
class Mailbox:
    """An aiosmtpd handler that keeps what it accepts and refuses what it is told to."""

    refuse: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str | None, list[str], bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: Server, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.original_content, bytes)
        self.got.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 2.0.0 accepted"


class FreePort(Controller):
    """A controller that takes any free port, and knocks at the one it got."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def running(mailbox: Mailbox, **options: Any) -> Iterator[RelaySettings]:
    controller = FreePort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield RelaySettings("127.0.0.1", controller.port, tls=Tls.NONE, connect_seconds=5, command_seconds=5, data_seconds=5)
    finally:
        controller.stop()


@asynccontextmanager
async def scripted(*answers: str) -> AsyncIterator[RelaySettings]:
    """A server that greets with the first answer and gives the next to each command; the content is one command.

    `drop` closes the connection instead, `silent` says nothing. After the last answer it closes.
    """
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        for number, answer in enumerate(answers):
            if number:
                content = answers[number - 1].startswith("354")
                asked = await (reader.readuntil(b"\r\n.\r\n") if content else reader.readline())
                if not asked:
                    break
            if answer == DROP:
                break
            if answer != SILENT:
                writer.write(answer.encode() + b"\r\n")
                await writer.drain()
        else:
            await reader.readline()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield RelaySettings("127.0.0.1", port, tls=Tls.NONE, connect_seconds=1, command_seconds=1, data_seconds=1)
    finally:
        server.close()
        await asyncio.gather(*serving)


def told(*answers: str, tls: Tls = Tls.NONE, username: str | None = None) -> Outcome:
    async def send() -> Outcome:
        async with scripted(*answers) as settings:
            relay = Relay(replace(settings, tls=tls, username=username, password=username and "geheim"))
            outcome = await relay.send(SENDER, PARTNER, MESSAGE)
            await relay.close()
            return outcome

    return asyncio.run(send())


def sent_all(transport: Transport, *mails: tuple[str, str]) -> list[OutcomeKind]:
    async def send() -> list[OutcomeKind]:
        outcomes = [await transport.send(sender, recipient, MESSAGE) for sender, recipient in mails]
        await transport.close()
        return [each.kind for each in outcomes]

    return asyncio.run(send())


def test_a_mail_arrives_byte_for_byte_and_the_connection_is_kept() -> None:
    mailbox = Mailbox()
    with running(mailbox) as settings:
        outcomes = sent_all(Relay(settings), (SENDER, PARTNER), (SENDER, "zweite@verein.example.org"))

    assert (outcomes, mailbox.got) == (
        [OutcomeKind.SENT, OutcomeKind.SENT],
        [(SENDER, [PARTNER], MESSAGE), (SENDER, ["zweite@verein.example.org"], MESSAGE)],
    )


def test_a_refused_recipient_spoils_nothing_for_the_next() -> None:
    mailbox = Mailbox(refuse={"weg@verein.example.org": "550 5.1.1 unknown", "grau@verein.example.org": "450 4.2.0 later"})
    with running(mailbox) as settings:
        outcomes = sent_all(
            Relay(settings),
            (SENDER, "weg@verein.example.org"),
            (SENDER, "grau@verein.example.org"),
            (SENDER, "müller@verein.example.org"),
            (SENDER, "a@x.example>\r\nRCPT TO:<b@x.example"),
            ("plan", PARTNER),
            (SENDER, PARTNER),
        )

    assert (outcomes, mailbox.got) == (
        [
            OutcomeKind.PERMANENT,
            OutcomeKind.LATER,
            OutcomeKind.PERMANENT,
            OutcomeKind.PERMANENT,
            OutcomeKind.FAULT,
            OutcomeKind.SENT,
        ],
        [(SENDER, [PARTNER], MESSAGE)],
    )


def test_mails_given_at_once_go_one_after_the_other() -> None:
    mailbox = Mailbox()

    async def send(settings: RelaySettings) -> list[OutcomeKind]:
        relay = Relay(settings)
        recipients = [f"p{number}@verein.example.org" for number in range(20)]
        outcomes = await asyncio.gather(*(relay.send(SENDER, each, MESSAGE) for each in recipients))
        await relay.close()
        return [each.kind for each in outcomes]

    with running(mailbox) as settings:
        outcomes = asyncio.run(send(settings))

    assert (outcomes, len(mailbox.got)) == ([OutcomeKind.SENT] * 20, 20)


def test_an_accepted_mail_tells_the_servers_words() -> None:
    outcome = told("220 hello", EHLO, "250 ok", "250 ok", "354 go", "250 2.0.0 queued as 4711")

    assert outcome == Outcome(OutcomeKind.SENT, 250, "2.0.0 queued as 4711", Phase.DOT)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (["421 too many"], Outcome(OutcomeKind.RELAY, 421, "too many", Phase.CONNECT)),
        (["554 no"], Outcome(OutcomeKind.RELAY, 554, "no", Phase.CONNECT)),
        (["220 hi", "550 who"], Outcome(OutcomeKind.RELAY, 550, "who", Phase.EHLO)),
        (["220 hi", EHLO, "451 wait"], Outcome(OutcomeKind.LATER, 451, "wait", Phase.MAIL)),
        (["220 hi", EHLO, "421 bye"], Outcome(OutcomeKind.RELAY, 421, "bye", Phase.MAIL)),
        (["220 hi", EHLO, "553 5.7.1 no"], Outcome(OutcomeKind.FAULT, 553, "5.7.1 no", Phase.MAIL)),
        (["220 hi", EHLO, "250 ok", "450 grey"], Outcome(OutcomeKind.LATER, 450, "grey", Phase.RCPT)),
        (["220 hi", EHLO, "250 ok", "550 5.1.1 who"], Outcome(OutcomeKind.PERMANENT, 550, "5.1.1 who", Phase.RCPT)),
        (["220 hi", EHLO, "250 ok", "550 who"], Outcome(OutcomeKind.PERMANENT, 550, "who", Phase.RCPT)),
        (["220 hi", EHLO, "250 ok", "552 5.2.2 full"], Outcome(OutcomeKind.PERMANENT, 552, "5.2.2 full", Phase.RCPT)),
        (["220 hi", EHLO, "250 ok", "550 5.7.1 no"], Outcome(OutcomeKind.FAULT, 550, "5.7.1 no", Phase.RCPT)),
        (["220 hi", EHLO, "250 ok", "554 5.7.1 relay"], Outcome(OutcomeKind.FAULT, 554, "5.7.1 relay", Phase.RCPT)),
        (["220 hi", EHLO, "250 ok", "554 no"], Outcome(OutcomeKind.FAULT, 554, "no", Phase.RCPT)),
        (["220 hi", EHLO, "250 ok", "530 login"], Outcome(OutcomeKind.FAULT, 530, "login", Phase.RCPT)),
        (["220 hi", EHLO, "250 ok", "250 ok", "452 full"], Outcome(OutcomeKind.LATER, 452, "full", Phase.DATA)),
        (["220 hi", EHLO, "250 ok", "250 ok", "554 no"], Outcome(OutcomeKind.FAULT, 554, "no", Phase.DATA)),
        (["220 hi", EHLO, "250 ok", "250 ok", "354 go", "451 no"], Outcome(OutcomeKind.LATER, 451, "no", Phase.DOT)),
        (["220 hi", EHLO, "250 ok", "250 ok", "354 go", "554 no"], Outcome(OutcomeKind.FAULT, 554, "no", Phase.DOT)),
    ],
)
def test_a_servers_answer_is_classed_by_where_it_came(answers: list[str], outcome: Outcome) -> None:
    assert told(*answers) == outcome


@pytest.mark.parametrize(
    ("answers", "kind", "phase"),
    [
        ([DROP], OutcomeKind.RELAY, Phase.CONNECT),
        ([SILENT], OutcomeKind.RELAY, Phase.CONNECT),
        (["220 hi", DROP], OutcomeKind.RELAY, Phase.EHLO),
        (["220 hi", EHLO, DROP], OutcomeKind.UNSENT, Phase.MAIL),
        (["220 hi", EHLO, SILENT], OutcomeKind.UNSENT, Phase.MAIL),
        (["220 hi", EHLO, "what?"], OutcomeKind.UNSENT, Phase.MAIL),
        (["220 hi", EHLO, "250 ok", DROP], OutcomeKind.UNSENT, Phase.RCPT),
        (["220 hi", EHLO, "250 ok", "250 ok", DROP], OutcomeKind.UNSENT, Phase.DATA),
        (["220 hi", EHLO, "250 ok", "250 ok", SILENT], OutcomeKind.UNSENT, Phase.DATA),
        (["220 hi", EHLO, "250 ok", "250 ok", "354 go", DROP], OutcomeKind.UNCLEAR, Phase.DOT),
        (["220 hi", EHLO, "250 ok", "250 ok", "354 go", SILENT], OutcomeKind.UNCLEAR, Phase.DOT),
        (["220 hi", EHLO, "250 ok", "250 ok", "354 go", "what?"], OutcomeKind.UNCLEAR, Phase.DOT),
        (["220 hi", EHLO, "250 ok", "250 ok", "354 go", "999 eh"], OutcomeKind.UNCLEAR, Phase.DOT),
    ],
)
def test_no_answer_is_unsent_before_the_final_dot_and_unclear_after_it(
    answers: list[str], kind: OutcomeKind, phase: Phase
) -> None:
    outcome = told(*answers)

    assert (outcome.kind, outcome.code, outcome.phase) == (kind, None, phase)


def test_nobody_listening_is_the_relays_trouble() -> None:
    async def send() -> Outcome:
        async with scripted("220 hi") as settings:
            pass
        return await Relay(settings).send(SENDER, PARTNER, MESSAGE)

    outcome = asyncio.run(send())

    assert (outcome.kind, outcome.phase) == (OutcomeKind.RELAY, Phase.CONNECT)


def test_after_a_drop_the_next_mail_goes_over_a_new_connection() -> None:
    async def send() -> list[OutcomeKind]:
        async with scripted("220 hi", EHLO, "250 ok", "250 ok", "354 go", "250 ok", DROP) as settings:
            relay = Relay(settings)
            outcomes = [await relay.send(SENDER, PARTNER, MESSAGE) for _ in range(4)]
            await relay.close()
            return [each.kind for each in outcomes]

    assert asyncio.run(send()) == [OutcomeKind.SENT, OutcomeKind.UNSENT, OutcomeKind.SENT, OutcomeKind.UNSENT]


def test_a_server_without_starttls_is_an_error_and_no_downgrade() -> None:
    mailbox = Mailbox()
    with running(mailbox) as settings:
        outcomes = sent_all(Relay(replace(settings, tls=Tls.STARTTLS)), (SENDER, PARTNER))

    assert (outcomes, mailbox.got) == ([OutcomeKind.RELAY], [])


def test_a_refused_starttls_says_where_it_ended() -> None:
    outcome = told("220 hi", "250-plan.example.org\r\n250 STARTTLS", "454 not now", tls=Tls.STARTTLS)

    assert outcome == Outcome(OutcomeKind.RELAY, 454, "not now", Phase.STARTTLS)


@pytest.mark.parametrize(("answer", "kind"), [("535 5.7.8 wrong", OutcomeKind.FAULT), ("454 4.7.0 later", OutcomeKind.RELAY)])
def test_a_refused_password_is_our_fault_and_a_postponed_one_the_relays(answer: str, kind: OutcomeKind) -> None:
    outcome = told("220 hi", "250-plan.example.org\r\n250 AUTH PLAIN", answer, username="plan")

    assert (outcome.kind, outcome.phase) == (kind, Phase.AUTH)


def test_a_password_never_goes_in_clear_to_another_machine() -> None:
    with pytest.raises(WrongInput) as refused:
        RelaySettings("mail.example.org", 25, tls=Tls.NONE, username="plan", password="geheim")

    assert (refused.value.key, refused.value.facts) == ("password_in_clear", {"host": "mail.example.org"})


def test_settings_do_not_tell_the_password() -> None:
    assert "geheim" not in repr(RelaySettings("mail.example.org", 587, username="plan", password="geheim"))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the test's certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    wanted = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    wanted += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([openssl, "req", "-x509", *wanted], check=True, capture_output=True)
    return key, cert


def _authenticated(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"plan", b"geheim"), handled=False)


def test_a_mail_goes_by_starttls_and_password(certificate: tuple[Path, Path]) -> None:
    key, cert = certificate
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(cert, key)
    trusted = ssl.create_default_context(cafile=str(cert))
    mailbox = Mailbox()

    options = {"tls_context": served, "require_starttls": True, "auth_required": True, "authenticator": _authenticated}
    with running(mailbox, **options) as settings:
        asked = replace(settings, tls=Tls.STARTTLS, username="plan", password="geheim", tls_context=trusted)
        right = sent_all(Relay(asked), (SENDER, PARTNER))
        wrong = sent_all(Relay(replace(asked, password="falsch")), (SENDER, PARTNER))
        strange = sent_all(Relay(replace(asked, tls_context=None)), (SENDER, PARTNER))

    assert (right, wrong, strange, mailbox.got) == (
        [OutcomeKind.SENT],
        [OutcomeKind.FAULT],
        [OutcomeKind.RELAY],
        [(SENDER, [PARTNER], MESSAGE)],
    )


def test_a_connection_dropped_in_the_middle_of_a_long_mail_has_delivered_nothing() -> None:
    """Far more than fits into the buffers between the two: it is known not to be through when the connection breaks."""
    long = MESSAGE + (b"Zeile " * 150 + b"\r\n") * 32_000

    async def send() -> tuple[Outcome, Outcome]:
        drops = [True, False]

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for answer in ("220 hi", EHLO, "250 ok", "250 ok", "354 go"):
                writer.write(answer.encode() + b"\r\n")
                await reader.readline()
            if drops.pop(0):
                writer.transport.abort()
                return
            while await reader.readline() != b".\r\n":
                continue
            writer.write(b"250 2.0.0 accepted\r\n")
            await reader.readline()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            relay = Relay(RelaySettings("127.0.0.1", port, Tls.NONE, command_seconds=30, data_seconds=30))
            outcomes = (await relay.send(SENDER, PARTNER, long), await relay.send(SENDER, PARTNER, long))
            await relay.close()
        return outcomes

    broken, whole = asyncio.run(send())

    assert (broken.kind, broken.phase) == (OutcomeKind.UNSENT, Phase.DATA)
    assert (whole.kind, whole.phase) == (OutcomeKind.SENT, Phase.DOT)
