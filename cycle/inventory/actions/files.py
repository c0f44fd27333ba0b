"""Reads the inventory's three files: every row becomes plain values, or the file is refused with all its mistakes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from cycle.adapters.tables import CellError, Problem, Row, Table, as_cell, codes, count, day, filled, labels, read, value, whole
from cycle.errors import WrongInput
from cycle.inventory.rules.columns import CHANNELS, PROJECTS, REVIEWS, SURVEY, YES_OR_NO
from cycle.inventory.rules.response import AnswerChannel
from cycle.inventory.rules.review import ProjectStatus
from cycle.workflow.model import Workflow, folded
from cycle.workflow.words import unknown_word, word_of


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


def answers(path: Path, until: date) -> list[ReadAnswer]:
    """The rows of a survey file that were answered, not after `until`.

    Raises:
        WrongInput: `inventory_file_wrong` with a line for each mistake, or what `tables.read` raises.
        NotFound: there is no such file.
    """
    table = read(path, columns=SURVEY, required=("partner", "answered_on"))
    problems = list(table.problems)
    found = []
    for row in table.rows:
        cell = _cells(table, row, problems)
        answered_on = cell("answered_on", day)
        if answered_on is None or answered_on > until:
            continue
        found.append(
            ReadAnswer(
                file=table.file,
                line=row.line,
                partner=cell("partner", number) or 0,
                answered_on=answered_on,
                channel=cell("channel", channel),
                usable=cell("usable", yes_or_no) is not False,
                projects=cell("projects", count),
            )
        )
    _refuse(table, problems)
    return found


def projects(path: Path, workflow: Workflow, inventory_year: int) -> list[ReadProject]:
    """The rows of a project file; one without an inventory year is of `inventory_year`. Raises as `answers`."""
    table = read(path, columns=PROJECTS, required=("number", "title", "fields", "target_groups", "status"))
    problems = list(table.problems)
    parse = {
        "title": filled,
        "carrier": number_or_none,
        "partners": numbers,
        "fields": _words(workflow, "fields"),
        "target_groups": _words(workflow, "target_groups"),
        "direction": _word_or_none(workflow, "directions"),
        "starts": day,
        "ends": day,
        "status": _word(workflow, "project_status"),
        "amount": count,
        "funding": _word_or_none(workflow, "funding_sources"),
        "participants": count,
        "district": _text,
        "inventory_year": lambda text: whole(text) or inventory_year,
        "answered_on": day,
        "remark": _text,
    }
    found, lines = [], dict[int, int]()
    for row in table.rows:
        cell = _cells(table, row, problems)
        known = cell("number", number)
        fields = {name: cell(name, parser) for name, parser in parse.items()}
        if known is None:
            continue
        if known in lines:
            heading = table.headers["number"]
            problems.append(Problem(table.file, row.line, heading, "project_twice", project=known, other=lines[known]))
        lines.setdefault(known, row.line)
        found.append(ReadProject(table.file, row.line, known, fields))
    _refuse(table, problems)
    return found


def reviews(path: Path, workflow: Workflow, until: date) -> list[ReadReview]:
    """The rows of a review file that were answered, not after `until`. Raises as `answers`."""
    table = read(path, columns=REVIEWS, required=("project", "answered_on", "status"))
    problems = list(table.problems)
    status = _word_or_none(workflow, "project_status")
    found = []
    for row in table.rows:
        cell = _cells(table, row, problems)
        answered_on = cell("answered_on", day)
        if answered_on is None or answered_on > until:
            continue
        found.append(
            ReadReview(
                file=table.file,
                line=row.line,
                project=cell("project", number) or 0,
                answered_on=answered_on,
                channel=cell("channel", channel),
                status=cell("status", status),
                ended_on=cell("ended_on", day),
                reached=cell("reached", count),
                obstacles=cell("obstacles", _text),
                remark=cell("remark", _text),
            )
        )
    _refuse(table, problems)
    return found


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


def numbers(text: str) -> list[int]:
    """Numbers separated by commas, each once. Raises CellError `cell_no_whole_number`."""
    return list(dict.fromkeys(map(number, codes(text))))


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


def _cells(table: Table, row: Row, problems: list[Problem]) -> Callable[[str, Callable[[str], Any]], Any]:
    return lambda column, parse: value(table, row, column, parse, problems)


def _refuse(table: Table, problems: Sequence[Problem]) -> None:
    refuse_rows(sorted(problems, key=lambda problem: problem.line))


def _text(text: str) -> str | None:
    return text or None


def _word(workflow: Workflow, words: str) -> Callable[[str], str]:
    @cache
    def parse(text: str) -> str:
        try:
            return word_of(workflow, words, filled(text))
        except WrongInput as error:
            raise as_cell(error) from None

    return parse


def _word_or_none(workflow: Workflow, words: str) -> Callable[[str], str | None]:
    word = _word(workflow, words)
    return lambda text: word(text) if text else None


def _words(workflow: Workflow, words: str) -> Callable[[str], list[str]]:
    # Labels stand between bars; between commas they are taken too, the longest label first, since a label may hold a comma.
    @cache
    def parse(text: str) -> tuple[str, ...]:
        found: list[str] = []
        for label in labels(filled(text)):
            parts = codes(label)
            while parts:
                taken = (size for size in range(len(parts), 0, -1) if workflow.word_id(words, ", ".join(parts[:size])))
                size = next(taken, 0)
                if not size:
                    raise as_cell(unknown_word(workflow, words, parts[0]))
                found.append(workflow.word_id(words, ", ".join(parts[:size])) or "")
                parts = parts[size:]
        return tuple(dict.fromkeys(found))

    return lambda text: list(parse(text))
