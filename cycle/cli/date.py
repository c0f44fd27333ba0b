"""`cycle date`: the year's dates, confirmed and moved."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.adapters.files import write_whole
from cycle.cli import output, shell
from cycle.cli.choosing import as_day
from cycle.cli.helping import noun
from cycle.cli.options import AsOf, Day, DryRun, Effective, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.words import language, word
from cycle.errors import WrongInput

MOST_ALARM_DAYS = 60
app = noun("date")
Key = Annotated[str, typer.Argument(metavar="KEY", help=word("arg.date_key"), show_default=False)]


@app.command("list", help=word("cli.date.list"))
def list_dates(
    year: YearArg,
    ics: Annotated[Path | None, typer.Option("--ics", metavar="FILE", help=word("opt.date_ics"), show_default=False)] = None,
    alarm: Annotated[
        int | None,
        typer.Option("--alarm", metavar="DAYS", min=0, max=MOST_ALARM_DAYS, help=word("opt.date_alarm"), show_default=False),
    ] = None,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.dates.records import deadlines, ended
    from cycle.dates.rules import public_calendar, working_days_late

    if alarm is not None and ics is None:
        raise WrongInput("alarm_without_ics")
    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        public = public_calendar(shell.calendars_for(about))
        rows, documents = [], []
        for row in deadlines(about.session, about.cycle_id):
            rule = about.workflow.dates[row.key]
            actual = ended(row, rule, about.today)
            late = working_days_late(row.planned, actual, public) if actual else 0
            shifted = f" ({row.shift_reason})" if row.shift_reason else ""
            rows.append([row.planned, actual, late if late > 0 else None, rule.label(language()) + shifted, row.key])
            documents.append(
                {
                    "key": row.key,
                    "label": rule.label(language()),
                    "phase": rule.phase,
                    "anchor": rule.anchor,
                    "raw": row.raw,
                    "first_planned": row.first_planned,
                    "planned": row.planned,
                    "actual": actual,
                    "late_working_days": max(late, 0),
                    "moves": row.moves,
                    "follows": row.moved_with,
                    "confirmed": row.confirmed_on,
                    "status": row.status,
                    "shift_reason": row.shift_reason,
                }
            )
        version = about.cycle.version
        written = _write_ics(ics, about, alarm) if ics is not None else None
    columns = [
        ("col.planned", "whole"),
        ("col.actual", "whole"),
        ("col.late", "right"),
        ("col.label", "left"),
        ("col.key", "whole"),
    ]
    if written is not None:
        output.say("done.dates_written", count=written, file=ics)
    document = {"year": year, "as_of": as_of, "effective": effective, "version": version, "deadlines": documents}
    output.show("title.dates", columns=columns, rows=rows, json=json, schema="cycle/dates/1", document=document)


@app.command("confirm", help=word("cli.date.confirm"))
def confirm(
    year: YearArg,
    key: Key,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.dates.actions import confirm as agree
    from cycle.reminders.actions.confirming import let_go, waiting_for

    with shell.reading(year, plan=plan) as about:
        calendars = shell.calendars_for(about)
    with shell.writing("date.confirmed", "run", year=year, plan=plan, on=on, expect=expect, dry_run=dry_run) as (entry, about):
        waited = waiting_for(about, key, calendars)
        row = agree(entry, about, key)
        letters = let_go(about, key, waited, calendars)
        label = about.workflow.dates[key].label(language())
    if not json:
        _tell_letters(letters)
    output.done(
        "date_confirmed",
        entry=entry,
        json=json,
        dry_run=dry_run,
        document={"letters": [_letter(each) for each in letters]},
        label=label,
        day=row.planned,
        next=f"cycle status {year}",
    )


@app.command("move", help=word("cli.date.move"))
def move(
    year: YearArg,
    key: Key,
    day: Annotated[Any, typer.Argument(parser=as_day, metavar="DAY", help=word("arg.day"), show_default=False)],
    reason: Reason = None,
    on: Day = None,
    force: Annotated[bool, typer.Option("--force", help=word("opt.force"))] = False,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.dates.actions import Moved
    from cycle.meetings.actions import meeting_of_date, move_date_of, move_meeting

    with shell.reading(year, plan=plan) as about:
        meeting = meeting_of_date(about, key)
        calendars = shell.calendars_for(about)
    type = "date.moved" if meeting is None else "meeting.moved"
    with shell.writing(type, "run", year=year, plan=plan, reason=reason, on=on, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        moved: Moved | None
        if meeting is None:
            moved = move_date_of(entry, about, key, day, calendars=calendars, weekend=word("weekend"), force=force)
        else:
            _, moved = move_meeting(
                entry, about, meeting.rule, day, group=meeting.group, calendars=calendars, weekend=word("weekend"), force=force
            )
        labels = {each: rule.label(language()) for each, rule in about.workflow.dates.items()}
    tell_moves(moved, labels, json=json)
    label = labels[key]
    output.done("date_moved", entry=entry, json=json, dry_run=dry_run, label=label, day=day, next=f"cycle date list {year}")


def _letter(letter: Any) -> dict[str, Any]:
    """A letter in JSON: `goes_on` is the day on which it goes, None for one that does not go any more."""
    told = {"date": letter.key, "template": letter.template, "due": letter.due_on, "count": letter.count}
    return {**told, "goes_on": letter.day, "held": letter.held}


def _tell_letters(letters: Any) -> None:
    """Which letters had waited for the confirmation: those that go now or later, and those that lapsed meanwhile."""
    from cycle.cli.entry_facts import worded

    lapsed = [each for each in letters if each.day is None]
    for key, some in (("confirm.lapsed", lapsed), ("confirm.goes", [each for each in letters if each.day is not None])):
        if some:
            output.say(key)
        for each in some:
            facts = {"template": worded("template", each.template), "count": each.count}
            said = shell.sentence("confirm.held_one" if each.held else f"{key}_one", day=each.day or each.due_on, **facts)
            typer.echo(f"  {said}", err=True)


def _write_ics(file: Path, about: Any, alarm: int | None) -> int:
    """Write the year's dates and meetings as a calendar; how many that are."""
    from cycle.adapters.calendar import feed
    from cycle.reminders.actions.appointments import appointments

    found = appointments(about, language(), shell.site().settings)
    title = f"{about.workflow.plan.title(language())} {about.cycle.label}"
    write_whole(file, feed(found, title, alarm_days=alarm))
    return len(found)


def tell_moves(moved: Any, labels: dict[str, str], *, json: bool) -> None:
    """Show what moved with a date, and the warnings."""
    if moved is None or json:
        return
    rows = [
        [move.before, move.after, labels[move.key], word("missed") if move.missed else move.shift_reason, move.key]
        for move in moved.moves
    ]
    columns = [
        ("col.before", "whole"),
        ("col.after", "whole"),
        ("col.label", "left"),
        ("col.note", "left"),
        ("col.key", "whole"),
    ]
    output.as_table(word("title.moves"), columns, rows)
    for finding in moved.warnings:
        output.note(finding)
