"""`cycle group`: the network groups."""

from pathlib import Path
from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import importing, output, shell
from cycle.cli.group.review import review
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Json, Reason
from cycle.cli.words import word

app = noun("group")
app.command("review", help=word("cli.group.review"))(review)


@app.command("list", help=word("cli.group.list"))
def list_groups(json: Json = False) -> None:
    from cycle.partners.records import groups_all, partners_all

    with shell.reading() as answer:
        members = [
            code
            for partner in partners_all(answer.session)
            if partner.status in ("active", "dormant")
            for code in partner.groups
        ]
        found = [
            {"code": g.code, "name": g.name, "speaker": g.speaker, "members": members.count(g.code)}
            for g in groups_all(answer.session)
        ]
    rows = [[g["code"], g["name"], g["speaker"], g["members"]] for g in found]
    columns = [("col.group", "left"), ("col.name", "left"), ("col.speaker", "right"), ("col.members", "right")]
    output.show("title.groups", columns=columns, rows=rows, json=json, schema="cycle/groups/1", document={"groups": found})


@app.command("import", help=word("cli.group.import"))
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=word("arg.file"), show_default=False)],
    sheet: importing.Sheet = None,
    report: importing.Full = False,
    template: importing.Template = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.adapters.tables import Report
    from cycle.partners.actions import import_groups
    from cycle.partners.actions.groups import COLUMNS

    if template:
        importing.write_template(file, COLUMNS)
        return
    source, seen = importing.source(file, sheet), Report()
    with shell.writing("group.imported", "import", dry_run=dry_run) as (entry, _):
        found = import_groups(entry, source, seen)
        importing.keep_left_out(entry, seen)
    if found.unknown_speakers:
        output.say("speakers_unknown", partners=found.unknown_speakers)
    told = {"added": len(found.added), "changed": len(found.changed)}
    importing.finish(
        "groups_imported",
        seen,
        entry=entry,
        full=report,
        json=json,
        dry_run=dry_run,
        document=told,
        next="cycle group list",
        **told,
    )


@app.command("edit", help=word("cli.group.edit"))
def edit(
    code: Annotated[str, typer.Argument(metavar="GROUP", help=word("arg.group"), show_default=False)],
    name: Annotated[str | None, typer.Option("--name", help=word("opt.name"), show_default=False)] = None,
    speaker: Annotated[
        int | None, typer.Option("--speaker", min=0, max=LARGEST, help=word("opt.speaker"), show_default=False)
    ] = None,
    reason: Reason = None,
    on: Day = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.partners.actions import edit_group

    with shell.writing("group.edited", "record", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        edit_group(entry, code, name=name, speaker=speaker)
    output.done("group_edited", entry=entry, json=json, dry_run=dry_run, group=code, next="cycle group list")
