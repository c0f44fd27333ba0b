"""Reads the text of a letter as blocks, so that its HTML part says exactly the same. Pure.

The text is the letter as a person reads it: paragraphs between empty lines, lists with `- ` or `1. `, `=== headings ===`,
the signature as the last paragraph, and the small print after a line `---`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, pairwise


class BlockKind(StrEnum):
    """FACTS are what a line with a colon announces (day and place of a meeting); PART is the subject of one message among
    several; OWN stands in place of what a mail brings as HTML of its own."""

    PARAGRAPH = "paragraph"
    FACTS = "facts"
    HEADING = "heading"
    PART = "part"
    BULLETS = "bullets"
    NUMBERS = "numbers"
    SIGNATURE = "signature"
    SMALL = "small"
    OWN = "own"


@dataclass(frozen=True)
class Span:
    """Some text of a line; `href` where it is an address one may follow, `code` where it is a command to type."""

    text: str
    href: str | None = None
    code: bool = False


@dataclass(frozen=True)
class Block:
    """One block: its lines, of a list its items. `numbers` are those that the items of NUMBERS, or OWN, have in the text.

    `close` is whether the next block belongs to it: no empty line stood between them.
    """

    kind: BlockKind
    lines: tuple[tuple[Span, ...], ...]
    numbers: tuple[int, ...] = ()
    close: bool = False


RULE = "\n---\n"
MOST_FACTS = 8  # lines; what is longer is a text like any other

_NUMBER = re.compile(r"(\d{1,3})\. +")
_HEADING = re.compile(r"=== (.+) ===")
_MARK = re.compile("\ue000(\\d+)\ue000")
_LINKS = re.compile(
    r"""(?P<web>https?://[^\s<>"„“”]*[^\s<>"„“”.,;:!?)\]])"""
    r"|(?P<mail>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    r"|(?P<code>(?<=: )cycle [a-z].*$)"
)


def blocks(text: str) -> tuple[Block, ...]:
    """A letter's text as blocks, in its order. Every word of the text is in one of them, and nothing else."""
    body, rule, small = text.rpartition(RULE)
    if not rule:
        body, small = text, ""
    chunks = [chunk for chunk in body.split("\n\n") if chunk.strip()]
    found = [block for chunk in chunks for block in _chunk(chunk)]
    if rule and len(chunks) > 1 and found[-1].kind is BlockKind.PARAGRAPH:
        found[-1] = replace(found[-1], kind=BlockKind.SIGNATURE)
    for place, (before, block) in enumerate(pairwise(found), start=1):
        if block.kind is BlockKind.PARAGRAPH and _announces(before) and len(block.lines) <= MOST_FACTS:
            found[place] = replace(block, kind=BlockKind.FACTS)
    return (*found, *(_small(chunk.strip("\n")) for chunk in small.split("\n\n") if chunk.strip()))


def mark(number: int) -> str:
    """A paragraph that `blocks` gives as OWN with this number."""
    return f"\ue000{number}\ue000"


@lru_cache(maxsize=200)
def _small(chunk: str) -> Block:
    return Block(BlockKind.SMALL, tuple(_spans(line) for line in chunk.split("\n")))


@lru_cache(maxsize=2000)  # most paragraphs of a batch are the same for all
def _chunk(chunk: str) -> tuple[Block, ...]:
    return tuple(_blocks(chunk.strip("\n").split("\n")))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    groups = [(kind, list(inside)) for kind, inside in groupby(_continued(lines), key=_kind)]
    for place, (kind, inside) in enumerate(groups, start=1):
        close = place < len(groups)
        match kind:
            case BlockKind.BULLETS:
                yield Block(kind, tuple(_item(line[2:]) for line in inside), close=close)
            case BlockKind.NUMBERS if len(lines) == 1:
                yield Block(BlockKind.PART, (_spans(lines[0]),))
            case BlockKind.NUMBERS:
                found = [_NUMBER.match(line) for line in inside]
                starts = [match for match in found if match is not None]
                items = tuple(_item(match.string[match.end() :]) for match in starts)
                yield Block(kind, items, tuple(int(match[1]) for match in starts), close)
            case BlockKind.HEADING:
                for line in inside:
                    yield Block(kind, (_spans(_HEADING.sub(r"\1", line)),))
            case BlockKind.OWN:
                yield Block(kind, (), tuple(int(line[1:-1]) for line in inside))
            case _:
                told = tuple(_spans(line.strip()) for line in inside)
                at = next((at for at, line in enumerate(inside[:-1], start=1) if line.endswith(":")), 0)
                if at:
                    yield Block(kind, told[:at], close=True)
                yield Block(kind, told[at:], close=close)


def _announces(block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and block.lines[-1][-1].text.endswith(":")


def _continued(lines: Sequence[str]) -> list[str]:
    """The lines; one that is indented belongs to the list item before it."""
    found: list[str] = []
    for line in lines:
        if line.startswith("  ") and found and _kind(found[-1]) in (BlockKind.BULLETS, BlockKind.NUMBERS):
            found[-1] += f"\n{line.strip()}"
        else:
            found.append(line)
    return found


def _kind(line: str) -> BlockKind:
    if line.startswith("- "):
        return BlockKind.BULLETS
    if _NUMBER.match(line):
        return BlockKind.NUMBERS
    if _HEADING.fullmatch(line):
        return BlockKind.HEADING
    return BlockKind.OWN if _MARK.fullmatch(line) else BlockKind.PARAGRAPH


def _item(text: str) -> tuple[Span, ...]:
    return _spans(text.replace("\n", " "))


def _spans(line: str) -> tuple[Span, ...]:
    if "@" not in line and "://" not in line and ": cycle " not in line:
        return (Span(line),)
    found: list[Span] = []
    after = 0
    for match in _LINKS.finditer(line):
        if match.start() > after:
            found.append(Span(line[after : match.start()]))
        text = match[0]
        if match["code"]:
            found.append(Span(text, code=True))
        else:
            found.append(Span(text, href=f"mailto:{text}" if match["mail"] else text))
        after = match.end()
    if after < len(line):
        found.append(Span(line[after:]))
    return tuple(found)
