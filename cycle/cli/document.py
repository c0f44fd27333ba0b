"""`cycle document`: results on file."""

from pathlib import Path
from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, YearArg
from cycle.cli.words import language, word

app = noun("document")


@app.command("file", help=word("cli.document.file"))
def file_document(
    year: YearArg,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=word("arg.document_kind"), show_default=False)],
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help=word("opt.document_file"), show_default=False)],
    of: Annotated[str | None, typer.Option("--of", metavar="MEETING", help=word("opt.of"), show_default=False)] = None,
    amount: Annotated[
        int | None, typer.Option("--amount", min=0, max=LARGEST, help=word("opt.document_amount"), show_default=False)
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help=word("opt.note"), show_default=False)] = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.documents.actions import file_document as keep
    from cycle.meetings.actions import find
    from cycle.plan.actions.evidence import evidence_for

    folder = shell.site().home / "documents"
    with shell.writing("document.filed", "record", year=year, plan=plan, on=on, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        of, beside = evidence_for(about, of)
        if of is not None and not beside and of not in about.workflow.vocab.get("fields", {}):
            find(about, of)
        keep_in = None if dry_run else folder
        document = keep(entry, about, kind, file, folder=keep_in, of=of, beside=beside, amount=amount, note=note)
        label = about.workflow.vocab["documents"][kind].label(language())
    output.done(
        "document_filed",
        entry=entry,
        json=json,
        dry_run=dry_run,
        label=label,
        sha256=document.sha256[:16],
        document={"sha256": document.sha256, "path": document.path},
        next=f"cycle status {year}",
    )


@app.command("list", help=word("cli.document.list"))
def list_documents(year: YearArg, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.documents.records import documents_of

    with shell.reading(year, plan=plan) as about:
        found = documents_of(about.session, about.cycle_id)
        labels = {kind: word_.label(language()) for kind, word_ in about.workflow.vocab.get("documents", {}).items()}
    rows = [
        [d.filed_on, labels.get(d.kind, d.kind), d.of, d.filename, d.sha256[:16], word("superseded") if d.superseded else None]
        for d in found
    ]
    columns = [(f"col.{name}", "left") for name in ("day", "kind", "of", "filename", "hash", "note")]
    names = ("kind", "of", "phase", "filename", "path", "sha256", "size", "amount", "filed_on", "superseded")
    documents = [{name: getattr(d, name) for name in names} for d in found]
    output.show(
        "title.documents", columns=columns, rows=rows, json=json, schema="cycle/documents/1", document={"documents": documents}
    )
