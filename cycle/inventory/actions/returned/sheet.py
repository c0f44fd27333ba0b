"""What a workbook says as a form: whose it is, and each project as it was written. Lines and columns may have been moved."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cycle.adapters.tables import clean
from cycle.adapters.tables.books import Book, Value
from cycle.errors import WrongInput
from cycle.inventory.actions.form import COLUMN_LINE, KNOWN_COLUMN, MISSING_LINE, NEW_COLUMN, NONE_LINE, PROJECT_LINE
from cycle.inventory.rules.form import FormKey, Level, Question, Remark, is_true, key_in, questions
from cycle.workflow.model import folded

# A form has lines for as many fields and target groups as its projects need; more than these it never had.
_MOST_FIELDS, _MOST_GROUPS = 20, 20
_NUMBER = re.compile(r"[0-9]{1,9}")
_NAME = re.compile(rf"([{re.escape(KNOWN_COLUMN + NEW_COLUMN)}])([0-9]{{1,9}})")
_FEWEST_LINES = 3  # by fewer, a sheet is not the form's

Sentence = Callable[..., str]
Rows = Sequence[Sequence[Value]]


@dataclass(frozen=True)
class Column:
    """One project as it was written: its number, or None and the place for new ones it stands in; by question what was
    written there."""

    number: int | None
    place: int | None
    cells: Mapping[str, Value]

    @property
    def empty(self) -> bool:
        """Whether nothing is written in it."""
        return all(value is None for value in self.cells.values())


@dataclass(frozen=True)
class Sheet:
    """A form that came back: `none` is whether it says that there is no project, `missing` what its writer finds lacking;
    `questions` are the lines it still has, `sha256` the hash of all it says, however the file was saved."""

    file: str
    saved: str
    key: FormKey
    none: bool
    missing: str | None
    questions: tuple[Question, ...]
    columns: tuple[Column, ...]
    remarks: tuple[Remark, ...]
    sha256: str


def sheet_of(book: Book, secrets: Mapping[str, str | None], says: Sequence[Sentence]) -> Sheet:
    """The form in a workbook. `secrets` are those of the cycles by key, `says` the sentences of each language that labels may
    be in, needed only where the hidden names of the lines are gone.

    Raises:
        WrongInput: `form_without_key`, `form_of_others`, `form_of_several`, `form_without_lines`.
    """
    key, remarks = _key(book, secrets)
    rows, lines = _lines(book, says)
    if PROJECT_LINE not in lines:
        raise WrongInput("form_without_lines", file=book.file)
    asked = [each for each in questions(_MOST_FIELDS, _MOST_GROUPS) if each.id in lines]
    lost = [each for each in questions(1, 1) if each.id not in lines]
    remarks += [Remark(Level.WARNING, "form_line_gone", {}, each.id) for each in lost]
    columns, wrong = _columns(rows, lines, asked, says)
    none = _first(rows, lines.get(NONE_LINE))
    missing = _first(rows, lines.get(MISSING_LINE))
    said = {
        "key": str(key),
        "none": _is_yes(none),
        "missing": _hashed(missing),
        "projects": [
            [each.number, each.place, {name: _hashed(value) for name, value in each.cells.items()}] for each in columns
        ],
    }
    return Sheet(
        file=book.file,
        saved=book.saved,
        key=key,
        none=_is_yes(none),
        missing=text_of(missing),
        questions=tuple(asked),
        columns=tuple(columns),
        remarks=(*remarks, *wrong),
        sha256=hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest(),
    )


def text_of(value: Value) -> str | None:
    """A cell as text: composed, without control characters and outer spaces; None when empty."""
    if value is None:
        return None
    text = value.strftime("%d.%m.%Y") if isinstance(value, date) else str(value)
    kept = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text.replace("\r\n", "\n"))
    return clean(kept) or None


def _key(book: Book, secrets: Mapping[str, str | None]) -> tuple[FormKey, list[Remark]]:
    found = [key for _, _, value in _every(book) if isinstance(value, str) and (key := key_in(value))]
    distinct = list(dict.fromkeys(found))
    if not distinct:
        raise WrongInput("form_without_key", file=book.file)
    known = [key for key in distinct if is_true(key, secrets.get(key.cycle))]
    if not known:
        raise WrongInput("form_of_others", file=book.file, form=str(distinct[0]))
    if len(known) > 1:
        raise WrongInput("form_of_several", file=book.file, forms=[str(key) for key in known])
    touched = len(distinct) > 1 or len(found) < 2
    return known[0], [Remark(Level.REPAIRED, "form_key_touched", {"form": str(known[0])})] if touched else []


def _lines(book: Book, says: Sequence[Sentence]) -> tuple[Rows, dict[str, int]]:
    """The sheet's rows, and where each line stands: by its hidden name, else by its label."""
    names = {each.id: each.id for each in questions(_MOST_FIELDS, _MOST_GROUPS)}
    names |= {name: name for name in (NONE_LINE, MISSING_LINE, PROJECT_LINE, COLUMN_LINE)}
    best = _best(book, lambda: _by_name(book, names))
    if len(best[1]) < _FEWEST_LINES:
        best = _best(book, lambda: _by_label(book, says))
    if len(best[1]) < _FEWEST_LINES:
        raise WrongInput("form_without_lines", file=book.file)
    return best


