"""cycle project: the partners' projects, taken from a file and reviewed once a year."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import importing
from cycle.cli.choosing import as_day
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import done, show
from cycle.cli.shell import demand, reading, writing
from cycle.cli.words import language, word

app = noun("project")


@app.command("list", help=word("cli.project.list"))
def list_(
    year: YearArg,
    unreviewed: Annotated[bool, typer.Option("--open", help=word("opt.unreviewed"))] = False,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.inventory.records import counted_projects, due_day, projects_all, projects_of, reviews_of
    from cycle.inventory.rules.review import is_late

    with reading(year, plan=plan) as about:
        reviews, due = reviews_of(about.session, about.cycle_id), due_day(about, "review")
        if unreviewed:
            counted = {project.number for project in counted_projects(about)}
            projects = [each for each in projects_all(about.session) if each.number in counted and each.number not in reviews]
        else:
            projects = projects_of(about)
        words = about.workflow.vocab["project_status"]
        documents = [
            {
                "number": each.number,
                "title": each.title,
                "carrier": each.carrier,
                "partners": each.partners,
                "fields": each.fields,
                "target_groups": each.target_groups,
                "status": each.status,
                "status_label": words[each.status].label(language()) if each.status in words else each.status,
                "starts": each.starts,
                "ends": each.ends,
                "amount": each.amount,
                "reviewed_on": reviews[each.number].answered_on if each.number in reviews else None,
                "reached": reviews[each.number].reached if each.number in reviews else None,
                "reviewed_late": is_late(reviews[each.number].answered_on, due) if each.number in reviews else None,
            }
            for each in projects
        ]
    shown = ("number", "title", "carrier", "status_label", "ends", "amount", "reviewed_on")
    show(
        "project.unreviewed" if unreviewed else "project.all",
        columns=[(f"column.project.{name}", "right" if name in ("number", "carrier", "amount") else "left") for name in shown],
        rows=[[each[name] for name in shown] for each in documents],
        json=json,
        document={"year": year, "projects": documents},
        schema="cycle/projects/1",
    )


@app.command("import", help=word("cli.project.import"))
def import_(
    year: YearArg,
    file: Annotated[Path, typer.Argument(help=word("arg.project_file"), show_default=False)],
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
    from cycle.inventory.actions import files
    from cycle.inventory.actions.projects import compare, import_projects, of_known_partners
    from cycle.inventory.rules.columns import PROJECTS
    from cycle.partners.records import numbers_by_name

    if template:
        importing.write_template(file, PROJECTS)
        return
    source, seen = importing.source(file, sheet), Report()
    with reading(year, plan=plan) as about:
        found = files.projects(source, about.workflow, about.cycle.year, seen, numbers_by_name(about.session))
        rows = of_known_partners(about, found, seen)
        nothing = not compare(about, rows)
    if nothing:
        demand("import", year, plan=plan)
        name = source.path.name
        importing.finish("project_nothing_new", seen, full=report, json=json, dry_run=dry_run, file=name, count=len(rows))
        return
    with writing("project.imported", "import", year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        imported = import_projects(entry, about, rows)
        importing.keep_left_out(entry, seen)
        if not imported:  # somebody else has taken the file since it was read
            entry.leave_out()
    told = {"added": len(imported.added), "changed": len(imported.changed)}
    importing.finish(
        "project_imported" if imported else "project_nothing_new",
        seen,
        entry=entry,
        full=report,
        json=json,
        dry_run=dry_run,
        next=f"cycle gap {year}",
        document=told,
        file=source.path.name,
        count=len(rows),
        **told,
    )


@app.command("review", help=word("cli.project.review"))
def review(
    year: YearArg,
    number: Annotated[int | None, typer.Argument(min=0, max=LARGEST, help=word("arg.project"), show_default=False)] = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help=word("opt.review_file"))] = None,
    until: Annotated[date | None, typer.Option("--until", parser=as_day, metavar="DAY", help=word("opt.until"))] = None,
    sheet: importing.Sheet = None,
    report: importing.Full = False,
    template: importing.Template = False,
    status: Annotated[str, typer.Option("--status", help=word("opt.project_status"))] = "",
    reached: Annotated[int | None, typer.Option("--reached", metavar="N", min=0, max=LARGEST, help=word("opt.reached"))] = None,
    ended: Annotated[date | None, typer.Option("--ended", parser=as_day, metavar="DAY", help=word("opt.ended"))] = None,
    obstacles: Annotated[str | None, typer.Option("--obstacles", help=word("opt.obstacles"), show_default=False)] = None,
    channel: Annotated[str, typer.Option("--channel", help=word("opt.answer_channel"))] = "",
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.adapters.tables import Report
    from cycle.errors import WrongInput
    from cycle.inventory.actions import files
    from cycle.inventory.actions.projects import import_reviews, new_reviews, of_known_projects, review_project
    from cycle.inventory.records import carriers_silent, coverage, review_carriers
    from cycle.inventory.rules.columns import REVIEWS

    if template and file is not None:
        importing.write_template(file, REVIEWS)
        return
    single = (status, reached, ended, channel or None, obstacles, on)
    if (file is None) == (number is None) or (file is not None and (until is None or any(single))):
        raise WrongInput("review_number_or_file", year=year)
    rows, seen = [], Report()
    way = files.chosen_channel(channel)
    with reading(year, plan=plan) as about:
        state = files.chosen_status(about.workflow, status)
        if file is not None and until is not None:
            found = files.reviews(importing.source(file, sheet), about.workflow, min(until, about.today), seen)
            rows = of_known_projects(about, found, seen)
        nothing = file is not None and not new_reviews(about, rows)
    if nothing:
        demand("import", year, plan=plan)
        importing.finish("review_nothing_new", seen, full=report, json=json, file=file and file.name, until=until)
        return
    right = "import" if file is not None else "record"
    with writing("project.reviewed", right, year=year, plan=plan, reason=reason, on=on, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        count = 1
        if number is not None:
            review_project(
                entry, about, number, status=state, ended_on=ended, reached=reached, channel=way, obstacles=obstacles
            )
        else:
            count = len(import_reviews(entry, about, rows))
            importing.keep_left_out(entry, seen)
            if not count:  # somebody else has taken the file since it was read
                entry.leave_out()
        state_of, asked, silent = coverage(about), len(review_carriers(about)), sorted(carriers_silent(about))
    told: dict[str, Any] = {
        "count": count,
        "reviewed": state_of.reviewed,
        "projects": state_of.projects,
        "answered": asked - len(silent),
        "asked": asked,
        "open": len(silent),
    }
    next = f"cycle project list {year} --open"
    if file is None:
        done("project_reviewed", entry=entry, json=json, dry_run=dry_run, next=next, **told)
        return
    key = "project_reviewed" if count else "review_nothing_new"
    told |= {"file": file.name, "until": until}
    importing.finish(key, seen, entry=entry, full=report, json=json, dry_run=dry_run, next=next, **told)
