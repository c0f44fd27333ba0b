"""Says what pydantic found wrong with a workflow's shape, at the place in the file and in plain sentences."""

import json
import types
import typing
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cycle.workflow.grammar import When
from cycle.workflow.model import Workflow
from cycle.workflow.reading import Place, Reading
from cycle.workflow.unfold import CHECK_KEYS, FOLLOW_KEYS

_MOST_NAMES = 12
_WRONG_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list, such as [a, b]",
    "frozen_set_type": "a list, such as [a, b]",
    "dict_type": "a mapping, such as {key: value}",
    "model_type": "a mapping, such as {key: value}",
    "model_attributes_type": "a mapping, such as {key: value}",
    "dataclass_type": "a mapping, such as {key: value}",
}


def complain_of_shape(reading: Reading, values: Any, error: ValidationError) -> None:
    """Notes each of pydantic's errors; `values` are the file's own, before they were unfolded."""
    for each in error.errors(include_url=False):
        place = _place(values, each["loc"])
        if each["type"] == "union_tag_invalid":
            place = (*place, "kind")
        if each["type"] == "missing":
            key = str(each["loc"][-1])
            sentence = f"`{key}` is missing; add {key}: and its value"
            reading.complain(place, sentence, at_key=True)
        elif each["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            key = str(each["loc"][-1])
            reading.complain(place, unknown("key", key, keys_at(values, place[:-1])), at_key=True)
        elif each["loc"][-1:] == ("[key]",):
            reading.complain(place, "is no id; write letters, digits and _ only, a letter first", at_key=True)
        else:
            reading.complain(place, sentence_of(each))


def unknown(what: str, name: Any, known: Iterable[str], *, otherwise: str | None = None) -> str:
    """The sentence about a name that is not known: with the nearest known one, else `otherwise` or those there are."""
    names = sorted(set(known))
    head = f"unknown {what} `{name}`"
    nearest = get_close_matches(str(name), names, n=1)
    if nearest:
        return f"{head}, did you mean `{nearest[0]}`?"
    if otherwise:
        return f"{head}; {otherwise}"
    if not names:
        return f"{head}; none may stand here"
    shown = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    return f"{head}; known here: {shown}"


def keys_at(values: Any, place: Place) -> frozenset[str]:
    """The keys that a file may write at that place."""
    if place[:1] == ("checks",) and len(place) > 1:
        return CHECK_KEYS
    if place[:1] == ("on",) and len(place) > 1:
        return FOLLOW_KEYS
    annotation: Any = Workflow
    for part in place:
        annotation = _inside(annotation, part, values)
        values = _child(values, part)
    model = _model(annotation, values)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return frozenset(field.alias or name for name, field in model.model_fields.items())
    return frozenset(When.__dataclass_fields__) if model is When else frozenset()


def _place(values: Any, location: tuple[int | str, ...]) -> Place:
    # pydantic's location also names union tags and keys of the unfolded form; those are no places of the file
    place: list[int | str] = []
    for part in location:
        if _has(values, part):
            place.append(part)
            values = values[part]
    return tuple(place)


def _has(values: Any, part: int | str) -> bool:
    if isinstance(values, dict):
        return part in values
    return isinstance(values, list) and isinstance(part, int) and part < len(values)


def _child(values: Any, part: int | str) -> Any:
    return values[part] if _has(values, part) else None


def sentence_of(error: ErrorDetails) -> str:
    """One of pydantic's errors in plain words: what is wrong, what would be right."""
    kind, given, context = error["type"], error.get("input"), error.get("ctx", {})
    shown = shown_value(given)
    if kind in _WRONG_TYPES:
        return f"{shown} is not {_WRONG_TYPES[kind]}; write {_WRONG_TYPES[kind]}"
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        expected = str(context.get("expected") or context.get("expected_tags"))
        known = [name.strip(" '") for name in expected.replace(" or ", ",").split(",")]
        return unknown("word", context.get("tag", given), known)
    if kind == "union_tag_not_found":
        return "`kind` is missing; add kind: holidays, file or ranges"
    if kind == "value_error":
        return str(context["error"]).rstrip(".")
    if kind == "string_pattern_mismatch":
        return f"{shown} is no id; write letters, digits and _ only, a letter first"
    if kind in ("too_short", "string_too_short"):
        return f"is too short; write at least {context['min_length']}"
    if kind == "greater_than_equal":
        return f"{shown} is too small; write {context['ge']} or more"
    if kind == "less_than_equal":
        return f"{shown} is too large; write {context['le']} or less"
    return f"{error['msg']}; see integration.yaml for what may stand here"


def shown_value(value: Any) -> str:
    """A value as a sentence shows it, cut where it is long."""
    if value is None:
        return "an empty value"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _inside(annotation: Any, part: int | str, values: Mapping[str, Any]) -> Any:
    model = _model(annotation, values)
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            if part in (field.alias, name):
                return field.annotation
        return None
    arguments = [each for each in typing.get_args(model) if each is not Ellipsis]
    return arguments[-1] if arguments else None


def _model(annotation: Any, values: Any) -> Any:
    """The one type that is meant: without Annotated and None, and of several calendars the one of that kind."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return annotation
    arms = [each for each in typing.get_args(annotation) if each is not type(None)]
    for arm in arms:
        kind = getattr(arm, "model_fields", {}).get("kind")
        if kind and _child(values, "kind") in typing.get_args(kind.annotation):
            return arm
    return arms[0]
