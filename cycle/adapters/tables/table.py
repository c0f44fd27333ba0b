"""A table found in what a file holds: its header by the headings asked for, in any order, and the records below it."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cycle.adapters.tables.cells import FORMULA, CellError, clean, folded
from cycle.adapters.tables.habits import NONE, Habits
from cycle.adapters.tables.sources import Source, grids
from cycle.adapters.tables.workbook import Grid
from cycle.errors import WrongInput

_LOOK_FOR_HEADER = 40  # rows with something in them; above it stand titles and a date
_NOWHERE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))  # takes no room: pasted from web pages and PDF
_SPACES = str.maketrans("\u00a0\u2007\u202f\u2009", "    ")


class Problem(str):
    """One line of an error's `problems`: reads `file:line: column: key, facts`, and keeps its parts for the wording.

    `column` is "" where the whole row is meant.
    """

    place: str
    file: str
    line: int
    column: str
    key: str
    facts: Mapping[str, Any]

    def __new__(cls, file: str, line: int, column: str, key: str, /, **facts: Any) -> "Problem":
        place = f"{file}:{line}: {column}" if column else f"{file}:{line}"
        problem = super().__new__(cls, f"{place}: {CellError(key, **facts)}")
        problem.place = place
        problem.file, problem.line, problem.column, problem.key, problem.facts = file, line, column, key, facts
        return problem


@dataclass(frozen=True)
class Row:
    """One record: its first line in the file, its number (1 = the header), its cells by column name.

    `values` are tidied up, "" for a column the file lacks and for what only says that there is nothing; `raw` are the same
    cells as they were written.
    """

    line: int
    record: int
    values: Mapping[str, str]
    raw: Mapping[str, str]


@dataclass(frozen=True)
class Skipped:
    """A record that carries nothing: `why` is blank_row, repeated_header or sum_row."""

    line: int
    record: int
    why: str


@dataclass(frozen=True)
class Table:
    """A file's rows. `headers` gives each column found its header there, `unknown` the headers nobody asked for.

    `wrong` are line and record of those that are `problems` and no rows. Of a workbook `sheet` is the one that was read.
    """

    file: str
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[Problem, ...]
    headers: Mapping[str, str]
    unknown: tuple[str, ...]
    encoding: str
    delimiter: str
    sheet: str = ""
    wrong: tuple[tuple[int, int], ...] = field(default=(), compare=False)
    habits: Habits = field(default=NONE, compare=False, repr=False)


def read(file: Path | Source, *, columns: Mapping[str, Sequence[str]], required: Collection[str]) -> Table:
    """The table in a CSV file or a workbook (XLSX, XLS, ODS). `columns` gives each name the headers it may have.

    The header is the row that has most of them, among the first ones; case, order and other columns do not matter. Text:
    encoding and delimiter are found out (`sources`). A workbook: of several sheets the one that has the columns. Rows with
    too few or too many cells are `problems`, not rows.

    Raises:
        NotFound: `file_not_found`.
        WrongInput: what `sources` finds wrong with the file, `file_empty`, `column_missing`, `column_twice`,
            `sheet_unknown`, `sheet_ambiguous`.
    """
    source = file if isinstance(file, Source) else Source(file)
    names = _names(columns, source.habits)
    grid, start = _fitting(source, grids(source, frozenset(names)), names, required)
    header = [clean(cell) for cell in grid.rows[start][1]]
    places = _places(source.path, header, names, columns, required)
    rows: list[Row] = []
    skipped: list[Skipped] = []
    problems: list[Problem] = []
    wrong: list[tuple[int, int]] = []
    for record, (line, cells) in enumerate(grid.rows[start + 1 :], start=2):
        why = _carries_nothing(cells, header, source.habits)
        if why is not None:
            skipped.append(Skipped(line, record, why))
        elif len(cells) < len(header) or any(map(str.strip, cells[len(header) :])):
            wrong.append((line, record))
            problems.append(Problem(source.path.name, line, "", "row_cells", expected=len(header), found=len(cells)))
        else:
            rows.append(_row(line, record, cells, places, columns, source.habits))
    return Table(
        file=source.path.name,
        rows=tuple(rows),
        skipped=tuple(skipped),
        problems=tuple(problems),
        headers={name: header[at] for name, at in places.items()},
        unknown=tuple(title for at, title in enumerate(header) if title and at not in places.values()),
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        sheet=grid.name,
        wrong=tuple(wrong),
        habits=source.habits,
    )


def tidy(text: str) -> str:
    """A cell's text: NFC, without white space around it, with plain spaces and without characters that take no room.

    The apostrophe before what a spreadsheet would take for a formula, which an export puts there, is not part of it.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_SPACES).translate(_NOWHERE)
    text = text.strip()
    return text[1:].strip() if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _names(columns: Mapping[str, Sequence[str]], habits: Habits) -> dict[str, str]:
    """Each column's name by every heading; a column's own heading is never taken for another's further one."""
    names = {folded(heading): name for name, headings in columns.items() for heading in headings}
    for name, headings in columns.items():
        for heading in habits.headings_of(headings):
            names.setdefault(folded(heading), name)
    return names


