"""`cycle group review`: what each network group, or one carrier, looks back at: its projects and every open measure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.options import AsOf, Csv, Json, OfPlan, YearArg
from cycle.cli.words import language, word
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from cycle.cycles.records import Year
    from cycle.reports.rules.review import ReviewList

CSV = (
    "review_group", "review_kind", "review_number", "review_title", "review_partner", "review_who", "review_due",
    "review_late", "review_carried", "review_status", "review_percent", "review_told", "review_reached",
)  # fmt: skip


def review(
    year: YearArg,
    group: Annotated[str | None, typer.Argument(metavar="GROUP", help=word("arg.group"), show_default=False)] = None,
    partner: Annotated[
        int | None, typer.Option("--partner", metavar="NR", min=0, max=LARGEST, help=word("opt.review_partner"))
    ] = None,
    csv: Csv = False,
    html: Annotated[bool, typer.Option("--html", help=word("opt.review_html"))] = False,
    out: Annotated[
        str | None, typer.Option("--to", "--out", metavar="FILE", help=word("opt.review_out"), show_default=False)
    ] = None,
    as_of: AsOf = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    if group is not None and partner is not None:
        raise WrongInput("review_group_or_partner", group=group, partner=partner)
    if sum((csv, html, json)) > 1 or (out is not None and not html):
        raise WrongInput("review_one_form")
    from cycle.dates.rules import public_calendar
    from cycle.reports.records.review import review_list

    with shell.reading(year, plan=plan, as_of=as_of) as about:
        found = review_list(about, public_calendar(shell.calendars_for(about)), group=group, partner=partner)
        if json:
            output.as_json({"schema": "cycle/review/1", **_document(found)})
        elif csv:
            output.as_csv(CSV, list(_lines(found, about)))
        elif html:
            _page(found, about, out, "-".join(filter(None, [group, str(partner or "")])))
        else:
            _print(found, about)


def _document(found: "ReviewList") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(found)


def _named(about: "Year", words: str, status: str) -> str:
    from cycle.plan.rules.terms import label

    return label(about.workflow, words, status, language())


def _interim(about: "Year", role: str | None) -> str:
    known = about.workflow.roles.get(role or "")
    who = known.label(language()) if known else role
    return word("review.unowned") if who is None else word("review.unowned_interim", who=who)


def _lines(found: "ReviewList", about: "Year") -> Iterator[list[Any]]:
    for part in found.parts:
        where = part.code or part.name or word("review.no_group")
        for m in part.measures:
            status = _named(about, "measure_status", m.status)
            who = m.owner_name or _interim(about, m.interim)
            head = [where, word("word.measure"), m.number, m.title, m.owner, who]
            yield [*head, m.due, m.days_late, m.carry_count, status, m.percent, m.updated_on, None]
        for p in part.projects:
            status = _named(about, "project_status", p.status)
            who = p.carrier_name or word("review.no_carrier")
            head = [where, word("word.project"), p.number, p.title, p.carrier, who]
            yield [*head, found.due_on, p.days_late, None, status, None, p.reviewed_on, p.reached]


def _print(found: "ReviewList", about: "Year") -> None:
    for part in found.parts:
        typer.echo(" ".join(filter(None, [part.code, part.name])) or word("review.no_group"))
        if not part.projects and not part.measures:
            typer.echo(f"  {word('review.nothing')}")
        if part.measures:
            columns = ["number", "measure", "owner", "due", "late", "carried", "percent"]
            rows = [
                [
                    m.number,
                    m.title,
                    m.owner_name or _interim(about, m.interim),
                    m.due,
                    m.days_late or None,
                    m.carry_count,
                    m.percent,
                ]
                for m in part.measures
            ]
            _table(word("review.measures", count=len(rows)), columns, rows)
        if part.projects:
            columns = ["number", "project", "carrier", "status", "reviewed", "late", "reached"]
            rows = [
                [
                    p.number,
                    p.title,
                    p.carrier_name or word("review.no_carrier"),
                    _named(about, "project_status", p.status),
                    p.reviewed_on or word("review.owed"),
                    p.days_late or None,
                    p.reached,
                ]
                for p in part.projects
            ]
            owed = sum(p.reviewed_on is None for p in part.projects)
            _table(word("review.projects", count=len(rows), open=owed), columns, rows)
        typer.echo("")


def _table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    numbers = ("late", "carried", "percent", "reached")
    sides = [(f"column.review.{name}", "right" if name in numbers else "left") for name in columns]
    output.as_table(title, sides, rows)


def _page(found: "ReviewList", about: "Year", out: str | None, of: str) -> None:
    from cycle.adapters.templates import Letters
    from cycle.app.furnishing import wording_of
    from cycle.cli.report.files import written
    from cycle.reports.actions.review_page import review_page

    here = shell.site()
    language = here.settings.language
    wording = wording_of(here.home, language, here.zone)
    letters = Letters(here.files.folders("templates"), (language,))
    html = review_page(found, about.workflow, wording, letters, city=here.settings.city.name)
    file = written(html.encode(), out, f"review-{found.plan}-{found.year}{f'-{of}' if of else ''}.html")
    if file is not None:
        output.done("review_written", file=file, count=len(found.parts))
