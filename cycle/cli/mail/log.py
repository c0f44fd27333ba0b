"""`cycle mail log`: the deliveries of a year, with the address of that day, the hash of the text and the server's answer."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import FIRST_YEAR, LAST_YEAR, choose_template, plan_with_year
from cycle.cli.mail.telling import OfPartner
from cycle.cli.options import AsOf, Json, OfPlan
from cycle.cli.words import word

if TYPE_CHECKING:
    from cycle.outbox.records import Ended, Mail, Returned

SHOWN = 12  # digits of a hash in a table; the whole one is in the JSON


def log(
    year: Annotated[
        int | None,
        typer.Argument(metavar="YEAR", min=FIRST_YEAR, max=LAST_YEAR, help=word("arg.year_optional"), show_default=False),
    ] = None,
    partner: OfPartner = None,
    template: Annotated[str | None, typer.Option("--template", help=word("opt.template"), show_default=False)] = None,
    text: Annotated[bool, typer.Option("--text", help=word("opt.text"))] = False,
    as_of: AsOf = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.outbox.records import outcomes
    from cycle.partners.records import partner_of
    from cycle.reminders.records import deliveries

    plan_with_year(year, plan)
    with shell.reading(year, plan=plan, as_of=as_of) as answer:
        if partner is not None:
            partner_of(answer.session, partner)
        found = deliveries(answer.session, cycle_id=answer.cycle_id if year is not None else None, partner=partner)
        choose_template(template, (name for mail, _ in found for name in mail.templates))
        ended, returned = outcomes(answer.session, partner)
        documents = [
            _document(mail, [item.subject for item in items], shell.site().zone)
            | _told(ended.get(mail.id or 0), returned.get(mail.id or 0, []))
            | ({"text": mail.text} if text else {})
            for mail, items in found
            if template is None or template in mail.templates
        ]
    rows = [
        [
            each["day"],
            ", ".join(each["templates"]),
            each["partner"] or (each["role"] and word(f"role.{each['role']}")),
            each["to"],
            " ".join(filter(None, [word(f"mail_state.{each['state']}"), str(each["reply_code"] or "")])),
            (each["text_sha256"] or each["mime_sha256"] or "")[:SHOWN],
            ", ".join((version or "–")[:SHOWN] for version in each["template_sha256"]) or None,
            ", ".join(" ".join(filter(None, [str(shell.words().value(b["on"])), b["status"]])) for b in each["bounces"])
            or None,
        ]
        for each in documents
    ]
    columns = [("col.day", "left"), ("col.template", "left"), ("col.partner", "left"), ("col.address", "address")]
    columns += [("col.state", "left"), ("col.hash", "whole"), ("col.templates_sha256", "left"), ("col.bounced", "left")]
    output.show(
        "title.log", columns=columns, rows=rows, json=json, schema="cycle/mail-log/1", document={"deliveries": documents}
    )
    for each in documents if text and not json else ():
        typer.echo(f"\n=== {each['id']} · {each['subject'] or '–'} ===\n{each['text'] or word('text_gone')}")


def _told(ended: "Ended | None", returned: "list[Returned]") -> dict[str, Any]:
    """What the journal tells of it: the entry, the version of each template, what came back."""
    return {
        "entry": ended.entry if ended else None,
        "template_sha256": list(ended.template_sha256) if ended else [],
        "bounces": [{"entry": each.entry, "on": each.on, "status": each.status} for each in returned],
    }


def _document(mail: "Mail", subjects: list[str], zone: Any) -> dict[str, Any]:
    """A delivery: what of whom, to which address then, the hashes of its text and bytes, and what the server said."""
    from hashlib import sha256

    return {
        "id": mail.id,
        "state": mail.state,
        "reason": mail.why,
        "template": next(iter(mail.templates), None),
        "templates": mail.templates,
        "about": subjects,
        "partner": mail.partner,
        "role": mail.role,
        "language": mail.language,
        "day": mail.sent_at.astimezone(zone).date() if mail.sent_at else mail.day,
        "sent": mail.sent_at,
        "to": mail.address,
        "subject": mail.subject,
        "text_sha256": sha256(mail.text.encode()).hexdigest() if mail.text is not None else None,
        "mime_sha256": mail.mime_sha256,
        "message_id": mail.message_id,
        "reply_code": mail.reply_code,
        "reply": mail.last_reply,
        "bounced": mail.state == "bounced",
    }
