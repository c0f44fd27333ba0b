"""Weighs forms against what is known: which are new, whose they are, what each would change. Changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cycle.adapters.tables.books import SUFFIXES, read_books
from cycle.cycles.records import Year, cycles_of
from cycle.errors import CycleError, NotFound, WrongInput
from cycle.inventory.actions.form import projects_to_ask
from cycle.inventory.actions.returned.judge import Judge, Judged
from cycle.inventory.actions.returned.sheet import Sentence, Sheet, sheet_of
from cycle.inventory.records import (
    Answer,
    Project,
    all_answers,
    due_day,
    projects_all,
    survey_of,
)
from cycle.inventory.rules.form import Level, Remark, worst
from cycle.partners.records import Partner, partners_all, resolve
from cycle.workflow.model import folded

# A file that is no form of this cycle, and why.
Refusal = tuple[str, CycleError]

_LOCK_FILES = (".~", "~$", ".")  # of a programme that has the file open, and hidden ones


@dataclass(frozen=True)
class Reported:
    """One project of a form beside what is known of it: `known` None is a new one; `changed` are the columns that differ."""

    judged: Judged
    known: Project | None
    changed: Mapping[str, Any]

    @property
    def level(self) -> Level:
        """What became of it."""
        return self.judged.level


@dataclass
class Returned:
    """One form that came back. `taken_before` is when the same was taken already; `superseded` whether another counts
    instead, so that its projects change nothing; `after_close` whether the survey was closed."""

    sheet: Sheet
    partner: Partner
    projects: list[Reported] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    taken_before: date | None = None
    superseded: bool = False
    late: bool = False
    after_close: bool = False

    @property
    def new(self) -> bool:
        """Whether there is anything to take."""
        return self.taken_before is None

    @property
    def none(self) -> bool:
        """Whether it says that there is no project."""
        return self.sheet.none and not self.said

    @property
    def said(self) -> list[Reported]:
        """The projects it tells something of: new ones, and known ones unless it says that there is none and left them."""
        return [each for each in self.projects if not self.sheet.none or each.known is None or each.changed]

    @property
    def counts(self) -> bool:
        """Whether its projects are taken into the inventory."""
        return self.new and not self.superseded and not self.after_close

    @property
    def level(self) -> Level:
        """The worst that was found in it."""
        return worst([*self.remarks, *(remark for each in self.projects for remark in each.judged.remarks)])


@dataclass(frozen=True)
class Weighed:
    """What came back: the forms, each once, in the order in which they count, and the files that are none."""

    forms: tuple[Returned, ...]
    refused: tuple[Refusal, ...]

    def __bool__(self) -> bool:
        return any(form.new for form in self.forms)


def files_in(path: Path) -> list[Path]:
    """What to look at: a file itself, or all that is in a folder by name, without hidden files and those of open programmes.

    Raises:
        NotFound: `file_not_found`.
        WrongInput: `forms_folder_empty`.
    """
    if not path.exists():
        raise NotFound("file_not_found", file=str(path))
    if path.is_file():
        return [path]
    found = sorted(each for each in path.iterdir() if not each.name.startswith(_LOCK_FILES))
    if not found:
        raise WrongInput("forms_folder_empty", folder=str(path))
    return found


def read_forms(
    about: Year, files: Sequence[Path], says: Sequence[Sentence]
) -> tuple[list[Sheet], list[tuple[str, CycleError]]]:
    """The forms in these files as they are written, and for every other file why it is none of this cycle."""
    secrets = {cycle.key: cycle.secret for cycle in cycles_of(about.session)}
    workbooks = [file for file in files if file.suffix.lower() in SUFFIXES and not file.is_dir()]
    books = dict(zip(workbooks, read_books(workbooks), strict=True))
    sheets: list[Sheet] = []
    refused: list[Refusal] = []
    for file in files:
        try:
            if file.is_dir():
                raise WrongInput("form_in_subfolder", file=file.name, year=about.cycle.label)
            book = books.get(file) or WrongInput("form_no_workbook", file=file.name)
            if isinstance(book, CycleError):
                raise book
            sheet = sheet_of(book, secrets, says)
            if sheet.key.cycle != about.cycle.key:
                raise WrongInput("form_of_other_cycle", file=file.name, form=str(sheet.key), year=about.cycle.label)
        except CycleError as error:
            refused.append((file.name, error))
        else:
            sheets.append(sheet)
    return sheets, refused


def weigh(about: Year, sheets: Sequence[Sheet], refused: Sequence[Refusal], day: date) -> Weighed:
    """The forms beside what is known, as answers of that day. Of several by one partner the one that was saved last counts."""
    partners = {partner.number: partner for partner in partners_all(about.session)}
    judge = Judge(about.workflow, _by_name(partners.values()), about.today)
    survey, due = survey_of(about.session, about.cycle_id), due_day(about)
    closed = survey is not None and survey.closed_on is not None
    answers: dict[int, list[Answer]] = {}
    for answer in all_answers(about.session, about.cycle_id):
        answers.setdefault(answer.partner, []).append(answer)
    projects = {project.number: project for project in projects_all(about.session)}
    forms: list[Returned] = []
    taken: dict[tuple[int, str], str] = {}
    for sheet in sorted(sheets, key=lambda each: (each.key.partner, each.saved, each.file)):
        number = sheet.key.partner
        before = answers.get(number, [])
        form = Returned(sheet, partners[number], remarks=list(sheet.remarks))
        form.after_close, form.late = closed, closed or (due is not None and day > due)
        form.taken_before = next((each.answered_on for each in before if each.form_sha256 == sheet.sha256), None)
        if (number, sheet.sha256) in taken:
            form.taken_before = day
            form.remarks.append(Remark(Level.WARNING, "form_twice", {"other": taken[number, sheet.sha256]}))
        taken.setdefault((number, sheet.sha256), sheet.file)
        if form.new:
            _judge(about, form, judge, before, projects)
            if before and before[-1].answered_on > day:
                form.superseded = True
                form.remarks.append(Remark(Level.WARNING, "form_older_than_answer", {"day": before[-1].answered_on}))
            for earlier in forms:
                if earlier.partner.number == number and earlier.new:
                    earlier.superseded = True
                    earlier.remarks.append(Remark(Level.WARNING, "form_superseded", {"other": sheet.file}))
        forms.append(form)
    return Weighed(tuple(forms), tuple(refused))


def _judge(about: Year, form: Returned, judge: Judge, before: Sequence[Answer], projects: Mapping[int, Project]) -> None:
    number = form.partner.number
    asked = {project.number: project for project in projects_to_ask(about, number)}
    places = _places(before)
    home = resolve(about.session, number)
    claimed = {column.number for column in form.sheet.columns}
    for column in form.sheet.columns:
        judged = judge.of(form.sheet, column)
        if column.number is None and column.empty:
            continue
        known = projects.get(column.number) if column.number is not None else None
        if column.number is not None and (known is None or not _carries(about, known, home)):
            judged = _with(judged, Remark(Level.ERROR, "form_project_of_others", {"project": column.number}))
            known = None
        elif column.number is not None and column.empty:
            form.remarks.append(Remark(Level.WARNING, "form_project_emptied", {"project": column.number}))
            continue
        elif column.number is None and judged.title:
            known = _same(asked, judged.title, claimed) or asked.get(places.get(column.place or 0, 0))
        form.projects.append(Reported(judged, known, _differing(known, judged) if known is not None else {}))
    lost = [n for n in asked if n not in claimed and n not in places.values()]
    if lost:
        form.remarks.append(Remark(Level.WARNING, "form_projects_gone", {"projects": lost}))
    if form.sheet.none and form.said:
        form.remarks.append(Remark(Level.WARNING, "form_none_but_projects", {"count": len(form.said)}))
    elif form.none and (left := [n for n in asked if n in claimed]):
        form.remarks.append(Remark(Level.WARNING, "form_none_but_known", {"projects": left}))
    elif not form.sheet.none and not form.projects:
        form.remarks.append(Remark(Level.WARNING, "form_says_nothing"))


def _places(before: Sequence[Answer]) -> dict[int, int]:
    """Which project each place for a new one became, by the earlier versions of the form."""
    return {
        told["place"]: told["number"]
        for answer in before
        for told in answer.reported or ()
        if told.get("place") is not None and told.get("number") is not None
    }


def _carries(about: Year, project: Project, home: int) -> bool:
    return project.carrier is not None and resolve(about.session, project.carrier) == home


def _same(asked: Mapping[int, Project], title: str, claimed: Iterable[int | None]) -> Project | None:
    """The project of that title, if the form has no column of its own for it: an earlier version made it."""
    return next((each for number, each in asked.items() if folded(each.title) == folded(title) and number not in claimed), None)


def _differing(known: Project, judged: Judged) -> dict[str, Any]:
    found = {}
    for name, value in judged.values.items():
        kept = getattr(known, name)
        if name == "remark" and value is None:  # the form does not show what is noted already
            continue
        if (sorted(kept) if name == "partners" else kept) != value:
            found[name] = value
    return found


def _with(judged: Judged, remark: Remark) -> Judged:
    return Judged(judged.number, judged.place, judged.title, judged.values, (*judged.remarks, remark), judged.empty)


def _by_name(partners: Iterable[Partner]) -> dict[str, int]:
    """Every way in which a partner may be written: number, short name, name."""
    found: dict[str, int] = {}
    for partner in partners:
        for name in (partner.name, partner.short, str(partner.number)):
            found.setdefault(folded(name), partner.number)
    return found
