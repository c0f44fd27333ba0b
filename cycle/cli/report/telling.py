"""What the reports have in common: an act in JSON, who did it, and what a subject is called."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cycle.cli.words import word, wording

if TYPE_CHECKING:
    from cycle.reports.rules.acts import Act


def act_document(act: "Act", names: Mapping[str, str]) -> dict[str, Any]:
    """Who did it, when and why."""
    return {
        "entry": act.seq,
        "type": act.type,
        "recorded": act.recorded_at,
        "day": act.day,
        "effective_on": act.effective_on,
        "who": act.who,
        "name": names.get(act.who),
        "role": act.role,
        "second": act.second,
        "reason": act.reason,
    }


def who(act: "Act", names: Mapping[str, str]) -> str:
    """The name of who did it, as far as it is known, and the role."""
    role = f"role.{act.role}"
    return f"{names.get(act.who, act.who)} ({word(role) if role in wording() else act.role})"


def subject_label(subject: str, labels: Mapping[str, str]) -> str:
    """What a subject of letters is called: a date by its label, a measure by its number, an entry by its own."""
    kind, _, name = subject.partition("/")
    match kind:
        case "date":
            return labels.get(name, name)
        case "measure" | "search":
            return word("subject_measure", measure=name)
        case "followup":
            return word("subject_followup", followup=name)
        case "event":
            return word("subject_event", number=name)
    return subject


def why_words(why: str | None) -> str:
    """Why somebody was not told."""
    for key in (f"why.{why}", f"mail_state.{why}", f"not_told.{why}"):
        if key in wording():
            return word(key)
    return why or word("not_told_nothing_meant")
