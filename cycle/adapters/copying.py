"""A whole copy of a SQLite database while it is in use, in one file that nobody has written to since."""

import errno
import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from cycle.adapters.database import BUSY_MILLISECONDS
from cycle.errors import NotReady, WrongInput

READ_ONLY = 0o444
# What SQLite keeps beside a database, and removes when it likes (sqlite.org/tempfiles.html).
BESIDE = ("-journal", "-wal", "-shm")


def copy(source: Path, target: Path, counts: Callable[[Path], None], mode: int = READ_ONLY) -> None:
    """Copy by SQLite's online backup (sqlite.org/backup.html) into a new file of that mode.

    The copy gets its name only when SQLite finds it sound and `counts`, called with the file, has not raised.

    Raises:
        WrongInput: `copy_exists`: no file is ever written over; `copy_beside`, for a file that SQLite itself keeps there.
        NotReady: `copy_unsound`, if the copy is not whole.
        OSError: if there can be no file.
    """
    never_over(target)
    if target.resolve() in {source.resolve().with_name(source.name + ending) for ending in BESIDE}:
        raise WrongInput("copy_beside", file=target)
    if target.parent.exists() and not target.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), target)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(mode=0o600, exist_ok=False)
        _copied(source, part)
        counts(part)
        part.chmod(mode)
        _named(part, target)
    finally:
        for ending in ("", *BESIDE):
            part.with_name(part.name + ending).unlink(missing_ok=True)


def never_over(target: Path) -> None:
    """Be sure that there is no such file yet. Raises WrongInput `copy_exists`."""
    if target.exists() or target.is_symlink():
        raise WrongInput("copy_exists", file=target)


def _copied(source: Path, part: Path) -> None:
    try:
        with closing(_opened(source, "ro")) as found, closing(_opened(part, "rw")) as made:
            found.backup(made)
            # One file: a copy in WAL mode could not be opened where it may not write.
            made.execute("PRAGMA journal_mode=DELETE").close()
            problem = made.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        problem = str(error)
    if problem != "ok":
        raise NotReady("copy_unsound", file=source, problem=problem)


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}").close()
    return connection


def _named(part: Path, target: Path) -> None:
    """Give the copy its name, never taking it from another file; durable when this ends."""
    _synced(part)
    try:
        os.link(part, target)
    except FileExistsError:
        raise WrongInput("copy_exists", file=target) from None
    except OSError:  # a medium without links, as a stick
        never_over(target)
        part.rename(target)
    with suppress(OSError):  # not every file system can sync a folder
        _synced(target.parent)


def _synced(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
