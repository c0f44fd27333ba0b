"""A town of five partners, and a mail server that does what a test tells it: for what is sent, and what must not be."""

import asyncio
import csv
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTP as POLICY
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server  # noqa: N811
from aiosmtpd.smtp import Envelope, Session
from played import played_once

from cycle.cli import shell
from cycle.journal.questions import rows_where
from cycle.outbox.records import Mail
from cycle.service.tick import tick

DROP = "drop after the dot"
HOLD = "hold the dot"
TURNS = 10  # of the loop of the mail server
HEADER = (
    "Nr;Kürzel;Name;Art;Straße;PLZ;Ort;Anrede;Titel;Vorname;Nachname;Funktion;E-Mail;E-Mail Vertretung;Telefon;Sprache;"
    "Weitere Sprachen;Versandform;Netzwerkgruppen;Handlungsfelder;Status;Mitglied seit;Projektbudget EUR;Letzte Aktualisierung;"
    "Bemerkung"
)
COLUMNS = HEADER.split(";")
SAVE_THE_DATE = "2025-02-18T09:00:00+01:00"  # a Tuesday, ten weeks before the spring meeting


def partner(number: int, name: str, **columns: str) -> dict[str, str]:
    """One line of the partners' file; `columns` by their German header."""
    short = name.lower()
    given = {
        "Nr": str(number),
        "Kürzel": name.upper(),
        "Name": f"Verein {name}",
        "Art": "Migrantenorganisation",
        "Straße": "Marktplatz 1",
        "PLZ": "01234",
        "Ort": "Musterstadt",
        "Anrede": "Frau",
        "Vorname": "Anna",
        "Nachname": name,
        "Funktion": "Vorstand",
        "E-Mail": mail(short),
        "Telefon": f"030 23125 {number:03}",
        "Sprache": "de",
        "Versandform": "E-Mail",
        "Handlungsfelder": "Bildung",
        "Status": "aktiv",
        "Mitglied seit": "01.01.2020",
        "Projektbudget EUR": "0",
        "Letzte Aktualisierung": "01.01.2025",
    }
    return {column: (given | columns).get(column, "") for column in COLUMNS}


def mail(name: str) -> str:
    return f"{name}@verein.example.org"


PARTNERS = (
    partner(1, "Referat", **{"E-Mail": "referat@stadt.example.org", "Art": "Städtische Stelle"}),
    partner(2, "Alba"),
    partner(3, "Birke", **{"E-Mail Vertretung": mail("birke.vertretung")}),
    partner(4, "Cassia"),
    partner(5, "Distel", **{"Versandform": "Post"}),
)


def write_partners(file: Path, partners: Sequence[Mapping[str, str]] = PARTNERS) -> Path:
    """The partners as a file that `cycle partner import` reads."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(partners)
    return file


@played_once
def settle(cycle: Any, partners: Sequence[Mapping[str, str]] = PARTNERS) -> Any:
    """The town with 2025 open, on 10 January, and the day of the spring meeting agreed upon; nothing has been mailed."""
    open_year(cycle, partners)
    cycle("date confirm 2025 spring_meeting")
    return cycle


@played_once
def open_year(cycle: Any, partners: Sequence[Mapping[str, str]] = PARTNERS) -> Any:
    """The town with 2025 open by its rules alone, on 10 January: nobody has agreed upon any of its days."""
    file = write_partners(cycle.home / "partners.csv", partners)
    cycle(f"partner import {file}", at="2025-01-10T09:00:00+01:00")
    cycle("start 2025")
    return cycle


def name_everybody(cycle: Any) -> None:
    """Coordinator (with an address), deputy, head, sponsor and admin."""
    who = "j.weissenburger"
    cycle("people add admin --name Verwaltung --mail admin@stadt.example.org --role admin")
    cycle(
        f"people change {who} --name Koordination --mail koordination@stadt.example.org --role coordinator"
        ' --reason "jetzt mit Adresse"',
        login="admin",
    )
    for login, role in (("s.stell", "deputy"), ("l.leit", "head"), ("d.dez", "sponsor")):
        cycle(f"people add {login} --name {login} --mail {login}@stadt.example.org --role {role}", login="admin")


def confirm_dates(cycle: Any) -> None:
    """The year's other days are agreed upon too: that lets 2025 go into the status analysis."""
    for key in ("theme_decision", "round_table", "review_request", "report_committee"):
        cycle(f"date confirm 2025 {key}")


