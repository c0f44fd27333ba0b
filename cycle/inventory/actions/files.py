"""Reads the inventory's three files: every row becomes plain values, or the file is refused with all its mistakes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from cycle.adapters.tables import (
    CellError,
    Grade,
    Mended,
    Problem,
    Report,
    Row,
    Source,
    Table,
    codes,
    filled,
    mended,
    read,
    value,
    whole,
)
from cycle.adapters.tables.mending import amounts, any_day, filled_line, line, words
from cycle.errors import WrongInput
from cycle.inventory.actions.terms import one_word, word_or_none, words_of
from cycle.inventory.rules.columns import CHANNELS, PROJECTS, REVIEWS, SURVEY, YES_OR_NO
from cycle.inventory.rules.response import AnswerChannel
from cycle.inventory.rules.review import ProjectStatus
from cycle.workflow.model import Workflow, folded
from cycle.workflow.words import word_of

NO_NAMES: Mapping[str, int] = {}

R = TypeVar("R", "ReadAnswer", "ReadProject", "ReadReview")


@dataclass(frozen=True)
class ReadAnswer:
    """One answered row of a survey file; `line` is where it stands."""

    file: str
    line: int
    partner: int
    answered_on: date
    channel: AnswerChannel | None
    usable: bool
    projects: int | None


@dataclass(frozen=True)
class ReadProject:
    """One row of a project file: `fields` are the columns of `Project` with their values, vocabulary words as ids."""

    file: str
    line: int
    number: int
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class ReadReview:
    """One answered row of a review file."""

    file: str
    line: int
    project: int
    answered_on: date
    channel: AnswerChannel | None
    status: str | None
    ended_on: date | None
    reached: int | None
    obstacles: str | None
    remark: str | None


def answers(
    path: Path | Source, until: date, report: Report | None = None, names: Mapping[str, int] = NO_NAMES
) -> list[ReadAnswer]:
    """The rows of a survey file that were answered, not after `until`; `names` as `projects`.

    With a `report` wrong rows are told there and left out.

    Raises:
        WrongInput: what `tables.read` raises, or without a report `inventory_file_wrong` with a line for each mistake.
        NotFound: there is no such file.
    """
    table = read(path, columns=SURVEY, required=("partner", "answered_on"))
    seen = _begun(table, report)
    found = []
    for row in table.rows:
        cell = _cells(table, row, seen)
        answered_on = cell("answered_on", any_day)
        if answered_on is None or answered_on > until:
            _not_yet(table, row, answered_on, seen)
            continue
        answer = ReadAnswer(
            file=table.file,
            line=row.line,
            partner=cell("partner", _or_named(number, names)) or 0,
            answered_on=answered_on,
            channel=cell("channel", channel),
            usable=cell("usable", yes_or_no) is not False,
            projects=cell("projects", amounts(table.habits)),
        )
        if not seen.is_wrong(row.line):
            found.append(answer)
    return _checked(found, seen, report)


def projects(
    path: Path | Source,
    workflow: Workflow,
    inventory_year: int,
    report: Report | None = None,
    names: Mapping[str, int] = NO_NAMES,
) -> list[ReadProject]:
    """The rows of a project file; one without an inventory year is of `inventory_year`. As `answers`.

    A project that stands there twice with the same cells is taken once. `names` are partners' numbers by what they are
    called (folded), for those who write names where numbers belong.
    """
    table = read(path, columns=PROJECTS, required=("number", "title", "fields", "target_groups", "status"))
    seen = _begun(table, report)
    figure = amounts(table.habits)
    parse: dict[str, Callable[[str], Any]] = {
        "title": filled_line,
        "carrier": _or_named(number_or_none, names),
        "partners": _numbers_or_named(names),
        "fields": words_of(workflow, "fields"),
        "target_groups": words_of(workflow, "target_groups"),
        "direction": word_or_none(workflow, "directions"),
        "starts": any_day,
        "ends": any_day,
        "status": one_word(workflow, "project_status"),
        "amount": figure,
        "funding": word_or_none(workflow, "funding_sources"),
        "participants": figure,
        "district": line,
        "inventory_year": lambda text: whole(text) or inventory_year,
        "answered_on": any_day,
        "remark": words,
    }
    found = dict[int, ReadProject]()
    lines = dict[int, int]()
    for row in table.rows:
        cell = _cells(table, row, seen)
        known = cell("number", number)
        fields = {name: cell(name, parser) for name, parser in parse.items()}
        if known is None:
            continue
        heading, other = table.headers["number"], lines.setdefault(known, row.line)
        if known in found and found[known].fields == fields and not seen.is_wrong(row.line):
            seen.note(Grade.REPAIRED, Problem(table.file, row.line, heading, "row_twice", other=other))
            continue
        if other != row.line:
            seen.append(Problem(table.file, row.line, heading, "project_twice", project=known, other=other))
        if not seen.is_wrong(row.line):
            found[known] = ReadProject(table.file, row.line, known, fields)
    return _checked(list(found.values()), seen, report)


def reviews(path: Path | Source, workflow: Workflow, until: date, report: Report | None = None) -> list[ReadReview]:
    """The rows of a review file that were answered, not after `until`. As `answers`."""
    table = read(path, columns=REVIEWS, required=("project", "answered_on", "status"))
    seen = _begun(table, report)
    status = word_or_none(workflow, "project_status")
    found = []
    for row in table.rows:
        cell = _cells(table, row, seen)
        answered_on = cell("answered_on", any_day)
        if answered_on is None or answered_on > until:
            _not_yet(table, row, answered_on, seen)
            continue
        review = ReadReview(
            file=table.file,
            line=row.line,
            project=cell("project", number) or 0,
            answered_on=answered_on,
            channel=cell("channel", channel),
            status=cell("status", status),
            ended_on=cell("ended_on", any_day),
            reached=cell("reached", amounts(table.habits)),
            obstacles=cell("obstacles", words),
            remark=cell("remark", words),
        )
        if not seen.is_wrong(row.line):
            found.append(review)
    return _checked(found, seen, report)


def without_wrong(rows: Sequence[R], problems: Sequence[Problem], report: Report | None) -> list[R]:
    """The rows without those of which only the database knows that they are wrong (a partner that does not exist).

    Raises:
        WrongInput: `inventory_file_wrong`, without a report to tell it there.
    """
    if report is None:
        refuse_rows(problems)
        return list(rows)
    for problem in problems:
        report.append(problem)
    return [row for row in rows if not report.is_wrong(row.line)]


def refuse_rows(problems: Sequence[Problem]) -> None:
    """Refuse a file for what only the database knows (a partner or project that does not exist). Raises WrongInput."""
    if problems:
        raise WrongInput("inventory_file_wrong", file=problems[0].file, count=len(problems), problems=problems)


def number(text: str) -> int:
    """A number of a partner or project. Raises CellError `cell_empty`, `cell_no_whole_number`."""
    found = whole(filled(text))
    if found is None or found < 1:
        raise CellError("cell_no_whole_number", text=text)
    return found


def number_or_none(text: str) -> int | None:
    """The same, None when empty."""
    return number(text) if text else None


def channel(text: str) -> AnswerChannel | None:
    """The way an answer came in, as files and options call it; None when empty. Raises CellError `answer_channel_unknown`."""
    if text and folded(text) not in CHANNELS:
        raise CellError("answer_channel_unknown", text=text)
    return CHANNELS.get(folded(text))


def chosen_channel(text: str) -> AnswerChannel | None:
    """The same for an option of the command line. Raises WrongInput `answer_channel_unknown`."""
    try:
        return channel(text)
    except CellError as error:
        raise WrongInput(error.key, **error.facts) from None


def chosen_status(workflow: Workflow, text: str) -> ProjectStatus | None:
    """A project's status by its id or label; None when empty. Raises WrongInput `unknown_word`."""
    return ProjectStatus(word_of(workflow, "project_status", text)) if text else None


