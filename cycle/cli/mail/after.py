"""`cycle mail retry`: what a person does about a mail that went wrong."""

from cycle.cli import output, shell
from cycle.cli.mail.telling import Number
from cycle.cli.options import DryRun, Json
from cycle.cli.words import word
from cycle.errors import WrongInput


def retry(number: Number, dry_run: DryRun = False, json: Json = False) -> None:
    from cycle.outbox.actions import retry as once_more
    from cycle.outbox.records import MailState, mail_of

    with shell.writing("mail.queued", "mail", dry_run=dry_run) as (entry, _):
        mail = mail_of(entry.session, number)
        if mail.state not in (MailState.UNCLEAR, MailState.FAILED):
            raise WrongInput("cannot_retry", mail=number, state=word(f"mail_state.{mail.state}"))
        once_more(entry, mail)
    if not dry_run:
        with shell.site().journal.machinery() as machinery:
            from cycle.outbox.actions import free

            free(machinery, number)
    output.done("mail_retried", entry=entry, json=json, dry_run=dry_run, mail=number, next="cycle run --once")
