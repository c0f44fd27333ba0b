"""`cycle partner`: the organisations of the network and their contacts."""

from pathlib import Path
from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import importing, output, shell
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Json, Reason
from cycle.cli.partner.forgetting import forget
from cycle.cli.partner.looking import list_partners, show_partner
from cycle.cli.partner.options import Number, text_option
from cycle.cli.words import word

app = noun("partner")
app.command("list", help=word("cli.partner.list"))(list_partners)
app.command("show", help=word("cli.partner.show"))(show_partner)


@app.command("import", help=word("cli.partner.import"))
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=word("arg.file"), show_default=False)],
    sheet: importing.Sheet = None,
    report: importing.Full = False,
    template: importing.Template = False,
    again: Annotated[bool, typer.Option("--again", help=word("opt.again"))] = False,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.adapters.tables import Report
    from cycle.partners.actions import import_partners
    from cycle.partners.actions.files import COLUMNS

    if template:
        importing.write_template(file, COLUMNS)
        return
    workflow, source, seen = shell.site().workflow(), importing.source(file, sheet), Report()
    with shell.writing("partner.imported", "import", reason=reason, dry_run=dry_run) as (entry, _):
        found = import_partners(entry, workflow, source, seen, again=again)
        importing.keep_left_out(entry, seen)
    told = {"added": len(found.added), "changed": len(found.changed), "older": len(found.older), "gone": len(found.gone)}
    key = "partners_imported" if found.added or found.changed else "partners_nothing_new"
    if found.forgotten and not json:
        output.say("partners_forgotten", partners=found.forgotten)
    document = told | {"forgotten": found.forgotten}
    importing.finish(
        key, seen, entry=entry, full=report, json=json, dry_run=dry_run, document=document, next="cycle partner list", **told
    )


@app.command("edit", help=word("cli.partner.edit"))
def edit(
    number: Number,
    salutation: text_option("--salutation", word("opt.salutation")) = None,  # type: ignore[valid-type]
    title: text_option("--title", word("opt.person_title")) = None,  # type: ignore[valid-type]
    first_name: text_option("--first-name", word("opt.first_name")) = None,  # type: ignore[valid-type]
    last_name: text_option("--last-name", word("opt.last_name")) = None,  # type: ignore[valid-type]
    function: text_option("--function", word("opt.function")) = None,  # type: ignore[valid-type]
    mail: text_option("--mail", word("opt.mail")) = None,  # type: ignore[valid-type]
    phone: text_option("--phone", word("opt.phone")) = None,  # type: ignore[valid-type]
    street: text_option("--street", word("opt.street")) = None,  # type: ignore[valid-type]
    postcode: text_option("--postcode", word("opt.postcode")) = None,  # type: ignore[valid-type]
    city: text_option("--city", word("opt.city")) = None,  # type: ignore[valid-type]
    channel: text_option("--channel", word("opt.channel")) = None,  # type: ignore[valid-type]
    language: text_option("--language", word("opt.language")) = None,  # type: ignore[valid-type]
    wish: text_option("--wish", word("opt.wish")) = None,  # type: ignore[valid-type]
    deputy: Annotated[bool, typer.Option("--deputy", help=word("opt.of_deputy"))] = False,
    reason: Reason = None,
    on: Day = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.partners.actions import edit_partner
    from cycle.partners.records import Rank

    given = {
        "salutation": salutation,
        "title": title,
        "first_name": first_name,
        "last_name": last_name,
        "function": function,
        "mail": mail,
        "phone": phone,
    }
    contact = {name: value for name, value in given.items() if value is not None}
    address = {"street": street, "postcode": postcode, "city": city}
    workflow = shell.site().workflow()
    with shell.writing("partner.edited", "record", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        edit_partner(
            entry,
            workflow,
            number,
            contact=contact,
            address={name: value for name, value in address.items() if value is not None},
            channel=channel,
            language=language,
            wish=wish,
            rank=Rank.DEPUTY if deputy else Rank.PRIMARY,
        )
    output.done("partner_edited", entry=entry, json=json, dry_run=dry_run, partner=number, next=f"cycle partner show {number}")


@app.command("leave", help=word("cli.partner.leave"))
def leave(number: Number, reason: Reason = None, on: Day = None, dry_run: DryRun = False, json: Json = False) -> None:
    from cycle.partners.actions import leave as end
    from cycle.plan.records.owning import owned_by

    with shell.writing("partner.left", "record", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        partner = end(entry, number)
        left = owned_by(entry.session, partner.number)
    if left:
        output.say("partner_left_measures", count=len(left), measures=[each.number for each in left])
    output.done("partner_left", entry=entry, json=json, dry_run=dry_run, name=partner.name, next="cycle measure list")


@app.command("merge", help=word("cli.partner.merge"))
def merge(
    number: Number,
    into: Annotated[int, typer.Option("--into", metavar="NR", min=0, max=LARGEST, help=word("opt.into"), show_default=False)],
    reason: Reason = None,
    on: Day = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.partners.actions import merge as join

    with shell.writing("partner.merged", "record", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        partner = join(entry, number, into)
    output.done(
        "partner_merged",
        entry=entry,
        json=json,
        dry_run=dry_run,
        name=partner.name,
        into=into,
        next=f"cycle partner show {into}",
    )


app.command("forget", help=word("cli.partner.forget"))(forget)