def _fitting(source: Source, found: Sequence[Grid], names: Mapping[str, str], required: Collection[str]) -> tuple[Grid, int]:
    """The sheet to read and where its header is. Of several that fit, none is guessed."""
    if source.sheet is not None:
        named = [grid for grid in found if folded(grid.name) == folded(source.sheet)]
        if not named or not found[0].name:
            known = ", ".join(grid.name for grid in found) or "–"
            raise WrongInput("sheet_unknown", file=source.path.name, sheet=source.sheet, known=known)
        found = named
    filled = [(grid, at) for grid in found if (at := _header(grid, names)) is not None]
    if not filled:
        raise WrongInput("file_empty", file=source.path.name)
    scored = [(set(required) <= (have := _have(grid.rows[at][1], names)), len(have), grid, at) for grid, at in filled]
    fitting = [each for each in scored if each[0]]
    if len(fitting) > 1:
        sheets = ", ".join(each[2].name for each in fitting)
        raise WrongInput("sheet_ambiguous", file=source.path.name, sheets=sheets, sheet=fitting[0][2].name)
    best = fitting[0] if fitting else max(scored, key=lambda each: each[1])
    return best[2], best[3]


def _header(grid: Grid, names: Mapping[str, str]) -> int | None:
    """Where the row stands that has most of the headings; the first with anything in it if none has any."""
    filled = [at for at, (_, cells) in enumerate(grid.rows) if any(map(str.strip, cells))][:_LOOK_FOR_HEADER]
    return max(filled, key=lambda at: len(_have(grid.rows[at][1], names)), default=None)


def _have(cells: Sequence[str], names: Mapping[str, str]) -> set[str]:
    return {names[heading] for cell in cells if (heading := folded(cell)) in names}


def _places(
    path: Path,
    header: Sequence[str],
    names: Mapping[str, str],
    columns: Mapping[str, Sequence[str]],
    required: Collection[str],
) -> dict[str, int]:
    places: dict[str, int] = {}
    own = {folded(heading) for headings in columns.values() for heading in headings}
    # A column's own headings first: a further one beside it is a column that nobody asked for.
    for is_own in (True, False):
        found = [(at, title) for at, title in enumerate(header) if (folded(title) in own) is is_own]
        settled = frozenset(places)
        for at, title in found:
            name = names.get(folded(title))
            if name in places and name not in settled:
                raise WrongInput("column_twice", file=path.name, column=title, other=header[places[name]])
            if name is not None and name not in settled:
                places[name] = at
    missing = [columns[name][0] for name in columns if name in required and name not in places]
    if missing:
        have = ", ".join(title for title in header if title)
        raise WrongInput("column_missing", file=path.name, column=", ".join(missing), have=have)
    return places


def _carries_nothing(cells: Sequence[str], header: Sequence[str], habits: Habits) -> str | None:
    first = next((cell for cell in cells if cell.strip()), None)
    if first is None:
        return "blank_row"
    if folded(first) in habits.totals:
        return "sum_row"
    return "repeated_header" if [clean(cell) for cell in cells] == header else None


def _row(
    line: int,
    record: int,
    cells: Sequence[str],
    places: Mapping[str, int],
    columns: Iterable[str],
    habits: Habits,
) -> Row:
    lacking = dict.fromkeys(columns, "")
    raw = lacking | {name: cells[at] for name, at in places.items()}
    values = {name: tidy(text) for name, text in raw.items()}
    if habits.empty:
        values = {name: "" if text and folded(text) in habits.empty else text for name, text in values.items()}
    return Row(line, record, values, values if values == raw else raw)
