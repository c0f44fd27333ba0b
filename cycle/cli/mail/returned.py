"""`cycle mail bounce`: mail that came back, told by hand (--partner), by a pipe, or by a mailbox (--folder)."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.options import Day, DryRun, Json, Reason
from cycle.cli.words import word
from cycle.errors import NotFound, WrongInput


def bounce(
    partner: Annotated[
        int | None, typer.Option("--partner", min=0, max=LARGEST, help=word("opt.partner"), show_default=False)
    ] = None,
    folder: Annotated[Path | None, typer.Option("--folder", help=word("opt.bounce_folder"), show_default=False)] = None,
    reason: Reason = None,
    on: Day = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    if partner is not None and folder is not None:
        raise WrongInput("bounce_one_of")
    if partner is not None:
        _by_hand(partner, reason, on, dry_run=dry_run, json=json)
    elif folder is not None:
        _mailbox(folder, dry_run=dry_run, json=json)
    else:
        _pipe(dry_run=dry_run, json=json)


def _by_hand(partner: int, reason: str | None, on: Any, *, dry_run: bool, json: bool) -> None:
    from cycle.cycles.rules import need_reason
    from cycle.outbox.actions import bounce_last
    from cycle.partners.actions import bounced
    from cycle.partners.records import Rank
    from cycle.partners.records.recipients import recipients

    with shell.writing("mail.bounced", "mail", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        need_reason(entry.reason)
        found = recipients(entry.session, [partner], Rank.PRIMARY)
        if not found:
            raise NotFound("unknown_partner", partner=partner)
        bounced(entry, found[0].person)
        bounce_last(entry, found[0].person)
        entry.tell(partner=partner)
    output.done("mail_bounced", entry=entry, json=json, dry_run=dry_run, partner=partner, next=f"cycle partner show {partner}")


def _pipe(*, dry_run: bool, json: bool) -> None:
    from cycle.adapters.mailboxes import LARGEST_MESSAGE
    from cycle.vocabulary import Right

    if sys.stdin is None or sys.stdin.isatty():
        raise WrongInput("bounce_needs_message")
    shell.site().allow(Right.MAIL)
    taken, entry = _take(sys.stdin.buffer.read(LARGEST_MESSAGE), dry_run=dry_run)
    next = f"cycle mail show {taken['mail']}" if taken["partner"] is None else f"cycle partner show {taken['partner']}"
    output.done(f"dsn_{taken['result']}", entry=entry, json=json, dry_run=dry_run, document=taken, next=next, **_facts(taken))


def _mailbox(folder: Path, *, dry_run: bool, json: bool) -> None:
    from cycle.adapters.mailboxes import each_new
    from cycle.vocabulary import Right

    told: list[dict[str, Any]] = []

    def understood(name: str, message: bytes) -> bool:
        try:
            taken, _ = _take(message, dry_run=dry_run)
        except WrongInput as error:
            told.append({"message": name, "result": error.key})
            return False
        told.append({"message": name, **taken})
        return True

    shell.site().allow(Right.MAIL)
    each_new(folder, understood, keep=dry_run)
    counts = {result: sum(each["result"] == result for each in told) for result in ("bounced", "delayed", "known")}
    left = len(told) - sum(counts.values())
    if not json:
        for each in told:
            if each["result"] in counts:
                output.say(f"done.dsn_{each['result']}", **_facts(each))
    next = "cycle doctor"
    output.done("dsn_folder", json=json, dry_run=dry_run, document={"messages": told}, next=next, left=left, **counts)


def _take(message: bytes, *, dry_run: bool) -> tuple[dict[str, Any], Any]:
    """Write down what one message says, once; what was done, and the entry. Raises WrongInput for any other message."""
    from cycle.outbox.actions import delayed, returned
    from cycle.outbox.records import mail_of, returned_mail
    from cycle.outbox.rules.dsn import Finality, read_report
    from cycle.partners.actions import bounced

    report = read_report(message)
    if report is None:
        raise WrongInput("not_a_dsn")
    with shell.reading() as answer:
        found = returned_mail(answer.session, report.tokens, report.message_ids)
        if found is None:
            raise WrongInput("dsn_of_no_mail")
        number = found.id or 0
    permanent = report.finality is Finality.PERMANENT
    reason = None if permanent else word("dsn_note", mail=number, status=report.status)
    with shell.writing("mail.bounced" if permanent else "comment.added", "mail", reason=reason, dry_run=dry_run) as (entry, _):
        mail = mail_of(entry.session, number)
        partner = mail.partner
        suppressed = False
        if permanent:
            returned(entry, mail, report.status)
            suppressed = report.about_the_recipient and bool(bounced(entry, mail.person))
            known = not entry.changes
        else:
            known = delayed(entry, mail, report.status)
        if known:
            entry.leave_out()
    result = "known" if known else "bounced" if permanent else "delayed"
    told = {"result": result, "mail": number, "partner": partner, "status": report.status, "suppressed": suppressed}
    return told, None if known else entry


def _facts(taken: dict[str, Any]) -> dict[str, Any]:
    return {name: taken[name] for name in ("mail", "partner", "status")}
