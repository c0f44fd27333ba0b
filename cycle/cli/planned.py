"""Commands that a person is told to go on with, for the plan that is spoken of."""

import re
from contextvars import ContextVar
from typing import Any

from cycle.cli import shell

_YEAR = re.compile(r"[12]\d{3}")
_given: ContextVar[str | None] = ContextVar("plan_given", default=None)


def remember_plan(plan: str | None) -> None:
    """What the running command was given as --plan."""
    _given.set(plan)


def spoken_of() -> str:
    """The plan that the running command was given, else that of the settings."""
    return _given.get() or shell.site().settings.plan


def of_plan(command: str, plan: str | None = None) -> str:
    """The command with --plan, where it takes one and the running command was given one, or speaks of another plan than that
    of the settings."""
    wanted = _given.get() or (plan if plan is not None and plan != shell.site().settings.plan else None)
    return f"{command} --plan {wanted}" if wanted and _takes_plan(command.split()) else command


def all_of_plan(told: Any, plan: str | None = None) -> Any:
    """A document whose every `command` and `suggest` is for that plan."""
    if isinstance(told, dict):
        return {
            name: of_plan(value, plan)
            if name in ("command", "suggest") and isinstance(value, str)
            else all_of_plan(value, plan)
            for name, value in told.items()
        }
    return [all_of_plan(each, plan) for each in told] if isinstance(told, list) else told


def _takes_plan(words: list[str]) -> bool:
    from cycle.cli.main import command

    # Without its year a plan chooses nothing.
    if words[:1] != ["cycle"] or "--plan" in words or not any(_YEAR.fullmatch(word) for word in words):
        return False
    found = command(words[1])
    for word in words[1:]:
        if not hasattr(found, "commands") or word not in found.commands:
            break
        found = found.commands[word]
    return any(each.name == "plan" for each in found.params)
