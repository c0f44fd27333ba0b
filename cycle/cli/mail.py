"""`cycle mail`: what went out, what waits, what would be written."""

from typing import Annotated, Any

import typer

from cycle.cli import shell
from cycle.cli.shell import LARGEST, Day, DryRun, Expect, Json, OfPlan, Reason, YearArg, noun, word
from cycle.errors import NotFound, WrongInput

app = noun("mail")
Number = Annotated[int, typer.Argument(metavar="NR", min=0, max=LARGEST, help=word("arg.mail"), show_default=False)]
Template = Annotated[str, typer.Option("--template", help=word("opt.template"), show_default=False)]
OfPartner = Annotated[int | None, typer.Option("--partner", min=0, max=LARGEST, help=word("opt.partner"), show_default=False)]


@app.command("list", help=word("cli.mail.list"))
def list_mails(
    state: Annotated[str | None, typer.Option("--state", help=word("opt.state"), show_default=False)] = None,
    on: Day = None,
    partner: OfPartner = None,
    template: Annotated[str | None, typer.Option("--template", help=word("opt.template"), show_default=False)] = None,
    year: Annotated[int | None, typer.Option("--year", min=1900, max=2200, help=word("opt.year"), show_default=False)] = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from sqlmodel import select

    from cycle.cycles.records import cycle_of
    from cycle.outbox.records import MailState, mails_all
    from cycle.reminders.records import LedgerItem

    if state is not None and state not in list(MailState):
        raise WrongInput("unknown_state", state=state, known=", ".join(MailState))
    with shell.reading() as answer:
        mails = mails_all(answer.session, state=state, day=on)
        if partner is not None:
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
            {**_told(m), "role": m.role, "level": m.level, "message_id": m.message_id, "subject": m.subject} for m in mails
        ]
    columns = [
        ("col.no", "right"),
        ("col.day", "left"),
        ("col.state", "left"),
        ("col.template", "left"),
        ("col.partner", "left"),
    ]
    columns += [("col.address", "left")]
    shell.show("title.mails", columns=columns, rows=rows, json=json, schema="cycle/mails/1", document={"mails": documents})


@app.command("show", help=word("cli.mail.show"))
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
        subject, text, _ = _composed(number)
        told |= {"subject": subject, "text": text}
    if json:
        shell.as_json({"schema": "cycle/mail/1", "template": next(iter(mail.templates), None), **told})
        return
    _print(told)


@app.command("preview", help=word("cli.mail.preview"))
def preview(
    number: Annotated[
        int | None, typer.Argument(metavar="[NR]", min=0, max=LARGEST, help=word("arg.mail"), show_default=False)
    ] = None,
    on: Day = None,
    json: Json = False,
) -> None:
    if number is not None:
        subject, text, address = _composed(number)
        if json:
            from cycle.outbox.records import mail_of

            with shell.reading() as answer:
                told = _told(mail_of(answer.session, number)) | {"to": address, "subject": subject, "text": text}
            shell.as_json({"schema": "cycle/preview/1", "mails": [told]})
            return
        _print({"to": address, "subject": subject, "text": text})
        return
    from cycle.service.foresee import foreseen

    with shell.reading() as answer:  # only who may read may ask
        due = on or answer.today
    mails = foreseen(shell.site(), on)
    documents = [
        {
            "id": None,
            "state": None,
            "reason": None,
            "template": next(iter(m.templates), None),
            "templates": m.templates,
            "partner": m.partner,
            "role": m.role,
            "to": m.address,
            "due": due,
            "channel": m.channel,
        }
        for m in mails
    ]
    rows = [
        [m.partner or (m.role and word(f"role.{m.role}")), m.address, ", ".join(m.templates), word(f"channel.{m.channel}")]
        for m in mails
    ]
    columns = [("col.partner", "left"), ("col.address", "left"), ("col.template", "left"), ("col.channel", "left")]
    shell.show("title.preview", columns=columns, rows=rows, json=json, schema="cycle/preview/1", document={"mails": documents})


@app.command("approve", help=word("cli.mail.approve"))
def approve(
    year: YearArg,
    template: Template,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.reminders.actions.queue import approve as release
    from cycle.reminders.actions.queue import held_items

    with shell.writing("mail.approved", "mail", year=year, plan=plan, expect=expect, dry_run=dry_run, closed_too=True) as (
        entry,
        about,
    ):
        if not held_items(about, template):
            raise NotFound("nothing_held", template=template, year=year)
        released = release(entry, about, template, calendars=shell.calendars_for(about))
    shell.done(
        "mail_approved",
        entry=entry,
        json=json,
        dry_run=dry_run,
        count=len(released),
        template=template,
        next="cycle run --once",
    )


@app.command("withhold", help=word("cli.mail.withhold"))
def withhold(
    year: YearArg,
    template: Template,
    reason: Reason = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.cycles.rules import need_reason
    from cycle.reminders.actions.queue import held_items
    from cycle.reminders.actions.queue import withhold as keep

    with shell.writing(
        "mail.withheld", "mail", year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run, closed_too=True
    ) as (
        entry,
        about,
    ):
        need_reason(entry.reason)
        if not held_items(about, template):
            raise NotFound("nothing_held", template=template, year=year)
        kept = keep(entry, about, template)
    shell.done(
        "mail_withheld",
        entry=entry,
        json=json,
        dry_run=dry_run,
        count=len(kept),
        template=template,
        next=f"cycle mail list --year {year}",
    )


@app.command("retry", help=word("cli.mail.retry"))
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


@app.command("bounce", help=word("cli.mail.bounce"))
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


@app.command("letters", help=word("cli.mail.letters"))
def letters(json: Json = False) -> None:
    from sqlmodel import col, select

    from cycle.partners.records import Partner
    from cycle.reminders.records import ItemState, LedgerItem

    with shell.reading() as answer:
        query = select(LedgerItem, Partner).join(Partner, col(Partner.number) == col(LedgerItem.partner), isouter=True)
        found = list(answer.session.exec(query.where(LedgerItem.state == ItemState.LETTER).order_by(col(LedgerItem.id))))
        rows = [[item.made_on, item.template, item.partner, partner.name if partner else None] for item, partner in found]
        documents = [{"due": i.made_on, "template": i.template, "partner": i.partner} for i, _ in found]
    columns = [("col.day", "left"), ("col.template", "left"), ("col.no", "right"), ("col.partner", "left")]
    shell.show(
        "title.letters", columns=columns, rows=rows, json=json, schema="cycle/letters/1", document={"letters": documents}
    )


def _told(mail: Any) -> dict[str, Any]:
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


def _composed(number: int) -> tuple[str, str, str]:
    from cycle.outbox.records import mail_of
    from cycle.reminders.actions.compose import Stale
    from cycle.service.write import composer_of

    site = shell.site()
    with site.reading() as (session, _):
        mail = mail_of(session, number)
        composed = composer_of(site, session, site.now()).compose(mail)
        if isinstance(composed, Stale):
            raise NotFound("mail_is_stale", mail=number, why=word(f"why.{composed.why.value}"))
        return composed.subject, composed.text, composed.address


def _print(told: dict[str, object]) -> None:
    text = told.pop("text", None)
    for name, value in told.items():
        if value is not None:
            typer.echo(f"{word('col.' + name)}: {shell.words().value(value)}")
    if text:
        typer.echo(f"\n{text}")
