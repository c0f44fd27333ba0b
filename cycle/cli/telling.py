"""How an entry of the journal is told: one sentence for each type, and what it changed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from cycle.cli import shell
from cycle.cli.shell import word
from cycle.journal.form import parse_instant

if TYPE_CHECKING:
    from sqlmodel import Session

    from cycle.journal.history import Told
    from cycle.workflow.model import Workflow

# Lists of the vocabulary whose ids stand in entries.
TOLD_LISTS = (
    "need_status",
    "measure_status",
    "theme_status",
    "decision_outcomes",
    "decision_bodies",
    "documents",
    "decision_subjects",
    "fields",
    "numbers",
    "levels",
    "skip_codes",
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def entry_sentence(told: "Told", labels: Mapping[str, str]) -> str:
    """What an entry says, in one sentence; its facts fill it, ids by their labels (`labels_of`)."""
    facts = {name: _plain(value, labels) for name, value in told.data.items() if name != "changes"}
    facts.setdefault("count", _count(told))
    key = f"entry.{told.type}"
    return shell.word(key, **facts) if key in shell.wording() else told.type


def labels_of(workflows: Iterable["Workflow"]) -> dict[str, str]:
    """What the ids of phases, dates, meetings, roles, documents and statuses are called."""
    found: dict[str, str] = {}
    language = shell.language()
    for workflow in workflows:
        for words in TOLD_LISTS:
            found |= {name: entry.label(language) for name, entry in workflow.vocab.get(words, {}).items()}
        for labelled in (workflow.roles, workflow.dates, workflow.meetings):
            found |= {name: each.label(language) for name, each in labelled.items()}
        found |= {phase.id: phase.label(language) for phase in workflow.phases}
    return found


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


def _plain(value: Any, labels: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return ", ".join(str(_plain(each, labels)) for each in value[:12]) + (" …" if len(value) > 12 else "")
    if isinstance(value, dict):
        return _plain(value.get("key") or value.get("check") or value.get("id") or "", labels)
    if isinstance(value, str):
        if _INSTANT.fullmatch(value):
            return shell.words().value(parse_instant(value))
        return date.fromisoformat(value) if _DAY.fullmatch(value) else labels.get(value, value)
    return value


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)
