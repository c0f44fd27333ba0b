"""`cycle meeting`: the year's meetings, on site, online or both."""

from typing import Annotated, Any

import typer

from cycle.cli import shell
from cycle.cli.shell import LARGEST, AsOf, Day, DryRun, Effective, Expect, Json, OfPlan, Reason, YearArg, as_day, noun, word

app = noun("meeting")
Name = Annotated[str, typer.Argument(metavar="MEETING", help=word("arg.meeting"), show_default=False)]
Group = Annotated[str | None, typer.Option("--group", help=word("opt.group"), show_default=False)]
Venue = Annotated[str | None, typer.Option("--venue", help=word("opt.venue"), show_default=False)]
At = Annotated[str | None, typer.Option("--at", metavar="HH:MM", help=word("opt.at_time"), show_default=False)]
Until = Annotated[str | None, typer.Option("--until", metavar="HH:MM", help=word("opt.until_time"), show_default=False)]
Mode = Annotated[str | None, typer.Option("--mode", help=word("opt.mode"), show_default=False)]
Note = Annotated[str | None, typer.Option("--note", help=word("opt.note"), show_default=False)]
Partners = Annotated[
    list[int] | None, typer.Option("--partner", min=0, max=LARGEST, help=word("opt.partners"), show_default=False)
]


@app.command("list", help=word("cli.meeting.list"))
def list_meetings(
    year: YearArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False
) -> None:
    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = [_document(about, meeting) for meeting in _all(about)]
    rows = [
        [m["name"], m["label"], m["day"], m["start"], m["venue"], word(f"meeting_status.{m['status']}"), _people(m)]
        for m in found
    ]
    columns = [(f"col.{name}", "left") for name in ("meeting", "label", "day", "start", "venue", "state", "people")]
    shell.show("title.meetings", columns=columns, rows=rows, json=json, schema="cycle/meetings/1", document={"meetings": found})


@app.command("show", help=word("cli.meeting.show"))
def show_meeting(
    year: YearArg,
    name: Name,
    group: Group = None,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import find
    from cycle.meetings.records import participations

    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        meeting = find(about, name, group)
        told = _document(about, meeting)
        told["said"] = [
            {"partner": p.partner, "status": p.status, "mode": p.mode, "on": p.said_on}
            for p in participations(about.session, meeting.id or 0)
        ]
    if json:
        shell.as_json({"schema": "cycle/meeting/1", **told})
        return
    shown = told | {"status": word(f"meeting_status.{meeting.status}")}
    rows = [[word(f"meeting.{key}"), value] for key, value in shown.items() if key != "said" and value is not None]
    rows += [[word(f"said.{each['status']}"), each["partner"]] for each in told["said"]]
    shell.as_table(told["label"], [("col.field", "left"), ("col.value", "left")], rows)


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
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import add_meeting

    with shell.writing("meeting.added", "record", year=year, plan=plan, expect=expect, group=group, dry_run=dry_run) as (
        entry,
        about,
    ):
        meeting = add_meeting(entry, about, name, on=on, group=group, at=at, until=until, venue=venue, mode=mode)
    shell.done(
        "meeting_added", entry=entry, json=json, dry_run=dry_run, name=meeting.name, day=on, next=f"cycle meeting list {year}"
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
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import edit_meeting

    with shell.writing(
        "meeting.edited", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, group=group, dry_run=dry_run
    ) as (
        entry,
        about,
    ):
        meeting = edit_meeting(entry, about, name, group=group, opens=at, closes=until, venue=venue, mode=mode)
    shell.done(
        "meeting_edited", entry=entry, json=json, dry_run=dry_run, name=meeting.name, next=f"cycle meeting show {year} {name}"
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
    from cycle.meetings.actions import move_meeting

    with shell.reading(year, plan=plan) as about:
        calendars = shell.calendars_for(about)
        labels = {key: rule.label(shell.language()) for key, rule in about.workflow.dates.items()}
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
    tell_moves(moved, labels, json=json)
    document = {
        "sequence": meeting.sequence,
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
    shell.done(
        "meeting_moved",
        entry=entry,
        json=json,
        dry_run=dry_run,
        document=document,
        name=meeting.name,
        day=day,
        next=f"cycle date list {year}",
    )


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
    note: Note = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import asked_for, hold_meeting
    from cycle.meetings.rules import count

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
        )
        paper = asked_for(about, meeting.rule)
    next_step = f"cycle document file {year} {paper} --of {meeting.rule} --file FILE" if paper else f"cycle status {year}"
    shell.done("meeting_held", entry=entry, json=json, dry_run=dry_run, name=meeting.name, day=meeting.held_on, next=next_step)


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
    shell.done(
        "meeting_cancelled", entry=entry, json=json, dry_run=dry_run, name=meeting.name, next=f"cycle meeting list {year}"
    )


@app.command("register", help=word("cli.meeting.register"))
def register(
    year: YearArg,
    name: Name,
    partner: Partners = None,
    group: Group = None,
    mode: Mode = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import say

    with shell.writing(
        "meeting.registered", "record", year=year, plan=plan, on=on, expect=expect, group=group, dry_run=dry_run
    ) as (
        entry,
        about,
    ):
        said = say(entry, about, name, partner or [], group=group, status="registered", mode=mode)
    shell.done("registered", entry=entry, json=json, dry_run=dry_run, count=len(said), next=f"cycle meeting show {year} {name}")


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
    from cycle.meetings.actions import excuse_group, say

    with shell.writing(
        "meeting.excused", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, group=group, dry_run=dry_run
    ) as (
        entry,
        about,
    ):
        if group is not None and not partner:
            excuse_group(entry, about, name, group)
        else:
            say(entry, about, name, partner or [], group=group, status="excused")
    shell.done("excused", entry=entry, json=json, dry_run=dry_run, name=name, next=f"cycle meeting show {year} {name}")


def _all(about: Any) -> Any:
    from cycle.meetings.records import meetings_of

    return meetings_of(about.session, about.cycle_id)


def _document(about: Any, meeting: Any) -> dict[str, Any]:
    from cycle.meetings.actions import day_of

    return {
        "name": meeting.name,
        "label": about.workflow.meetings[meeting.rule].label(shell.language()),
        "group": meeting.group,
        "day": day_of(about, meeting),
        "start": meeting.opens,
        "end": meeting.closes,
        "venue": meeting.venue,
        "mode": meeting.mode,
        "status": meeting.status,
        "held_on": meeting.held_on,
        "on_site": meeting.on_site,
        "online": meeting.online,
        "online_at_least": meeting.online_at_least,
        "sequence": meeting.sequence,
    }


def _people(meeting: dict[str, Any]) -> str:
    online = meeting["online"]
    parts = [str(meeting["on_site"]) if meeting["on_site"] is not None else None]
    parts.append(f"{'≥' if meeting['online_at_least'] else ''}{online} online" if online is not None else None)
    return " + ".join(part for part in parts if part)
