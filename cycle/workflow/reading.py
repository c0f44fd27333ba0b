"""Reads YAML 1.2 into plain values, each with its line and column, or says what a workflow file may not hold.

Only text, whole numbers, true/false, lists and mappings come out. The values are resolved here, not by the library: a
`%YAML 1.1` line changes nothing, `no` and `12:30` stay text. Anchors, aliases, tags and decimals are refused.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from cycle.adapters.files import read_file
from cycle.errors import Mistake, NotFound

MOST_BYTES = 10_000_000

Place = tuple[str | int, ...]  # where a value stands: ("phases", 1, "label_de")

_DEEPEST = 12
_TOLD_WHERE_IT_BEGAN = ("mistake.yaml_quote", "mistake.yaml_key")  # its end is some lines further down
# A fault of YAML by the words of the library's sentence about it; the first that fits is told.
_TOLD = (
    ("yaml_nested", ("nested too deeply",)),
    ("yaml_tab", ("\\t",)),
    ("yaml_escape", ("escape character",)),
    ("yaml_quote", ("quoted scalar",)),
    ("yaml_bracket", ("while parsing a flow ", "found ']'", "found '}'")),
    ("yaml_key", ("could not find expected ':'",)),
    ("yaml_colon", ("mapping values are not allowed",)),
    ("yaml_indent", ("expected <block end>", "block mapping", "block collection")),
    ("yaml_character", ("cannot start any token",)),
)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_LARGEST_DIGITS = 15  # RFC 8785: whole numbers up to 2^53
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, order=True)
class Mark:
    """Line and column, both from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Problem:
    """One mistake of a file, and where it stands."""

    mark: Mark
    place: Place
    mistake: Mistake


