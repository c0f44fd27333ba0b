"""A workflow file's own values, before its shape is known to be right: what has the wrong one is passed over."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cycle.workflow.grammar import Rule, parse_rule
from cycle.workflow.parts import MailKind
from cycle.workflow.reading import Place


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one: its shape is complained of elsewhere."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def texts_of(value: Any) -> list[str]:
    """The texts in a list, without what is none."""
    return [each for each in list_of(value) if isinstance(each, str)]


def entries(whole: Mapping[str, Any], section: str) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The places and values of a section that is a mapping (or list) of mappings."""
    value = whole.get(section)
    pairs: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else enumerate(list_of(value))
    for key, entry in pairs:
        if isinstance(entry, dict):
            yield (section, key), entry


def kinds_of(whole: Mapping[str, Any]) -> dict[str, str]:
    """The kind of every mail that the file names."""
    return {mail: kind.value for kind in MailKind for mail in texts_of(mapping(whole.get("mails")).get(kind.value))}


def rule_of(text: Any) -> Rule | None:
    """The date rule that a text means; None where it is none: that is complained of elsewhere."""
    try:
        return parse_rule(text) if isinstance(text, str) else None
    except ValueError:
        return None
