"""A report as its readers see it, before it is Markdown or HTML: parts of paragraphs, lists, tables and pictures.

All texts are plain; what draws them escapes them. Its words are said once, here, and both forms show them.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from cycle.reports.rules.bars import Chart
from cycle.reports.rules.timeline import Picture

# Signs that turn the direction of what follows, and would go on turning it after the text they stand in.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
_FROM_RIGHT = frozenset({"R", "AL", "AN"})
_FIRST_STRONG, _POP = "\u2068", "\u2069"


@dataclass(frozen=True)
class Text:
    """A paragraph. `tone`: "" for a plain one, lead, caution, small, soft."""

    text: str
    tone: str = ""
    form: ClassVar[str] = "text"


@dataclass(frozen=True)
class Heading:
    """A heading inside a part."""

    text: str
    form: ClassVar[str] = "heading"


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    items: tuple[str, ...]
    form: ClassVar[str] = "items"


@dataclass(frozen=True)
class Column:
    """A column: its label, and of what kind its cells are ("", nr, day, num, word, span, mark)."""

    label: str
    kind: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell: its text, further lines below it, a tag in front that needs no colour to be seen, whether it is a warning."""

    text: str
    more: tuple[str, ...] = ()
    tag: str = ""
    late: bool = False


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row is the row's heading."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    form: ClassVar[str] = "table"


@dataclass(frozen=True)
class Drawing:
    """A picture: its title, and its whole content in words, which stand where there are no pictures."""

    id: str
    title: str
    words: str
    line: Picture | None = None
    chart: Chart | None = None
    form: ClassVar[str] = "drawing"


@dataclass(frozen=True)
class Beside:
    """Pictures side by side."""

    drawings: tuple[Drawing, ...]
    form: ClassVar[str] = "beside"


Block = Text | Heading | Items | Table | Drawing | Beside


@dataclass(frozen=True)
class Part:
    """A part under a heading of its own; `leaf` whether it begins a page."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    leaf: bool = False


@dataclass(frozen=True)
class Paper:
    """A whole report: what stands above its title, the title, whose it is, the stamp of its state, its parts, and the anchor
    line of the history it was read from."""

    language: str
    over: str
    title: str
    whose: str
    description: str
    stamp: str
    draft: bool
    parts: tuple[Part, ...]
    closing: str
    anchor: str
    moment: datetime


def apart(text: str) -> str:
    """A text of somebody else's so that it turns no word around it: without signs that turn the direction, and set apart
    where it is written from the right (UAX #9)."""
    kept = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text.translate(_TURNING))
    from_right = any(unicodedata.bidirectional(sign) in _FROM_RIGHT for sign in kept)
    return f"{_FIRST_STRONG}{kept}{_POP}" if from_right else kept


def row(*cells: Cell | str) -> tuple[Cell, ...]:
    """A row of a table; a text is a plain cell."""
    return tuple(each if isinstance(each, Cell) else Cell(each) for each in cells)


def kept(blocks: Sequence[Any]) -> tuple[Block, ...]:
    """The blocks that are there: None and empty tables, lists and texts are left out."""
    return tuple(each for each in blocks if each is not None and getattr(each, "rows", True) and getattr(each, "items", True))
