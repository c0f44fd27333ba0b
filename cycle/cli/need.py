"""Open needs: recorded, imported, declared to be none, settled."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.cli import importing
from cycle.cli.shell import (
    LARGEST,
    AsOf,
    Day,
    DryRun,
    Effective,
    Expect,
    Json,
    OfPlan,
    Reason,
    YearArg,
    done,
    language,
    noun,
    reading,
    show,
    word,
    writing,
)

app = noun("need")

NeedArg = Annotated[str, typer.Argument(metavar="NUMBER", help=word("arg.plan.need"), show_default=False)]
OpenOnly = Annotated[bool, typer.Option("--open", help=word("opt.plan.open_needs"))]


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
        str | None, typer.Option("--target-group", help=word("opt.plan.target_group"), show_default=False)
    ] = None,
    priority: Annotated[str, typer.Option("--priority", help=word("opt.plan.priority"))] = "medium",
    amount: Annotated[
        int | None, typer.Option("--amount", min=0, max=LARGEST, help=word("opt.plan.amount"), show_default=False)
    ] = None,
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
            entry, about, title, field=field, source=source, priority=priority, target_group=target_group, amount=amount
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
        document=_told(need),
        number=need.number,
        status=status,
        to=need.carried_to,
        count=need.carry_count,
    )


@app.command("list", help=word("cli.need.list"))
def list_(
    year: YearArg,
    open: OpenOnly = False,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.plan.records import needs_all
    from cycle.plan.rules.needs import owes
    from cycle.plan.rules.terms import label

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = [need for need in needs_all(about.session, about.cycle.plan) if need.year <= year]
        listed = [need for need in found if not open or owes(need, year)]
        rows = [
            [
                need.number,
                need.title,
                label(about.workflow, "fields", need.field, language()),
                label(about.workflow, "priorities", need.priority, language()),
                label(about.workflow, "need_status", need.status, language()),
                need.carried_to,
                need.carry_count,
                word("yes") if owes(need, year) else "",
            ]
            for need in listed
        ]
        document = {"year": year, "needs": [{**_told(need), "owed": owes(need, year)} for need in listed]}
    show(
        "title.plan.needs",
        columns=[
            ("column.plan.number", "left"),
            ("column.plan.need", "left"),
            ("column.plan.field", "left"),
            ("column.plan.priority", "left"),
            ("column.plan.status", "left"),
            ("column.plan.carried_to", "right"),
            ("column.plan.carry_count", "right"),
            ("column.plan.owed", "left"),
        ],
        rows=rows,
        json=json,
        document=document,
        schema="cycle/needs/1",
    )


@app.command("show", help=word("cli.need.show"))
def show_(
    year: YearArg, number: NeedArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False
) -> None:
    from cycle.plan.records import need_of
    from cycle.plan.rules.terms import label

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        need = need_of(about.session, number, about.cycle.plan)
        named = {"field": "fields", "target_group": "target_groups", "source": "need_sources", "priority": "priorities"}
        shown = _told(need) | {
            name: label(about.workflow, words, getattr(need, name), language())
            for name, words in {**named, "status": "need_status"}.items()
        }
    show(
        "title.plan.need",
        columns=[("column.plan.what", "left"), ("column.plan.value", "left")],
        rows=[[word(f"column.plan.{name}"), value] for name, value in shown.items() if value is not None],
        json=json,
        document=_told(need),
        schema="cycle/need/1",
    )


def _told(need: Any) -> dict[str, Any]:
    return {name: getattr(need, name) for name in type(need).model_fields if name not in {"id", "version", "plan"}}
