"""What several of the mail commands share: a mail as a document, as a person reads it, and its words as of now."""

from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import shell
from cycle.cli.words import word
from cycle.errors import NotFound

Number = Annotated[int, typer.Argument(metavar="NR", min=0, max=LARGEST, help=word("arg.mail"), show_default=False)]
Template = Annotated[str, typer.Option("--template", help=word("opt.template"), show_default=False)]
OfPartner = Annotated[int | None, typer.Option("--partner", min=0, max=LARGEST, help=word("opt.partner"), show_default=False)]


def document_of(mail: Any) -> dict[str, Any]:
    """A mail in JSON; `template` is the first of those that went into it."""
    return {
        "id": mail.id,
        "state": mail.state,
        "reason": mail.why,
        "template": next(iter(mail.templates), None),
        "templates": mail.templates,
        "partner": mail.partner,
        "to": mail.address,
        "due": mail.day,
        "sent": mail.sent_at,
    }


def composed_now(number: int) -> tuple[str, str, str, list[str]]:
    """A mail as it would go now: subject, text, address, the names of the files that go along."""
    from cycle.outbox.records import mail_of
    from cycle.reminders.actions.compose import Stale
    from cycle.service.write import composer_of

    site = shell.site()
    with site.reading() as (session, _):
        mail = mail_of(session, number)
        composed = composer_of(site, session, site.now()).compose(mail)
        if isinstance(composed, Stale):
            raise NotFound("mail_is_stale", mail=number, why=word(f"why.{composed.why.value}"))
        return composed.subject, composed.text, composed.address, [each.name for each in composed.files]


def print_mail(told: dict[str, object]) -> None:
    text = told.pop("text", None)
    for name, value in told.items():
        if value is not None:
            typer.echo(f"{word('col.' + name)}: {shell.words().value(value)}")
    if text:
        typer.echo(f"\n{text}")
