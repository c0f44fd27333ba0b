"""`cycle mail retry|bounce`: what a person does about a mail that went wrong."""

from typing import Annotated

import typer

from cycle.cli import shell
from cycle.cli.mail.telling import Number
from cycle.cli.shell import LARGEST, Day, DryRun, Json, Reason, word
from cycle.errors import NotFound, WrongInput


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
    shell.done("mail_retried", entry=entry, json=json, dry_run=dry_run, mail=number, next="cycle run --once")


def bounce(
    partner: Annotated[int, typer.Option("--partner", min=0, max=LARGEST, help=word("opt.partner"), show_default=False)],
    reason: Reason = None,
    on: Day = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.cycles.rules import need_reason
    from cycle.outbox.actions import bounce_last
    from cycle.partners.actions import bounced
    from cycle.partners.records import Rank, recipients

    with shell.writing("mail.bounced", "mail", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        need_reason(entry.reason)
        found = recipients(entry.session, [partner], Rank.PRIMARY)
        if not found:
            raise NotFound("unknown_partner", partner=partner)
        bounced(entry, found[0].person)
        bounce_last(entry, found[0].person)
        entry.tell(partner=partner)
    shell.done("mail_bounced", entry=entry, json=json, dry_run=dry_run, partner=partner, next=f"cycle partner show {partner}")
