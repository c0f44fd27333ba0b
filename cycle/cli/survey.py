"""cycle survey: take answers, one or a file of them, see who is missing, close."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.cli import importing
from cycle.cli.shell import (
    LARGEST,
    Day,
    DryRun,
    Expect,
    Json,
    OfPlan,
    Reason,
    YearArg,
    as_day,
    demand,
    done,
    language,
    noun,
    reading,
    say,
    show,
    word,
    writing,
)

app = noun("survey")


@app.command("status", help=word("cli.survey.status"))
def status(year: YearArg, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.inventory.records import due_day, response, silent_numbers, survey_of
    from cycle.inventory.rules.shares import percent_text
    from cycle.partners.records import Rank, partners_all, recipients

    with reading(year, plan=plan) as about:
        numbers = response(about)
        silent = silent_numbers(about)
        reached = {each.partner: each for each in recipients(about.session, silent, Rank.PRIMARY)}
        names = {partner.number: partner.name for partner in partners_all(about.session)}
        survey, due = survey_of(about.session, about.cycle_id), due_day(about)
    missing = []
    for number in silent:
        person = reached.get(number)
        name = f"{person.first_name} {person.last_name}".strip() if person else ""
        missing.append({"partner": number, "name": names[number], "contact": name, "phone": person.phone if person else None})
    document = {
        "year": year,
        "due": due,
        "closed_on": survey.closed_on if survey else None,
        "invited": numbers.invited,
        "answered": numbers.answered,
        "usable": numbers.usable,
        "late": numbers.late,
        "neutral": numbers.neutral,
        "gross": _decimal(numbers.gross),
        "net": _decimal(numbers.net),
        "missing": missing,
    }
    if not json:
        say(
            "survey.numbers",
            year=year,
            invited=numbers.invited,
            answered=numbers.answered,
            usable=numbers.usable,
            late=numbers.late,
            gross=percent_text(numbers.gross, language()),
            net=percent_text(numbers.net, language()),
            missing=len(missing),
            due=due,
            closed_on=survey.closed_on if survey else None,
        )
    show(
        "survey.missing",
        columns=[
            ("column.survey.partner", "right"),
            ("column.survey.name", "left"),
            ("column.survey.contact", "left"),
            ("column.survey.phone", "left"),
        ],
        rows=[list(row.values()) for row in missing],
        json=json,
        document=document,
        schema="cycle/survey/1",
    )


@app.command("answer", help=word("cli.survey.answer"))
def answer(
    year: YearArg,
    partner: Annotated[int, typer.Option("--partner", metavar="N", min=0, max=LARGEST, help=word("opt.answering_partner"))],
    on: Day = None,
    channel: Annotated[str, typer.Option("--channel", help=word("opt.answer_channel"))] = "",
    projects: Annotated[
        int | None, typer.Option("--projects", metavar="N", min=0, max=LARGEST, help=word("opt.answer_projects"))
    ] = None,
    not_usable: Annotated[bool, typer.Option("--not-usable", help=word("opt.not_usable"))] = False,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.inventory.actions.files import chosen_channel
    from cycle.inventory.actions.survey import answer_survey
    from cycle.inventory.records import response

    way = chosen_channel(channel)
    with writing("survey.answered", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        taken = answer_survey(entry, about, partner, channel=way, projects=projects, usable=not not_usable)
        numbers = response(about)
    done(
        "survey_answered_after_close" if taken.after_close else "survey_answered",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle survey status {year}",
        partner=partner,
        day=taken.answered_on,
        answered=numbers.answered,
        invited=numbers.invited,
    )


@app.command("import", help=word("cli.survey.import"))
def import_(
    year: YearArg,
    file: Annotated[Path, typer.Argument(help=word("arg.survey_file"), show_default=False)],
    until: Annotated[date | None, typer.Option("--until", parser=as_day, metavar="DAY", help=word("opt.until"))] = None,
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
    from cycle.errors import WrongInput
    from cycle.inventory.actions.files import answers
    from cycle.inventory.actions.survey import import_answers, new_answers, of_known_partners
    from cycle.inventory.records import response
    from cycle.inventory.rules.columns import SURVEY
    from cycle.partners.records import numbers_by_name

    if template:
        importing.write_template(file, SURVEY)
        return
    source, seen = importing.source(file, sheet), Report()
    if until is None:
        demand("import", year, plan=plan)
        raise WrongInput("survey_until_missing")
    with reading(year, plan=plan) as about:
        found = answers(source, min(until, about.today), seen, numbers_by_name(about.session))
        rows = of_known_partners(about, found, seen)
        nothing = not new_answers(about, rows)
        numbers = response(about)
    told: dict[str, Any] = {"answered": numbers.answered, "invited": numbers.invited}
    if nothing:
        demand("import", year, plan=plan)
        name = source.path.name
        importing.finish("survey_nothing_new", seen, full=report, json=json, dry_run=dry_run, file=name, until=until, **told)
        return
    with writing("survey.answered", "import", year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        taken = import_answers(entry, about, rows)
        importing.keep_left_out(entry, seen)
        numbers = response(about)
    importing.finish(
        "survey_imported",
        seen,
        entry=entry,
        full=report,
        json=json,
        dry_run=dry_run,
        next=f"cycle survey status {year}",
        count=len(taken),
        answered=numbers.answered,
        invited=numbers.invited,
    )


@app.command("close", help=word("cli.survey.close"))
def close(
    year: YearArg,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.inventory.actions.survey import close_survey
    from cycle.inventory.records import response
    from cycle.inventory.rules.shares import percent_text

    with writing("survey.closed", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        close_survey(entry, about)
        numbers = response(about)
    done(
        "survey_closed",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle gap {year} --record",
        invited=numbers.invited,
        answered=numbers.answered,
        usable=numbers.usable,
        net=percent_text(numbers.net, language()),
    )


def _decimal(ten_thousandths: int | None) -> float | None:
    return None if ten_thousandths is None else ten_thousandths / 10_000
