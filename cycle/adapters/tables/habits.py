"""How offices fill in tables: other headings, words for nothing, units. Lists of a file, not of the code."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cycle.adapters.tables.cells import folded
from cycle.errors import Key, WrongInput
from cycle.settings.problems import toml_problem

_LISTS = ("empty", "totals", "units", "about", "mailboxes")


@dataclass(frozen=True)
class Habits:
    """What people write. `headings`: further headings of a column by its folded own one; the lists are folded, too."""

    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()
    totals: frozenset[str] = frozenset()
    units: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()

    def headings_of(self, own: Sequence[str]) -> Iterable[str]:
        """A column's own headings and what else they are called, its own first."""
        yield from own
        for heading in own:
            yield from self.headings.get(folded(heading), ())


NONE = Habits()


def habits_of(files: Sequence[Path]) -> Habits:
    """The habits of TOML files with the tables `headings` and `cells`, joined; a file that is not there says nothing.

    Raises:
        WrongInput: `habits_wrong` for a file that is no TOML, or holds something else than lists of texts.
    """
    headings: dict[str, tuple[str, ...]] = {}
    lists: dict[str, tuple[str, ...]] = dict.fromkeys(_LISTS, ())
    for file in files:
        told = _read(file)
        for heading, others in told.get("headings", {}).items():
            known = headings.get(folded(heading), ())
            headings[folded(heading)] = (*known, *_texts(file, heading, others))
        for name, words in told.get("cells", {}).items():
            if name not in lists:
                raise WrongInput("habits_wrong", file=file, problem=f"cells.{name}")
            lists[name] += tuple(folded(word) for word in _texts(file, name, words))
    longest_first = {name: tuple(sorted(set(lists[name]), key=len, reverse=True)) for name in _LISTS}
    return Habits(
        headings=headings,
        empty=frozenset(lists["empty"]),
        totals=frozenset(lists["totals"]),
        units=longest_first["units"],
        about=longest_first["about"],
        mailboxes=longest_first["mailboxes"],
    )


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WrongInput("habits_wrong", file=file, problem=toml_problem(error)) from None
    except UnicodeDecodeError:
        raise WrongInput("habits_wrong", file=file, problem=Key("toml.not_utf8")) from None
    unknown = [name for name in told if name not in ("headings", "cells")]
    if unknown or not all(isinstance(part, dict) for part in told.values()):
        raise WrongInput("habits_wrong", file=file, problem=", ".join(unknown or told))
    return told


def _texts(file: Path, name: str, words: Any) -> tuple[str, ...]:
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise WrongInput("habits_wrong", file=file, problem=name)
    return tuple(words)
