"""`cycle followup`: what was promised to a council or committee, by when, and what became of it."""

from datetime import date
from typing import Annotated, Any

import typer

from cycle.cli.choosing import as_day
from cycle.cli.helping import noun
from cycle.cli.options import AsOf, Csv, Day, DryRun, Effective, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import as_csv, done, show
from cycle.cli.shell import calendars_for, reading, writing
from cycle.cli.words import language, word

app = noun("followup")
_COLUMNS = ("number", "promise", "due", "days_late", "done_on", "result", "body", "promised_on")
_CSV = (
    "followup.number", "followup.promise", "followup.body", "followup.reference", "followup.measure", "followup.promised_on",
    "followup.due", "followup.days_late", "followup.done_on", "followup.result", "followup.details",
)  # fmt: skip


@app.command("list", help=word("cli.followup.list"))
def list_(
    year: YearArg,
    open: Annotated[bool, typer.Option("--open", help=word("opt.followup.open"))] = False,
    csv: Csv = False,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.dates.rules import public_calendar
    from cycle.plan.records.followups import followups_of_year
    from cycle.plan.rules.followups import days_late
    from cycle.plan.rules.terms import label

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        public = public_calendar(calendars_for(about))
        found = [each for each in followups_of_year(about) if each.done_on is None or not open]
        told = [followup_document(each) | {"days_late": days_late(each, about.today, public)} for each in found]
        names = {each.body: label(about.workflow, "decision_bodies", each.body, language()) for each in found}
    lines = [each | {"promise": each["title"], "body": names[each["body"]]} for each in told]
    if csv and not json:
        as_csv(_CSV, [[each[name.removeprefix("followup.")] for name in _CSV] for each in lines])
        return
    rows = [[each[name] or None for name in _COLUMNS] for each in lines]
    columns = [(f"column.followup.{name}", "right" if name == "days_late" else "left") for name in _COLUMNS]
    document = {"year": year, "followups": told}
    show("title.followups", columns=columns, rows=rows, json=json, document=document, schema="cycle/followups/1")


@app.command(help=word("cli.followup.add"))
def add(
    year: YearArg,
    title: Annotated[str, typer.Argument(metavar="TITLE", help=word("arg.followup.title"), show_default=False)],
    body: Annotated[str, typer.Option("--body", help=word("opt.plan.body"), show_default=False)],
    due: Annotated[
        date, typer.Option("--due", parser=as_day, metavar="DAY", help=word("opt.followup.due"), show_default=False)
    ],
    reference: Annotated[str | None, typer.Option("--reference", help=word("opt.plan.reference"), show_default=False)] = None,
    measure: Annotated[
        str | None, typer.Option("--measure", metavar="NUMBER", help=word("opt.followup.measure"), show_default=False)
    ] = None,
    details: Annotated[str | None, typer.Option("--details", help=word("opt.followup.details"), show_default=False)] = None,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import followups

    opened = writing("followup.added", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect)
    with opened as (entry, about):
        followup = followups.add(entry, about, title, body=body, due=due, details=details, reference=reference, measure=measure)
    _done("followup_added", followup, entry, json, dry_run, f"cycle followup list {year} --open", due=followup.due)


@app.command("done", help=word("cli.followup.done"))
def done_(
    year: YearArg,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=word("arg.followup.number"), show_default=False)],
    result: Annotated[str, typer.Option("--result", help=word("opt.followup.result"), show_default=False)],
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import followups

    opened = writing("followup.done", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect)
    with opened as (entry, about):
        followup = followups.done(entry, about, number, result=result)
    _done("followup_done", followup, entry, json, dry_run, f"cycle followup list {year} --open", on=followup.done_on)


def followup_document(followup: Any) -> dict[str, Any]:
    """A promise in JSON."""
    hidden = {"id", "version", "plan", "due_since"}
    return {name: getattr(followup, name) for name in type(followup).model_fields if name not in hidden}


def _done(key: str, followup: Any, entry: Any, json: bool, dry_run: bool, command: str, **facts: Any) -> None:
    done(
        key,
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=command,
        document={"followup": followup.number},
        number=followup.number,
        title=followup.title,
        **facts,
    )
