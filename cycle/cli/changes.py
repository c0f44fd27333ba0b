"""What an entry adds and changes, in words: of a trial run a line for each row, of one entry a line for each field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cycle.cli import shell
from cycle.cli.row_names import MOST, RowNames
from cycle.cli.telling import plain
from cycle.cli.words import language, word, wording

if TYPE_CHECKING:
    from cycle.workflow.model import Workflow

# The list of the vocabulary that a field's ids are of; a status by its table. One id may mean two things in two of them.
_LISTS = {
    "need.status": "need_status",
    "measure.status": "measure_status",
    "measure_update.status": "measure_status",
    "theme.status": "theme_status",
    "project.status": "project_status",
    "partner.status": "partner_status",
    "decision.outcome": "decision_outcomes",
    "field": "fields",
    "fields": "fields",
    "target_group": "target_groups",
    "target_groups": "target_groups",
    "priority": "priorities",
    "secured": "funding_secured",
    "channel": "channels",
}
_WORDS = {
    "cycle.standing": "standing",
    "mail.state": "mail_state",
    "meeting.status": "meeting_status",
    "meeting.mode": "mode",
}
_DATES = ("date_key", "moved_with")


def of_a_trial(changes: Iterable[Mapping[str, Any]], workflows: Sequence["Workflow"], names: RowNames) -> Iterator[str]:
    """What would be written: how many rows of a table are added, and each changed row with its fields; `names` of
    `row_names`."""
    for change in changes:
        if "add" in change:
            yield f"+ {_name('table', change['add'])}: {len(change['ids'])}"
            continue
        fields = ", ".join(_fields(change, workflows))
        yield f"~ {_row(change, names)}: {fields or word('private_fields')}"


def of_an_entry(changes: Iterable[Mapping[str, Any]], workflows: Sequence["Workflow"], names: RowNames) -> Iterator[str]:
    """What was written: the rows added, and each changed field; `names` of `row_names`."""
    for change in changes:
        if "add" in change:
            added = [names.get((change["add"], each), str(each)) for each in change["ids"][:MOST]]
            more = " …" if len(change["ids"]) > MOST else ""
            yield f"+ {_name('table', change['add'])} {', '.join(added)}{more}"
            continue
        yield from (f"~ {_row(change, names)} {told}" for told in _fields(change, workflows))
        if change.get("private"):
            yield f"~ {_row(change, names)} ({word('private_fields')})"


def _row(change: Mapping[str, Any], names: RowNames) -> str:
    return f"{_name('table', change['change'])} {names.get((change['change'], change['id']), change['id'])}"


def _fields(change: Mapping[str, Any], workflows: Sequence["Workflow"]) -> Iterator[str]:
    for name, pair in change["fields"].items():
        before, after = (field_value(change["change"], name, value, workflows) for value in pair)
        yield f"{_name('field', name)}: {before} → {after}"


def field_value(table: str, field: str, value: Any, workflows: Sequence["Workflow"]) -> Any:
    """A value as a person reads it; an id by its label only where the field says of what it is the id."""
    words = _WORDS.get(f"{table}.{field}")
    if words and isinstance(value, str):
        return word(f"{words}.{value}")
    labels: dict[str, str] = {}
    for workflow in workflows:
        known: Mapping[str, Any] = workflow.vocab.get(_LISTS.get(f"{table}.{field}") or _LISTS.get(field) or "", {})
        if field in _DATES:
            known = workflow.dates
        elif field == "phase":
            known = {phase.id: phase for phase in workflow.phases}
        labels |= {name: each.label(language()) for name, each in known.items()}
    return shell.words().value(plain(value, labels))


def _name(kind: str, name: str) -> str:
    """What a table or a field of it is called, its own name where it has no word."""
    key = f"{kind}.{name}"
    return word(key) if key in wording() else name
