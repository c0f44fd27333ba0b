"""A whole copy of a SQLite database while it is in use, in one file that nobody has written to since."""

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cycle.errors import NotReady, WrongInput

READ_ONLY = 0o444


def copy(source: Path, target: Path, counts: Callable[[Path], None]) -> None:
    """Copy by SQLite's online backup (sqlite.org/backup.html) into a new, read-only file.

    The copy gets its name only when SQLite finds it sound and `counts`, called with the file, has not raised.

    Raises:
        WrongInput: `copy_exists`: no file is ever written over.
        NotReady: `copy_unsound`, if the copy is not whole.
    """
    never_over(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(mode=0o600, exist_ok=False)
        _copied(source, part)
        counts(part)
        part.chmod(READ_ONLY)
        _named(part, target)
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + ending).unlink(missing_ok=True)


def never_over(target: Path) -> None:
    """Be sure that there is no such file yet. Raises WrongInput `copy_exists`."""
    if target.exists() or target.is_symlink():
        raise WrongInput("copy_exists", file=target)


def _copied(source: Path, part: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as found,
            closing(sqlite3.connect(part)) as made,
        ):
            found.backup(made)
            made.execute(
                "PRAGMA journal_mode=DELETE"
            )  # one file: a copy in WAL mode could not be opened where it may not write
            problem = made.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        problem = str(error)
    if problem != "ok":
        raise NotReady("copy_unsound", file=source, problem=problem)


def _named(part: Path, target: Path) -> None:
    """Give the copy its name, never taking it from another file."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise WrongInput("copy_exists", file=target) from None
    except OSError:  # a medium without links, as a stick
        never_over(target)
        part.rename(target)
