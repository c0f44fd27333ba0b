"""What became of each form that came back, in sentences: on the terminal and as a document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli.shell import sentence
from cycle.cli.words import word
from cycle.errors import CycleError

if TYPE_CHECKING:
    from cycle.inventory.actions.returned.weigh import Reported, Returned, Weighed
    from cycle.inventory.rules.form import Remark

MARKS = {"taken": "✓", "repaired": "~", "warning": "!", "error": "✗"}


def report(weighed: "Weighed", given: Mapping[int, int]) -> list[dict[str, Any]]:
    """What became of each file: the worst that was found in it, in sentences; and of each project in it."""
    told: list[dict[str, Any]] = [_form_told(form, given) for form in weighed.forms]
    told += [
        {"file": name, "outcome": "error", "partner": None, "name": None, "notes": [why(error)], "projects": []}
        for name, error in weighed.refused
    ]
    return told


def _form_told(form: "Returned", given: Mapping[int, int]) -> dict[str, Any]:
    projects = [_project_told(each, given) for each in (form.projects if form.new else ())]
    return {
        "file": form.sheet.file,
        "outcome": form.level.value,
        "state": _state(form),
        "partner": form.partner.number,
        "name": form.partner.name,
        "late": form.late,
        "none": form.none,
        "taken_before": form.taken_before,
        "notes": [_note(each) for each in form.remarks],
        "projects": projects,
    }


def _state(form: "Returned") -> str:
    if not form.new:
        return "known"
    if form.after_close:
        return "after_close"
    return "superseded" if form.superseded else "counts"


def _project_told(each: "Reported", given: Mapping[int, int]) -> dict[str, Any]:
    return {
        "project": each.known.number if each.known is not None else given.get(id(each)),
        "title": each.judged.title,
        "outcome": each.level.value,
        "change": _change(each),
        "changed": sorted(each.changed),
        "notes": [_note(remark) for remark in each.judged.remarks],
    }


def _change(each: "Reported") -> str:
    if each.level.value == "error":
        return "refused"
    if each.known is None:
        return "new"
    return "changed" if each.changed else "same"


def _note(remark: "Remark") -> str:
    text = sentence(remark.key, **remark.facts)
    if remark.question is None:
        return text
    name = remark.question.rstrip("0123456789").rstrip("_")
    return f"{word(f'form.ask.{name}')}: {text}"


def why(error: CycleError) -> str:
    return sentence(error.key, **error.facts)


def print_report(files: Sequence[dict[str, Any]]) -> None:
    for each in files:
        for line in _lines(each):
            typer.echo(line)


def _lines(each: dict[str, Any]) -> Iterator[str]:
    mark = MARKS[each["outcome"]]
    if each["partner"] is None:
        yield f"{mark} {' '.join(each['notes'])}"
        return
    said = "none" if each["none"] else "projects"
    what = sentence(f"survey.form.{said}", count=len(each["projects"])) if each["state"] != "known" else ""
    state = sentence(f"survey.form.{each['state']}", day=each["taken_before"])
    late = word("survey.form.late") if each["late"] and each["state"] == "counts" else ""
    yield ", ".join(filter(None, [f"{mark} {each['file']}: {each['name']} ({each['partner']})", what, state, late]))
    for note in each["notes"]:
        yield f"    {note}"
    for project in each["projects"]:
        if project["outcome"] == "taken" and project["change"] == "same":
            continue
        known = f"{project['project']} " if project["project"] is not None else ""
        change = word(f"survey.form.project_{project['change']}")
        yield f"  {MARKS[project['outcome']]} {known}{project['title'] or '–'}: {change}"
        for note in project["notes"]:
            yield f"      {note}"
