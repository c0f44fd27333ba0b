"""cycle survey: write forms and read them back, take answers, see who is missing, close."""

from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import done, say
from cycle.cli.shell import writing
from cycle.cli.survey.forms import import_answers, thanks_for, write_form
from cycle.cli.survey.status import turnout
from cycle.cli.survey.versions import versions
from cycle.cli.words import language, word
from cycle.errors import WrongInput

app = noun("survey")
app.command("status", help=word("cli.survey.status"))(turnout)
app.command("show", help=word("cli.survey.show"))(versions)
app.command("form", help=word("cli.survey.form"))(write_form)
app.command("import", help=word("cli.survey.import"))(import_answers)


@app.command("answer", help=word("cli.survey.answer"))
def answer(
    year: YearArg,
    partner: Annotated[int, typer.Option("--partner", metavar="N", min=0, max=LARGEST, help=word("opt.answering_partner"))],
    on: Day = None,
    channel: Annotated[str, typer.Option("--channel", help=word("opt.answer_channel"))] = "",
    projects: Annotated[
        int | None, typer.Option("--projects", metavar="N", min=0, max=LARGEST, help=word("opt.answer_projects"))
    ] = None,
    none: Annotated[bool, typer.Option("--none", help=word("opt.answer_none"))] = False,
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

    if none and (projects or not_usable):
        raise WrongInput("answer_none_or_projects")
    way = chosen_channel(channel)
    with writing("survey.answered", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        taken = answer_survey(entry, about, partner, channel=way, projects=0 if none else projects, usable=not not_usable)
        numbers = response(about)
        thanked = thanks_for(about, [partner])
    late = "_after_close" if taken.after_close else "_late" if taken.late else ""
    done(
        f"survey_answered{late}",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle survey status {year}",
        document={"late": taken.late, "after_close": taken.after_close, "projects": taken.projects, "thanked": thanked},
        partner=partner,
        day=taken.answered_on,
        answered=numbers.answered,
        invited=numbers.invited,
    )
    if not json and not dry_run:
        say("survey.thanks" if thanked else "survey.no_thanks")


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
