"""Towns that are played once in a process, by real command lines, and then copied: each test has a folder and a database of
its own, as if they had been played there.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from postgres import Copy

from cycle.cli import shell
from cycle.journal.verify import verify

# What differs from test to test and is in no town; a mail server's port never comes again.
_OF_THE_TEST = {"CYCLE_HOME", "CYCLE_DATABASE__URL"}
_ONCE = {"CYCLE_SMTP__PORT", "CYCLE_GUARD__FOLDER", "STATE_DIRECTORY"}


@dataclass(frozen=True)
class _Town:
    """A town as it was left: its folder, its PostgreSQL database, the clock and who sat at the keyboard."""

    state: str
    folder: Path
    database: Copy | None
    moment: str
    login: str


@dataclass(frozen=True)
class _Towns:
    """What has been played in this process, below a folder, by its state."""

    folder: Path
    known: dict[str, _Town] = field(default_factory=dict)


_towns: _Towns | None = None


@contextmanager
def keeping_towns(folder: Path) -> Iterator[None]:
    """Keep towns below a folder for as long as the tests run."""
    global _towns
    _towns = _Towns(folder)
    try:
        yield
    finally:
        _towns = None


def drop_towns() -> None:
    """Drop the databases of the towns, on a server that does not end with the tests."""
    for town in _towns.known.values() if _towns is not None else ():
        if town.database is not None:
            town.database.drop()


def played_once(play: Callable[..., Any]) -> Callable[..., Any]:
    """What `play(cycle, …)` leaves on a site on which nothing was done since it was made or copied: played once for each set of
    arguments, settings and files, verified, then copied. Anywhere else it is played there."""

    @wraps(play)
    def town(cycle: Any, *given: Any, **named_too: Any) -> Any:
        if _towns is None or cycle.untouched is None or _ONCE & set(os.environ):
            return play(cycle, *given, **named_too)
        state = _state(cycle, f"{play.__module__}.{play.__qualname__}{given!r}{named_too!r}")
        if state not in _towns.known:
            _leave()
            place = _towns.folder / state[:24]
            _towns.known[state] = _played(place, state, cycle, lambda other: play(other, *given, **named_too))
        _copied(_towns.known[state], cycle)
        return cycle

    return town


def _state(cycle: Any, played: str) -> str:
    """What a town comes of: what it was before, its files, the settings, and what is played."""
    settings = {name: value for name, value in os.environ.items() if name.startswith("CYCLE_") and name not in _OF_THE_TEST}
    told = hashlib.sha256(repr((cycle.untouched, cycle.database is None, sorted(settings.items()), played)).encode())
    for file in sorted(each for each in cycle.home.rglob("*") if each.is_file()):
        told.update(repr((str(file.relative_to(cycle.home)), file.read_bytes())).encode())
    return told.hexdigest()


def _leave() -> None:
    """Close the site as if it had not been opened here: a file of what was last seen is left only where there was one."""
    if not shell.is_open():
        return
    last_seen = shell.site().journal.last_seen
    file = last_seen.file if last_seen is not None else None
    had = file is not None and file.exists()
    shell.close()
    if file is not None and not had:
        file.unlink(missing_ok=True)


def _played(place: Path, state: str, cycle: Any, play: Callable[[Any], Any]) -> _Town:
    """Play a town on a copy of the site; its history is verified, and it names nothing of where it was played."""
    moment, login = os.environ["CYCLE_NOW"], os.environ["CYCLE_ACTOR"]
    shutil.rmtree(place, ignore_errors=True)  # of one that could not be played
    shutil.copytree(cycle.home, place / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(place / "state"))
        database = None
        if cycle.database is not None:
            database = replace(cycle.database, name=f"cycle_town_{os.getpid()}_{state[:24]}", made=False)
            patch.setenv("CYCLE_DATABASE__URL", database.url)
        other = type(cycle)(place / "home", patch, untouched=cycle.untouched, database=database)
        other.at(moment)
        other.login(login)
        assert play(other) is other
        moment, login = os.environ["CYCLE_NOW"], os.environ["CYCLE_ACTOR"]
        assert verify(shell.site().database).problems == ()
        shell.close()
    assert [each.suffix for each in (place / "state" / "cycle").iterdir()] == [".json"], "more than what was last seen"
    for file in (each for each in (place / "home").rglob("*") if each.is_file()):
        assert str(place).encode() not in file.read_bytes(), f"{file} names where it was played"
    return _Town(state, place / "home", database, moment, login)


def _copied(town: _Town, cycle: Any) -> None:
    _leave()
    shutil.rmtree(cycle.home)
    shutil.copytree(town.folder, cycle.home)
    if town.database is not None:
        cycle.database.of(town.database.name)
        cycle.database.make()
    cycle.at(town.moment)
    cycle.login(town.login)
    cycle.verified = cycle.content()
    cycle.untouched = town.state
