"""What can go wrong, as facts: each error has an exit code, a key and the facts; `wording` makes the sentence.

Nothing here knows a language, a house or a database.
"""

from collections.abc import Mapping, Sequence
from typing import Any

INTERRUPTED = 130  # the exit code of a command that somebody broke off, as a shell has it


class Key(str):
    """A fact that is itself a key: the wording puts its sentence, filled with its own facts, in its place."""

    facts: Mapping[str, Any]

    def __new__(cls, key: str, /, **facts: Any) -> "Key":
        made = super().__new__(cls, key)
        made.facts = facts
        return made

    def __repr__(self) -> str:
        return f"{self}({', '.join(f'{name}={value}' for name, value in self.facts.items())})"


class Mistake(ValueError):
    """What is wrong in a workflow file and what would be right: a key under `mistake.` in the wording, and the facts."""

    def __init__(self, key: str, **facts: Any) -> None:
        self.key = f"mistake.{key}"
        self.facts = facts
        super().__init__(", ".join([self.key, *(f"{name}={fact}" for name, fact in facts.items())]))


class CycleError(Exception):
    """An error a person can answer. `key` names its sentence in templates/wording, `facts` fill it."""

    exit_code = 1

    def __init__(self, key: str, **facts: Any) -> None:
        self.key = key
        self.facts = facts
        told = ", ".join(f"{name}={value!r}" if isinstance(value, Key) else f"{name}={value}" for name, value in facts.items())
        super().__init__(f"{key}: {told}" if told else key)


class WrongInput(CycleError):
    """Wrong use or wrong input; `problems` are lines of their own (file:line:column), told after the sentence.

    A problem is a text; one with `place`, `key` and `facts` gets its sentence from the wording.
    """

    exit_code = 2

    def __init__(self, key: str, *, problems: Sequence[str] = (), **facts: Any) -> None:
        super().__init__(key, **facts)
        self.problems = tuple(problems)


class Refused(CycleError):
    """The workflow does not allow it; `findings` are all the reasons (`vocabulary.Finding`), never only the first."""

    exit_code = 3

    def __init__(self, findings: Sequence[Any], key: str = "refused", **facts: Any) -> None:
        super().__init__(key, **facts)
        self.findings = tuple(findings)


class NotFound(CycleError):
    """There is no such year, partner, measure, file."""

    exit_code = 4


class NotReady(CycleError):
    """Not ready, or frozen: a closed cycle, a pending migration, a calendar that does not cover the year."""

    exit_code = 5


class Forbidden(CycleError):
    """The actor's roles do not allow it."""

    exit_code = 6


class Broken(CycleError):
    """The journal does not verify; `problems` name what and where."""

    exit_code = 7

    def __init__(self, key: str, *, problems: Sequence[str] = (), **facts: Any) -> None:
        super().__init__(key, **facts)
        self.problems = tuple(problems)


class MailsFailed(CycleError):
    """Some mails could not be sent; the others went."""

    exit_code = 8


class Conflict(CycleError):
    """Somebody else was first; the facts say who, when, what."""

    exit_code = 9
