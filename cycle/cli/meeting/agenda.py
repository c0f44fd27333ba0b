"""`cycle meeting agenda`: the programme of a meeting, item by item, or whole from a table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.helping import noun
from cycle.cli.meeting.options import Group, Name, app, called
from cycle.cli.options import AsOf, Day, DryRun, Effective, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.words import language, word

MOST_ITEMS = 999
agenda = noun("meeting.agenda")
app.add_typer(agenda)
Number = Annotated[int, typer.Argument(metavar="N", min=1, max=MOST_ITEMS, help=word("arg.agenda_number"), show_default=False)]


@agenda.command("list", help=word("cli.meeting.agenda.list"))
def list_items(
    year: YearArg,
    name: Name,
    group: Group = None,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import find

    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        meeting = find(about, name, group)
        items = told(about, meeting)
    if json:
        output.as_json({"schema": "cycle/agenda/1", "year": year, "meeting": meeting.name, "items": items})
        return
    show_items(items)


@agenda.command("add", help=word("cli.meeting.agenda.add"))
def add_item(
    year: YearArg,
    name: Name,
    title: Annotated[str, typer.Argument(metavar="TITLE", help=word("arg.agenda_title"), show_default=False)],
    kind: Annotated[str | None, typer.Option("--kind", help=word("opt.agenda_kind"), show_default=False)] = None,
    speaker: Annotated[str | None, typer.Option("--speaker", help=word("opt.agenda_speaker"), show_default=False)] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="HH:MM", help=word("opt.agenda_at"), show_default=False)] = None,
    minutes: Annotated[
        int | None, typer.Option("--minutes", min=1, max=1440, help=word("opt.agenda_minutes"), show_default=False)
    ] = None,
    theme: Annotated[
        str | None, typer.Option("--theme", metavar="T", help=word("opt.agenda_theme"), show_default=False)
    ] = None,
    document: Annotated[
        str | None, typer.Option("--document", metavar="KIND|FILE", help=word("opt.agenda_document"), show_default=False)
    ] = None,
    fee: Annotated[
        int | None, typer.Option("--fee", metavar="EUR", min=0, max=LARGEST, help=word("opt.agenda_fee"), show_default=False)
    ] = None,
    place: Annotated[
        int | None,
        typer.Option("--place", metavar="N", min=1, max=MOST_ITEMS, help=word("opt.agenda_place"), show_default=False),
    ] = None,
    group: Group = None,
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings import actions

    with _editing(year, plan, reason, on, expect, group, dry_run) as (entry, about):
        programme = actions.add_item(
            entry,
            about,
            name,
            title,
            group=group,
            at=place,
            kind=kind,
            speaker=speaker,
            starts=at,
            minutes=minutes,
            theme=_themes(about)(theme) if theme else None,
            document=document,
            fee=fee,
        )
    _done("agenda_added", year, about, programme, entry, json=json, dry_run=dry_run)


@agenda.command("move", help=word("cli.meeting.agenda.move"))
def move_item(
    year: YearArg,
    name: Name,
    number: Number,
    to: Annotated[
        int, typer.Option("--to", metavar="N", min=1, max=MOST_ITEMS, help=word("opt.agenda_to"), show_default=False)
    ],
    group: Group = None,
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings import actions

    with _editing(year, plan, reason, on, expect, group, dry_run) as (entry, about):
        programme = actions.move_item(entry, about, name, number, to, group=group)
    _done("agenda_moved", year, about, programme, entry, json=json, dry_run=dry_run)


@agenda.command("drop", help=word("cli.meeting.agenda.drop"))
def drop_item(
    year: YearArg,
    name: Name,
    number: Number,
    group: Group = None,
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings import actions

    with _editing(year, plan, reason, on, expect, group, dry_run) as (entry, about):
        programme = actions.drop_item(entry, about, name, number, group=group)
    _done("agenda_dropped", year, about, programme, entry, json=json, dry_run=dry_run)


@agenda.command("import", help=word("cli.meeting.agenda.import"))
def import_items(
    year: YearArg,
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=word("arg.agenda_file"), show_default=False)],
    group: Group = None,
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.meetings import actions

    with _editing(year, plan, reason, on, expect, group, dry_run) as (entry, about):
        programme, changed = actions.replace_agenda(entry, about, name, file, group=group, themes=_themes(about))
        if not changed:
            entry.leave_out()
    _done("agenda_imported" if changed else "agenda_is_so", year, about, programme, entry, json=json, dry_run=dry_run)


def told(about: Any, meeting: Any) -> list[dict[str, Any]]:
    """The programme of a meeting as a document: each item with its place and the hour at which it begins."""
    from cycle.documents.records import documents_of
    from cycle.meetings.records import agenda_of, programme

    kinds = about.workflow.vocab.get("agenda_kinds", {})
    files = {document.id: document.filename for document in documents_of(about.session, about.cycle_id)}
    return [
        {
            **shown,
            "kind": item.kind,
            "kind_label": kinds[item.kind].label(language()) if item.kind in kinds else item.kind,
            "minutes": item.minutes,
            "theme": item.theme,
            "document": files.get(item.document_id),
            "fee": item.fee,
        }
        for item, shown in zip(agenda_of(about.session, meeting.id or 0), programme(about, meeting, language()), strict=True)
    ]


def show_items(items: list[dict[str, Any]]) -> None:
    """The programme as a table, without columns in which nothing stands."""
    every = ("number", "start", "minutes", "kind_label", "title", "speaker", "theme", "document", "fee")
    names = [name for name in every if name in ("number", "title") or any(item[name] is not None for item in items)]
    sides = {"number": "right", "start": "whole", "minutes": "right", "fee": "right"}
    columns = [(f"col.agenda.{name}", sides.get(name, "left")) for name in names]
    output.as_table(word("title.agenda"), columns, [[item[name] for name in names] for item in items])


def _editing(
    year: int, plan: str | None, reason: str | None, on: Any, expect: int | None, group: str | None, dry_run: bool
) -> Any:
    return shell.writing(
        "meeting.edited", "record", year=year, plan=plan, reason=reason, on=on, expect=expect, group=group, dry_run=dry_run
    )


def _themes(about: Any) -> Any:
    """Which themes there are: asked here, since meetings know no plan."""
    from cycle.plan.records import theme_of

    return lambda number: theme_of(about.session, number, about.cycle.plan).number


def _done(key: str, year: int, about: Any, programme: Any, entry: Any, *, json: bool, dry_run: bool) -> None:
    for finding in () if json else programme.warnings:
        output.note(finding)
    output.done(
        key,
        entry=entry,
        json=json,
        dry_run=dry_run,
        document={"items": len(programme.items)},
        name=called(about, programme.meeting.name),
        items=len(programme.items),
        next=f"cycle meeting agenda list {year} {programme.meeting.name}",
    )
