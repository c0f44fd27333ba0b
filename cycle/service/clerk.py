"""The clerk: a second process that writes letters while this one sends, where very many wait and there is a second processor.

It only reads. It is asked for a lot at a time over its standard input and ends with it, however its parent came to an end.
"""

import asyncio
import gc
import os
import pickle
import signal
import struct
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cycle.app.opening import open_site
from cycle.app.site import Site
from cycle.service.desk import Desk
from cycle.service.lot import Lot, write_lot

# With fewer mails than these the clerk would not be there before they are gone.
MANY = 500
# How many mails it is asked for at a time, and how many lots are ordered or wait, so that neither waits for the other.
LOT = 50
LOTS_AHEAD = 3
# For so many seconds an answer is waited for: it takes a hundredth, and who is told to stop waits no longer.
LONGEST = 10.0
# After so many new objects it looks for what is not needed any more: some lots, of which little stays.
OBJECTS = 50_000

_LENGTH = struct.Struct("!I")
_BUFFER = 4_000_000


class Gone(Exception):
    """The clerk has ended, or gives no answer: who asked writes the lot."""


class Clerk:
    """The second process, as the first one sees it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._answers = asyncio.Lock()  # they come in the order asked

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    async def write(self, numbers: Sequence[int], now: datetime) -> Lot:
        """A lot of claimed mails in words.

        Raises:
            Gone: if it gave none. It is ended then: its answer might come later, and a lock of its own stay.
        """
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        try:
            async with asyncio.timeout(LONGEST):
                asked.write(_framed(pickle.dumps((list(numbers), now))))
                await asked.drain()
                async with self._answers:
                    (length,) = _LENGTH.unpack(await answers.readexactly(_LENGTH.size))
                    told, lot = pickle.loads(await answers.readexactly(length))
            if told != list(numbers) or not isinstance(lot, Lot):
                raise Gone
        except Exception as error:  # whatever it says instead: another version of the programme may have begun there
            self._kill()
            raise Gone from error
        return lot

    async def close(self) -> None:
        """Send it home. It has nothing that it could lose."""
        self._kill()
        async with self._answers:  # no other reads; and what it still says has to be read, or its end is never seen
            await self._process.communicate()

    def _kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()


async def start_clerk(site: Site) -> Clerk | None:
    """A clerk for a site, if there can be one; the letters it is asked for first wait until it is there."""
    command = (sys.executable, "-P", "-m", "cycle.service.clerk", str(site.home))
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        return Clerk(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=nothing, limit=_BUFFER))
    except OSError:
        return None


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def serve(home: Path, asked: BinaryIO, answers: BinaryIO) -> None:
    """Write one lot after the other, until nobody asks any more. What cannot be written is answered with nothing: who asked
    will meet the same error, and knows what to do with it."""
    site = open_site(home)
    desk = Desk(site)
    gc.set_threshold(OBJECTS)
    while head := asked.read(_LENGTH.size):
        numbers, now = pickle.loads(asked.read(*_LENGTH.unpack(head)))
        try:
            lot = write_lot(site, numbers, desk, now, share=LOTS_AHEAD)
        except Exception:
            lot = None
        answers.write(_framed(pickle.dumps((numbers, lot))))
        answers.flush()


def _framed(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # which a terminal sends to both
    serve(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
