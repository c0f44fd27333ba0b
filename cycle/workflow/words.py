"""What a person or a file calls something becomes the id of a word of the workflow's vocabulary."""

from collections.abc import Iterable

from cycle.errors import WrongInput
from cycle.workflow.model import Workflow


def word_of(workflow: Workflow, words: str, text: str) -> str:
    """The id of a word of the list `words`, by id, label or further spelling.

    Raises:
        WrongInput: `unknown_word` with the words there are.
    """
    found = workflow.word_id(words, text)
    if found is None:
        raise unknown_word(workflow, words, text)
    return found


def unknown_word(workflow: Workflow, words: str, text: str, known: Iterable[str] | None = None) -> WrongInput:
    """The complaint about a word that is not in the list; `known` where only some words of the list will do."""
    entries = workflow.vocab.get(words, {})
    told = [f"{word} ({entries[word].de})" if word in entries else str(word) for word in known or entries]
    return WrongInput("unknown_word", list=words, text=text, known=told or ["–"])
