"""`cycle mail list|show|letters`: what there is."""

from datetime import date
from typing import Annotated

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import FIRST_YEAR, LAST_YEAR, as_day, choose, choose_template, plan_with_year
from cycle.cli.mail.telling import Number, OfPartner, composed_now, document_of, print_mail
from cycle.cli.options import Json, OfPlan
from cycle.cli.words import word

OfDay = Annotated[date | None, typer.Option("--on", parser=as_day, metavar="DAY", help=word("opt.of_day"), show_default=False)]


def list_mails(
    state: Annotated[str | None, typer.Option("--state", help=word("opt.state"), show_default=False)] = None,
    on: OfDay = None,
    partner: OfPartner = None,
    template: Annotated[str | None, typer.Option("--template", help=word("opt.template"), show_default=False)] = None,
    year: Annotated[
        int | None, typer.Option("--year", min=FIRST_YEAR, max=LAST_YEAR, help=word("opt.year"), show_default=False)
    ] = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from sqlmodel import select

    from cycle.cycles.records import cycle_of
    from cycle.outbox.records import MailState, mails_all
    from cycle.partners.records import partner_of
    from cycle.reminders.records import LedgerItem

    choose("--state", state, MailState)
    plan_with_year(year, plan)
    with shell.reading() as answer:
        mails = mails_all(answer.session, state=state, day=on)
        choose_template(template, (name for mail in mails for name in mail.templates))
        if partner is not None:
            partner_of(answer.session, partner)
            mails = [mail for mail in mails if mail.partner == partner]
        if template is not None:
            mails = [mail for mail in mails if template in mail.templates]
        if year is not None:
            cycle = cycle_of(answer.session, plan or answer.site.settings.plan, year)
            of_year = set(answer.session.exec(select(LedgerItem.mail_id).where(LedgerItem.cycle_id == cycle.id)))
            mails = [mail for mail in mails if mail.id in of_year]
        rows = [
            [
                m.id,
                m.day,
                word(f"mail_state.{m.state}"),
                ", ".join(m.templates),
                m.partner or (m.role and word(f"role.{m.role}")),
                m.address,
            ]
            for m in mails
        ]
        documents = [
            {**document_of(m), "role": m.role, "level": m.level, "message_id": m.message_id, "subject": m.subject}
            for m in mails
        ]
    columns = [
        ("col.no", "right"),
        ("col.day", "left"),
        ("col.state", "left"),
        ("col.template", "left"),
        ("col.partner", "left"),
    ]
    columns += [("col.address", "left")]
    output.show("title.mails", columns=columns, rows=rows, json=json, schema="cycle/mails/1", document={"mails": documents})


def show_mail(number: Number, json: Json = False) -> None:
    from cycle.outbox.records import mail_of

    with shell.reading() as answer:
        mail = mail_of(answer.session, number)
        told: dict[str, object] = {
            "id": mail.id,
            "state": mail.state,
            "reason": mail.why,
            "templates": mail.templates,
            "partner": mail.partner,
            "to": mail.address,
            "due": mail.day,
            "sent": mail.sent_at,
            "reply_code": mail.reply_code,
            "message_id": mail.message_id,
            "subject": mail.subject,
            "text": mail.text,
        }
    if mail.text is None and mail.state in ("queued", "held"):
        subject, text, _, files = composed_now(number)
        told |= {"subject": subject, **({"attached": files} if files else {}), "text": text}
    if json:
        output.as_json({"schema": "cycle/mail/1", "template": next(iter(mail.templates), None), **told})
        return
    print_mail(told | {"state": word(f"mail_state.{told['state']}")})
