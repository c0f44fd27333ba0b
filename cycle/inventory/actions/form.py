"""Makes the survey form of one partner: filled in with what it reported last, in the words of the plan.

A form is made anew whenever it is asked for, from the same facts the same bytes: nothing of it is stored but the cycle's
secret, by which it is known again.
"""

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cycle.adapters.forms import KIND, Cell, Form, Hint, Look, written
from cycle.cycles.records import Year
from cycle.inventory.records import Project, due_day, projects_all
from cycle.inventory.rules.form import (
    LEAST_FIELDS,
    LEAST_GROUPS,
    NEW_PROJECTS,
    Kind,
    Question,
    form_key,
    is_asked,
    offered,
    questions,
)
from cycle.journal.questions import asked_once
from cycle.partners.records import Partner, partner_of, partners_all, resolve
from cycle.settings import Settings
from cycle.vocabulary import Channel, Enclosed
from cycle.wording import Wording

# The columns of the sheet: the names of the lines (hidden), the question, what is meant by it, then a project each.
_ID, _LABEL, _HELP, _FIRST = range(4)
_WIDTHS = (0, 23, 36)
_PROJECT_WIDTH = 27
_LAST_OF_TEXT = _FIRST + 2  # how far the lines of text go
_LINE_POINTS = 14.0
_GRID_ROW = 10  # its heads; the row above it is hidden, the one above that its heading
_LOOKS = {
    Kind.TEXT: Look.INPUT,
    Kind.WORD: Look.INPUT,
    Kind.DAY: Look.INPUT_DAY,
    Kind.EURO: Look.INPUT_EURO,
    Kind.COUNT: Look.INPUT_COUNT,
}
# The names of lines that are asked once, not of every project; of the one that is headed by the projects, and of the hidden
# one that names each column: # and a project's number, or + and the place of a new one.
NONE_LINE, MISSING_LINE, PROJECT_LINE, COLUMN_LINE = "none", "missing", "project", "column"
KNOWN_COLUMN, NEW_COLUMN = "#", "+"


def survey_form(about: Year, number: int, wording: Wording, settings: Settings) -> Enclosed:
    """The form of a partner in this cycle, as of now.

    Raises:
        NotFound: there is no such partner.
    """
    partner = partner_of(about.session, number)
    projects = projects_to_ask(about, number)
    asked = asked_of(projects)
    key = form_key(about.cycle.secret or "", about.cycle.key, number)
    say = wording.sentence
    due = due_day(about)
    columns = len(projects) + NEW_PROJECTS
    last = max(_LAST_OF_TEXT, _FIRST + columns - 1)
    office = settings.mail.reply_to or settings.mail.sender or settings.city.name
    plan = about.workflow.plan.title(wording.language)
    on_paper = partner.channel == Channel.POST
    how = "how_on_paper" if on_paper else "how"
    lead = [
        (Look.TITLE, say("form.title", year=about.cycle.label), 30.0),
        (
            Look.LEAD,
            say("form.for", name=partner.name, number=number, plan=plan, city=settings.city.name),
            20.0,
        ),
        (Look.LEAD, say(f"form.{how}" if due else f"form.{how}_undated", due=due, office=office), 34.0),
        (Look.LEAD, say("form.help" if settings.sender.phone else "form.help_without", phone=settings.sender.phone), 34.0),
    ]
    cells = [Cell(row, _LABEL, text, look, until=_LAST_OF_TEXT) for row, (look, text, _) in enumerate(lead)]
    heights = {row: height for row, (_, _, height) in enumerate(lead)}
    cells += _once(5, NONE_LINE, say, say("form.step.none", year=about.cycle.label), say("form.none_yes"), last)
    cells.append(_step(_GRID_ROW - 2, say("form.step.check" if projects else "form.step.enter", year=about.cycle.label), last))
    cells += _heads(projects, say)
    for row, question in enumerate(asked, start=_GRID_ROW + 1):
        cells += _line(about, row, question, projects, wording)
        heights[row] = _height(question, cells[-columns - 1].value)
    after = _GRID_ROW + len(asked) + 2
    cells += _once(after, MISSING_LINE, say, say("form.step.missing"), None, last)
    cells.append(_step(after + 3, say("form.step.send_on_paper" if on_paper else "form.step.send", office=office), last))
    cells += [
        Cell(after + 4, _LABEL, say("form.key"), Look.QUIET, until=_HELP),
        Cell(after + 4, _FIRST, str(key), Look.KEY, until=_LAST_OF_TEXT),
    ]
    heights |= {
        5: 22,
        6: 48,
        _GRID_ROW - 2: 22,
        _GRID_ROW - 1: 0,
        _GRID_ROW: 34,
        after: 22,
        after + 1: 90,
        after + 3: 22,
        after + 4: 22,
    }
    vocab = about.workflow.vocab
    lists = {
        words: offered(words, {word: entry.label(wording.language) for word, entry in vocab[words].items()})
        for words in dict.fromkeys(question.words for question in asked if question.words)
        if vocab.get(words)
    }
    form = Form(
        sheet=say("form.sheet"),
        lists_sheet=say("form.lists_sheet"),
        title=say("form.title", year=about.cycle.label),
        made_on=about.first_day,
        widths=(*_WIDTHS, *[_PROJECT_WIDTH] * (last - _FIRST + 1)),
        heights=heights,
        cells=cells,
        lists={**lists, NONE_LINE: [say("form.none_yes")]},
        marks=[("key", str(key))],
        repeated=(_LABEL, _HELP),
        footer=f"{partner.name} · {key}",
    )
    name = f"{_ascii(say('form.file', year=about.cycle.label, number=f'{number:03d}'))}.xlsx"
    return Enclosed(name, KIND, written(form))


