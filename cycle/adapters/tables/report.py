"""What came of each record of a file: taken, repaired, taken with a warning, wrong, skipped, with the reasons."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from cycle.adapters.tables.cells import CellError
from cycle.adapters.tables.table import Problem, Row, Table, tidy

T = TypeVar("T")
_QUOTED = 120  # characters of a cell that a sentence quotes


class Grade(StrEnum):
    """What came of a record, the worst last; one that is skipped carries nothing that is meant to be taken."""

    TAKEN = "taken"
    REPAIRED = "repaired"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"


# A mistake outweighs everything: a record of which nothing but one part is skipped is none that is skipped.
_ORDER = (Grade.TAKEN, Grade.REPAIRED, Grade.WARNING, Grade.SKIPPED, Grade.ERROR)


@dataclass(frozen=True)
class Mended(Generic[T]):
    """A cell's value that is not quite what stood there; `key` names the sentence that says so, `facts` fill it."""

    key: str
    value: T
    grade: Grade
    facts: Mapping[str, Any]


def mended(key: str, value: T, /, *, grade: Grade = Grade.REPAIRED, **facts: Any) -> Mended[T]:
    """A value with what was done to it."""
    return Mended(key, value, grade, facts)


@dataclass(frozen=True)
class Record:
    """One record of the file (1 = the header), where it begins, what came of it and why, each reason with its own grade."""

    record: int
    line: int
    grade: Grade
    notes: tuple[tuple[Grade, Problem], ...]


class Problems(Protocol):
    """Where a wrong cell is told: a list of problems, or a report."""

    def append(self, problem: Problem, /) -> None: ...


class Report:
    """What is found in a file, record by record, while it is read. A list of problems, for who only appends."""

    def __init__(self) -> None:
        self.table: Table | None = None
        self._notes: dict[int, list[tuple[Grade, Problem]]] = {}

    def begin(self, table: Table) -> None:
        """Take up a table: what was skipped in it, what has too few cells, what was tidied up in each row."""
        self.table = table
        for skipped in table.skipped:
            self.note(Grade.SKIPPED, Problem(table.file, skipped.line, "", skipped.why))
        for problem in table.problems:
            self.append(problem)
        for row in table.rows:
            if row.raw is not row.values:
                self._tidied(table, row)

    def append(self, problem: Problem, /) -> None:
        """A mistake: its record is not taken."""
        self.note(Grade.ERROR, problem)

    def note(self, grade: Grade, problem: Problem) -> None:
        """Something to be said of a record; its grade is the worst of all that is said of it."""
        self._notes.setdefault(problem.line, []).append((grade, problem))

    def is_wrong(self, line: int) -> bool:
        """Whether the record that begins there has a mistake."""
        return any(grade is Grade.ERROR for grade, _ in self._notes.get(line, ()))

    @property
    def errors(self) -> list[Problem]:
        """Every mistake, in the order of the file."""
        return [problem for line in sorted(self._notes) for grade, problem in self._notes[line] if grade is Grade.ERROR]

    @property
    def records(self) -> Iterator[Record]:
        """Every record below the header, in the order of the file."""
        if self.table is None:
            return
        numbers = {row.line: row.record for row in self.table.rows} | dict(self.table.wrong)
        numbers |= {skipped.line: skipped.record for skipped in self.table.skipped}
        for line in sorted(numbers):
            notes = self._notes.get(line, ())
            grade = max((grade for grade, _ in notes), key=_ORDER.index, default=Grade.TAKEN)
            yield Record(numbers[line], line, grade, tuple(notes))

    def counts(self) -> dict[Grade, int]:
        """How many records came to each grade."""
        found = dict.fromkeys(Grade, 0)
        for record in self.records:
            found[record.grade] += 1
        return found

    def _tidied(self, table: Table, row: Row) -> None:
        for name, heading in table.headers.items():
            raw, value = row.raw[name], row.values[name]
            if raw == value:
                continue
            if value == "" and tidy(raw):
                self.note(Grade.REPAIRED, Problem(table.file, row.line, heading, "cell_means_nothing", text=raw.strip()))
            elif value:
                self.note(Grade.REPAIRED, Problem(table.file, row.line, heading, "cell_tidied"))


def value(table: Table, row: Row, column: str, parse: Callable[[str], T | Mended[T]], problems: Problems) -> T | None:
    """A cell's value, or None with one more line in `problems`; a report is also told what was mended."""
    heading = table.headers.get(column, column)
    try:
        found = parse(row.values[column])
    except CellError as error:
        problems.append(Problem(table.file, row.line, heading, error.key, **_brief(error.facts)))
        return None
    if not isinstance(found, Mended):
        return found
    if isinstance(problems, Report):
        problems.note(found.grade, Problem(table.file, row.line, heading, found.key, **_brief(found.facts)))
    return found.value


def _brief(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a sentence, in which a whole page is not quoted."""
    return {
        name: f"{fact[:_QUOTED]} …" if isinstance(fact, str) and len(fact) > _QUOTED else fact for name, fact in facts.items()
    }
