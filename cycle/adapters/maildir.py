"""Writes mails into a Maildir instead of sending them; what a disk does is an `Outcome`, as of a mail server."""

import asyncio
import hashlib
import os
import re
from pathlib import Path

from cycle.adapters.outcome import Outcome, OutcomeKind, Phase

_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^@>\r\n]+)@", re.IGNORECASE | re.MULTILINE)


class MaildirTransport:
    """Writes mails as files into a Maildir instead of sending them; the same mail written twice stays one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._named: asyncio.Future[None] | None = None
        self._is_there = False

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Writes one mail byte for byte and durably into `new/`; its name comes from its Message-ID."""
        try:
            path = self._write(message)
            await self._durably_named()
        except OSError as error:
            return Outcome(OutcomeKind.RELAY, None, str(error), Phase.MAILDIR)
        return Outcome(OutcomeKind.SENT, None, path.name, Phase.MAILDIR)

    async def close(self) -> None:
        """Nothing is held open."""

    def _write(self, message: bytes) -> Path:
        path = self._folder / "new" / _file_name(message)
        if not self._is_there:
            for name in ("tmp", "new", "cur"):
                (self._folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._is_there = True
        read_already = any(each.name.startswith(f"{path.name}:") for each in (self._folder / "cur").iterdir())
        if read_already:
            return path
        draft = self._folder / "tmp" / f"{path.name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return path

    async def _durably_named(self) -> None:
        """Waits until the folder keeps the names of the mails written up to now: once for all that are written in one turn
        of the loop, which so has its own turns between them (signals, heartbeat)."""
        if self._named is None:
            loop = asyncio.get_running_loop()
            self._named = loop.create_future()
            loop.call_soon(self._keep_names)
        await asyncio.shield(self._named)

    def _keep_names(self) -> None:
        named, self._named = self._named, None
        assert named is not None
        try:
            folder = os.open(self._folder / "new", os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
            named.set_result(None)
        except OSError as error:
            named.set_exception(error)


def _file_name(message: bytes) -> str:
    found = _MESSAGE_ID.search(message.split(b"\r\n\r\n", 1)[0])
    token = found[1].decode("ascii", "replace") if found else hashlib.sha256(message).hexdigest()
    return re.sub(r"[^A-Za-z0-9._=+-]", "_", token).lstrip(".") + ".eml"