@dataclass
class Reading:
    """A file's values with the marks of its keys and values, and what was wrong with them so far."""

    values: Any = None
    key_marks: dict[Place, Mark] = field(default_factory=dict)
    value_marks: dict[Place, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    spoilt: set[Place] = field(default_factory=set)

    def complain(self, place: Place, mistake: Mistake, *, at_key: bool = False) -> None:
        """Notes a mistake at a value (or its key). Nothing more is said about a place that is already spoilt."""
        if any(place[:length] in self.spoilt for length in range(len(place) + 1)):
            return
        self.problems.append(Problem(self._mark(place, at_key), place, mistake))

    def spoil(self, mark: Mark, place: Place, mistake: Mistake) -> None:
        """Notes a mistake after which the value at that place means nothing."""
        self.problems.append(Problem(mark, place, mistake))
        self.spoilt.add(place)

    def _mark(self, place: Place, at_key: bool) -> Mark:
        first, second = (self.key_marks, self.value_marks) if at_key else (self.value_marks, self.key_marks)
        while place:
            mark = first.get(place) or second.get(place)
            if mark:
                return mark
            place, at_key = place[:-1], True
            first, second = self.key_marks, self.value_marks
        return Mark()


def read(path: Path) -> Reading:
    """The values of a workflow file with their marks.

    Raises:
        NotFound: there is no such file.
        WrongInput: as `files.read_file`.
    """
    try:
        raw = read_file(path, MOST_BYTES)
    except NotFound:
        raise NotFound("workflow_not_found", file=str(path)) from None
    reading = Reading()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        reading.spoil(Mark(line, column), (), Mistake("not_utf8"))
        return reading
    try:
        _read_stream(text, reading)
    except MarkedYAMLError as error:
        mistake = _of_yaml(f"{error.context} {error.problem}")
        began = mistake.key in _TOLD_WHERE_IT_BEGAN
        at = (error.context_mark if began else error.problem_mark) or error.problem_mark or error.context_mark
        reading.spoil(Mark(at.line + 1, at.column + 1) if at else Mark(), (), mistake)
    except ReaderError as error:
        before = text[: error.position]
        where = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        reading.spoil(where, (), Mistake("control_character"))
    except (YAMLError, ValueError, OverflowError):
        # an escape such as "\\UFFFFFFFF" that names no character; the library gives no mark
        reading.spoil(Mark(), (), Mistake("escape_of_no_character"))
    return reading


def _of_yaml(told: str) -> Mistake:
    """What the library says of a text that is no YAML, as a mistake of ours."""
    for key, words in _TOLD:
        if any(each in told for each in words):
            return Mistake(key)
    return Mistake("yaml")


def _read_stream(text: str, reading: Reading) -> None:
    events = iter(YAML(typ="safe", pure=True).parse(text))
    documents = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                reading.spoil(_mark(event), (), Mistake("second_document"))
                return
            reading.values = _value(next(events), events, (), reading)
        elif isinstance(event, StreamEndEvent):
            break
    if not reading.spoilt and reading.values is None:
        reading.spoil(Mark(), (), Mistake("empty_file"))
    elif not isinstance(reading.values, dict) and not reading.spoilt:
        reading.spoil(reading.value_marks[()], (), Mistake("no_sections"))


def _value(event: Event, events: Iterator[Event], place: Place, reading: Reading) -> Any:
    mark = _mark(event)
    reading.value_marks[place] = mark
    if isinstance(event, AliasEvent):
        reading.spoil(mark, place, Mistake("alias", name=event.anchor))
        return None
    anchor, tag = _decoration(event)
    if anchor:
        reading.complain(place, Mistake("anchor", name=anchor))
    if tag:
        tag = tag.replace("tag:yaml.org,2002:", "!!")
        reading.spoil(mark, place, Mistake("tag", tag=tag))
    if len(place) > _DEEPEST:
        raise MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
    if isinstance(event, MappingStartEvent):
        return _mapping(events, place, reading)
    if isinstance(event, SequenceStartEvent):
        return _sequence(events, place, reading)
    assert isinstance(event, ScalarEvent)
    return _scalar(event, place, reading)


def _mapping(events: Iterator[Event], place: Place, reading: Reading) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for event in events:
        if isinstance(event, MappingEndEvent):
            break
        mark = _mark(event)
        if isinstance(event, AliasEvent | MappingStartEvent | SequenceStartEvent):
            reading.problems.append(Problem(mark, place, Mistake("key_no_word")))
            _pass_over(event, events, (*place, "?"), reading)
            _pass_over(next(events), events, (*place, "?"), reading)
            continue
        assert isinstance(event, ScalarEvent)
        key = _key(event, place, reading)
        if key in values:
            first = reading.key_marks[(*place, key)].line
            reading.problems.append(Problem(mark, (*place, key), Mistake("key_twice", name=key, line=first)))
            _pass_over(next(events), events, (*place, key), reading)
            continue
        reading.key_marks[(*place, key)] = mark
        values[key] = _value(next(events), events, (*place, key), reading)
    return values


def _sequence(events: Iterator[Event], place: Place, reading: Reading) -> list[Any]:
    values: list[Any] = []
    for event in events:
        if isinstance(event, SequenceEndEvent):
            break
        values.append(_value(event, events, (*place, len(values)), reading))
    return values


def _pass_over(event: Event, events: Iterator[Event], place: Place, reading: Reading) -> None:
    """Reads a value that has no place of its own, for its mistakes only."""
    aside = Reading()
    _value(event, events, place, aside)
    reading.problems.extend(aside.problems)


def _key(event: ScalarEvent, place: Place, reading: Reading) -> str:
    text = unicodedata.normalize("NFC", event.value)
    if any(_decoration(event)):
        reading.problems.append(Problem(_mark(event), (*place, text), Mistake("key_decorated", name=text)))
    elif event.implicit[0] and (text in _CONSTANTS or _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text)):
        reading.spoil(_mark(event), (*place, text), Mistake("key_without_letter", name=text))
    return text


def _scalar(event: ScalarEvent, place: Place, reading: Reading) -> Any:
    text = unicodedata.normalize("NFC", event.value)
    if any("\ud800" <= character <= "\udfff" for character in text):
        reading.spoil(_mark(event), place, Mistake("half_character"))
        return None
    if not event.implicit[0]:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        if len(text.lstrip("+-")) > _LARGEST_DIGITS:
            reading.spoil(_mark(event), place, Mistake("number_too_long", most=_LARGEST_DIGITS))
            return None
        return int(text)
    if _DECIMAL.fullmatch(text):
        reading.spoil(_mark(event), place, Mistake("decimal", text=text))
        return None
    return text


def _decoration(event: Event) -> tuple[str | None, str | None]:
    return getattr(event, "anchor", None), getattr(event, "tag", None)


def _mark(event: Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
