"""`cycle mail test`: the real thing, to oneself."""

from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.choosing import choose_template
from cycle.cli.options import DryRun, Json
from cycle.cli.words import word
from cycle.errors import MailsFailed, NotFound, WrongInput


def try_out(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help=word("arg.address"), show_default=False)],
    template: Annotated[str | None, typer.Option("--template", help=word("opt.template"), show_default=False)] = None,
    number: Annotated[
        int | None, typer.Option("--mail", metavar="NR", min=0, max=LARGEST, help=word("arg.mail"), show_default=False)
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    import asyncio

    from cycle.adapters.addresses import valid_address
    from cycle.adapters.outcome import OutcomeKind, Phase
    from cycle.service.trial import send, trial
    from cycle.vocabulary import Right

    site = shell.site()
    site.allow(Right.MAIL)
    if number is not None and template is not None:
        raise WrongInput("test_one_of")
    to = valid_address(address)
    if to is None:
        raise WrongInput("bad_address", address=address)
    choose_template(template)
    try:
        found = trial(site, to, number=number, template=template)
    except NotFound as error:
        if error.key == "mail_is_stale":
            error.facts["why"] = word(f"why.{error.facts['why']}")
        raise
    told = {
        "to": to,
        "mail": found.number,
        "due": found.day,
        "templates": list(found.templates),
        "partner": found.partner,
        "subject": found.subject,
    }
    if dry_run:
        output.done("mail_test_tried", json=json, dry_run=True, document=told, subject=found.subject, address=to)
        return
    outcome = asyncio.run(send(site, found, to))
    answer = " ".join(str(part) for part in (outcome.code, outcome.text) if part)
    if outcome.kind is not OutcomeKind.SENT:
        raise MailsFailed("test_not_sent", address=to, answer=answer, phase=outcome.phase.value)
    told |= {"result": outcome.kind, "code": outcome.code, "answer": answer}
    key = "mail_test_written" if outcome.phase is Phase.MAILDIR else "mail_test_sent"
    next = "cycle mail list"
    output.done(
        key, json=json, document=told, next=next, subject=found.subject, address=to, answer=answer, folder=site.home / "mail"
    )
