"""`cycle mail queue`: a mail that a person starts, such as the check of the stored contacts."""

from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.mail.telling import Template
from cycle.cli.options import DryRun, Expect, Json, OfPlan, YearArg
from cycle.cli.words import word
from cycle.errors import NotReady


def queue(
    year: YearArg,
    template: Template,
    to: Annotated[str, typer.Option("--to", metavar="AUDIENCE", help=word("opt.audience"), show_default=False)],
    partner: Annotated[
        list[int] | None, typer.Option("--partner", min=0, max=LARGEST, help=word("opt.only_partner"), show_default=False)
    ] = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.cycles.records import Standing
    from cycle.reminders.actions.by_hand import by_hand
    from cycle.reminders.actions.queue import hold_back, queue_each
    from cycle.service.tick import message_domain

    domain = message_domain(shell.site())
    with shell.reading(year, plan=plan) as about:
        held = template in about.workflow.policy.approval
    type = "mail.held" if held else "mail.queued"
    with shell.writing(type, "mail", year=year, plan=plan, expect=expect, dry_run=dry_run) as (entry, about):
        if about.cycle.standing == Standing.HELD:
            raise NotReady("mail_while_on_hold", year=year)
        meant = by_hand(about, template, to, frozenset(partner or ()))
        if held:
            made = hold_back(entry, about, meant.items, domain=domain)
        else:
            made = queue_each(entry, about, meant.items, calendars=shell.calendars_for(about), domain=domain)
        if not made:
            entry.leave_out()
    letters = sum(1 for row in made if row.mail_id is None)
    days = sorted({row.made_on for row in made if row.mail_id is not None})
    left = [{"partner": one.partner, "organisation": one.organisation, "reason": why.value} for one, why in meant.left]
    for reason in dict.fromkeys(each["reason"] for each in left):
        who = [each["partner"] or each["organisation"] for each in left if each["reason"] == reason]
        output.say("mail_not_for", count=len(who), who=who, reason=word(f"why.{reason}"))
    output.done(
        "mail_held_by_hand" if held else "mail_queued_by_hand" if made else "nobody_to_mail",
        entry=entry,
        json=json,
        dry_run=dry_run,
        template=template,
        count=len(made) - letters,
        letters=letters,
        day=days[0] if days else None,
        document={"left_out": left},
        next=f"cycle mail list --year {year} --template {template}",
    )
