"""A chain of the plan as a tree: drawn on a terminal, indented lines when piped."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli.words import language, word, wording

if TYPE_CHECKING:
    from cycle.reports.rules.chain import Link
    from cycle.workflow.model import Workflow

# Facts that hold a word of the workflow's list of that name; others of its words.
_LISTS = frozenset(
    {
        "fields",
        "target_groups",
        "need_status",
        "theme_status",
        "measure_status",
        "priorities",
        "funding_secured",
        "decision_bodies",
        "decision_outcomes",
        "need_sources",
        "documents",
    }
)


def print_links(link: "Link", workflow: "Workflow", names: Mapping[str, str]) -> None:
    """The link with everything below it; `names` are the persons behind the journal's references."""
    if not sys.stdout.isatty():
        for depth, line in _lines(link, workflow, names, 0):
            typer.echo("  " * depth + line)
        return
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    def grow(tree: Tree, below: Sequence["Link"]) -> None:
        for each in below:
            grow(tree.add(Text(line_of(each, workflow, names))), each.below)

    root = Tree(Text(line_of(link, workflow, names), style="bold"))
    grow(root, link.below)
    Console(highlight=False).print(root)


def line_of(link: "Link", workflow: "Workflow", names: Mapping[str, str]) -> str:
    """The sentence of one link; where facts that it would name are missing, the one that does without them all, or one."""
    facts = {name: _worded(name, value, workflow, names) for name, value in link.facts.items()}
    key = f"chain.{link.kind.value}"
    missing = [name for name, value in facts.items() if value in (None, "", [])]
    without = (f"{key}.without_{name}" for name in ("_".join(missing), *missing))
    return word(next((each for each in without if each in wording()), key), **facts)


def _lines(link: "Link", workflow: "Workflow", names: Mapping[str, str], depth: int) -> list[tuple[int, str]]:
    below = [line for each in link.below for line in _lines(each, workflow, names, depth + 1)]
    return [(depth, line_of(link, workflow, names)), *below]


def _worded(name: str, value: Any, workflow: "Workflow", names: Mapping[str, str]) -> Any:
    from cycle.inventory.rules.shares import percent_text
    from cycle.plan.rules.terms import label

    if isinstance(value, list | tuple):
        return [_worded(name, each, workflow, names) for each in value]
    if name in _LISTS and value is not None:
        return label(workflow, name, value, language())
    match name:
        case "share":
            return percent_text(value, language())
        case "gap_status":
            return word(f"gap.status.{value}")
        case "who":
            return names.get(value, value)
        case "what":
            return word(f"column.plan.{value}")
        case "roles" if value is not None:
            return workflow.roles[value].label(language()) if value in workflow.roles else value
        case "sha256":
            return str(value)[:12]
        case "primary":
            return word("chain.is_primary" if value else "chain.is_side")
        case "before" | "after" if isinstance(value, str) and len(value) == 10 and value[4] == "-":
            from datetime import date

            return date.fromisoformat(value)
    return value
