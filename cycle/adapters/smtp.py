"""Gives one mail to a mail server and says what became of it. The one door to aiosmtplib.

Never raises for what a server or a network does: that is an `Outcome`. Whether and when a mail goes again is decided
elsewhere.
"""

import asyncio
import re
import ssl
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from cycle.adapters.outcome import ENHANCED, Outcome, OutcomeKind, Phase
from cycle.errors import WrongInput

_ADDRESS = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")  # what cannot end the line or the address (RFC 5321 §4.1.2)
_NOBODY_THERE = frozenset({550, 551, 553})  # RFC 5321 §4.2.3: about the mailbox, unless a policy (x.7.x) stands behind it
END = b".\r\n"  # of a mail's content
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Tls(StrEnum):
    """How the connection is made secret; nothing is ever tried in clear that should not be."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True)
class RelaySettings:
    """A mail server. The final dot is waited for ten minutes (RFC 5321 §4.5.3.2.6).

    Raises:
        WrongInput: `password_in_clear`, when a user name is set, `tls` is `none` and the host is another machine.
    """

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    local_hostname: str = "localhost"
    connect_seconds: float = 60
    command_seconds: float = 300
    data_seconds: float = 600
    tls_context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if self.username is not None and self.tls == Tls.NONE and self.host not in _LOOPBACK:
            raise WrongInput("password_in_clear", host=self.host)


class Relay:
    """One kept connection to a mail server; it is made at the first mail, and anew after any that broke.

    Mails given at the same time go one after the other: for more at once, take more relays.
    """

    def __init__(self, settings: RelaySettings) -> None:
        self._settings = settings
        self._smtp: SMTP | None = None
        self._wire: asyncio.BaseTransport | None = None
        self._phase = Phase.CONNECT
        self._turn = asyncio.Lock()

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Gives one mail to one recipient and says what became of it. `message` is ASCII with CRLF."""
        for address, kind in ((sender, OutcomeKind.FAULT), (recipient, OutcomeKind.PERMANENT)):
            if not _ADDRESS.fullmatch(address):  # inside MAIL or RCPT it would spoil the connection for the next mail
                return Outcome(kind, None, "not an address that can be mailed", Phase.ADDRESS)
        async with self._turn:
            try:
                smtp = await self._connected()
                outcome = await self._transaction(smtp, sender, recipient, message)
            except SMTPResponseException as error:
                outcome = Outcome(_kind(error.code, self._phase, error.message), _code(error.code), error.message, self._phase)
            except (SMTPException, OSError, TimeoutError, ValueError) as error:
                outcome = Outcome(_kind(None, self._phase), None, str(error) or type(error).__name__, self._phase)
            except BaseException:
                await self._drop()
                raise
            if outcome.kind is not OutcomeKind.SENT:
                await self._reset(outcome)
            return outcome

    async def close(self) -> None:
        """Takes leave of the server (QUIT) and closes the connection; later mails open a new one."""
        async with self._turn:
            if self._smtp is not None and self._smtp.is_connected:
                with suppress(SMTPException, OSError, TimeoutError):  # it is closed in any case
                    await self._smtp.quit(timeout=self._settings.connect_seconds)
            await self._drop()

    async def _connected(self) -> SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        await self._drop()
        wanted = self._settings
        self._phase = Phase.CONNECT
        self._smtp = smtp = SMTP(
            hostname=wanted.host,
            port=wanted.port,
            local_hostname=wanted.local_hostname,
            timeout=wanted.connect_seconds,
            use_tls=wanted.tls == Tls.TLS,
            start_tls=False,  # done below by itself, so that its failure can be told from others
            tls_context=wanted.tls_context,
        )
        await smtp.connect()
        self._wire = smtp.transport
        if wanted.tls == Tls.STARTTLS:
            self._phase = Phase.STARTTLS
            await smtp.starttls()
            self._wire = smtp.transport
        self._phase = Phase.EHLO
        await smtp.ehlo()
        if wanted.username is not None:
            self._phase = Phase.AUTH
            await smtp.login(wanted.username, wanted.password or "")
        return smtp

    async def _transaction(self, smtp: SMTP, sender: str, recipient: str, message: bytes) -> Outcome:
        self._phase = Phase.MAIL
        # Neither smtp.mail() nor smtp.rcpt(): the addresses have been looked at; and not smtp.data(): it does not tell a
        # connection lost before the final dot from one lost after it.
        await self._command(smtp, {250}, b"MAIL", f"FROM:<{sender}>".encode("ascii"))
        self._phase = Phase.RCPT
        await self._command(smtp, {250, 251}, b"RCPT", f"TO:<{recipient}>".encode("ascii"))
        self._phase = Phase.DATA
        await self._command(smtp, {354}, b"DATA")
        protocol = smtp.protocol
        if protocol is None:
            raise ConnectionError("connection lost")
        # The content without its end first: a connection that breaks before all of it is gone has delivered nothing.
        if isinstance(self._wire, asyncio.WriteTransport):
            self._wire.set_write_buffer_limits(high=0)
        protocol.write(_content(message))
        await asyncio.wait_for(protocol._drain_helper(), self._settings.command_seconds)
        protocol.write(END)  # raises where the connection is known to be gone: then nothing left
        self._phase = Phase.DOT
        answer = await protocol.read_response(timeout=self._settings.data_seconds)
        return Outcome(_kind(answer.code, Phase.DOT), _code(answer.code), answer.message, Phase.DOT)

    async def _command(self, smtp: SMTP, wanted: Collection[int], *words: bytes) -> None:
        answer = await smtp.execute_command(*words, timeout=self._settings.command_seconds)
        if answer.code not in wanted:
            raise SMTPResponseException(answer.code, answer.message)

    async def _reset(self, outcome: Outcome) -> None:
        """Makes the connection fit for the next mail: RSET after a server's plain no, otherwise a new one."""
        answered = outcome.kind in {OutcomeKind.LATER, OutcomeKind.PERMANENT, OutcomeKind.FAULT}
        if answered and outcome.phase in {Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.DOT} and self._smtp is not None:
            try:
                await self._smtp.rset(timeout=self._settings.connect_seconds)
            except (SMTPException, OSError, TimeoutError):
                pass  # then the connection is of no use any more
            else:
                return
        await self._drop()

    async def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            if isinstance(self._wire, asyncio.WriteTransport):
                self._wire.abort()  # TLS would else wait for the other side's farewell
            self._smtp = self._wire = None
            await asyncio.sleep(0)  # lets the loop close the socket


