"""What every import of a table shares: its options, its template, and what is said of the records."""

import json as json_module
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.words import word

if TYPE_CHECKING:
    from cycle.adapters.tables import Problem, Record, Report, Source
    from cycle.journal.entry import Entry

Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help=word("opt.sheet"), show_default=False)]
Full = Annotated[bool, typer.Option("--report", help=word("opt.report"))]
Template = Annotated[bool, typer.Option("--template", help=word("opt.import_template"))]

_TOLD = 40  # lines on the terminal before --report is named


def source(file: Path, sheet: str | None) -> "Source":
    """The file to read, as people of this site fill in tables."""
    from cycle.app.sources import source as of_site

    return of_site(shell.site().home, file, sheet)


def write_template(path: Path, columns: Mapping[str, Sequence[str]]) -> None:
    """Write an empty table with the headings that the import knows, and say what to do with it."""
    from cycle.adapters.tables import write_template as write

    write(path, [headings[0] for headings in columns.values()])
    output.done("template_written", file=str(path))


def keep_left_out(entry: "Entry", report: "Report") -> None:
    """Keep in the history how many records of the file were wrong and left out, if there were any."""
    wrong = sum(each.grade == "error" for each in report.records)
    if wrong:
        entry.tell(left_out=wrong)


def finish(
    key: str,
    report: "Report",
    *,
    full: bool,
    json: bool,
    dry_run: bool = False,
    entry: "Entry | None" = None,
    next: str | None = None,
    document: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Say what an import did, and what came of each record; with --report all of them, else those that somebody should see.

    Ends with exit code 2 where records were wrong and left out.
    """
    from cycle.errors import WrongInput

    counts = {grade.value: number for grade, number in report.counts().items()}
    wrong = counts["error"]
    if wrong and sum(counts.values()) == wrong + counts["skipped"]:
        key, next, facts = "import_nothing_taken", None, {"file": report.table.file if report.table else ""}
    if json:
        output.done(
            key,
            entry=entry,
            json=True,
            dry_run=dry_run,
            next=next,
            document={
                "schema": "cycle/import/1",
                "file": report.table.file if report.table else None,
                "sheet": (report.table.sheet or None) if report.table else None,
                "encoding": (report.table.encoding or None) if report.table else None,
                "unknown_columns": list(report.table.unknown) if report.table else [],
                "counts": counts,
                "records": [_document(record) for record in report.records if full or record.notes],
                **(document or {}),
            },
            **facts,
        )
    else:
        _say(report, full=full)
        output.say("import_counts", records=sum(counts.values()), **counts)
        if wrong:
            output.say("import_left_out", count=wrong)
        output.done(key, entry=entry, dry_run=dry_run, next=None if wrong else next, **facts)
    if wrong:
        raise typer.Exit(WrongInput.exit_code)


def _say(report: "Report", *, full: bool) -> None:
    if report.table is None:
        return
    if report.table.sheet:
        output.say("import_sheet", sheet=report.table.sheet)
    if report.table.unknown:
        output.say("import_unknown_columns", columns=report.table.unknown)
    if full:
        columns = [("col.record", "right"), ("col.line", "right"), ("col.grade", "left"), ("col.remarks", "left")]
        rows = [
            [record.record, record.line, word(f"grade.{record.grade}"), " ".join(_remark(note) for _, note in record.notes)]
            for record in report.records
        ]
        output.as_table(shell.sentence("title.import", file=report.table.file), columns, rows)
        return
    lines = [
        f"{word(f'grade.{grade}')}: {shell.words().problem(note)}"
        for record in report.records
        for grade, note in record.notes
        if grade in ("warning", "error")
    ]
    for line in lines[:_TOLD]:
        typer.echo(line, err=True)
    if len(lines) > _TOLD:
        output.say("import_more", count=len(lines) - _TOLD)
    elif any(record.notes for record in report.records):
        output.say("import_each")


def _remark(note: "Problem") -> str:
    sentence = shell.sentence(note.key, **note.facts)
    return f"{note.column}: {sentence}" if note.column else sentence


def _document(record: "Record") -> dict[str, Any]:
    notes = [
        {
            "class": grade.value,
            "column": note.column or None,
            "key": note.key,
            "sentence": shell.sentence(note.key, **note.facts),
            "facts": json_module.loads(json_module.dumps(dict(note.facts), default=str)),
        }
        for grade, note in record.notes
    ]
    return {"record": record.record, "line": record.line, "class": record.grade.value, "notes": notes}
