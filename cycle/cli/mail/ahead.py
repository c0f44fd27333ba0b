"""`cycle mail preview`: what will go, before it goes."""

from pathlib import Path
from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.choosing import plan_with_year
from cycle.cli.mail.files import write_files
from cycle.cli.mail.forecast import documents_of, say_waiting
from cycle.cli.mail.telling import composed_now, document_of, print_mail
from cycle.cli.options import Day, Json, OfPlan
from cycle.cli.words import word
from cycle.errors import WrongInput

HtmlFile = Annotated[Path | None, typer.Option("--html", metavar="FILE", help=word("opt.html_file"), show_default=False)]
EmlFile = Annotated[Path | None, typer.Option("--eml", metavar="FILE", help=word("opt.eml_file"), show_default=False)]


def preview(
    number: Annotated[
        int | None, typer.Argument(metavar="NR|YEAR", min=0, max=LARGEST, help=word("arg.mail_or_year"), show_default=False)
    ] = None,
    on: Day = None,
    html: HtmlFile = None,
    eml: EmlFile = None,
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
    plan_with_year(None, plan)
    if number is None and (html or eml):
        raise WrongInput("preview_needs_number", option="--html" if html else "--eml")
    if number is not None:
        subject, text, address, attached = composed_now(number)
        files = write_files(number, html=html, eml=eml)
        if json:
            from cycle.outbox.records import mail_of

            with shell.reading() as answer:
                told = document_of(mail_of(answer.session, number)) | {"to": address, "subject": subject, "text": text}
            told |= {"attached": attached} if attached else {}
            told |= {"files": {kind: str(file) for kind, file in files.items()}} if files else {}
            output.as_json({"schema": "cycle/preview/1", "mails": [told]})
            return
        print_mail({"to": address, "subject": subject, "attached": attached or None, "text": text})
        if "html" in files:
            output.say("preview.html", file=files["html"])
        if "eml" in files:
            output.say("preview.eml", file=files["eml"])
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
    waiting = [line for line in found.lines if line.what is What.UNCONFIRMED]
    document = {"mails": documents, "waiting": documents_of(waiting)}
    output.show("title.preview", columns=columns, rows=rows, json=json, schema="cycle/preview/1", document=document)
    if not json:
        say_waiting(waiting)
