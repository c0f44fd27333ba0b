"""How a table looks on a terminal of any width, and as lines in a pipe."""

import sys
from collections.abc import Iterable, Sequence
from itertools import islice

import typer

from cycle.cli.words import word

# A word as short as this (a day, a number, a key) is not broken into two lines.
LONGEST_WORD = 12
# In a column of titles German words stay whole up to this length: Bildungsgerechtigkeit.
LONGEST_TITLE_WORD = 21
LEAST_WORD = 6
LEAST_COLUMNS = 3
PART = 1000


def as_table(title: str, columns: Sequence[tuple[str, str]], cells: Iterable[Sequence[str]]) -> None:
    """Print a table: rich on a terminal; piped as tab-separated lines, in which no cell starts a formula; row by row, however
    many there are.

    A column is a key of the wording and its side: left, right, title, whose long words stay whole, whole, which is never
    broken, or address, which is broken before its @ and nowhere else. On a terminal that has no room for all of them the
    last ones are left out, and named below; a pipe gets them all. A terminal gets a very long table in parts, each with its
    own widths.
    """
    if not sys.stdout.isatty():
        from cycle.adapters.tables import harmless

        typer.echo("\t".join(word(name) for name, _ in columns))
        for row in cells:
            typer.echo("\t".join(str(harmless(cell.replace("\t", " ").replace("\n", " "))) for cell in row))
        return
    rows = iter(cells)
    part = list(islice(rows, PART))
    while True:
        following = list(islice(rows, PART))
        _on_terminal(title, columns, part)
        if not following:
            return
        title, part = "", following


def _on_terminal(title: str, columns: Sequence[tuple[str, str]], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    mailed = [index for index, (_, side) in enumerate(columns) if side == "address"]
    cells = [[cell.replace("@", "\n@") if index in mailed else cell for index, cell in enumerate(row)] for row in cells]
    shown = _that_fit(columns, cells, console.width)
    left_out = [word(name) for name, _ in columns[shown:]]
    columns, cells = columns[:shown], [row[:shown] for row in cells]
    table = Table(title=Text(title) if title else None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for (name, side), wide in zip(columns, _widths(columns, cells, console.width), strict=True):
        table.add_column(word(name), justify="right" if side == "right" else "left", overflow="fold", width=wide)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    if left_out:
        console.print(Text(word("columns_left_out", names=left_out)), style="dim")


def _that_fit(columns: Sequence[tuple[str, str]], cells: Sequence[Sequence[str]], width: int) -> int:
    """How many columns, from the first, have room without breaking short words; at least three."""
    for count in range(len(columns), LEAST_COLUMNS, -1):
        least = _whole_widths(columns[:count], [row[:count] for row in cells])
        if sum(least) + 2 * len(least) <= width:
            return count
    return min(len(columns), LEAST_COLUMNS)


def _widths(columns: Sequence[tuple[str, str]], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column is: as its longest cell; where that is too much the widest get narrower, none below its least."""
    wide = [
        max([len(word(name)), *(len(part) for row in cells for part in row[index].splitlines())])
        for index, (name, _) in enumerate(columns)
    ]
    least = [min(*pair) for pair in zip(_least_widths(columns, cells, width), wide, strict=True)]
    while sum(wide) + 2 * (len(wide) - 1) > width:
        index = max(range(len(wide)), key=lambda at: (wide[at] > least[at], wide[at]))
        if wide[index] <= least[index]:
            break
        wide[index] -= 1
    return wide


def _least_widths(columns: Sequence[tuple[str, str]], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """How narrow each column may become: days, numbers and `whole` cells stay whole, words as far as there is room."""
    least = _whole_widths(columns, cells)
    if sum(least) + 2 * len(least) <= width:
        return least
    return [
        min(size, LEAST_WORD) if lettered else size for size, lettered in zip(least, _lettered(columns, cells), strict=True)
    ]


def _whole_widths(columns: Sequence[tuple[str, str]], cells: Sequence[Sequence[str]]) -> list[int]:
    """How wide each column must be to break no short word, day or number, and no `whole` cell."""
    least = []
    for index, (name, side) in enumerate(columns):
        parts = [row[index] if side == "whole" else part for row in cells for part in row[index].split()]
        longest = max(len(part) for part in [*parts, *word(name).split(), ""])
        most = LONGEST_TITLE_WORD if side == "title" else LONGEST_WORD
        least.append(longest if side in ("whole", "address") else min(longest, most))
    return least


def _lettered(columns: Sequence[tuple[str, str]], cells: Sequence[Sequence[str]]) -> list[bool]:
    """Which columns hold words, that may be broken, rather than days and numbers."""
    found = []
    for index, (_, side) in enumerate(columns):
        letters = sum(character.isalpha() for row in cells for character in row[index])
        found.append(side not in ("whole", "address") and letters * 2 > sum(len(row[index]) for row in cells))
    return found
