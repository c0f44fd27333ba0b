"""`cycle report dossier`: one year for the auditor, as a page to read and print, or as PDF."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.options import AsOf, Json, OfPlan, YearArg
from cycle.cli.report.files import LANGUAGES, at_its_end, written
from cycle.cli.words import word
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from cycle.cycles.records import Year
    from cycle.reports.rules.dossier import Dossier

FORMATS = ("html", "pdf")


def dossier(
    year: YearArg,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help=word("opt.dossier_format"))] = "html",
    out: Annotated[
        str | None, typer.Option("--to", "--out", metavar="FILE", help=word("opt.dossier_out"), show_default=False)
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="LANGUAGE", help=word("opt.dossier_language"), show_default=False)
    ] = None,
    as_of: AsOf = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    if format not in FORMATS:
        raise WrongInput("dossier_format_unknown", text=format)
    if language is not None and language not in LANGUAGES:
        raise WrongInput("dossier_language_unknown", text=language)
    from cycle.app.proof import prove

    entries = prove(shell.site()).entries  # a dossier of a broken history would prove nothing
    with shell.reading(year, plan=plan, as_of=as_of) as about:
        seen = about if as_of is not None else at_its_end(about)
        told = _gathered(seen)
        if json:
            output.as_json({"schema": "cycle/report-dossier/1", "anchor": told.proof.anchor, "dossier": _document(told)})
            return
        content = _drawn(told, seen, language or shell.site().settings.language, format)
    file = written(content, out, f"dossier-{told.head.plan}-{told.head.year}.{format}")
    if file is not None:
        output.done("dossier_written", year=told.head.label, file=file, entries=entries, anchor=told.proof.anchor)


def _gathered(about: "Year") -> "Dossier":
    from cycle.dates.rules import public_calendar
    from cycle.reports.records.dossier import dossier as gathered
    from cycle.vocabulary import Right

    here = shell.site()
    with here.journal.reading() as session:
        asked = here.actor(session, about.workflow, Right.READ, here.today())
    public = public_calendar(shell.calendars_for(about))
    return gathered(about, public, municipality=here.settings.city.name, asked_by=asked.ref, asked_as=asked.role)


def _document(told: "Dossier") -> Any:
    """The dossier in JSON; what an entry changed, row by row, is told by `cycle history show`."""
    from dataclasses import asdict

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(name): plain(each) for name, each in value.items() if name != "changes"}
        return [plain(each) for each in value] if isinstance(value, list | tuple) else value

    return plain(asdict(told))


def _drawn(told: "Dossier", about: "Year", language: str, format: str) -> bytes:
    from cycle.adapters.templates import Letters
    from cycle.app.furnishing import wording_of
    from cycle.reports.actions.page import page

    here = shell.site()
    wording = wording_of(here.home, language, here.zone)
    html = page(told, about.workflow, wording, Letters(here.files.folders("templates"), (language,)))
    if format == "html":
        return html.encode()
    from cycle.adapters.pdf import Attached, printed
    from cycle.reports.records.dossier import json_lines

    key = about.cycle.key
    lines = "".join(json_lines(about.session, key)).encode()
    return printed(html, [Attached(f"{key}.jsonl", wording.sentence("dossier.attached"), lines, told.proof.recorded_at)])
