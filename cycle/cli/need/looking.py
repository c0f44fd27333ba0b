"""`cycle need list|show`: what there is, what it costs, and the whole way of one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.cli.options import AsOf, Effective, Json, OfPlan, YearArg
from cycle.cli.output import as_json, show
from cycle.cli.shell import calendars_for, reading
from cycle.cli.words import language, word

NeedArg = Annotated[str, typer.Argument(metavar="NUMBER", help=word("arg.plan.need"), show_default=False)]


def list_(
    year: YearArg,
    open: Annotated[bool, typer.Option("--open", help=word("opt.plan.open_needs"))] = False,
    costs: Annotated[bool, typer.Option("--costs", help=word("opt.plan.list_costs"))] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help=word("opt.plan.costs_csv"), show_default=False)
    ] = None,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.errors import WrongInput
    from cycle.plan.records import needs_all
    from cycle.plan.rules.needs import age, owes
    from cycle.plan.rules.terms import label

    if costs:
        from cycle.cli.need.costs import list_costs

        list_costs(year, csv, as_of=as_of, effective=effective, plan=plan, json=json)
        return
    if csv is not None:
        raise WrongInput("csv_only_with_costs", year=year)
    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = [need for need in needs_all(about.session, about.cycle.plan) if need.year <= year]
        listed = [need for need in found if not open or owes(need, year)]
        ages = {need.number: age(need, year, about.workflow.cycle.length_years) for need in listed}
        rows = [
            [
                need.number,
                need.title,
                label(about.workflow, "need_status", need.status, language()),
                ages[need.number],
                need.carry_count,
                label(about.workflow, "fields", need.field, language()),
                need.carried_to,
                label(about.workflow, "priorities", need.priority, language()),
                word("yes") if owes(need, year) else "",
                need.amount,
            ]
            for need in listed
        ]
        document = {
            "year": year,
            "needs": [{**told_of(need), "age": ages[need.number], "owed": owes(need, year)} for need in listed],
        }
    show(
        "title.plan.needs",
        columns=[
            ("column.plan.number", "whole"),
            ("column.plan.need", "left"),
            ("column.plan.status", "whole"),
            ("column.plan.age", "right"),
            ("column.plan.carry_count", "right"),
            ("column.plan.field", "whole"),
            ("column.plan.carried_to", "right"),
            ("column.plan.priority", "left"),
            ("column.plan.owed", "left"),
            ("column.plan.amount", "right"),
        ],
        rows=rows,
        json=json,
        document=document,
        schema="cycle/needs/1",
    )


def show_(
    year: YearArg, number: NeedArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False
) -> None:
    from cycle.cli.links import print_links
    from cycle.cli.telling import names_of
    from cycle.dates.rules import public_calendar
    from cycle.plan.records import need_of
    from cycle.plan.rules.needs import age
    from cycle.reports.records.chain import need_links

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        need = need_of(about.session, number, about.cycle.plan)
        link = need_links(about, need, public_calendar(calendars_for(about)))
        told = told_of(need) | {"age": age(need, year, about.workflow.cycle.length_years)}
        names = names_of(about.session)
        workflow = about.workflow
    if json:
        as_json({"schema": "cycle/need/1", **told, "chain": [each.document() for each in link.below]})
        return
    print_links(link, workflow, names)


def told_of(need: Any) -> dict[str, Any]:
    from cycle.plan.rules.needs import groups_of

    told = {name: getattr(need, name) for name in type(need).model_fields if name not in {"id", "version", "plan"}}
    return told | {"target_groups": groups_of(need)}
