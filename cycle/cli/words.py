"""The words of the command line: help and headers in the site's language, found without opening the site."""

import os
import tomllib
from functools import cache
from pathlib import Path

from cycle.app.places import data_root, home
from cycle.wording import Wording, WordingError


@cache
def wording() -> Wording:
    """The sentences in the language of CYCLE_LANGUAGE, else of the site's settings, else German; without the site's own where
    those are `unreadable`."""
    folders = [data_root() / "templates"] if unreadable() else _folders()
    return Wording([folder for folder in folders if folder.is_dir()], _languages())


@cache
def unreadable() -> WordingError | None:
    """What is wrong with the site's own sentences, if anything is."""
    try:
        Wording(_folders()[:1], _languages())
    except WordingError as error:
        return error
    return None


def _folders() -> list[Path]:
    return [home() / "templates", data_root() / "templates"]


def _languages() -> list[str]:
    return list(dict.fromkeys([language(), "de"]))


@cache
def language() -> str:
    """The language to speak: de or en."""
    given = os.environ.get("CYCLE_LANGUAGE") or _setting(home() / "config" / "cycle.toml")
    return given if given in ("de", "en") else "de"


def word(key: str, **facts: object) -> str:
    """One sentence or word."""
    return wording().sentence(key, **facts)


def _setting(file: Path) -> str | None:
    try:
        with file.open("rb") as stream:
            found = tomllib.load(stream).get("language")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None  # `settings` tells what is wrong with it as soon as the site is opened
    return found if isinstance(found, str) else None
