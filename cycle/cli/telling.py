"""How an entry of the journal is told: one sentence for each type, and what it changed."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from cycle.cli import shell
from cycle.cli.entry_facts import more_facts, worded
from cycle.cli.words import language, word, wording
from cycle.journal.actor import SERVICE
from cycle.journal.form import parse_instant

if TYPE_CHECKING:
    from sqlmodel import Session

    from cycle.journal.history import Told
    from cycle.reports.rules.acts import Act
    from cycle.workflow.model import Workflow

# Lists of the vocabulary whose ids stand in entries.
TOLD_LISTS = (
    "need_status",
    "measure_status",
    "ratings",
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


def entry_sentence(told: "Told", labels: Mapping[str, str], names: Mapping[str, str] | None = None) -> str:
    """What an entry says, in one sentence; its facts fill it, ids by their labels (`labels_of`). Who approved it as the
    second person is told behind it, by name where `names` knows it."""
    return _sentence(told.type, told.data, told.body["second"], labels, names or {})


def act_sentence(act: "Act", labels: Mapping[str, str], names: Mapping[str, str]) -> str:
    """The same of an act."""
    return _sentence(act.type, act.data, act.second, labels, names)


def second_line(second: Mapping[str, Any] | None, names: Mapping[str, str]) -> str | None:
    """Who approved an entry as the second person, in which role and when; None for an entry that needed nobody."""
    if second is None:
        return None
    at = shell.words().value(parse_instant(second["approved_at"]))
    return f"{names.get(second['ref'], second['ref'])} ({role_name(second['role'])}, {at})"


def actor_line(actor: Mapping[str, Any], names: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """Who acted, in which role and by what; the service by its name alone."""
    if actor["ref"] == SERVICE.ref:
        return names[SERVICE.ref]
    via = f"via.{actor['via']}"
    by = word(via) if via in wording() else actor["via"]
    return f"{names.get(actor['ref'], actor['ref'])} ({labels.get(actor['role']) or role_name(actor['role'])}, {by})"


def role_name(role: str) -> str:
    """What a role is called, the id of one that has no word."""
    return word(f"role.{role}") if f"role.{role}" in wording() else role


def labels_of(workflows: Iterable["Workflow"]) -> dict[str, str]:
    """What the ids of phases, dates, meetings, roles, documents and statuses are called."""
    found: dict[str, str] = {}
    spoken = language()
    for workflow in workflows:
        for words in TOLD_LISTS:
            found |= {name: entry.label(spoken) for name, entry in workflow.vocab.get(words, {}).items()}
        for labelled in (workflow.roles, workflow.dates, workflow.meetings):
            found |= {name: each.label(spoken) for name, each in labelled.items()}
        found |= {phase.id: phase.label(spoken) for phase in workflow.phases}
    found.setdefault("theme", word("subject_theme"))
    return found


def named(value: str, labels: Mapping[str, str]) -> str:
    """An id by its label; a group's own meeting (`group_session/NG1`) by its rule's label and the group."""
    rule, _, group = value.partition("/")
    return labels.get(value) or (f"{labels[rule]} {group}" if group and rule in labels else value)


def entry_document(told: "Told", reason: str | None) -> dict[str, Any]:
    """An entry in JSON: the fields of its body, its hash, and the reason while it may be read."""
    return {"seq": told.seq, "hash": told.hash, **told.body, "reason": reason}


def names_of(session: "Session") -> dict[str, str]:
    """The names behind the references of the journal, as far as they are known."""
    from cycle.people.records import everybody

    names = {person.ref: person.name or person.login or person.ref for person, _ in everybody(session)}
    return names | {SERVICE.ref: word("service")}


def _count(data: Mapping[str, Any]) -> int:
    return sum(len(change["ids"]) for change in data.get("changes", ()) if "add" in change)


def _sentence(
    type: str, data: Mapping[str, Any], second: Mapping[str, Any] | None, labels: Mapping[str, str], names: Mapping[str, str]
) -> str:
    known = {**labels, **names}
    said = {**data, **more_facts(type, data)}
    facts = {name: plain(worded(name, value), known) for name, value in said.items() if name != "changes"}
    facts.setdefault("count", _count(data))
    if "attempted" in facts:
        facts["attempted"] = word(f"type.{data['attempted']}")
        facts["findings"] = " ".join(_finding(each, labels) for each in data.get("findings", ()))
    if isinstance(data.get("fields"), list):
        facts["fields"] = ", ".join(field_name(each) for each in data["fields"])
    if "object" in facts and "field" in facts:
        facts |= {"object": thing_name(str(data["object"]), labels), "field": field_name(str(data["field"]))}
    key = _entry_key(type, facts)
    sentence = word(key, **facts) if key in wording() else type
    if "open_again" in facts:
        sentence = f"{sentence} {word('entry_open_again', dates=facts['open_again'])}"
    approved = second_line(second, names)
    return f"{sentence} {word('entry_second', who=approved)}" if approved else sentence


def _entry_key(type: str, facts: Mapping[str, Any]) -> str:
    """The sentence of an entry: where a fact that it would name is missing, the one that does without, if there is one."""
    key = f"entry.{type}"
    without = (f"{key}.without_{name}" for name, value in facts.items() if value is None)
    return next((each for each in without if each in wording()), key)


def _finding(found: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    key = f"finding.{found['key']}"
    facts = {name: plain(value, labels) for name, value in found.get("facts", {}).items()}
    sentence = word(key, **facts) if key in wording() else str(found["key"])
    return f"{found['check']}: {sentence}" if found.get("check") else sentence


def field_name(name: str) -> str:
    """What the field of a thing is called."""
    keys = (f"meeting.{name}", f"column.plan.{name}", f"col.{name}", f"field.{name}")
    return next((word(key) for key in keys if key in wording()), name)


def thing_name(name: str, labels: Mapping[str, str]) -> str:
    """What is corrected, `meeting/spring` by its kind and label."""
    kind, _, rest = name.partition("/")
    key = f"thing.{kind}"
    return f"{word(key)} {named(rest, labels)}" if key in wording() else name


def plain(value: Any, labels: Mapping[str, str]) -> Any:
    """A value of an entry as a person reads it: days and times as such, ids by their labels, of a list the first ones."""
    if isinstance(value, list):
        return ", ".join(str(plain(each, labels)) for each in value[:12]) + (" …" if len(value) > 12 else "")
    if isinstance(value, dict):
        return plain(value.get("key") or value.get("check") or value.get("id") or "", labels)
    if isinstance(value, str):
        if _INSTANT.fullmatch(value):
            return shell.words().value(parse_instant(value))
        return date.fromisoformat(value) if _DAY.fullmatch(value) else named(value, labels)
    return value
