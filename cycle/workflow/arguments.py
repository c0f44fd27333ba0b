"""Checks what a workflow file hands to a lent function against that function's own signature and annotations.

Nothing is called. A parameter annotated with a marker of `cycle.vocabulary` must be a name of that section of the file.
"""

import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cycle.errors import Key, Mistake
from cycle.workflow.reading import Place, Reading
from cycle.workflow.shape import mistake_of, shown_value, unknown, unwanted

Names = Mapping[str, frozenset[str]]  # the names of each section, by the marker of cycle.vocabulary

_SINGULAR = {
    "phases": "phase",
    "dates": "date",
    "meetings": "meeting",
    "roles": "role",
    "checks": "check",
    "mails": "mail",
    "calendars": "calendar",
    "audiences": "audience",
    "attachments": "attachment",
    "escalation": "role",
    "every_active": "phase",
}


@dataclass(frozen=True)
class Parameter:
    """One argument that a workflow file may give."""

    name: str
    annotation: Any
    required: bool


@cache
def keyword_parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The keyword-only arguments of a lent function, in its order."""
    return tuple(each for each, kind in _parameters(function) if kind is inspect.Parameter.KEYWORD_ONLY)


@cache
def value_parameter(end: Callable[..., Any]) -> Parameter | None:
    """What the first key of `done` may hold for that end: its second positional argument (the first is the year)."""
    positional = [each for each, kind in _parameters(end) if kind is not inspect.Parameter.KEYWORD_ONLY]
    return positional[1] if len(positional) > 1 else None


def complain_of_arguments(
    reading: Reading,
    place: Place,
    given: Mapping[str, Any],
    parameters: tuple[Parameter, ...],
    names: Names,
    *,
    also_known: frozenset[str] = frozenset(),
) -> None:
    """Notes every unknown, missing or wrong argument; `also_known` are keys that are no arguments but may stand there."""
    known = {each.name: each for each in parameters}
    for name, value in given.items():
        if name in known:
            complain_of_value(reading, (*place, name), value, known[name].annotation, names)
        else:
            reading.complain((*place, name), unknown(Key("mistake.a.parameter"), name, {*known, *also_known}), at_key=True)
    for parameter in parameters:
        if parameter.required and parameter.name not in given:
            reading.complain(place, Mistake("missing", name=parameter.name), at_key=True)


def complain_of_value(reading: Reading, place: Place, value: Any, annotation: Any, names: Names) -> None:
    """Notes where a value (or a part of it) is not what the annotation asks for."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        _complain_of_union(reading, place, value, arguments, names)
    elif marker := _marker(annotation):
        complain_of_name(reading, place, value, marker, names)
    elif origin in (list, tuple, set, frozenset) or _is_abstract_list(origin):
        if not isinstance(value, list):
            reading.complain(place, unwanted(value, Key("mistake.wanted.list")))
            return
        for index, each in enumerate(value):
            complain_of_value(reading, (*place, index), each, arguments[0] if arguments else Any, names)
    elif origin is typing.Literal:
        if (type(value), value) not in [(type(each), each) for each in arguments]:
            reading.complain(place, unknown(Key("mistake.a.word"), value, map(str, arguments)))
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        if value not in [each.value for each in annotation]:
            reading.complain(place, unknown(Key("mistake.a.word"), value, (str(each.value) for each in annotation)))
    elif annotation is type(None):
        if value is not None:
            reading.complain(place, Mistake("value_too_much", given=shown_value(value)))
    else:
        _complain_by_pydantic(reading, place, value, annotation)


def complain_of_name(reading: Reading, place: Place, value: Any, section: str, names: Names) -> None:
    """Notes that a value is no name of that section of the file; a section of the wrong shape has no names to ask."""
    if not isinstance(value, str):
        reading.complain(place, unwanted(value, Key("mistake.wanted.name", section=section)))
    elif section in names and value not in names[section]:
        reading.complain(place, unknown(_one_of(section), value, names[section]))


def _parameters(function: Callable[..., Any]) -> list[tuple[Parameter, Any]]:
    hints = typing.get_type_hints(function, include_extras=True)
    return [
        (Parameter(name, hints.get(name, Any), each.default is inspect.Parameter.empty), each.kind)
        for name, each in inspect.signature(function).parameters.items()
        if each.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    ]


def _complain_of_union(reading: Reading, place: Place, value: Any, arms: tuple[Any, ...], names: Names) -> None:
    meant = [arm for arm in arms if arm is not type(None)]
    if value is not None and len(meant) == 1:
        complain_of_value(reading, place, value, meant[0], names)
        return
    tries = []
    for arm in arms:
        aside = Reading(spoilt=reading.spoilt)
        complain_of_value(aside, place, value, arm, names)
        if not aside.problems:
            return
        tries.append((arm, aside.problems))
    if isinstance(value, str):
        words = [word for arm in arms for word in _words_of(arm, names)]
        if words:
            reading.complain(place, unknown(Key("mistake.a.word"), value, words))
            return
    # the arm that got furthest into the value says what is wrong with it
    _, problems = max(tries, key=lambda each: (max(len(problem.place) for problem in each[1]), each[0] is not type(None)))
    for problem in problems:
        reading.complain(problem.place, problem.mistake)


def _words_of(annotation: Any, names: Names) -> list[str]:
    marker = _marker(annotation)
    if marker:
        return list(names.get(marker, ()))
    return [each for each in typing.get_args(annotation) if isinstance(each, str)]


def _complain_by_pydantic(reading: Reading, place: Place, value: Any, annotation: Any) -> None:
    try:
        _adapter(annotation).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            inner = tuple(part for part in each["loc"] if part != "[key]")
            reading.complain((*place, *inner), mistake_of(each))


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _marker(annotation: Any) -> str | None:
    if typing.get_origin(annotation) is not typing.Annotated:
        return None
    return next((each for each in typing.get_args(annotation)[1:] if isinstance(each, str)), None)


def _is_abstract_list(origin: Any) -> bool:
    return getattr(origin, "__module__", "") == "collections.abc" and not hasattr(origin, "items")


def _one_of(section: str) -> Key:
    singular = _SINGULAR.get(section)
    return Key(f"mistake.a.{singular}") if singular else Key("mistake.a.word_of", section=section)
