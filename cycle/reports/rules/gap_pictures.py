"""Where everything of a gap analysis' pictures lies: bars by size, and the matrix as a heat map. Pixels of a drawing, no words
of a language but those given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

WIDTH = 760
LEFT = 190  # where the bars begin
AREA = 310  # how long the longest is
ROW = 30
TOP = 26
TONES = 5
LABEL_CHARS = 30
CELLS_LEFT = 150  # where the heat map begins
ROW_CHARS = 24
CHAR = 5.8  # the width of a letter above the heat map
CELL_HEIGHT = 34
CELL_WIDEST = 110
CELL_LEAST = 44
LEAST_LEFT = 4
NEAR = 36  # nearer than this two labels above the bars would touch


@dataclass(frozen=True)
class Given:
    """A bar to draw: its value and the one before on one scale, and the texts beside it. `tone`: gap, rated or quiet."""

    label: str
    value: int
    text: str
    tone: str = "rated"
    before: int | None = None
    status: str = ""
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar as it is drawn; `before` is the place of the earlier value, None without one."""

    y: int
    lines: tuple[str, ...]
    width: int
    before: int | None
    given: Given


@dataclass(frozen=True)
class Mark:
    """A threshold: an upright line with its label, which stands on the side where the next line leaves it room."""

    x: int
    label: str
    anchor: str


@dataclass(frozen=True)
class Bars:
    """A picture of bars, one below the other."""

    id: str
    width: int
    height: int
    left: int
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Head:
    """A row's or column's label in lines, at a place; `note` stands below it."""

    at: int
    lines: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Cell:
    """A field of the heat map: its number and how dark it is, 0 (none) to 5."""

    x: int
    y: int
    count: int
    tone: int


@dataclass(frozen=True)
class Heat:
    """The heat map."""

    id: str
    width: int
    height: int
    left: int
    top: int
    cell_width: int
    cell_height: int
    columns: tuple[Head, ...]
    rows: tuple[Head, ...]
    cells: tuple[Cell, ...]


def bars(id: str, given: Sequence[Given], marks: Sequence[tuple[int, str]] = ()) -> Bars:
    """A bar a value on one scale, which ends at the largest value or mark; what is not nothing shows at least a line."""
    largest = max([*(each.value for each in given), *(each.before or 0 for each in given), *(at for at, _ in marks), 1])

    def along(value: int) -> int:
        return max(round(value * AREA / largest), 2 if value else 0)

    drawn = [
        Bar(
            y=TOP + ROW * number,
            lines=wrap(each.label, LABEL_CHARS, 2),
            width=along(each.value),
            before=None if each.before is None else LEFT + along(each.before),
            given=each,
        )
        for number, each in enumerate(given)
    ]
    places = [LEFT + along(at) for at, _ in marks]
    lines = tuple(Mark(x, label, _side(x, places)) for x, (_, label) in zip(places, marks, strict=True))
    return Bars(id, WIDTH, TOP + ROW * len(given) + 4, LEFT, tuple(drawn), lines)


def heat(
    id: str,
    rows: Sequence[tuple[str, str, str]],
    columns: Sequence[tuple[str, str, str]],
    counts: Mapping[str, Mapping[str, int]],
) -> Heat:
    """The matrix: rows and columns as (id, label, note). The darkest field is the one with the most."""
    wide = max(CELL_LEAST, min(CELL_WIDEST, (WIDTH - CELLS_LEFT) // max(len(columns), 1)))
    chars = max(int(wide / CHAR), 4)
    heads = [wrap(label, chars, 3) for _, label, _ in columns]
    top = 14 * max((len(lines) for lines in heads), default=1) + 22
    most = max((count for row in counts.values() for count in row.values()), default=0)
    return Heat(
        id=id,
        width=CELLS_LEFT + wide * len(columns) + 1,
        height=top + CELL_HEIGHT * len(rows) + 1,
        left=CELLS_LEFT,
        top=top,
        cell_width=wide,
        cell_height=CELL_HEIGHT,
        columns=tuple(
            Head(CELLS_LEFT + wide * number + wide // 2, lines, note)
            for number, (lines, (_, _, note)) in enumerate(zip(heads, columns, strict=True))
        ),
        rows=tuple(
            Head(top + CELL_HEIGHT * number, wrap(label, ROW_CHARS, 1 if note else 2), note)
            for number, (_, label, note) in enumerate(rows)
        ),
        cells=tuple(
            Cell(CELLS_LEFT + wide * x, top + CELL_HEIGHT * y, count, tone(count, most))
            for y, (row, _, _) in enumerate(rows)
            for x, (column, _, _) in enumerate(columns)
            for count in (counts[row][column],)
        ),
    )


def tone(count: int, most: int) -> int:
    """How dark a number is beside the largest: 0 for none, 1 to 5."""
    return ceil(count * TONES / most) if count and most else 0


def wrap(text: str, width: int, most: int) -> tuple[str, ...]:
    """A text in at most so many lines of so many letters; a longer word is broken, what is left over ends in an ellipsis."""
    lines: list[str] = []
    for piece in _pieces(text, width):
        if lines and len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: width - 1].rstrip(' -')}…"]
    return tuple(lines)


def _side(x: int, places: Sequence[int]) -> str:
    near = [other - x for other in places if other != x and abs(other - x) < NEAR]
    return "middle" if not near else "end" if min(near) > 0 else "start"


def _pieces(text: str, width: int) -> list[str]:
    pieces = []
    for word in text.split():
        rest = word
        while len(rest) > width:
            cut = max(min(width - 1, len(rest) - LEAST_LEFT), 1)  # no single letter goes to the next line
            pieces.append(f"{rest[:cut]}-")
            rest = rest[cut:]
        pieces.append(rest)
    return pieces
