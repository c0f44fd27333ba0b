"""Turns what a file may write shorter into the pinned form, and fills in what it leaves out.

Pure, and tolerant: what has the wrong type is passed on as it is, so that the model can say so.
"""

from collections.abc import Mapping
from typing import Any

from cycle.workflow.model import ENGINE_LISTS
from cycle.workflow.parts import CheckRule, Follow

CHECK_KEYS = frozenset(CheckRule.model_fields) - {"params"}
FOLLOW_KEYS = frozenset(Follow.model_fields) - {"narrow"}


def complete(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The file's sections over the shipped ones.

    `policy`, `gap` and `vocab` are filled up key by key, the engine's own lists of `vocab` word by word; every other
    section counts whole.
    """
    whole = {**defaults, **values}
    for section in ("policy", "gap", "vocab"):
        whole[section] = _over(values.get(section, {}), defaults[section])
    if isinstance(whole["vocab"], dict):
        for words in ENGINE_LISTS:
            whole["vocab"][words] = _over(whole["vocab"][words], defaults["vocab"][words])
    return whole


def unfold(values: Mapping[str, Any]) -> dict[str, Any]:
    """The pinned form of a complete file: done words, check parameters, narrowed facts and single values in their places."""
    whole = dict(values)
    whole["dates"] = _each(whole.get("dates"), lambda date: _at(date, "done", unfold_done))
    whole["checks"] = _each(whole.get("checks"), lambda check: _gather(check, CHECK_KEYS, "params"))
    whole["on"] = _each(whole.get("on"), lambda follows: [_follow(each) for each in as_list(follows)])
    if isinstance(whole.get("transitions"), list):
        whole["transitions"] = [_at(each, "to", as_list) for each in whole["transitions"]]
    return whole


def unfold_done(done: Any) -> Any:
    """`passed` or `{held: spring}` or `{document: minutes, of: spring}` as word, value and what narrows it."""
    if isinstance(done, str):
        return {"word": done}
    if isinstance(done, dict) and done:
        (word, value), *rest = done.items()
        return {"word": word, "value": value, "narrow": dict(rest)}
    return done


def as_list(value: Any) -> list[Any]:
    """A list as it is, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def _over(values: Any, defaults: Any) -> Any:
    return {**defaults, **values} if isinstance(values, dict) else values


def _each(section: Any, change: Any) -> Any:
    return {key: change(value) for key, value in section.items()} if isinstance(section, dict) else section


def _at(entry: Any, key: str, change: Any) -> Any:
    return {**entry, key: change(entry[key])} if isinstance(entry, dict) and key in entry else entry


def _gather(entry: Any, own: frozenset[str], into: str) -> Any:
    if not isinstance(entry, dict):
        return entry
    kept = {key: value for key, value in entry.items() if key in own}
    return {**kept, into: {key: value for key, value in entry.items() if key not in own}}


def _follow(entry: Any) -> Any:
    return _gather(entry, FOLLOW_KEYS, "narrow")
