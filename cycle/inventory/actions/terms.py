"""Words of the workflow in the cells of a file, each looked up once."""

from collections.abc import Callable
from functools import cache

from cycle.adapters.tables import as_cell, codes, filled, labels
from cycle.errors import WrongInput
from cycle.workflow.model import Workflow
from cycle.workflow.words import unknown_word, word_of


def one_word(workflow: Workflow, words: str) -> Callable[[str], str]:
    """Parses a word of the list `words` into its id. The parser raises CellError `cell_empty`, `unknown_word`."""

    @cache
    def parse(text: str) -> str:
        try:
            return word_of(workflow, words, filled(text))
        except WrongInput as error:
            raise as_cell(error) from None

    return parse


def word_or_none(workflow: Workflow, words: str) -> Callable[[str], str | None]:
    """The same, None when empty."""
    word = one_word(workflow, words)
    return lambda text: word(text) if text else None


def words_of(workflow: Workflow, words: str) -> Callable[[str], list[str]]:
    """Parses words between bars or commas into their ids, each once. The parser raises as `one_word`'s."""

    # Labels stand between bars; between commas they are taken too, the longest label first, since a label may hold a comma.
    @cache
    def parse(text: str) -> tuple[str, ...]:
        found: list[str] = []
        for label in labels(filled(text)):
            parts = codes(label)
            while parts:
                taken = (size for size in range(len(parts), 0, -1) if workflow.word_id(words, ", ".join(parts[:size])))
                size = next(taken, 0)
                if not size:
                    raise as_cell(unknown_word(workflow, words, parts[0]))
                found.append(workflow.word_id(words, ", ".join(parts[:size])) or "")
                parts = parts[size:]
        return tuple(dict.fromkeys(found))

    return lambda text: list(parse(text))
