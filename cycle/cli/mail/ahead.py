"""`cycle mail preview`: what will go, before it goes."""

from typing import Annotated

import typer

from cycle.cli import shell
from cycle.cli.mail.telling import composed_now, document_of, print_mail
from cycle.cli.shell import LARGEST, Day, Json, OfPlan, word
from cycle.errors import WrongInput


def preview(
    number: Annotated[
        int | None, typer.Argument(metavar="[NR|YEAR]", min=0, max=LARGEST, help=word("arg.mail_or_year"), show_default=False)
    ] = None,
    on: Day = None,
    held: Annotated[bool, typer.Option("--held", help=word("opt.held"))] = False,
    template: Annotated[str | None, typer.Option("--template", help=word("opt.template"), show_default=False)] = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    if held:
        from cycle.cli.mail.batch import show_batch

        if number is None or template is None:
            raise WrongInput("held_needs_a_batch")
        show_batch(number, template, plan=plan, json=json)
        return
    if number is not None:
        subject, text, address = composed_now(number)
        if json:
            from cycle.outbox.records import mail_of

            with shell.reading() as answer:
                told = document_of(mail_of(answer.session, number)) | {"to": address, "subject": subject, "text": text}
            shell.as_json({"schema": "cycle/preview/1", "mails": [told]})
            return
        print_mail({"to": address, "subject": subject, "text": text})
        return
    from cycle.service.foresee import What, foresee

    with shell.reading() as answer:  # only who may read may ask
        due = on or answer.today
    found = foresee(shell.site(), due, due)
    mails = [line for line in found.lines if line.what in (What.MAIL, What.LETTER, What.HELD)]
    documents = [
        {
            "id": m.number,
            "state": m.what if m.what is What.HELD else None,
            "reason": None,
            "template": next(iter(m.templates), None),
            "templates": m.templates,
            "partner": m.partner,
            "role": m.role,
            "to": m.address,
            "due": m.day,
            "channel": m.channel,
        }
        for m in mails
    ]
    rows = [
        [m.partner or (m.role and word(f"role.{m.role}")), m.address, ", ".join(m.templates), word(f"foreseen.{m.what}")]
        for m in mails
    ]
    columns = [("col.partner", "left"), ("col.address", "left"), ("col.template", "left"), ("col.channel", "left")]
    shell.show("title.preview", columns=columns, rows=rows, json=json, schema="cycle/preview/1", document={"mails": documents})
