"""Says what pydantic found wrong with a workflow's shape, at the place in the file, as keys and facts."""

import json
import types
import typing
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cycle.errors import Key, Mistake
from cycle.workflow.grammar import When
from cycle.workflow.model import Workflow
from cycle.workflow.reading import Place, Reading
from cycle.workflow.unfold import CHECK_KEYS, FOLLOW_KEYS

_MOST_NAMES = 12
# What pydantic's errors of a wrong type ask for.
_TEXT, _NUMBER, _BOOL = Key("mistake.wanted.text"), Key("mistake.wanted.number"), Key("mistake.wanted.bool")
_LIST, _MAPPING = Key("mistake.wanted.list"), Key("mistake.wanted.mapping")
_WRONG_TYPES = {
    "string_type": _TEXT,
    "int_type": _NUMBER,
    "bool_type": _BOOL,
    "tuple_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "dataclass_type": _MAPPING,
}


def complain_of_shape(reading: Reading, values: Any, error: ValidationError) -> None:
    """Notes each of pydantic's errors; `values` are the file's own, before they were unfolded."""
    for each in error.errors(include_url=False):
        place = _place(values, each["loc"])
        if each["type"] == "too_short" and len(_list_at(values, place)) >= each["ctx"]["min_length"]:
            continue  # pydantic counts only what is right: the wrong ones are told one by one
        if each["type"] == "union_tag_invalid":
            place = (*place, "kind")
        if each["type"] == "missing":
            reading.complain(place, Mistake("missing", name=str(each["loc"][-1])), at_key=True)
        elif each["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            key = str(each["loc"][-1])
            reading.complain(place, unknown(Key("mistake.a.key"), key, keys_at(values, place[:-1])), at_key=True)
        elif each["loc"][-1:] == ("[key]",):
            reading.complain(place, Mistake("no_id", given=str(each["loc"][-2])), at_key=True)
        else:
            reading.complain(place, mistake_of(each))


def unknown(what: Key, name: Any, known: Iterable[str]) -> Mistake:
    """A name that is not known, with the nearest known one, else with those there are."""
    names = sorted(set(known))
    nearest = get_close_matches(str(name), names, n=1)
    if nearest:
        return Mistake("unknown_near", what=what, name=shown_value(name), nearest=nearest[0])
    if not names:
        return Mistake("unknown_none", what=what, name=shown_value(name))
    shown = [*names[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])]
    if name is None:
        return unwanted(name, Key("mistake.wanted.one_of", known=shown))
    return Mistake("unknown", what=what, name=shown_value(name), known=shown)


def unwanted(value: Any, wanted: Key) -> Mistake:
    """A value of another kind than is wanted; `wanted` says what would be right."""
    if value is None:
        return Mistake("nothing_there", wanted=wanted)
    return Mistake("unwanted", given=shown_value(value), wanted=wanted)


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
    if location[:1] == ("calendars",):
        location = (*location[:2], *location[3:])  # a tag may be called as a key is
    place: list[int | str] = []
    for part in location:
        if _has(values, part):
            place.append(part)
            values = values[part]
    return tuple(place)


def _list_at(values: Any, place: Place) -> list[Any]:
    for part in place:
        values = _child(values, part)
    return values if isinstance(values, list) else []


def _has(values: Any, part: int | str) -> bool:
    if isinstance(values, dict):
        return part in values
    return isinstance(values, list) and isinstance(part, int) and part < len(values)


def _child(values: Any, part: int | str) -> Any:
    return values[part] if _has(values, part) else None


def mistake_of(error: ErrorDetails) -> Mistake:
    """One of pydantic's errors as a mistake; `mistake.unfit` for a type that no workflow file brings about."""
    kind, given, context = error["type"], error.get("input"), error.get("ctx", {})
    shown = shown_value(given)
    if kind in _WRONG_TYPES:
        return unwanted(given, _WRONG_TYPES[kind])
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        expected = str(context.get("expected") or context.get("expected_tags"))
        known = [name.strip(" '") for name in expected.replace(" or ", ",").split(",")]
        return unknown(Key("mistake.a.word"), context.get("tag", given), known)
    if kind == "union_tag_not_found":
        return Mistake("kind_missing")
    if kind == "value_error" and isinstance(context["error"], Mistake):
        return context["error"]
    if kind == "string_pattern_mismatch":
        return Mistake("no_id", given=shown)
    if kind == "string_too_short":
        return Mistake("empty_text")
    if kind == "too_short":
        return Mistake("too_few", least=context["min_length"])
    if kind == "greater_than_equal":
        return Mistake("too_small", given=shown, least=context["ge"])
    if kind == "less_than_equal":
        return Mistake("too_large", given=shown, most=context["le"])
    return Mistake("unfit", given=shown)


def shown_value(value: Any) -> str:
    """A value as a sentence shows it between quotation marks: text as it is, all else in JSON, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
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
