"""Takes the inventory of projects from a file, and what carriers say of them in the yearly review."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cycle.adapters.tables import Problem, Report
from cycle.cycles.records import Year
from cycle.errors import NotFound
from cycle.inventory.actions.files import ReadProject, ReadReview, without_wrong
from cycle.inventory.records import Project, ProjectReview, project_of, projects_all, reviews_of
from cycle.inventory.rules.response import AnswerChannel
from cycle.inventory.rules.review import ProjectStatus
from cycle.journal.entry import Entry
from cycle.partners.records import partners_all


@dataclass(frozen=True)
class Imported:
    """What an import changes: new projects, and known ones with the fields that differ."""

    added: Sequence[ReadProject]
    changed: Sequence[tuple[Project, Mapping[str, Any]]]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)


def of_known_partners(about: Year, rows: Sequence[ReadProject], report: Report | None = None) -> list[ReadProject]:
    """The rows whose carrier and partners exist; the others are told in the report.

    Raises:
        WrongInput: `inventory_file_wrong`, without a report, if there are others.
    """
    partners = {partner.number for partner in partners_all(about.session)}
    return without_wrong(rows, [problem for row in rows for problem in _unknown_partners(row, partners)], report)


def compare(about: Year, rows: Sequence[ReadProject]) -> Imported:
    """What a file would change; nothing, when it was imported before.

    Raises:
        WrongInput: `inventory_file_wrong` for carriers or partners that do not exist.
    """
    rows = of_known_partners(about, rows)
    known = {project.number: project for project in projects_all(about.session)}
    changed = ((known[row.number], _differing(known[row.number], row.fields)) for row in rows if row.number in known)
    return Imported(
        added=[row for row in rows if row.number not in known],
        changed=[(project, fields) for project, fields in changed if fields],
    )


def import_projects(entry: Entry, about: Year, rows: Sequence[ReadProject]) -> Imported:
    """Take the projects of a file: new numbers are added, known ones brought up to date. Raises as `compare`."""
    imported = compare(about, rows)
    entry.add_all([Project(number=row.number, **row.fields) for row in imported.added])
    for project, fields in imported.changed:
        entry.change(project, **fields)
    entry.tell(added=len(imported.added), changed=len(imported.changed))
    return imported


def of_known_projects(about: Year, rows: Sequence[ReadReview], report: Report | None = None) -> list[ReadReview]:
    """The rows whose project exists; the others are told in the report.

    Raises:
        WrongInput: `inventory_file_wrong`, without a report, if there are others.
    """
    known = {project.number for project in projects_all(about.session)}
    unknown = [row for row in rows if row.project not in known]
    problems = [Problem(row.file, row.line, "", "review_project_unknown", project=row.project) for row in unknown]
    return without_wrong(rows, problems, report)


def new_reviews(about: Year, rows: Sequence[ReadReview]) -> list[ReadReview]:
    """The rows that were not taken before: the project has no review of that day or a later one in this cycle.

    Raises:
        WrongInput: `inventory_file_wrong` for projects that do not exist.
    """
    rows = of_known_projects(about, rows)
    taken = {number: review.answered_on for number, review in reviews_of(about.session, about.cycle_id).items()}
    return [row for row in rows if row.project not in taken or row.answered_on > taken[row.project]]


def import_reviews(entry: Entry, about: Year, rows: Sequence[ReadReview]) -> Sequence[ReadReview]:
    """The reviews of a file that are new, none from after today; each brings its project's status and end up to date.

    Raises:
        WrongInput: as `new_reviews`.
    """
    last = {row.project: row for row in sorted(new_reviews(about, rows), key=lambda row: row.answered_on)}
    new = [row for row in last.values() if row.answered_on <= entry.today]
    reviews = reviews_of(about.session, about.cycle_id)
    projects = {project.number: project for project in projects_all(about.session)}
    fields = {row.project: _fields(row) for row in new}
    entry.add_all(
        [ProjectReview(cycle_id=about.cycle_id, project=number, **fields[number]) for number in fields if number not in reviews]
    )
    for row in new:
        if row.project in reviews:
            entry.change(reviews[row.project], **fields[row.project])
        _bring_up_to_date(entry, projects[row.project], row.answered_on, row.status, row.ended_on)
    entry.tell(projects=sorted(fields))
    return new


def review_project(
    entry: Entry,
    about: Year,
    number: int,
    *,
    status: ProjectStatus | None = None,
    ended_on: date | None = None,
    reached: int | None = None,
    channel: AnswerChannel | None = None,
    obstacles: str | None = None,
) -> ProjectReview:
    """What the carrier said of one project, on the entry's day; said again, the last counts. `obstacles` are free text.

    Raises:
        NotFound: there is no such project.
    """
    project = project_of(entry.session, number)
    if project is None:
        raise NotFound("unknown_project", project=number)
    review = reviews_of(entry.session, about.cycle_id).get(number)
    fields: dict[str, Any] = {
        "answered_on": entry.effective_on,
        "channel": channel,
        "status": status,
        "ended_on": ended_on,
        "reached": reached,
        "obstacles": obstacles,
    }
    if review is None:
        review = entry.add(ProjectReview(cycle_id=about.cycle_id, project=number, **fields))
    else:
        entry.change(review, **fields)
    _bring_up_to_date(entry, project, entry.effective_on, status, ended_on)
    entry.tell(projects=[number])
    return review


def _unknown_partners(row: ReadProject, partners: set[int]) -> Iterator[Problem]:
    carrier = row.fields["carrier"]
    for number in [*([] if carrier is None else [carrier]), *row.fields["partners"]]:
        if number not in partners:
            yield Problem(row.file, row.line, "", "project_partner_unknown", project=row.number, partner=number)


def _differing(project: Project, fields: Mapping[str, Any]) -> dict[str, Any]:
    differing = {name: value for name, value in fields.items() if getattr(project, name) != value}
    # What a carrier said in the review is younger than the file that its inventory came from.
    if "inventory_year" not in differing and project.answered_on is not None:
        told = fields["answered_on"]
        if told is None or told < project.answered_on:
            for name in ("status", "ends", "answered_on"):
                differing.pop(name, None)
    return differing


def _fields(row: ReadReview) -> dict[str, Any]:
    return {
        "answered_on": row.answered_on,
        "channel": row.channel,
        "status": row.status,
        "ended_on": row.ended_on,
        "reached": row.reached,
        "obstacles": row.obstacles,
        "remark": row.remark,
    }


def _bring_up_to_date(entry: Entry, project: Project, day: date, status: str | None, ended_on: date | None) -> None:
    told = {"status": status, "ends": ended_on}
    fields = {name: value for name, value in told.items() if value is not None}
    entry.change(project, answered_on=max(day, project.answered_on or day), **fields)