def run(cycle: Any, at: str | None = None, code: int | None = 0) -> dict[str, Any]:
    """`cycle run --once` and what it told."""
    told = cycle("run --once --json", at=at, code=code)
    return dict(json.JSONDecoder().raw_decode(told.out)[0])


def mails(cycle: Any) -> list[dict[str, Any]]:
    """Every mail as the command line lists it."""
    return list(json.loads(cycle("mail list --json").out)["mails"])


def states(cycle: Any) -> dict[str, str]:
    """The last state of each address; only for a town where everybody had at most one mail."""
    return {each["to"]: each["state"] for each in mails(cycle)}


def mailed(cycle: Any, template: str) -> list[str]:
    """To whom a template went (or is about to), in order."""
    return sorted(m["to"] for m in mails(cycle) if template in m["templates"] and m["state"] in ("sent", "queued"))


def queued_town(cycle: Any, monkeypatch: pytest.MonkeyPatch, people: int) -> Any:
    """So many partners, numbered from 2, whose mails are queued for a mail server."""
    monkeypatch.setenv("CYCLE_MAIL__TRANSPORT", "smtp")
    monkeypatch.setenv("CYCLE_SMTP__HOST", "127.0.0.1")
    town = settle(cycle, [PARTNERS[0], *(partner(number, f"P{number:03}") for number in range(2, people + 2))])
    town.at(SAVE_THE_DATE)
    shell.close()
    tick(town.site)
    return town


def in_hand(town: Any) -> dict[str, tuple[str, bool]]:
    """Each mail by its address: its state, and whether it still waits in somebody's hands."""
    with town.site.journal.reading() as session:
        rows = rows_where(session, Mail)
    return {
        each["to"]: (row.state, row.state == "queued" and row.lease is not None)
        for each, row in zip(mails(town), rows, strict=True)
    }


@dataclass
class PostOffice:
    """An aiosmtpd handler: what it took, and what it answers to whom."""

    refuse: dict[str, str] = field(default_factory=dict)
    at_the_dot: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, bytes]] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    holding: threading.Event = field(default_factory=threading.Event)

    @property
    def to(self) -> list[str]:
        """Who got a mail, in order."""
        return sorted(address for address, _ in self.got)

    def ids(self) -> list[str]:
        """The Message-IDs of what came, in the order it came."""
        return [str(message_from_bytes(message, policy=POLICY)["Message-ID"]) for _, message in self.got]

    async def handle_RCPT(  # noqa: N802
        self, server: Server, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.original_content, bytes)
        address = envelope.rcpt_tos[0]
        self.got.append((address, envelope.original_content))
        self.arrived.release()
        match self.at_the_dot.get(address):
            case None:
                return "250 2.0.0 accepted"
            case answer if answer == DROP:
                assert isinstance(server.transport, asyncio.Transport)
                server.transport.abort()
                return "250 never heard"
            case answer if answer == HOLD:
                self.holding.set()
                await asyncio.Event().wait()
                return "250 never said"
            case answer:
                return str(answer)


class _FreePort(Controller):
    """A controller that takes any free port, and hangs up on everybody before it stops."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._talks: list[Server] = []

    def factory(self) -> Server:
        talk = super().factory()
        self._talks.append(talk)
        return talk

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result()
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        assert self.server is not None
        self.server.close()
        for _ in range(TURNS):  # who is just being let in comes in
            await asyncio.sleep(0)
        for talk in self._talks:
            if isinstance(talk.transport, asyncio.Transport):
                talk.transport.abort()
        for _ in range(TURNS):
            await asyncio.sleep(0)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def post_office(monkeypatch: pytest.MonkeyPatch, office: PostOffice | None = None, port: int = 0) -> Iterator[PostOffice]:
    """A mail server on 127.0.0.1; the settings of the site lead to it."""
    office = office or PostOffice()
    controller = _FreePort(office, hostname="127.0.0.1", port=port)
    controller.start()
    send_to(monkeypatch, controller.port)
    try:
        yield office
    finally:
        controller.stop()


def send_to(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Let the site send to a server on 127.0.0.1."""
    monkeypatch.setenv("CYCLE_MAIL__TRANSPORT", "smtp")
    monkeypatch.setenv("CYCLE_SMTP__HOST", "127.0.0.1")
    monkeypatch.setenv("CYCLE_SMTP__PORT", str(port))
    monkeypatch.setenv("CYCLE_SMTP__TLS", "none")


def message_id(text: bytes) -> str:
    """The Message-ID of a mail's bytes."""
    found = re.search(rb"(?im)^message-id: *(<[^>]+>)", text)
    assert found is not None
    return found[1].decode()
