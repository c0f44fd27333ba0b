"""`cycle measure assess`: how somebody sees a measure; several may see it differently, and all of it stays."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.measure.options import MeasureArg
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import done
from cycle.cli.shell import reading, site, writing
from cycle.cli.words import language, word


def assess(
    year: YearArg,
    number: MeasureArg,
    rating: Annotated[
        str | None, typer.Option("--as", metavar="WORD", help=word("opt.plan.rating"), show_default=False)
    ] = None,
    percent: Annotated[
        int | None, typer.Option("--percent", min=0, max=LARGEST, help=word("opt.plan.assessed_percent"), show_default=False)
    ] = None,
    by_role: Annotated[
        str | None, typer.Option("--by-role", metavar="ROLE", help=word("opt.plan.by_role"), show_default=False)
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help=word("opt.plan.note"), show_default=False)] = None,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions.assessing import assess as judge
    from cycle.plan.records import measure_of
    from cycle.plan.records.assessments import assessed_in
    from cycle.plan.records.owning import group_for
    from cycle.plan.rules.assessments import differ

    with reading(year, plan=plan) as about:
        group = group_for(about, number, site().login)
    with writing(
        "measure.assessed", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect, group=group
    ) as (entry, about):
        told = judge(entry, about, number, rating=rating, percent=percent, assessor=by_role, note=note)
        measure = measure_of(about.session, told.measure)
        by_all = assessed_in(about)[told.measure]
        who = assessor_label(about, told.assessor)
        seen = assessed_words(about, told.__dict__)
        apart = differ(by_all)
        others = [f"{assessor_label(about, each.assessor)}: {assessed_words(about, each.__dict__)}" for each in by_all]
    done(
        "measure_assessed_apart" if apart else "measure_assessed",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle measure show {year} {measure.number}",
        document={"measure": measure.number, "assessor": told.assessor, "differ": apart},
        number=measure.number,
        title=measure.title,
        assessor=who,
        rating=seen,
        all="; ".join(others),
    )


def assessor_label(about: Any, assessor: str) -> str:
    """What a role or a deciding body is called in the workflow."""
    workflow = about.workflow
    known = workflow.roles.get(assessor) or workflow.vocab.get("decision_bodies", {}).get(assessor)
    return str(known.label(language())) if known else assessor


def assessed_words(about: Any, told: Mapping[str, Any]) -> str:
    """The rating and percentage of an assessment in words: "auf gutem Weg, 60 %"."""
    from cycle.plan.rules.terms import label

    rating = label(about.workflow, "ratings", told["rating"], language())
    percent = told["percent"]
    return ", ".join(filter(None, [rating, f"{percent} %" if percent is not None else ""]))
