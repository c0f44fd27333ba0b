"""The words of the command line: help and headers in the site's language, found without opening the site."""

import os
import tomllib
from functools import cache
from pathlib import Path

from cycle.app.places import data_root, home
from cycle.wording import Wording, WordingError


def wording() -> Wording:
    """The sentences in the language of CYCLE_LANGUAGE, else of the site's settings, else German."""
    return _loaded()[0]


def unreadable() -> WordingError | None:
    """What is wrong with the site's own sentences, if anything is: then only the shipped ones are known."""
    return _loaded()[1]


@cache
def _loaded() -> tuple[Wording, WordingError | None]:
    own, shipped = home() / "templates", data_root() / "templates"
    languages = list(dict.fromkeys([language(), "de"]))
    try:
        return Wording([folder for folder in (own, shipped) if folder.is_dir()], languages), None
    except WordingError as error:
        return Wording([shipped], languages), error


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
