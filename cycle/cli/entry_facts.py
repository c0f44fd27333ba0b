"""What the sentence of an entry names beyond its own facts: read from its changes, so that older entries say it too."""

from collections.abc import Mapping
from typing import Any

from cycle.cli.words import word, wording

# A kind of fact that is a word of ours, and the keys under which it is told.
_WORDS = {
    "template": ("mail_title",),
    "templates": ("mail_title",),
    "why": ("why", "mail_state", "not_told"),
    "step": ("step_name",),
}


def worded(name: str, value: Any) -> Any:
    """A fact with our words in the place of ids: what a letter is called, why it did not go, which step was approved.

    A site's own letter has no such name and keeps its id.
    """
    if isinstance(value, list):
        return [worded(name, each) for each in value]
    keys = (f"{kind}.{value}" for kind in _WORDS.get(name, ()))
    return next((word(key) for key in keys if key in wording()), value)


def more_facts(type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the changes of an entry tell its sentence; None for what they do not hold."""
    match type:
        case "mail.queued" | "mail.missed":
            templates = _added(data, "ledger", "template")
            return {"templates": sorted({*templates}) or None, "items": len(templates)}
        case "date.moved":
            own, along = _moved(data)
            return {"from": own.get("from"), "to": own.get("to"), "moved": along or None}
        case "decision.recorded":
            names = ("present", "members")
            return {name: next(iter(_added(data, "decision", name)), None) for name in names}
        case "meeting.held" if _becomes(data, "meeting", "online_at_least") and data.get("online") is not None:
            return {"online": word("at_least_of", count=data["online"])}
    return {}


def _added(data: Mapping[str, Any], table: str, column: str) -> list[Any]:
    """The values of one column in all the rows that an entry added to a table."""
    found: list[Any] = []
    for change in data.get("changes", ()):
        if change.get("add") == table and column in change["fields"]:
            found += [row[change["fields"].index(column)] for row in change["rows"]]
    return found


def _moved(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """Of the dates that an entry moved the one that it is about, and those that moved along."""
    moved = data.get("moved", ())
    own: Mapping[str, Any] = next((each for each in moved if each["key"] == data.get("date")), {})
    return own, [each for each in moved if each is not own]


def _becomes(data: Mapping[str, Any], table: str, column: str) -> Any:
    """What a column of the last changed row of a table is after the entry; None where it was not changed."""
    changed = [change["fields"] for change in data.get("changes", ()) if change.get("change") == table]
    return next((fields[column][1] for fields in reversed(changed) if column in fields), None)
