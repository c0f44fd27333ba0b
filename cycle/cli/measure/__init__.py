"""Measures: added, imported, told of, assessed, carried, dropped; each keeps its number through all years."""

from datetime import date
from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.choosing import as_day
from cycle.cli.helping import noun
from cycle.cli.measure.assessing import assess
from cycle.cli.measure.files import import_
from cycle.cli.measure.looking import list_, show_
from cycle.cli.measure.options import (
    Cost,
    Due,
    Field,
    Funding,
    Groups,
    Indicator,
    Interim,
    MeasureArg,
    Owner,
    Secured,
    Target,
    Unit,
)
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import done
from cycle.cli.shell import reading, site, writing
from cycle.cli.words import language, word

app = noun("measure")
app.command("import", help=word("cli.measure.import"))(import_)


@app.command(help=word("cli.measure.add"))
def add(
    year: YearArg,
    title: Annotated[str, typer.Argument(metavar="TITLE", help=word("arg.plan.measure_title"), show_default=False)],
    field: Field = None,
    target_group: Groups = None,
    need: Annotated[
        list[str] | None, typer.Option("--need", metavar="NUMBER", help=word("opt.plan.need"), show_default=False)
    ] = None,
    theme: Annotated[str | None, typer.Option("--theme", help=word("opt.plan.theme"), show_default=False)] = None,
    owner: Owner = None,
    partners: Annotated[str | None, typer.Option("--partners", help=word("opt.plan.partners"), show_default=False)] = None,
    due: Due = None,
    cost: Cost = None,
    secured: Secured = None,
    funding: Funding = None,
    indicator: Indicator = None,
    unit: Unit = None,
    target: Target = None,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import measures
    from cycle.plan.rules.terms import partner_numbers

    with writing("measure.added", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        measure = measures.add(
            entry,
            about,
            title,
            field=field,
            target_groups=target_group or (),
            needs=need or (),
            theme=theme,
            owner=owner,
            partners=partner_numbers(partners or ""),
            due=due,
            cost=cost,
            secured=secured,
            funding_source=funding,
            indicator=indicator,
            unit=unit,
            target=target,
        )
    _done("measure_added", measure, entry, json, dry_run, f"cycle measure list {year}")


@app.command(help=word("cli.measure.update"))
def update(
    year: YearArg,
    number: MeasureArg,
    status: Annotated[str | None, typer.Option("--status", help=word("opt.plan.measure_status"), show_default=False)] = None,
    percent: Annotated[
        int | None, typer.Option("--percent", min=0, max=LARGEST, help=word("opt.plan.percent"), show_default=False)
    ] = None,
    on: Day = None,
    note: Annotated[str | None, typer.Option("--note", help=word("opt.plan.note"), show_default=False)] = None,
    owner: Owner = None,
    interim: Interim = None,
    search_until: Annotated[
        date | None,
        typer.Option("--search-until", parser=as_day, metavar="DAY", help=word("opt.plan.search_until"), show_default=False),
    ] = None,
    field: Field = None,
    target_group: Groups = None,
    due: Due = None,
    cost: Cost = None,
    cost_actual: Annotated[
        int | None, typer.Option("--cost-actual", min=0, max=LARGEST, help=word("opt.plan.cost_actual"), show_default=False)
    ] = None,
    secured: Secured = None,
    funding: Funding = None,
    indicator: Indicator = None,
    unit: Unit = None,
    target: Target = None,
    actual: Annotated[
        str | None, typer.Option("--actual", metavar="N", help=word("opt.plan.actual"), show_default=False)
    ] = None,
    obstacles: Annotated[str | None, typer.Option("--obstacles", help=word("opt.obstacles"), show_default=False)] = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import measures
    from cycle.plan.records.owning import group_for
    from cycle.plan.rules.terms import label

    with reading(year, plan=plan) as about:
        group = group_for(about, number, site().login)
    with writing(
        "measure.updated", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect, group=group
    ) as (
        entry,
        about,
    ):
        measure = measures.update(
            entry,
            about,
            number,
            status=status,
            percent=percent,
            note=note,
            owner=owner,
            interim=interim,
            search_until=search_until,
            field=field,
            target_groups=target_group or (),
            due=due,
            cost=cost,
            cost_actual=cost_actual,
            secured=secured,
            funding_source=funding,
            indicator=indicator,
            unit=unit,
            target=target,
            actual=actual,
            obstacles=obstacles,
        )
        named = label(about.workflow, "measure_status", measure.status, language())
    facts = {"status": named, "percent": measure.percent}
    _done("measure_updated", measure, entry, json, dry_run, f"cycle measure list {year} --open", **facts)


@app.command(help=word("cli.measure.carry"))
def carry(
    year: YearArg,
    number: MeasureArg,
    to: Annotated[
        int, typer.Option("--to", metavar="YEAR", min=1900, max=2200, help=word("opt.plan.to_year"), show_default=False)
    ],
    due: Annotated[
        date, typer.Option("--due", parser=as_day, metavar="DAY", help=word("opt.plan.new_due"), show_default=False)
    ],
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import measures

    with writing("measure.carried", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        measure = measures.carry(entry, about, number, to=to, due=due)
    facts = {"to": to, "due": due, "count": measure.carry_count}
    _done("measure_carried", measure, entry, json, dry_run, f"cycle measure list {year} --open", **facts)


@app.command(help=word("cli.measure.drop"))
def drop(
    year: YearArg,
    number: MeasureArg,
    replaced_by: Annotated[
        str | None, typer.Option("--replaced-by", metavar="NUMBER", help=word("opt.plan.replaced_by"), show_default=False)
    ] = None,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import measures

    opened = writing("measure.dropped", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect)
    with opened as (entry, about):
        measure = measures.drop(entry, about, number, replaced_by=replaced_by)
    key = "measure_replaced" if measure.replaced_by else "measure_dropped"
    _done(key, measure, entry, json, dry_run, f"cycle measure list {year} --open", other=measure.replaced_by)


@app.command("none", help=word("cli.measure.none"))
def none(
    year: YearArg,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import measures

    opened = writing(
        "measure.declared_none", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect
    )
    with opened as (entry, about):
        measures.declare_none(entry, about)
    done("measures_none", entry=entry, json=json, dry_run=dry_run, next=f"cycle status {year}", year=year)


def _done(key: str, measure: Any, entry: Any, json: bool, dry_run: bool, command: str, **facts: Any) -> None:
    done(
        key,
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=command,
        document={"measure": measure.number},
        number=measure.number,
        title=measure.title,
        **facts,
    )


app.command("assess", help=word("cli.measure.assess"))(assess)
app.command("list", help=word("cli.measure.list"))(list_)
app.command("show", help=word("cli.measure.show"))(show_)