def _best(book: Book, found: Callable[[], Iterator[tuple[Rows, dict[str, int]]]]) -> tuple[Rows, dict[str, int]]:
    return max(found(), key=lambda each: len(each[1]), default=((), {}))


def _by_name(book: Book, names: Mapping[str, str]) -> Iterator[tuple[Rows, dict[str, int]]]:
    for rows in book.sheets.values():
        lines: dict[str, int] = {}
        for at, row in enumerate(rows):
            name = next((value for value in row[:2] if isinstance(value, str) and value in names), None)
            if name is not None:
                lines.setdefault(name, at)
        yield rows, lines


def _by_label(book: Book, says: Sequence[Sentence]) -> Iterator[tuple[Rows, dict[str, int]]]:
    for say in says:
        labels: dict[str, list[str]] = {}
        for each in questions(_MOST_FIELDS, _MOST_GROUPS):
            key = f"form.ask.{each.name}.more" if each.more else f"form.ask.{each.name}"
            labels.setdefault(folded(say(key)), []).append(each.id)
        for name in (NONE_LINE, MISSING_LINE):
            labels[folded(say(f"form.ask.{name}"))] = [name]
        labels[folded(say("form.head.question"))] = [PROJECT_LINE]
        for rows in book.sheets.values():
            left = {label: list(ids) for label, ids in labels.items()}
            lines: dict[str, int] = {}
            for at, row in enumerate(rows):
                label = next((folded(value) for value in row[:2] if isinstance(value, str) and left.get(folded(value))), None)
                if label is not None:
                    lines[left[label].pop(0)] = at
            yield rows, lines


def _columns(
    rows: Rows, lines: Mapping[str, int], asked: Sequence[Question], says: Sequence[Sentence]
) -> tuple[list[Column], list[Remark]]:
    """The projects, by what stands at the head of their columns: where a column stands tells nothing, it may have moved."""
    labels = {PROJECT_LINE, *(folded(text) for say in says for text in (say("form.head.question"), say("form.head.help")))}
    found: list[Column] = []
    remarks: list[Remark] = []
    seen: set[tuple[int | None, int | None]] = set()
    for at in range(max(map(len, rows), default=0)):
        head = text_of(_at(rows, lines[PROJECT_LINE], at)) or ""
        if folded(head) in labels:
            continue
        cells = {each.id: _at(rows, lines[each.id], at) for each in asked}
        name = text_of(_at(rows, lines[COLUMN_LINE], at)) if COLUMN_LINE in lines else None
        number, place = _named(name) or _headed(head, says)
        if (number, place) == (None, None) or (number, place) in seen:
            if any(value is not None for value in cells.values()):
                title = text_of(cells.get("title"))
                remarks.append(Remark(Level.ERROR, "form_column_unknown", {"title": title, "head": head}))
            continue
        seen.add((number, place))
        found.append(Column(number, place, cells))
    return found, remarks


def _named(name: str | None) -> tuple[int | None, int | None] | None:
    """The project or the place that a column's hidden name means."""
    found = _NAME.fullmatch(name or "")
    if found is None:
        return None
    return (int(found[2]), None) if found[1] == KNOWN_COLUMN else (None, int(found[2]))


def _headed(head: str, says: Sequence[Sentence]) -> tuple[int | None, int | None]:
    """The same by what a person reads at its head."""
    number = _NUMBER.search(head)
    if number is None:
        return None, None
    new = any(folded(head) == folded(say("form.head.new", number=number[0])) for say in says)
    return (None, int(number[0])) if new else (int(number[0]), None)


def _first(rows: Rows, line: int | None) -> Value:
    """The answer to what is asked once: the first cell behind the question and its help that holds something."""
    if line is None:
        return None
    return next((value for value in rows[line][3:] if value is not None), None)


def _is_yes(value: Value) -> bool:
    return value is not None and folded(str(value)) not in ("", "nein", "no", "0", "false")


def _at(rows: Rows, row: int, column: int) -> Value:
    return rows[row][column] if column < len(rows[row]) else None


def _every(book: Book) -> Iterator[tuple[str, int, Value]]:
    for name, rows in book.sheets.items():
        for at, row in enumerate(rows):
            for value in row:
                yield name, at, value


def _hashed(value: Value) -> str | int | float | bool | None:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return clean(value) or None if isinstance(value, str) else value