def projects_to_ask(year: Year, partner: int) -> list[Project]:
    """The projects that a partner's survey form is filled in with: those it carries that were reported in this inventory or
    the one before, by number."""
    since, length = year.cycle.year - year.workflow.cycle.length_years, year.workflow.cycle.length_years
    first_day = year.first_day.replace(year=year.first_day.year - length)
    return [
        project
        for project in projects_all(year.session)
        if project.carrier is not None
        and (project.carrier == partner or resolve(year.session, project.carrier) == partner)
        and is_asked(project.inventory_year, project.ends, since_year=since, first_day=first_day)
    ]


def asked_of(projects: Sequence[Project]) -> tuple[Question, ...]:
    """The lines of a form over these projects: enough for the fields and target groups that each has."""
    return questions(
        max([LEAST_FIELDS, *(len(project.fields) for project in projects)]),
        max([LEAST_GROUPS, *(len(project.target_groups) for project in projects)]),
    )


def shown(about: Year, question: Question, project: Project, wording: Wording, names: Mapping[int, str]) -> Any:
    """What the form says of a project in one line: a label, a text, a day or a number; None where nothing is known."""
    value = getattr(project, question.name)
    if question.name == "remark":  # the office's own notes are nothing to send
        return None
    if question.name == "partners":
        return "; ".join(names.get(number, str(number)) for number in value)
    if isinstance(value, list):
        at = int(question.id.rpartition("_")[2]) - 1
        value = value[at] if at < len(value) else None
    if question.words and value is not None:
        word = about.workflow.vocab.get(question.words, {}).get(value)
        return word.label(wording.language) if word else value
    return value


def _line(about: Year, row: int, question: Question, projects: Sequence[Project], wording: Wording) -> Iterator[Cell]:
    say = wording.sentence
    label = say(f"form.ask.{question.name}.more" if question.more else f"form.ask.{question.name}")
    help_ = say(f"form.help.{question.name}.more" if question.more else f"form.help.{question.name}")
    names = _names(about) if question.name == "partners" else {}
    yield Cell(row, _ID, question.id, Look.QUIET)
    yield Cell(row, _LABEL, label, Look.LABEL)
    yield Cell(row, _HELP, help_, Look.HINT)
    refusal = say(f"form.refusal.{question.kind.value}") if question.kind is not Kind.TEXT else ""
    hint = Hint(label, help_, refusal)
    offers = question.words if question.words and about.workflow.vocab.get(question.words) else None
    last = len(projects) + NEW_PROJECTS - 1
    for at in range(last + 1):
        value = shown(about, question, projects[at], wording, names) if at < len(projects) else None
        if at == 0:  # says for all of the line what may stand there
            yield Cell(row, _FIRST, value, _LOOKS[question.kind], choices=offers, hint=hint, alike=_FIRST + last)
        else:
            yield Cell(row, _FIRST + at, value, _LOOKS[question.kind])


def _heads(projects: Sequence[Project], say: Any) -> Iterator[Cell]:
    yield Cell(_GRID_ROW - 1, _ID, COLUMN_LINE, Look.QUIET)
    yield Cell(_GRID_ROW, _ID, PROJECT_LINE, Look.QUIET)
    yield Cell(_GRID_ROW, _LABEL, say("form.head.question"), Look.HEAD)
    yield Cell(_GRID_ROW, _HELP, say("form.head.help"), Look.HEAD)
    for at, project in enumerate(projects):
        yield Cell(_GRID_ROW - 1, _FIRST + at, f"{KNOWN_COLUMN}{project.number}", Look.QUIET)
        yield Cell(_GRID_ROW, _FIRST + at, say("form.head.project", number=project.number), Look.HEAD)
    for at in range(NEW_PROJECTS):
        yield Cell(_GRID_ROW - 1, _FIRST + len(projects) + at, f"{NEW_COLUMN}{at + 1}", Look.QUIET)
        yield Cell(_GRID_ROW, _FIRST + len(projects) + at, say("form.head.new", number=at + 1), Look.HEAD_NEW)


def _once(row: int, name: str, say: Any, step: str, choice: str | None, last: int) -> list[Cell]:
    """What is asked once: its heading, and below it the question, its help and the cell for the answer."""
    label, help_ = say(f"form.ask.{name}"), say(f"form.help.{name}")
    hint = Hint(label, help_, say("form.refusal.word") if choice else "")
    until = None if choice else _LAST_OF_TEXT
    return [
        _step(row, step, last),
        Cell(row + 1, _ID, name, Look.QUIET),
        Cell(row + 1, _LABEL, label, Look.LABEL),
        Cell(row + 1, _HELP, help_, Look.HINT),
        Cell(row + 1, _FIRST, None, Look.INPUT, until=until, choices=NONE_LINE if choice else None, hint=hint),
    ]


def _step(row: int, text: str, last: int) -> Cell:
    return Cell(row, _LABEL, text, Look.STEP, until=last)


def _height(question: Question, help_: Any) -> float:
    lines = max(math.ceil(len(str(help_ or "")) / _WIDTHS[_HELP]), 3 if question.name in ("title", "remark", "partners") else 2)
    return lines * _LINE_POINTS + 6


def _names(about: Year) -> dict[int, str]:
    def ask() -> dict[int, str]:
        return {partner.number: partner.name for partner in partners_all(about.session)}

    return asked_once(about.session, Partner, "names", ask)


def _ascii(text: str) -> str:
    """A file's name for every mail program: letters, digits, dashes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter if letter.isalnum() else "-" for letter in plain).strip("-") or "form"
