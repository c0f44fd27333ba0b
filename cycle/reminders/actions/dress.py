"""The HTML of a letter: its text read as blocks, with what a mail brings as HTML of its own in place of its text."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cycle.adapters.templates import Letters, Part, Text
from cycle.outbox.rules.blocks import Block, BlockKind, blocks, mark


def as_html(
    letters: Letters,
    text: Text,
    parts: Sequence[Part],
    own: Sequence[str | None],
    language: str,
    around: Mapping[str, Any],
) -> str:
    """The HTML that says what the text says; `own` holds the HTML that each part brings, or None.

    Raises:
        WrongInput: `template_error`.
    """
    body = text.body
    if any(one is not None for one in own):
        marked = [
            part if html is None else replace(part, body=mark(place))
            for place, (part, html) in enumerate(zip(parts, own, strict=True))
        ]
        body = letters.letter(marked, language, around).body
    shown: list[Block | str] = []
    for block in blocks(body):
        shown += [own[number] or "" for number in block.numbers] if block.kind is BlockKind.OWN else [block]
    return letters.html(language, shown, {**around, "subject": text.subject})
