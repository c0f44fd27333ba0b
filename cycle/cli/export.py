"""`cycle history export`: the journal as a folder that can be checked without this programme, or the whole database."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import FIRST_YEAR, LAST_YEAR, as_day, plan_with_year
from cycle.cli.options import DryRun, Json, OfPlan
from cycle.cli.words import word
from cycle.errors import Broken, WrongInput

if TYPE_CHECKING:
    from cycle.app.cover import Asked
    from cycle.app.export import Made, Sheet
    from cycle.journal.export import Line

HEADER = (
    "no", "when", "effective", "cycle", "of_year", "what", "type", "who", "role", "via", "reason", "basis", "checks",
    "workflow", "supersedes", "hash",
)  # fmt: skip


class Form(StrEnum):
    """What an export is written as."""

    JSONL = "jsonl"
    CSV = "csv"
    BOTH = "both"


Database = Annotated[
    Path | None, typer.Option("--database", metavar="FILE", help=word("opt.database_copy"), show_default=False)
]
Year = Annotated[
    int | None,
    typer.Option(
        "--cycle",
        "--year",
        metavar="YEAR",
        min=FIRST_YEAR,
        max=LAST_YEAR,
        help=word("opt.export_cycle"),
        show_default=False,
    ),
]
Redact = Annotated[list[str] | None, typer.Option("--redact", metavar="WORD", help=word("opt.redact"), show_default=False)]


def export(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help=word("arg.export_dir"), show_default=False)] = None,
    year: Year = None,
    first: Annotated[
        date | None, typer.Option("--from", parser=as_day, metavar="DAY", help=word("opt.recorded_from"), show_default=False)
    ] = None,
    last: Annotated[
        date | None, typer.Option("--to", parser=as_day, metavar="DAY", help=word("opt.recorded_to"), show_default=False)
    ] = None,
    form: Annotated[Form, typer.Option("--format", help=word("opt.export_form"))] = Form.BOTH,
    redact: Redact = None,
    openings: Annotated[bool, typer.Option("--with-openings", help=word("opt.with_openings"))] = False,
    database: Database = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.cover import Asked

    plan_with_year(year, plan)
    asked = Asked(year, plan, first, last, tuple(redact or ()), form is not Form.CSV, form is not Form.JSONL, openings)
    if database is not None:
        if folder is not None or asked != Asked():
            raise WrongInput("copy_is_whole")
        made = _copy(database.absolute(), json=json, dry_run=dry_run)
    elif folder is not None:
        made = _entries(folder, asked, json=json, dry_run=dry_run)
    else:
        raise WrongInput("export_where")
    _tell_broken(made, json=json)


def _copy(file: Path, *, json: bool, dry_run: bool) -> "Made":
    from cycle.app.export import export_database

    made = export_database(shell.site(), file, dry_run=dry_run)
    output.done(
        "copied",
        entry=made.entry,
        json=json,
        dry_run=dry_run,
        document=made.document,
        file=file,
        uri=f"{file.as_uri()}?mode=ro&immutable=1",
        next=f"CYCLE_DATABASE__URL={quote(f'sqlite:///{file}')} cycle history verify",
    )
    return made


def _entries(folder: Path, asked: "Asked", *, json: bool, dry_run: bool) -> "Made":
    from cycle.app.export import export

    made = export(shell.site(), folder, asked, _sheet(names=asked.openings), dry_run=dry_run)
    look_at = f"perl {quote(str(folder / 'verify.pl'))}" if asked.exact else "ls"
    output.done(
        "exported",
        entry=made.entry,
        json=json,
        dry_run=dry_run,
        document={name: value for name, value in made.document.items() if name != "schema"},
        folder=folder,
        shown=made.document["shown"],
        withheld=made.document["withheld"],
        openings=made.document["openings"],
        anchor=made.document["anchor"],
        next=f"{look_at} {quote(str(folder))}",
    )
    return made


def _tell_broken(made: "Made", *, json: bool) -> None:
    """A history that does not verify has gone out all the same: as evidence, with exit code 7."""
    from cycle.app.cover import problem_sentences

    if made.verdict.intact:
        return
    if json:
        raise typer.Exit(Broken.exit_code)
    problems = problem_sentences(shell.site(), made.verdict)
    raise Broken("exported_but_broken", problems=problems, count=len(problems))


def _sheet(*, names: bool) -> "Sheet":
    """The entries as rows for a spreadsheet; names and reasons only where the openings go along."""
    from cycle.app.export import Sheet
    from cycle.cli.telling import labels_of, names_of
    from cycle.cycles.records import workflows_of

    with shell.site().journal.reading() as session:
        known = names_of(session) if names else {}
        labels = labels_of(workflows_of(session))
    return Sheet([word(f"col.{name}") for name in HEADER], lambda line: _row(line, labels, known))


def _row(line: "Line", labels: dict[str, str], names: dict[str, str]) -> list[Any]:
    from json import loads

    from cycle.cli.telling import entry_sentence

    told = line.told
    assert told is not None
    try:
        body, actor = told.body, told.body["actor"]
        value = shell.words().value
        checks = [f"{c['check']} {'+' if c['met'] else 'waived' if c['waived'] else '-'}" for c in told.data.get("checks", [])]
        cells = [
            told.seq,
            told.recorded_at,
            told.effective_on,
            told.cycle,
            body["cseq"],
            entry_sentence(told, labels),
            told.type,
            names.get(actor["ref"], actor["ref"]),
            actor["role"],
            actor["via"],
            loads(line.values["reason"]) if "reason" in line.values else None,
            ", ".join(f"{each['kind']} {each['ref']}" for each in body["basis"]),
            ", ".join(checks),
            told.data.get("workflow"),
            body["supersedes"],
            told.hash,
        ]
    except (ValueError, TypeError, LookupError, AttributeError):  # what no sound journal holds; the line itself is beside it
        return [line.seq, *[None] * (len(HEADER) - 2), line.hash]
    return ["" if cell is None else str(value(cell)) for cell in cells]
