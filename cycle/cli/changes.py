"""What an entry adds and changes, in words: of a trial run a line for each row, of one entry a line for each field."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cycle.cli import shell
from cycle.cli.shell import word
from cycle.cli.telling import plain

_MOST_IDS = 10


def of_a_trial(changes: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> Iterator[str]:
    """What would be written: how many rows of a table are added, and each changed row with its fields."""
    for change in changes:
        if "add" in change:
            yield f"+ {_name('table', change['add'])}: {len(change['ids'])}"
            continue
        fields = ", ".join(_field(name, pair, labels) for name, pair in change["fields"].items())
        yield f"~ {_row(change)}: {fields or word('private_fields')}"


def of_an_entry(changes: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> Iterator[str]:
    """What was written: the numbers of the rows added, and each changed field."""
    for change in changes:
        if "add" in change:
            more = " …" if len(change["ids"]) > _MOST_IDS else ""
            yield f"+ {_name('table', change['add'])} {', '.join(map(str, change['ids'][:_MOST_IDS]))}{more}"
            continue
        yield from (f"~ {_row(change)} {_field(name, pair, labels)}" for name, pair in change["fields"].items())
        if change.get("private"):
            yield f"~ {_row(change)} ({word('private_fields')})"


def _row(change: Mapping[str, Any]) -> str:
    return f"{_name('table', change['change'])} {change['id']}"


def _field(name: str, pair: Iterable[Any], labels: Mapping[str, str]) -> str:
    before, after = (shell.words().value(plain(value, labels)) for value in pair)
    return f"{_name('field', name)}: {before} → {after}"


def _name(kind: str, name: str) -> str:
    """What a table or a field of it is called, its own name where it has no word."""
    key = f"{kind}.{name}"
    return word(key) if key in shell.wording() else name
