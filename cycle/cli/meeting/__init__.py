"""`cycle meeting`: the year's meetings, on site, online or both."""

from typing import Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import as_day
from cycle.cli.meeting import agenda, forgetting, looking, taking_part
from cycle.cli.meeting.options import At, Group, Link, Mode, Name, Note, Present, Until, Venue, app, called, numbers
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.words import language, word
from cycle.errors import WrongInput

__all__ = ["agenda", "app", "forgetting", "looking", "taking_part"]


@app.command("add", help=word("cli.meeting.add"))
def add(
    year: YearArg,
    name: Name,
    on: Annotated[Any, typer.Option("--on", parser=as_day, metavar="DAY", help=word("opt.meeting_day"), show_default=False)],
    group: Group = None,
    at: At = None,
    until: Until = None,
    venue: Venue = None,
    mode: Mode = None,
    link: Link = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import add_meeting, day_warnings

    with shell.reading(year, plan=plan) as about:
        calendars = shell.calendars_for(about)
    with shell.writing("meeting.added", "record", year=year, plan=plan, expect=expect, group=group, dry_run=dry_run) as (
        entry,
        about,
    ):
        meeting = add_meeting(entry, about, name, on=on, group=group, at=at, until=until, venue=venue, mode=mode, link=link)
        told = day_warnings(about, meeting, calendars, word("weekend"))
    _note(told, json=json)
    output.done(
        "meeting_added",
        entry=entry,
        json=json,
        dry_run=dry_run,
        name=called(about, meeting.name),
        day=on,
        next=f"cycle meeting list {year}",
    )


@app.command("edit", help=word("cli.meeting.edit"))
def edit(
    year: YearArg,
    name: Name,
    group: Group = None,
    at: At = None,
    until: Until = None,
    venue: Venue = None,
    mode: Mode = None,
    link: Link = None,
    present: Present = None,
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import edit_meeting, note_present

    there = numbers(present)
    wanted = {"opens": at, "closes": until, "venue": venue, "mode": mode, "link": link}
    if there is not None and any(value is not None for value in wanted.values()):
        raise WrongInput("present_alone")
    with shell.writing(
        "meeting.edited", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, group=group, dry_run=dry_run
    ) as (
        entry,
        about,
    ):
        if there is not None:
            meeting = note_present(entry, about, name, there, group=group)
        else:
            meeting = edit_meeting(entry, about, name, group=group, **wanted)
    output.done(
        "meeting_edited",
        entry=entry,
        json=json,
        dry_run=dry_run,
        document={"sequence": meeting.sequence},
        name=called(about, meeting.name),
        next=f"cycle meeting show {year} {meeting.name}",
    )


@app.command("move", help=word("cli.meeting.move"))
def move(
    year: YearArg,
    name: Name,
    day: Annotated[Any, typer.Argument(parser=as_day, metavar="DAY", help=word("arg.day"), show_default=False)],
    group: Group = None,
    venue: Venue = None,
    reason: Reason = None,
    on: Day = None,
    note: Note = None,
    force: Annotated[bool, typer.Option("--force", help=word("opt.force"))] = False,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.cli.date import tell_moves
    from cycle.meetings.actions import day_warnings, move_meeting

    with shell.reading(year, plan=plan) as about:
        calendars = shell.calendars_for(about)
        labels = {key: rule.label(language()) for key, rule in about.workflow.dates.items()}
    with shell.writing(
        "meeting.moved", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, group=group, dry_run=dry_run
    ) as (
        entry,
        about,
    ):
        meeting, moved = move_meeting(
            entry,
            about,
            name,
            day,
            group=group,
            venue=venue,
            note=note,
            calendars=calendars,
            weekend=word("weekend"),
            force=force,
        )
        told = day_warnings(about, meeting, calendars, word("weekend"))
    tell_moves(moved, labels, json=json)
    _note(told, json=json)
    document = {
        "sequence": meeting.sequence,
        "meetings": entry.facts.get("meetings", []),
        "moves": [
            {
                "key": m.key,
                "from": m.before,
                "to": m.after,
                "follows": m.follows,
                "missed": m.missed,
                "shift_reason": m.shift_reason,
            }
            for m in (moved.moves if moved else ())
        ],
    }
    output.done(
        "meeting_moved",
        entry=entry,
        json=json,
        dry_run=dry_run,
        document=document,
        name=called(about, meeting.name),
        day=day,
        next=f"cycle date list {year}",
    )


@app.command("cancel", help=word("cli.meeting.cancel"))
def cancel(
    year: YearArg,
    name: Name,
    group: Group = None,
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import cancel_meeting

    with shell.writing(
        "meeting.cancelled", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, group=group, dry_run=dry_run
    ) as (
        entry,
        about,
    ):
        meeting = cancel_meeting(entry, about, name, group=group)
    output.done(
        "meeting_cancelled",
        entry=entry,
        json=json,
        dry_run=dry_run,
        name=called(about, meeting.name),
        next=f"cycle meeting list {year}",
    )


def _note(findings: Any, *, json: bool) -> None:
    """Warnings, as sentences; not beside a document."""
    for finding in () if json else findings:
        output.note(finding)
