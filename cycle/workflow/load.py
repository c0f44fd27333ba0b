"""Loads a workflow file: either the typed workflow, or every mistake in one go, each with file, line and column.

Nothing of the file is evaluated and no name in it is imported; names count only when a house lends them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cycle.errors import WrongInput
from cycle.vocabulary import Lent
from cycle.workflow.canonical import from_canonical
from cycle.workflow.due import complain_of_due
from cycle.workflow.flow import complain_of_flow
from cycle.workflow.model import Workflow
from cycle.workflow.names import complain_of_names
from cycle.workflow.reading import Problem, Reading, read
from cycle.workflow.shape import complain_of_shape
from cycle.workflow.unfold import complete, unfold
from cycle.workflow.weekly import complain_of_weekly

__all__ = ["from_canonical", "load"]


class FileProblem(str):
    """One line of `problems`: reads `file:line:column: path: key, facts`, and keeps its parts for the wording.

    Line and column count from 1; `path` is the way to the value, "file" for the whole file.
    """

    place: str
    file: str
    line: int
    column: int
    path: str
    key: str
    facts: Mapping[str, Any]

    def __new__(cls, file: Path, problem: Problem) -> "FileProblem":
        path = ".".join(map(str, problem.place)) or "file"
        place = f"{file}:{problem.mark.line}:{problem.mark.column}: {path}"
        made = super().__new__(cls, f"{place}: {problem.mistake}")
        made.place, made.file, made.path = place, str(file), path
        made.line, made.column = problem.mark.line, problem.mark.column
        made.key, made.facts = problem.mistake.key, problem.mistake.facts
        return made


def load(path: Path, *, lent: Lent, templates: frozenset[str], defaults: Path) -> Workflow:
    """The workflow of a file; what it leaves out comes from the file `defaults`.

    `lent` is what all houses lend together, `templates` the names of the mail templates there are.

    Raises:
        NotFound: there is no such file.
        WrongInput: the file cannot be read, or has mistakes; `problems` holds a FileProblem each, in the order of the file.
    """
    shipped = _shipped(defaults)
    reading = read(path)
    workflow = None
    if isinstance(reading.values, dict):
        whole = complete(reading.values, shipped)
        try:
            workflow = Workflow.model_validate_json(json.dumps(unfold(whole)))
        except ValidationError as error:
            complain_of_shape(reading, whole, error)
        complain_of_names(reading, whole, lent, templates, shipped)
        complain_of_flow(reading, whole)
        complain_of_due(reading, whole)
        complain_of_weekly(reading, whole)
    if reading.problems or workflow is None:
        _refuse(path, reading)
    assert workflow is not None
    return workflow


def _shipped(path: Path) -> dict[str, Any]:
    reading = read(path)
    if reading.problems:
        _refuse(path, reading)
    assert isinstance(reading.values, dict)
    return reading.values


def _refuse(path: Path, reading: Reading) -> None:
    lines = [FileProblem(path, problem) for problem in sorted(reading.problems, key=lambda problem: problem.mark)]
    problems = tuple(dict.fromkeys(lines))
    raise WrongInput("workflow_invalid", file=str(path), count=len(problems), problems=problems)
