"""A mail server that is a process of its own: it survives whoever is killed, and keeps on disk what it took.

As a programme (`python mail_sink.py FILE`) it prints its port, then one dot for every mail it has taken.
"""

import asyncio
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP as Server  # noqa: N811
from aiosmtpd.smtp import Envelope, Session

MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(<[^>]+>)")


@dataclass(frozen=True)
class Taken:
    """One mail that the server said 250 to: its Message-ID, to whom, from whom."""

    message_id: str
    to: str
    sender: str


@dataclass
class Sink:
    """The server as a test sees it."""

    process: subprocess.Popen[bytes]
    file: Path
    port: int
    count: int = 0

    def await_more(self, mails: int, seconds: float) -> bool:
        """Wait until it took so many more mails; False if they did not come in that time."""
        wanted = self.count + mails
        until = time.monotonic() + seconds
        assert self.process.stdout is not None
        while self.count < wanted:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                return False
            dots = os.read(self.process.stdout.fileno(), 1)
            assert dots == b".", "the mail server has died"
            self.count += len(dots)
        return True

    def taken(self) -> list[Taken]:
        """Every mail it took, in the order they came."""
        return [Taken(**json.loads(line)) for line in self.file.read_text(encoding="utf-8").splitlines()]


@contextmanager
def mail_sink(file: Path) -> Iterator[Sink]:
    """The server, for a while."""
    process = subprocess.Popen([sys.executable, __file__, str(file)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        # Byte for byte, so that nothing that follows is left in a buffer where `select` cannot see it.
        port = b"".join(iter(lambda: os.read(process.stdout.fileno(), 1), b"\n"))  # type: ignore[union-attr]
        yield Sink(process, file, int(port))
    finally:
        process.kill()
        process.communicate()


class _Keeper:
    """An aiosmtpd handler: a mail is on disk before its sender hears that it was taken."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content
        assert isinstance(content, bytes)
        found = MESSAGE_ID.search(content)
        assert found is not None
        for to in envelope.rcpt_tos:
            told = {"message_id": found[1].decode(), "to": to, "sender": envelope.mail_from}
            os.write(self._file, json.dumps(told).encode() + b"\n")
        os.fsync(self._file)
        os.write(1, b".")
        return "250 2.0.0 taken"


async def _serve(file: Path) -> None:
    keeper = _Keeper(file)
    server = await asyncio.get_running_loop().create_server(lambda: Server(keeper), "127.0.0.1", 0)
    os.write(1, b"%d\n" % server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
