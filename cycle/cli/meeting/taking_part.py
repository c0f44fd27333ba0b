"""Who comes to a meeting, who is excused, and who was there."""

from datetime import date
from typing import Annotated

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import as_day
from cycle.cli.meeting.options import Group, Mode, Name, Note, Partners, Present, app, called, numbers
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.words import word
from cycle.errors import WrongInput

MOST_PEOPLE = 999_999
Coming = Annotated[
    int | None,
    typer.Option("--on-site", metavar="N", min=0, max=MOST_PEOPLE, help=word("opt.coming_on_site"), show_default=False),
]
ComingOnline = Annotated[
    int | None,
    typer.Option("--online", metavar="N", min=0, max=MOST_PEOPLE, help=word("opt.coming_online"), show_default=False),
]
Needs = Annotated[
    list[str] | None, typer.Option("--need", metavar="WORD[=N]", help=word("opt.attendance_need"), show_default=False)
]

HeldOn = Annotated[
    date | None,
    typer.Option("--on", parser=as_day, metavar="DAY", help=word("opt.meeting_held_on"), show_default=False),
]


@app.command("register", help=word("cli.meeting.register"))
def register(
    year: YearArg,
    name: Name,
    partner: Partners = None,
    citizens: Annotated[bool, typer.Option("--citizens", help=word("opt.citizens"))] = False,
    on_site: Coming = None,
    online: ComingOnline = None,
    mode: Mode = None,
    need: Needs = None,
    group: Group = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings import actions

    if citizens and partner:
        raise WrongInput("citizens_or_partners")
    coming = actions.Coming(on_site, online, mode, need or ())
    with shell.writing(
        "meeting.registered", "record", year=year, plan=plan, on=on, expect=expect, group=group, dry_run=dry_run
    ) as (
        entry,
        about,
    ):
        if citizens:
            meeting = actions.register_citizens(entry, about, name, coming, group=group)
        else:
            said = actions.register(entry, about, name, partner or [], coming, group=group)
    step = f"cycle meeting show {year} {name}"
    if citizens:
        count = (meeting.citizens_on_site or 0) + (meeting.citizens_online or 0)
        output.done("citizens_registered", entry=entry, json=json, dry_run=dry_run, count=count, next=step)
    else:
        output.done("registered", entry=entry, json=json, dry_run=dry_run, count=len(said), next=step)


@app.command("excuse", help=word("cli.meeting.excuse"))
def excuse(
    year: YearArg,
    name: Name,
    partner: Partners = None,
    group: Group = None,
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import excuse as excuse_partners
    from cycle.meetings.actions import excuse_group

    with shell.writing(
        "meeting.excused", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, group=group, dry_run=dry_run
    ) as (
        entry,
        about,
    ):
        if group is not None and not partner:
            excuse_group(entry, about, name, group)
        else:
            excuse_partners(entry, about, name, partner or [], group=group)
        label = called(about, entry.facts["meeting"])
    output.done("excused", entry=entry, json=json, dry_run=dry_run, name=label, next=f"cycle meeting show {year} {name}")


@app.command("held", help=word("cli.meeting.held"))
def held(
    year: YearArg,
    name: Name,
    group: Group = None,
    on_site: Annotated[str | None, typer.Option("--on-site", metavar="N", help=word("opt.on_site"), show_default=False)] = None,
    online: Annotated[
        str | None, typer.Option("--online", metavar="N|>=N", help=word("opt.online"), show_default=False)
    ] = None,
    mode: Mode = None,
    present: Present = None,
    note: Note = None,
    on: HeldOn = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import asked_for, day_held, hold_meeting
    from cycle.meetings.rules import count

    if on is None:
        with shell.reading(year, plan=plan) as about:
            on = day_held(about, name, group=group)
    with shell.writing("meeting.held", "record", year=year, plan=plan, on=on, expect=expect, group=group, dry_run=dry_run) as (
        entry,
        about,
    ):
        meeting = hold_meeting(
            entry,
            about,
            name,
            group=group,
            on_site=count(on_site) if on_site is not None else None,
            online=count(online) if online is not None else None,
            mode=mode,
            note=note,
            present=numbers(present),
        )
        paper = asked_for(about, meeting.rule)
    next_step = f"cycle document file {year} {paper} --of {meeting.rule} --file FILE" if paper else f"cycle status {year}"
    label = called(about, meeting.name)
    output.done("meeting_held", entry=entry, json=json, dry_run=dry_run, name=label, day=meeting.held_on, next=next_step)
