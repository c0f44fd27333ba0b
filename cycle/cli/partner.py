"""`cycle partner`: the organisations of the network and their contacts."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import importing, shell
from cycle.cli.shell import LARGEST, Day, DryRun, Json, Reason, noun, word

if TYPE_CHECKING:
    from cycle.partners.records.reach import Unreachable
    from cycle.workflow.model import Workflow

app = noun("partner")
Number = Annotated[int, typer.Argument(metavar="NR", min=0, max=LARGEST, help=word("arg.partner"), show_default=False)]


def _text(option: str, name: str) -> Any:
    return Annotated[str | None, typer.Option(option, help=word(f"opt.{name}"), show_default=False)]


@app.command("list", help=word("cli.partner.list"))
def list_partners(
    status: Annotated[str | None, typer.Option("--status", help=word("opt.partner_status"), show_default=False)] = None,
    group: Annotated[str | None, typer.Option("--group", help=word("opt.group"), show_default=False)] = None,
    unreachable: Annotated[bool, typer.Option("--unreachable", help=word("opt.unreachable"))] = False,
    json: Json = False,
) -> None:
    from cycle.partners.records import PartnerStatus, group_of, partners_all

    shell.choose("--status", status, PartnerStatus)
    with shell.reading() as answer:
        if group is not None:
            group_of(answer.session, group)
        found = [
            p
            for p in partners_all(answer.session)
            if (status is None or p.status == status) and (group is None or group in p.groups)
        ]
        if unreachable:
            _list_unreachable(answer, [p.number for p in found], json=json)
            return
        vocab = answer.site.workflow().vocab["partner_status"]
    rows = [[p.number, p.short, p.name, vocab[p.status].label(shell.language()), ", ".join(p.groups)] for p in found]
    columns = [("col.no", "right"), ("col.short", "left"), ("col.name", "left"), ("col.status", "left"), ("col.groups", "left")]
    document = {"partners": [_document(p) for p in found]}
    shell.show("title.partners", columns=columns, rows=rows, json=json, schema="cycle/partners/1", document=document)


@app.command("show", help=word("cli.partner.show"))
def show_partner(number: Number, json: Json = False) -> None:
    from cycle.partners.records import contacts_of, partner_of

    with shell.reading() as answer:
        partner = partner_of(answer.session, number)
        contacts = [
            {
                "rank": c.rank,
                "ref": c.ref,
                "name": " ".join(filter(None, [c.title, c.first_name, c.last_name])),
                "function": c.function,
                "mail": c.mail,
                "phone": c.phone,
                "bounced_on": c.bounced_on,
                "wish": c.wish,
            }
            for c in contacts_of(answer.session, partner.id or 0)
            if c.valid_to is None
        ]
        told = _document(partner) | {"contacts": contacts}
        labels = _labels(answer.site.workflow(), partner)
    if json:
        shell.as_json({"schema": "cycle/partner/1", **told})
        return
    named = _document(partner) | labels
    rows = [[word(f"col.{name}"), value] for name, value in named.items() if value not in (None, [], "")]
    for contact in contacts:
        rows.append(
            [
                word(f"rank.{contact['rank']}"),
                ", ".join(str(contact[n]) for n in ("name", "function", "mail", "phone") if contact[n]),
            ]
        )
        if contact["bounced_on"]:
            rows.append(["", word("bounced_since", day=contact["bounced_on"])])
        if contact["wish"]:
            rows.append(["", word(f"wish.{contact['wish']}")])
    shell.as_table(partner.name, [("col.field", "left"), ("col.value", "left")], rows)


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
        shell.say("partners_forgotten", partners=found.forgotten)
    document = told | {"forgotten": found.forgotten}
    importing.finish(
        key, seen, entry=entry, full=report, json=json, dry_run=dry_run, document=document, next="cycle partner list", **told
    )


@app.command("edit", help=word("cli.partner.edit"))
def edit(
    number: Number,
    salutation: _text("--salutation", "salutation") = None,  # type: ignore[valid-type]
    title: _text("--title", "person_title") = None,  # type: ignore[valid-type]
    first_name: _text("--first-name", "first_name") = None,  # type: ignore[valid-type]
    last_name: _text("--last-name", "last_name") = None,  # type: ignore[valid-type]
    function: _text("--function", "function") = None,  # type: ignore[valid-type]
    mail: _text("--mail", "mail") = None,  # type: ignore[valid-type]
    phone: _text("--phone", "phone") = None,  # type: ignore[valid-type]
    street: _text("--street", "street") = None,  # type: ignore[valid-type]
    postcode: _text("--postcode", "postcode") = None,  # type: ignore[valid-type]
    city: _text("--city", "city") = None,  # type: ignore[valid-type]
    channel: _text("--channel", "channel") = None,  # type: ignore[valid-type]
    language: _text("--language", "language") = None,  # type: ignore[valid-type]
    wish: _text("--wish", "wish") = None,  # type: ignore[valid-type]
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
    shell.done("partner_edited", entry=entry, json=json, dry_run=dry_run, partner=number, next=f"cycle partner show {number}")


@app.command("leave", help=word("cli.partner.leave"))
def leave(number: Number, reason: Reason = None, on: Day = None, dry_run: DryRun = False, json: Json = False) -> None:
    from cycle.partners.actions import leave as end
    from cycle.plan.records import owned_by

    with shell.writing("partner.left", "record", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        partner = end(entry, number)
        left = owned_by(entry.session, partner.number)
    if left:
        shell.say("partner_left_measures", count=len(left), measures=[each.number for each in left])
    shell.done("partner_left", entry=entry, json=json, dry_run=dry_run, name=partner.name, next="cycle measure list")


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
    shell.done(
        "partner_merged",
        entry=entry,
        json=json,
        dry_run=dry_run,
        name=partner.name,
        into=into,
        next=f"cycle partner show {into}",
    )


@app.command("forget", help=word("cli.partner.forget"))
def forget(
    number: Number,
    contact: Annotated[
        list[str] | None, typer.Option("--contact", metavar="NR", help=word("opt.contacts"), show_default=False)
    ] = None,
    legal_basis: _text("--legal-basis", "legal_basis") = None,  # type: ignore[valid-type]
    also: Annotated[
        list[str] | None, typer.Option("--also", metavar="TABLE:NR", help=word("opt.also_erase"), show_default=False)
    ] = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.privacy import forget as erase
    from cycle.cli.privacy import finish_erasing

    site = shell.site()
    with shell.writing("subject.erased", "forget", reason=reason, dry_run=dry_run) as (entry, _):
        found = erase(
            entry,
            site.workflow(),
            number,
            which=contact or (),
            legal_basis=legal_basis,
            also=also or (),
            archive_first=site.settings.retention.archive_first,
        )
    named = sorted({subject for each in found for subject in each.named_in} - set(also or ()))
    after = {} if dry_run else finish_erasing(json=json)
    if named and not json:
        shell.say("privacy.still_named", subjects=named)
    if not json:
        for each in found:
            if each.login or each.known_elsewhere:
                shell.say("privacy.stays", ref=each.ref, login=each.login, partners=each.known_elsewhere or None)
    facts = {"subjects": entry.facts["subjects"], "count": entry.facts["count"], "named_in": named, **after}
    shell.done(
        "forgotten",
        entry=entry,
        json=json,
        dry_run=dry_run,
        partner=number,
        persons=len(found),
        count=entry.facts["count"],
        document=facts,
        next="cycle history verify",
    )


def _list_unreachable(answer: Any, chosen: Sequence[int], *, json: bool) -> None:
    from cycle.partners.records import network
    from cycle.partners.records.reach import unreachable

    taking_part = network(answer.session, answer.site.settings.city.organiser)
    found = unreachable(answer.session, set(taking_part) & set(chosen))
    rows = [
        [
            each.number,
            each.name,
            word(f"rank.{each.rank}"),
            word(f"unreachable.{each.obstacle}", day=each.bounced_on),
            each.phone,
        ]
        for each in found
    ]
    columns = [("col.no", "right"), ("col.name", "left"), ("col.who", "left"), ("col.why", "left"), ("col.phone", "left")]
    document = {"contacts": [asdict(each) | {"command": _remedy(each)} for each in found]}
    shell.show(
        "title.unreachable", columns=columns, rows=rows, json=json, schema="cycle/partners-unreachable/1", document=document
    )
    if found and not json:
        typer.echo(word("next", command=_remedy(found[0])), err=True)


def _remedy(contact: "Unreachable") -> str:
    """The command that makes a contact reachable again; further contacts come with the partners' file."""
    from cycle.partners.records import Rank
    from cycle.partners.rules import Obstacle

    if contact.rank is Rank.FURTHER:
        return "cycle partner import FILE"
    if contact.obstacle is Obstacle.NO_ADDRESS:
        return f"cycle partner edit {contact.number} --street … --postcode … --city …"
    option = "--phone" if contact.obstacle is Obstacle.NO_PHONE else "--mail"
    deputy = " --deputy" if contact.rank is Rank.DEPUTY else ""
    return f"cycle partner edit {contact.number}{deputy} {option} … --reason …"


def _labels(workflow: "Workflow", partner: Any) -> dict[str, Any]:
    """What of a partner is a word of the workflow, as it is called in the user's language."""

    def called(words: str, word_id: str) -> str:
        entry = workflow.vocab[words].get(word_id)
        return entry.label(shell.language()) if entry else word_id

    one = {"kind": "partner_kinds", "status": "partner_status", "channel": "channels"}
    told = {name: called(words, getattr(partner, name)) for name, words in one.items()}
    return told | {"fields": ", ".join(called("fields", each) for each in partner.fields)}


def _document(partner: Any) -> dict[str, Any]:
    names = (
        "number",
        "short",
        "name",
        "kind",
        "street",
        "postcode",
        "city",
        "status",
        "channel",
        "language",
        "groups",
        "fields",
        "since",
        "left_on",
        "merged_into",
    )
    return {name: getattr(partner, name) for name in names}
