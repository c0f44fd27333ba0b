"""How an entry of the journal is told: one sentence for each type, and what it changed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cycle.cli import shell
from cycle.cli.shell import word

if TYPE_CHECKING:
    from sqlmodel import Session

    from cycle.journal.history import Told


def entry_sentence(told: "Told") -> str:
    """What an entry says, in one sentence; its facts fill it."""
    facts = {name: value for name, value in told.data.items() if name != "changes"}
    facts.setdefault("count", _count(told))
    known = shell.wording()
    key = f"entry.{told.type}"
    return known.sentence(key, **_labelled(facts)) if key in known else told.type


def entry_document(told: "Told", reason: str | None) -> dict[str, Any]:
    """An entry in JSON: the fields of its body, its hash, and the reason while it may be read."""
    return {"seq": told.seq, "hash": told.hash, **told.body, "reason": reason}


def changed_lines(told: "Told") -> Iterator[str]:
    """What an entry changed, a line each."""
    for change in told.data.get("changes", ()):
        if "add" in change:
            yield f"+ {change['add']} {', '.join(map(str, change['ids'][:10]))}{' …' if len(change['ids']) > 10 else ''}"
            continue
        for name, (before, after) in change["fields"].items():
            yield f"~ {change['change']} {change['id']} {name}: {_shown(before)} → {_shown(after)}"
        if change.get("private"):
            yield f"~ {change['change']} {change['id']} ({word('private_fields')})"


def names_of(session: "Session") -> dict[str, str]:
    """The names behind the references of the journal, as far as they are known."""
    from cycle.people.records import everybody

    names = {person.ref: person.name or person.login or person.ref for person, _ in everybody(session)}
    return names | {"service": word("service")}


def _count(told: "Told") -> int:
    return sum(len(change["ids"]) for change in told.data.get("changes", ()) if "add" in change)


def _labelled(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(_plain(each)) for each in value[:12])
    if isinstance(value, dict):
        return str(value.get("key") or value.get("check") or value.get("id") or "")
    return value


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)
