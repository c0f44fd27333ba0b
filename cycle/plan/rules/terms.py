"""What a person wrote becomes the id of a word: of the workflow's lists, or of the engine's own."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from cycle.errors import WrongInput
from cycle.workflow.model import Workflow
from cycle.workflow.words import unknown_word

E = TypeVar("E", bound=StrEnum)

_NUMBER = re.compile(r"[BMW]-(\d{4})-(\d+)")


def numbered_term(workflow: Workflow, words: str, text: str) -> tuple[str, str | None]:
    """As `word_of`, with the number behind the word: "Netzwerkgruppe NG2" is ("group", "NG2"). Raises as `word_of`."""
    found = workflow.word_and_number(words, text)
    if found is None:
        raise unknown_word(workflow, words, text)
    return found


def engine_term(workflow: Workflow, words: str, kind: type[E], text: str) -> E:
    """A word of the engine's own, by id or by the workflow's label for it. Raises as `word_of`."""
    try:
        return kind(workflow.word_id(words, text) or text)
    except ValueError:
        raise unknown_word(workflow, words, text, kind) from None


def label(workflow: Workflow, words: str, word: str | None, language: str = "de") -> str:
    """How a word is called; the id itself where the workflow has no name for it, "" for None."""
    if word is None:
        return ""
    named = workflow.vocab.get(words, {}).get(word)
    return named.label(language) if named else word


def next_number(letter: str, year: int, known: list[str]) -> str:
    """The number after the highest of the year: `B-2025-13`, `M-2025-01`, `W-2025-01`. Numbers are never given again."""
    used = [int(match[2]) for each in known if (match := _NUMBER.fullmatch(each)) and int(match[1]) == year]
    return f"{letter}-{year}-{max(used, default=0) + 1:02}"


def next_theme(known: list[str]) -> str:
    """The number after the highest theme: `T2`."""
    return f"T{max((int(each[1:]) for each in known if each[1:].isdigit()), default=0) + 1}"


def is_theme(text: str) -> bool:
    """Whether a text is a theme's number such as `T2`."""
    return text.startswith("T") and text[1:].isdigit()


def partner_numbers(text: str) -> list[int]:
    """Partner numbers separated by commas: "48,2". Raises WrongInput `bad_partner_list`."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise WrongInput("bad_partner_list", text=text)
    return [int(part) for part in parts]


def numbered(letter: str) -> Callable[[str], bool]:
    """Whether a text is a number such as `B-2024-03`."""
    return lambda text: text.startswith(letter) and _NUMBER.fullmatch(text) is not None
