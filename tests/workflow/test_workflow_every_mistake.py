"""Whatever stands in a workflow file, what is wrong with it has a sentence of its own: none of the libraries' words appear."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cycle.workflow.model import Workflow
from cycle.workflow.reading import read
from cycle.workflow.shape import mistake_of
from cycle.workflow.unfold import complete, unfold

ROOT = Path(__file__).parents[2]
JUNK: tuple[Any, ...] = (None, True, -1, 0, 10**14, "", "ein Wort", [], ["ein Wort"], [None], {}, {"a": None}, {"ein Wort": {}})
# Each kind of error that pydantic finds in a workflow, by the key of its sentence.
TYPES = {
    "bool_type": "unwanted",
    "dataclass_type": "unwanted",
    "dict_type": "unwanted",
    "enum": "unknown",
    "frozen_set_type": "unwanted",
    "greater_than_equal": "too_small",
    "int_type": "unwanted",
    "less_than_equal": "too_large",
    "literal_error": "unknown",
    "model_type": "unwanted",
    "string_pattern_mismatch": "no_id",
    "string_too_short": "empty_text",
    "string_type": "unwanted",
    "too_short": "too_few",
    "tuple_type": "unwanted",
    "union_tag_invalid": "unknown",
    "union_tag_not_found": "kind_missing",
    "value_error": "",  # a mistake of our own, which brings its key along
}
# These are told by their place.
BY_PLACE = {"missing", "extra_forbidden", "unexpected_keyword_argument"}


@cache
def good() -> Any:
    """A whole workflow with every part that there is, as pydantic gets it."""
    values, shipped = (read(ROOT / name).values for name in ("workflows/toy.yaml", "config/workflow_defaults.yaml"))
    values["calendars"] |= {
        "breaks": {"kind": "ranges", "ranges": ["12-23..01-06"], "warn_within_wd": 3},
        "school": {"kind": "file", "path": "x.csv", "type": "Ferien"},
    }
    values["meetings"]["talk"] |= {"from": "09:00", "to": "10:00", "venue": "Rathaus", "mode": "hybrid", "per": None}
    values["dates"]["talk"]["when"] = {"every": 1, "first": 2026}
    values["transitions"] = [{"kind": "reopen", "from": "closed", "to": ["meeting"], "within_days": 5, "four_eyes": False}]
    values["on"] = {"theme_decided": {"mail": "invitation", "to": "partners"}}
    values["policy"] = {"digest": {"to": "host", "on": "Mon", "in_place_of": ["invitation"]}}
    values["vocab"] = {"fields": {"a": {"de": "A", "en": "A", "also": ["b"], "with_number": True, "language": "de"}}}
    return json.loads(json.dumps(unfold(complete(values, {**shipped, "vocab": {}} | {"vocab": _few(shipped["vocab"])}))))


def _few(vocab: dict[str, Any]) -> dict[str, Any]:
    """Two words of each list: the others have the same shape."""
    return {words: dict(list(entries.items())[:2]) for words, entries in vocab.items()}


def places(values: Any) -> Iterator[tuple[Any, ...]]:
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        yield (key,)
        if isinstance(value, dict | list):
            yield from ((key, *rest) for rest in places(value))


def spoilt(place: tuple[Any, ...], junk: Any) -> Any:
    values = copy.copy(good())
    part = values
    for key in place[:-1]:
        part[key] = copy.copy(part[key])
        part = part[key]
    part[place[-1]] = junk
    return values


def test_the_workflow_to_spoil_is_good() -> None:
    whole = Workflow.model_validate_json(json.dumps(good()))

    assert (whole.plan.id, set(whole.dates)) == (good()["plan"]["id"], set(good()["dates"]))


def test_every_error_that_pydantic_finds_in_a_workflow_has_a_key_of_its_own() -> None:
    found: dict[str, set[str]] = {}
    for place in places(good()):
        for junk in JUNK:
            try:
                Workflow.model_validate_json(json.dumps(spoilt(place, junk)))
            except ValidationError as error:
                for each in error.errors(include_url=False):
                    if each["type"] not in BY_PLACE:
                        found.setdefault(each["type"], set()).add(mistake_of(each).key.removeprefix("mistake."))

    assert found.keys() == TYPES.keys()
    assert {kind for kind, keys in found.items() if "unfit" in keys} == set()
    assert {kind for kind, keys in found.items() if TYPES[kind] and TYPES[kind] not in keys} == set()


@pytest.mark.parametrize(
    ("text", "at", "key"),
    [
        ("a: [1, 2\nb: 3\n", "2:2", "yaml_bracket"),
        ("a: ]\n", "1:4", "yaml_bracket"),
        ("a: {", "1:5", "yaml_bracket"),
        ("a: b: c\n", "1:5", "yaml_colon"),
        ("a:\n\tb: 1\n", "2:1", "yaml_tab"),
        ('a: 1\nb: "x\nc: 1\n', "2:4", "yaml_quote"),
        ('a: "\\q"\n', "1:6", "yaml_escape"),
        ("a: 1\nb\nc: 2\n", "2:1", "yaml_key"),
        ("a:\n    b: 1\n  c: 2\n", "3:3", "yaml_indent"),
        ("a: @x\n", "1:4", "yaml_character"),
        ("a: - b\n", "1:4", "yaml"),
    ],
)
def test_what_is_no_yaml_is_told_by_what_most_likely_went_wrong(tmp_path: Path, text: str, at: str, key: str) -> None:
    file = tmp_path / "wf.yaml"
    file.write_text(text, encoding="utf-8")

    (problem,) = read(file).problems

    assert (f"{problem.mark.line}:{problem.mark.column}", problem.mistake.key) == (at, f"mistake.{key}")


def test_no_english_of_a_library_is_left_among_the_lines(problems: Callable[[str], list[str]], toy: str) -> None:
    assert problems(toy.replace("[read, run", "[read, run}")) == [
        "wf.yaml:11:66: file: Hier passt eine Klammer oder ein Komma nicht. Bitte schließen Sie jede „[“ mit „]“ und jede "
        "„{“ mit „}“, trennen Sie mit Kommas, und prüfen Sie die Datei noch einmal."
    ]
