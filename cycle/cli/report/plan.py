"""`cycle report plan`: the plan's new version as a document, by field of action, with what changed since the version before."""

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import as_day
from cycle.cli.options import AsOf, Json, OfPlan
from cycle.cli.report.files import written
from cycle.cli.report.year import Format, Language, To, drawn, form_of, language_of, settled, target
from cycle.cli.words import word
from cycle.errors import NotFound, NotReady, WrongInput

if TYPE_CHECKING:
    from cycle.cycles.records import Year
    from cycle.reports.rules.paper import Paper
    from cycle.reports.rules.plan import Marked, PlanTold

MaybeYear = Annotated[
    int | None, typer.Argument(metavar="YEAR", min=1900, max=2200, help=word("arg.version_year"), show_default=False)
]
Since = Annotated[str | None, typer.Option("--since", metavar="YEAR|DAY", help=word("opt.version_since"), show_default=False)]


def plan(
    year: MaybeYear = None,
    since: Since = None,
    format: Format = None,
    to: To = None,
    language: Language = None,
    as_of: AsOf = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    form = form_of(format, to)
    spoken = language_of(language)
    with settled(year if year is not None else _latest(plan), plan, as_of) as about:
        told = _gathered(about, since)
        if json:
            output.as_json(_document(told))
            return
        content = drawn(_paper(told, about, spoken), form, spoken)
    file = written(content, target(to, form), f"{word('report.plan_file')}-{told.plan}-{told.year}.{form}")
    if file is not None:
        output.done("version_written", number=told.number, year=told.label, file=file, anchor=told.proof.anchor)


def _latest(plan: str | None) -> int:
    """The year of the plan's newest cycle. Raises NotFound where it has none."""
    from cycle.cycles.records import cycles_of

    of = plan or shell.site().settings.plan
    with shell.reading() as answer:
        years = [cycle.year for cycle in cycles_of(answer.session, of)]
    if not years:
        raise NotFound("no_cycle_yet", plan=of)
    return max(years)


def _gathered(about: "Year", since: str | None) -> "PlanTold":
    from cycle.dates.rules import public_calendar
    from cycle.reports.records.version import plan_told, state_of

    settings = shell.site().settings
    cycle = about.cycle
    day, label = _compared(about, since)
    if day > about.today:
        raise WrongInput("since_in_future", day=day, today=about.today)
    with shell.reading(effective=day) as answer:
        before = state_of(answer.session, cycle.plan, cycle.year, day)
    public = public_calendar(shell.calendars_for(about))
    return plan_told(about, public, before, day, label, municipality=settings.city.name, unit=settings.sender.unit)


def _compared(about: "Year", since: str | None) -> tuple[date, str | None]:
    """The day of the version to compare with, and its label: that of the year named; without one that of the year before, or
    where that is not closed by then, the day this year began, with the stock entered on it."""
    from cycle.cycles.records import cycle_of, previous

    if since is not None and not (since.isdecimal() and len(since) == 4):
        return as_day(since), None
    if since is not None:
        found = cycle_of(about.session, about.cycle.plan, int(since))
        if found.closed_on is None:
            raise NotReady("version_not_closed", year=since)
        return found.closed_on, found.label
    with suppress(NotFound):
        before = previous(about.session, about.cycle)
        if before is not None and before.closed_on is not None and before.closed_on <= about.today:
            return before.closed_on, before.label
    return about.cycle.started_on, None


def _paper(told: "PlanTold", about: "Year", language: str) -> "Paper":
    from cycle.adapters.templates import Letters
    from cycle.app.furnishing import wording_of
    from cycle.reports.actions.version import plan_paper

    here = shell.site()
    wording = wording_of(here.home, language, here.zone)
    return plan_paper(told, about.workflow, wording, Letters(here.files.folders("templates"), (language,)))


def _document(told: "PlanTold") -> dict[str, Any]:
    """The version by its chapters, with marks and changes."""
    from dataclasses import asdict

    return {
        "schema": "cycle/report-plan/1",
        "plan": told.plan,
        "version": told.number,
        "year": told.year,
        "final": told.final,
        "as_of": told.seen_on,
        "since": told.since,
        "counts": told.counts,
        "chapters": [
            {
                "field": chapter.field,
                "state": asdict(chapter.state) if chapter.state else None,
                "before": asdict(chapter.before) if chapter.before else None,
                "themes": [_marked(each) for each in chapter.themes],
                "needs": [_marked(each) for each in chapter.needs],
                "measures": [_marked(each) for each in chapter.measures],
            }
            for chapter in told.chapters
        ],
        "anchor": told.proof.anchor,
    }


def _marked(each: "Marked") -> dict[str, Any]:
    return {
        "number": each.row.number,
        "title": each.row.title,
        "status": each.row.status,
        "mark": each.mark,
        "changes": {change.what: [change.before, change.now] for change in each.changes},
    }
