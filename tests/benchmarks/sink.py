"""A mail server that takes everything as fast as Python can, in a process of its own; each of its answers may take a while."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

END = b"\r\n.\r\n"


@contextmanager
def sink(delay_seconds: float = 0.0) -> Iterator[int]:
    """The server for a while: its port on 127.0.0.1."""
    process = subprocess.Popen([sys.executable, __file__, str(delay_seconds)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


class _Talk(asyncio.Protocol):
    """One connection: MAIL, RCPT, DATA, QUIT and whatever else is answered with yes."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay = delay_seconds
        self._waiting = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._answer(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while True:
            ending = END if self._in_data else b"\r\n"
            line, found, rest = self._waiting.partition(ending)
            if not found:
                return
            self._waiting = rest
            if self._in_data:
                self._in_data = False
                self._answer(b"250 2.0.0 taken\r\n")
            else:
                self._command(line[:4].upper())

    def _command(self, word: bytes) -> None:
        if word == b"DATA":
            self._in_data = True
            self._answer(b"354 go on\r\n")
        elif word == b"QUIT":
            self._answer(b"221 farewell\r\n")
        else:
            self._answer(b"250 sink\r\n")

    def _answer(self, line: bytes) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, line)
        else:
            self._transport.write(line)


async def _serve(delay_seconds: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Talk(delay_seconds), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
