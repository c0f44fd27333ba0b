"""`cycle partner list|show`: the organisations of the network, and one of them with its contacts."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import choose
from cycle.cli.options import Json
from cycle.cli.partner.options import Number
from cycle.cli.partner.unreachable import list_unreachable
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from cycle.workflow.model import Workflow


def list_partners(
    status: Annotated[str | None, typer.Option("--status", help=word("opt.partner_status"), show_default=False)] = None,
    group: Annotated[str | None, typer.Option("--group", help=word("opt.group"), show_default=False)] = None,
    unreachable: Annotated[bool, typer.Option("--unreachable", help=word("opt.unreachable"))] = False,
    json: Json = False,
) -> None:
    from cycle.partners.records import PartnerStatus, group_of, partners_all

    choose("--status", status, PartnerStatus)
    with shell.reading() as answer:
        if group is not None:
            group_of(answer.session, group)
        found = [
            p
            for p in partners_all(answer.session)
            if (status is None or p.status == status) and (group is None or group in p.groups)
        ]
        if unreachable:
            list_unreachable(answer, [p.number for p in found], json=json)
            return
        vocab = answer.site.workflow().vocab["partner_status"]
    rows = [[p.number, p.short, p.name, vocab[p.status].label(language()), ", ".join(p.groups)] for p in found]
    columns = [("col.no", "right"), ("col.short", "left"), ("col.name", "left"), ("col.status", "left"), ("col.groups", "left")]
    document = {"partners": [_document(p) for p in found]}
    output.show("title.partners", columns=columns, rows=rows, json=json, schema="cycle/partners/1", document=document)


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
        output.as_json({"schema": "cycle/partner/1", **told})
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
    output.as_table(partner.name, [("col.field", "left"), ("col.value", "left")], rows)


def _labels(workflow: "Workflow", partner: Any) -> dict[str, Any]:
    """What of a partner is a word of the workflow, as it is called in the user's language."""

    def called(words: str, word_id: str) -> str:
        entry = workflow.vocab[words].get(word_id)
        return entry.label(language()) if entry else word_id

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
