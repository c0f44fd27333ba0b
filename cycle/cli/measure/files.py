"""`cycle measure import`: measures from a table."""

from pathlib import Path
from typing import Annotated

import typer

from cycle.cli import importing
from cycle.cli.options import DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.shell import writing
from cycle.cli.words import word


def import_(
    year: YearArg,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=word("arg.plan.file"), show_default=False)],
    sheet: importing.Sheet = None,
    report: importing.Full = False,
    template: importing.Template = False,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.adapters.tables import Report
    from cycle.plan.actions import imports

    if template:
        importing.write_template(file, imports.MEASURE_COLUMNS)
        return
    source, seen = importing.source(file, sheet), Report()
    with writing("measure.imported", "import", year=year, plan=plan, reason=reason, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        found = imports.import_measures(entry, about, source, seen)
        importing.keep_left_out(entry, seen)
    importing.finish(
        "measure_imported",
        seen,
        entry=entry,
        full=report,
        json=json,
        dry_run=dry_run,
        next=f"cycle measure list {year}",
        document={"added": list(found.added), "known": list(found.known)},
        file=source.path.name,
        added=len(found.added),
        known=len(found.known),
    )