def _unreachable(code: int, text: str) -> bool:
    """Whether a refusal is about the recipient (RFC 3463: 5.1 the address, 5.2 the mailbox), and not about who sends."""
    enhanced = ENHANCED.match(text)
    if enhanced is None:
        return code in _NOBODY_THERE
    subject = enhanced[0].split(".")[1]
    return subject in ("1", "2") or (code in _NOBODY_THERE and subject != "7")


def _kind(code: int | None, phase: Phase, text: str = "") -> OutcomeKind:
    """The class of a server's answer, or of none (None, or a code that SMTP does not know)."""
    before = phase in {Phase.CONNECT, Phase.STARTTLS, Phase.EHLO, Phase.AUTH}
    match code:
        case 421:  # the server is closing, whatever it was asked
            return OutcomeKind.RELAY
        case int() if 500 <= code <= 599 and phase is Phase.RCPT and _unreachable(code, text):
            return OutcomeKind.PERMANENT
        case int() if 500 <= code <= 599 and (phase is Phase.AUTH or not before):
            return OutcomeKind.FAULT
        case _ if before:
            return OutcomeKind.RELAY
        case int() if 400 <= code <= 499:
            return OutcomeKind.LATER
        case int() if 200 <= code <= 299 and phase is Phase.DOT:
            return OutcomeKind.SENT
        case _:
            return OutcomeKind.UNCLEAR if phase is Phase.DOT else OutcomeKind.UNSENT


def _code(code: int) -> int | None:
    return code if 200 <= code <= 599 else None


def _content(message: bytes) -> bytes:
    """The mail as DATA wants it: every line ends with CRLF, a dot that begins one is doubled; `END` comes after it."""
    lines = b"\r\n".join(message.splitlines()) + b"\r\n"
    lines = lines.replace(b"\r\n.", b"\r\n..")
    return b"." + lines if lines.startswith(b".") else lines
