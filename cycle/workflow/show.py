"""Shows a workflow: as rows for a table, as a Mermaid state diagram, as a JSON Schema for editors. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cycle.workflow.model import Workflow
from cycle.workflow.parts import CheckRule, DateRule, Done, Phase, Shift, Transition, TransitionKind
from cycle.workflow.unfold import CHECK_KEYS

_OPTIONAL_SECTIONS = {"meetings", "checks", "transitions", "policy", "mails", "ladder", "on", "gap", "vocab"}
_SHOWN_WAYS = (TransitionKind.SKIP, TransitionKind.BACK, TransitionKind.REOPEN)


class Section(StrEnum):
    """What a row tells of."""

    PHASE = "phase"
    DATE = "date"
    CHECK = "check"


@dataclass(frozen=True)
class Row:
    """One line of the table: `rule` is a phase's due date, a date's rule, a check's name with its parameters; `end` is what
    must be true to leave the phase, the fact that ends the date, whether the check is hard or soft."""

    section: Section
    key: str
    label: str
    rule: str
    end: str


def as_rows(workflow: Workflow, language: str) -> tuple[Row, ...]:
    """Phases in their order, then dates in the order of their phases, then checks in the order in which they are asked."""
    place = {phase: index for index, phase in enumerate(workflow.order)}
    dates = sorted(workflow.dates.items(), key=lambda each: place[each[1].phase])
    asked = {check: None for phase in workflow.phases for check in phase.exit}
    order = [*asked, *sorted(set(workflow.checks) - set(asked))]
    return (
        *(Row(Section.PHASE, phase.id, phase.label(language), phase.due or "", _exit_text(phase)) for phase in workflow.phases),
        *(Row(Section.DATE, key, date.label(language), _rule_text(date), _done_text(date.done)) for key, date in dates),
        *(
            Row(Section.CHECK, key, check.label(language), _check_text(check), "hard" if check.hard else "soft")
            for key, check in ((key, workflow.checks[key]) for key in order)
        ),
    )


def as_mermaid(workflow: Workflow, language: str) -> str:
    """A stateDiagram-v2: forward unnamed, the other ways under the command that takes them, a skip with its codes."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_quoted(phase.label(language))}" as {phase.id}' for phase in workflow.phases]
    lines.append(f"    [*] --> {workflow.first_phase}")
    for index, phase in enumerate(workflow.phases):
        for after in () if phase.final else workflow.phases[index + 1 :]:
            lines.append(f"    {phase.id} --> {after.id}")
            if after.when is None:
                break
    for way in workflow.transitions:
        if way.kind in _SHOWN_WAYS:
            lines += [f"    {way.from_} --> {target} : {_way_text(workflow, way, language)}" for target in way.to]
    lines += [f"    {phase.id} --> [*]" for phase in workflow.phases if phase.final]
    return "\n".join(lines) + "\n"


def as_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a workflow file as people write it, for the completion and hints of an editor.

    It knows shapes only; `cycle workflow check` also knows the names.
    """
    schema = Workflow.model_json_schema(by_alias=True)
    parts: dict[str, Any] = schema["$defs"]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["required"] = [key for key in schema["required"] if key not in _OPTIONAL_SECTIONS]
    for part in ("Policy", "GapRule"):
        parts[part].pop("required", None)
    text = {"type": "string"}
    one_or_more = {"type": "array", "items": text}
    parts["Done"] = {"anyOf": [text, {"type": "object", "minProperties": 1, "additionalProperties": text}]}
    for part, inner in (("CheckRule", "params"), ("Follow", "narrow")):
        parts[part]["properties"].pop(inner)
        parts[part]["additionalProperties"] = True
    parts["Transition"]["properties"]["to"] = {"anyOf": [text, one_or_more]}
    follow = {"$ref": "#/$defs/Follow"}
    schema["properties"]["on"]["additionalProperties"] = {"anyOf": [follow, {"type": "array", "items": follow}]}
    assert set(parts["CheckRule"]["properties"]) == CHECK_KEYS
    return schema


def _exit_text(phase: Phase) -> str:
    return "final" if phase.final else ", ".join(phase.exit)


def _rule_text(date: DateRule) -> str:
    parts = [str(date.rule)]
    if date.shift is not Shift.NONE:
        parts.append(f"{date.shift} ({', '.join(date.avoid)})" if date.avoid else str(date.shift))
    if date.when:
        parts.append(f"when {date.when}")
    return ", ".join(parts)


def _done_text(done: Done) -> str:
    parts = [f"{done.word}: {done.value}" if done.value else done.word]
    return ", ".join([*parts, *(f"{key}: {value}" for key, value in sorted(done.narrow.items()))])


def _check_text(check: CheckRule) -> str:
    told = ", ".join(f"{key}: {_value_text(value)}" for key, value in sorted(check.params.items()))
    return f"{check.check}({told})"


def _value_text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_value_text(each) for each in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_value_text(each)}' for key, each in sorted(value.items()))}}}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _way_text(workflow: Workflow, way: Transition, language: str) -> str:
    codes = [workflow.vocab["skip_codes"][code].label(language) for code in way.codes]
    return f"{way.kind} ({_quoted(', '.join(codes))})" if codes else str(way.kind)


def _quoted(text: str) -> str:
    # Mermaid ends a label at a quotation mark and a line at a semicolon; both have an entity
    return text.replace('"', "#quot;").replace(";", "#59;")
