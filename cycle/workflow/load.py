"""Loads a workflow file: either the typed workflow, or every mistake in one go, each with file, line and column.

Nothing of the file is evaluated and no name in it is imported; names count only when a house lends them.
"""

import json
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


def load(path: Path, *, lent: Lent, templates: frozenset[str], defaults: Path) -> Workflow:
    """The workflow of a file; what it leaves out comes from the file `defaults`.

    `lent` is what all houses lend together, `templates` the names of the mail templates there are.

    Raises:
        NotFound: there is no such file.
        WrongInput: the file cannot be read, or has mistakes; `problems` holds one line each, in the order of the file:
            `file:line:column: path: what is wrong, what would be right`.
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
    lines = [_line(path, problem) for problem in sorted(reading.problems, key=lambda problem: problem.mark)]
    problems = tuple(dict.fromkeys(lines))
    raise WrongInput("workflow_invalid", file=str(path), count=len(problems), problems=problems)


def _line(path: Path, problem: Problem) -> str:
    place = ".".join(str(part) for part in problem.place) or "file"
    return f"{path}:{problem.mark.line}:{problem.mark.column}: {place}: {problem.sentence}"
