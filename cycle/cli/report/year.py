"""`cycle report year`: the year for the council, as Markdown, as a page to read and print, or as PDF."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.options import AsOf, Json, OfPlan, YearArg
from cycle.cli.report.files import LANGUAGES, STDOUT, at_its_end, written
from cycle.cli.words import word
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cycle.cycles.records import Year
    from cycle.reports.rules.paper import Paper
    from cycle.reports.rules.year import YearTold

FORMATS = ("md", "html", "pdf")
Format = Annotated[str | None, typer.Option("--format", metavar="FORMAT", help=word("opt.report_format"), show_default=False)]
To = Annotated[str | None, typer.Option("--to", metavar="FILE", help=word("opt.report_to"), show_default=False)]
Language = Annotated[
    str | None, typer.Option("--language", metavar="LANGUAGE", help=word("opt.dossier_language"), show_default=False)
]


def year(
    year: YearArg,
    format: Format = None,
    to: To = None,
    language: Language = None,
    as_of: AsOf = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    form = form_of(format, to)
    spoken = language_of(language)
    with settled(year, plan, as_of) as about:
        told = _gathered(about)
        if json:
            output.as_json(_document(told))
            return
        content = drawn(_paper(told, about, spoken), form, spoken)
    file = written(content, target(to, form), f"{word('report.year_file')}-{told.head.plan}-{told.head.year}.{form}")
    if file is not None:
        output.done("report_written", year=told.head.label, file=file, anchor=told.proof.anchor)


def form_of(format: str | None, to: str | None) -> str:
    """The form that was asked for: by its name, else by the file's, else Markdown. Raises WrongInput."""
    named = format or (Path(to).suffix.removeprefix(".").lower() if to and to != STDOUT else "") or FORMATS[0]
    if named not in FORMATS:
        raise WrongInput("report_format_unknown", text=named)
    return named


def language_of(language: str | None) -> str:
    """The language that was asked for, else the site's. Raises WrongInput."""
    if language is not None and language not in LANGUAGES:
        raise WrongInput("report_language_unknown", text=language)
    return language or shell.site().settings.language


def target(to: str | None, form: str) -> str | None:
    """Where a report goes: Markdown to standard output where no file is named, the others into a file of their own name."""
    return STDOUT if to is None and form == FORMATS[0] else to


@contextmanager
def settled(year: int, plan: str | None, as_of: str | None) -> "Iterator[Year]":
    """The year as its report tells it: a moment that was asked for; once closed, what held on the day it closed by all that
    is known since; before, as of the journal's last entry. So the same history gives the same report on any later day."""
    if as_of is None:
        with shell.reading(year, plan=plan) as about:
            closed_on = about.cycle.closed_on
            if closed_on is None:
                yield at_its_end(about)
                return
        with shell.reading(year, plan=plan, effective=closed_on) as about:
            yield about
        return
    with shell.reading(year, plan=plan, as_of=as_of) as about:
        yield about


def drawn(paper: "Paper", form: str, language: str) -> bytes:
    """A paper in one of its forms. Raises NotReady where PDF is asked for and its extra is missing."""
    from cycle.adapters.templates import Letters
    from cycle.app.furnishing import wording_of
    from cycle.reports.actions.forms import as_html, as_markdown

    here = shell.site()
    letters = Letters(here.files.folders("templates"), (language,))
    if form == "md":
        return as_markdown(paper, letters).encode()
    html = as_html(paper, wording_of(here.home, language, here.zone), letters)
    if form == "html":
        return html.encode()
    from cycle.adapters.pdf import printed

    return printed(html)


def _gathered(about: "Year") -> "YearTold":
    from cycle.dates.rules import public_calendar
    from cycle.reports.records.year import year_told

    settings = shell.site().settings
    public = public_calendar(shell.calendars_for(about))
    return year_told(about, public, municipality=settings.city.name, unit=settings.sender.unit)


def _paper(told: "YearTold", about: "Year", language: str) -> "Paper":
    from cycle.adapters.templates import Letters
    from cycle.app.furnishing import wording_of
    from cycle.reports.actions.year import year_paper

    here = shell.site()
    wording = wording_of(here.home, language, here.zone)
    return year_paper(told, about.workflow, wording, Letters(here.files.folders("templates"), (language,)))


def _document(told: "YearTold") -> dict[str, Any]:
    """All figures by their names, shares in ten-thousandths, money in whole euros."""
    from dataclasses import asdict

    from cycle.reports.rules.figures import unowned

    found = asdict(told.figures)
    asked = asdict(told.asked)
    return {
        "schema": "cycle/report-year/1",
        "plan": told.head.plan,
        "year": told.head.year,
        "phase": told.head.phase,
        "standing": told.head.standing,
        "final": told.head.final,
        "as_of": told.head.seen_on,
        "caution": told.caution,
        "figures": {
            "response": {name: asked[name] for name in ("invited", "answered", "usable", "late", "neutral", "gross", "net")},
            "gap_closure": found.pop("closure"),
            **found,
        },
        "late": [
            {
                "key": line.date.key,
                "first_planned": line.date.first_planned,
                "planned": line.date.planned,
                "actual": line.date.actual,
                "late_working_days": line.late_in_all,
            }
            for line in told.lateness.lines
        ],
        "waivers": [{"check": each.check, "phase": each.phase, "reason": each.act.reason} for each in told.waivers],
        "unowned_measures": [each.number for each in told.measures if unowned(each)],
        "promises": [asdict(each) for each in told.promises],
        "anchor": told.proof.anchor,
    }
