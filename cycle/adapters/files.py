"""The one door to a file that a person names: read whole and never more than a bound, or written; what cannot be is told."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cycle.errors import NotFound, WrongInput

MEGABYTE = 1_000_000


def read_file(file: Path, most: int) -> bytes:
    """What an ordinary file holds, if that is not more than `most` bytes. A pipe or a device is not waited for.

    Raises:
        NotFound: `file_not_found`.
        WrongInput: `file_is_folder`, `not_a_file`, `file_too_large`, or `file_unreadable` with the system's error.
    """
    try:
        with open(file, "rb", opener=_at_once) as stream:
            kind = os.fstat(stream.fileno()).st_mode
            if not stat.S_ISREG(kind):
                raise WrongInput("file_is_folder" if stat.S_ISDIR(kind) else "not_a_file", file=str(file))
            content = stream.read(most + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("file_not_found", file=str(file)) from error
    except IsADirectoryError as error:
        raise WrongInput("file_is_folder", file=str(file)) from error
    except (OSError, ValueError) as error:
        raise WrongInput("file_unreadable", file=str(file), problem=error) from error
    if len(content) > most:
        raise WrongInput("file_too_large", file=file.name, megabytes=most // MEGABYTE)
    return content


@contextmanager
def written_to(file: Path) -> Iterator[None]:
    """Around the writing of a file or folder that a person named.

    Raises:
        WrongInput: `file_unwritable` with the system's error; whoever named the place can name another.
    """
    try:
        yield
    except OSError as error:
        raise WrongInput("file_unwritable", file=str(file), problem=error) from error


def write_whole(file: Path, content: bytes) -> None:
    """Write a file that a person named: afterwards it holds the whole content, or what it held before.

    What is there and no ordinary file (a device, a pipe) is written to as it is.

    Raises:
        WrongInput: `file_unwritable`, as `written_to`.
    """
    with written_to(file):
        if file.exists() and not file.is_file():
            file.write_bytes(content)
            return
        target = file.resolve()
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            beside.write_bytes(content)
            beside.replace(target)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)
