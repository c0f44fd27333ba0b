"""`cycle mail approve|withhold`: a batch that waits for a person."""

from cycle.cli import shell
from cycle.cli.mail.telling import Template
from cycle.cli.shell import DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.errors import NotFound


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
