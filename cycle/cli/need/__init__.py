"""Open needs: recorded, imported, declared to be none, settled."""

from pathlib import Path
from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import importing
from cycle.cli.helping import noun
from cycle.cli.need.looking import NeedArg, list_, show_, told_of
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import done
from cycle.cli.shell import writing
from cycle.cli.words import language, word

app = noun("need")


@app.command("import", help=word("cli.need.import"))
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
        importing.write_template(file, imports.NEED_COLUMNS)
        return
    source, seen = importing.source(file, sheet), Report()
    with writing("need.imported", "import", year=year, plan=plan, reason=reason, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        found = imports.import_needs(entry, about, source, seen)
        importing.keep_left_out(entry, seen)
    importing.finish(
        "need_imported",
        seen,
        entry=entry,
        full=report,
        json=json,
        dry_run=dry_run,
        next=f"cycle need list {year}",
        document={"added": list(found.added), "known": list(found.known)},
        file=source.path.name,
        added=len(found.added),
        known=len(found.known),
    )


@app.command(help=word("cli.need.add"))
def add(
    year: YearArg,
    title: Annotated[str, typer.Argument(metavar="TEXT", help=word("arg.plan.need_text"), show_default=False)],
    field: Annotated[str, typer.Option("--field", help=word("opt.plan.field"), show_default=False)],
    source: Annotated[str, typer.Option("--source", help=word("opt.plan.source"), show_default=False)],
    target_group: Annotated[
        list[str] | None, typer.Option("--target-group", help=word("opt.plan.target_groups"), show_default=False)
    ] = None,
    priority: Annotated[str, typer.Option("--priority", help=word("opt.plan.priority"))] = "medium",
    theme: Annotated[str | None, typer.Option("--theme", help=word("opt.plan.theme"), show_default=False)] = None,
    costs: Annotated[bool, typer.Option("--costs", help=word("opt.plan.costs"))] = False,
    amount: Annotated[
        int | None, typer.Option("--amount", min=0, max=LARGEST, help=word("opt.plan.amount"), show_default=False)
    ] = None,
    secured: Annotated[str | None, typer.Option("--secured", help=word("opt.plan.secured"), show_default=False)] = None,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import needs

    with writing("need.added", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        need = needs.add(
            entry,
            about,
            title,
            field=field,
            source=source,
            priority=priority,
            target_groups=target_group or (),
            theme=theme,
            costs=costs or None,
            amount=amount,
            secured=secured,
        )
    done(
        "need_added",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle need list {year}",
        document={"need": need.number},
        number=need.number,
        title=need.title,
    )


@app.command(help=word("cli.need.cost"))
def cost(
    year: YearArg,
    number: NeedArg,
    amount: Annotated[int, typer.Option("--amount", min=0, max=LARGEST, help=word("opt.plan.amount"), show_default=False)],
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.app.correct import correct

    thing = f"need/{number.upper()}"
    with writing("entry.corrected", "record", year=year, plan=plan, reason=reason, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        before, now = correct(entry, about, thing, "amount", str(amount))
    done(
        "need_cost",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle need list {year} --costs",
        document={"need": number.upper(), "before": before, "amount": now},
        number=number.upper(),
        before=before,
        amount=now,
    )


@app.command("none", help=word("cli.need.none"))
def none(
    year: YearArg,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import needs

    opened = writing("need.declared_none", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect)
    with opened as (entry, about):
        needs.declare_none(entry, about)
    done("needs_none", entry=entry, json=json, dry_run=dry_run, next=f"cycle status {year}", year=year)


@app.command(help=word("cli.need.settle"))
def settle(
    year: YearArg,
    number: NeedArg,
    disposal: Annotated[str, typer.Option("--as", help=word("opt.plan.as"), show_default=False)],
    to: Annotated[
        int | None, typer.Option("--to", metavar="YEAR", min=1900, max=2200, help=word("opt.plan.to_year"), show_default=False)
    ] = None,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import needs
    from cycle.plan.rules.terms import label

    with writing("need.settled", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        need = needs.settle(entry, about, number, disposal=disposal, to=to)
        status = label(about.workflow, "need_status", need.status, language())
    done(
        "need_carried" if need.carried_to else "need_settled",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle need list {year} --open",
        document=told_of(need),
        number=need.number,
        status=status,
        to=need.carried_to,
        count=need.carry_count,
    )


app.command("list", help=word("cli.need.list"))(list_)
app.command("show", help=word("cli.need.show"))(show_)
