"""A mail server that speaks wrongly on purpose: at each place of a conversation it says or does what a test wants."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from small_town import TURNS, send_to

DROP = "drop the connection"
SILENT = "say nothing"
NOTHING = "nothing is wanted"
LATE = "say 250 when the other side has hung up"
RIGHT = {
    "greeting": "220 crooked.example.org",
    "ehlo": "250-crooked.example.org\r\n250 AUTH PLAIN",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go on",
    "content": NOTHING,
    "dot": "250 2.0.0 accepted",
    "rset": "250 2.0.0 ok",
    "quit": "221 2.0.0 bye",
}


@dataclass
class Crooked:
    """`wrong` tells for a place what comes there first, second …, afterwards what is right; a text comes always.

    `content` is after the first line of a mail.
    """

    wrong: Mapping[str, str | list[str]] = field(default_factory=dict)
    got: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def to(self) -> list[str]:
        """Whose mail came whole, in order; whether the sender was told so or not."""
        return sorted(address for address, _ in self.got)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        self.connections += 1
        to = ""
        place = "greeting"
        while said := await self._answer(place, reader, writer):
            if place == "quit":
                return
            if said.startswith("354"):
                content = await reader.readline()
                if not await self._answer("content", reader, writer):
                    return
                while not content.endswith(b"\r\n.\r\n"):
                    line = await reader.readline()
                    if not line:
                        return
                    content += line
                self.got.append((to, content.removesuffix(b".\r\n")))
                place = "dot"
                continue
            command = (await reader.readline()).decode()
            if not command:
                return
            place = command.split(":")[0].split()[0].lower()
            address = command.partition("<")[2].partition(">")[0]
            to = address if place == "rcpt" else to
            if place == "mail":
                self.senders.append(address)

    async def _answer(self, place: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Say what is to be said at a place; what it was, "" at the end of the conversation."""
        answer = self._wanted(place)
        if answer == DROP:
            writer.transport.abort()
            return ""
        if answer in (SILENT, LATE):
            while await reader.read(1000):
                continue
            if answer == LATE:
                writer.write(b"250 2.0.0 accepted after all\r\n")
            return ""
        if answer != NOTHING:
            writer.write(answer.encode() + b"\r\n")
            await writer.drain()
        return "" if answer.startswith("421") else answer

    def _wanted(self, place: str) -> str:
        wrong = self.wrong.get(place, [])
        if isinstance(wrong, str):
            return wrong
        return wrong.pop(0) if wrong else RIGHT[place]

    async def serve(self, started: "threading.Event", port: list[int], end: asyncio.Event) -> None:
        """Answer whoever calls until the end."""
        talks: set[asyncio.Task[None]] = set()
        writers: list[asyncio.StreamWriter] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talks.add(task)
            writers.append(writer)
            try:
                with suppress(ConnectionError):
                    await self.talk(reader, writer)
                    await writer.drain()
            finally:
                writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        started.set()
        await end.wait()
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        for writer in writers:  # also one whose last words nobody read
            writer.transport.abort()
        for _ in range(TURNS):  # lets the loop close the sockets
            await asyncio.sleep(0)


@contextmanager
def crooked(monkeypatch: pytest.MonkeyPatch, wrong: Mapping[str, str | list[str]]) -> Iterator[Crooked]:
    """Such a server on 127.0.0.1 in a thread of its own; the settings lead to it, with time-outs of a second and one
    connection at a time."""
    made = Crooked(wrong)
    started = threading.Event()
    port: list[int] = []
    loop = asyncio.new_event_loop()
    end = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(made.serve(started, port, end),))
    thread.start()
    assert started.wait(10)
    send_to(monkeypatch, port[0])
    monkeypatch.setenv("CYCLE_SMTP__POOL", "1")
    for name in ("CONNECT", "COMMAND", "DATA"):
        monkeypatch.setenv(f"CYCLE_SMTP__{name}_TIMEOUT_SECONDS", "1")
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()
