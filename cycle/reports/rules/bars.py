"""Bars lying under each other: shares against a scale with its edges, or counts. Values in, places out; the template draws
them. Places are in the units of the picture's own box, whose width is fixed."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 370
LEFT = 132  # where the bars begin; the names stand before
RIGHT = 316  # where the longest ends; its number stands behind
TOP = 6
ROW = 12.5
HEAD = 18
FOOT = 6
LONGEST = 22  # letters of a name before it is cut: the words beside the picture have it whole


@dataclass(frozen=True)
class Value:
    """One bar: its name, how long it is, what it says behind it, whether it is a warning."""

    label: str
    size: int
    text: str
    low: bool = False


@dataclass(frozen=True)
class Bar:
    label: str
    y: float
    width: float
    note_x: float
    text: str
    low: bool


@dataclass(frozen=True)
class Edge:
    """A line down all bars of a group: an edge of the scale."""

    x: float
    text: str


@dataclass(frozen=True)
class Bars:
    """Bars under a heading, from its own height to that of the last."""

    title: str
    y: float
    end: float
    bars: tuple[Bar, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    left: int
    groups: tuple[Bars, ...]


def chart(groups: Sequence[tuple[str, Sequence[Value]]], edges: Sequence[tuple[int, str]] = ()) -> Chart:
    """The groups of values, each under its title, all on one scale; `edges` are drawn where they fall within it."""
    longest = max((value.size for _, values in groups for value in values), default=0)
    largest = max([longest, *(size for size, _ in edges)]) or 1
    drawn, y = [], float(TOP)
    for title, values in groups:
        first = y + (HEAD if title else 0)
        lines = tuple(Edge(round(LEFT + _length(size, largest), 1), text) for size, text in edges)
        bars = [_bar(value, first + ROW * place, largest, lines) for place, value in enumerate(values)]
        end = first + ROW * len(bars)
        drawn.append(Bars(title, y, end, tuple(bars), lines))
        y = end + FOOT
    return Chart(WIDTH, int(y), LEFT, tuple(drawn))


def _bar(value: Value, y: float, largest: int, edges: Sequence[Edge]) -> Bar:
    width = round(_length(value.size, largest), 1)
    clear = max((edge.x for edge in edges), default=LEFT)  # no edge runs through a number
    return Bar(_short(value.label), y, width, round(max(LEFT + width, clear) + 5, 1), value.text, value.low)


def _length(size: int, largest: int) -> float:
    return (RIGHT - LEFT) * size / largest


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"