def yes_or_no(text: str) -> bool:
    """Yes or no; yes when empty. Raises CellError `cell_no_yes_or_no`."""
    if folded(text) not in YES_OR_NO:
        raise CellError("cell_no_yes_or_no", text=text)
    return YES_OR_NO[folded(text)]


def _or_named(parse: Callable[[str], Any], names: Mapping[str, int]) -> Callable[[str], Any]:
    """A number, or the name of the partner who has it."""

    def named(text: str) -> Any:
        known = names.get(folded(text))
        return parse(text) if known is None else mended("cell_mended", known, text=text, value=known)

    return named


def _numbers_or_named(names: Mapping[str, int]) -> Callable[[str], Any]:
    one = _or_named(number, names)

    def several(text: str) -> Any:
        if folded(text) in names:  # a name may hold a comma
            return mended("cell_mended", [names[folded(text)]], text=text, value=names[folded(text)])
        found = [one(each) for each in codes(text)]
        told = list(dict.fromkeys(each.value if isinstance(each, Mended) else each for each in found))
        named = any(isinstance(each, Mended) for each in found)
        return mended("cell_mended", told, text=text, value=told) if named else told

    return several


def _begun(table: Table, report: Report | None) -> Report:
    seen = Report() if report is None else report
    seen.begin(table)
    return seen


def _cells(table: Table, row: Row, seen: Report) -> Callable[[str, Callable[[str], Any]], Any]:
    return lambda column, parse: value(table, row, column, parse, seen)


def _not_yet(table: Table, row: Row, answered_on: date | None, seen: Report) -> None:
    if not seen.is_wrong(row.line):
        key = "row_not_answered" if answered_on is None else "row_after_until"
        seen.note(Grade.SKIPPED, Problem(table.file, row.line, "", key))


def _checked(rows: list[R], seen: Report, report: Report | None) -> list[R]:
    if report is None:
        refuse_rows(seen.errors)
    return rows
