"""`cycle mail approve|withhold`: a batch that waits for a person, as it was seen; `preview YEAR --held` shows it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import choose_template
from cycle.cli.mail.telling import Template
from cycle.cli.options import DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.planned import of_plan
from cycle.cli.words import word
from cycle.errors import NotFound
from cycle.wording import LISTED

if TYPE_CHECKING:
    from cycle.reminders.actions.approval import Batch

Seen = Annotated[str | None, typer.Option("--seen", metavar="HASH", help=word("opt.seen"), show_default=False)]


def approve(
    year: YearArg,
    template: Template,
    seen: Seen = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.reminders.actions.approval import seal
    from cycle.reminders.actions.queue import approve as release
    from cycle.service.approved import composer_on

    with shell.writing("mail.approved", "mail", year=year, plan=plan, expect=expect, dry_run=dry_run, closed_too=True) as (
        entry,
        about,
    ):
        batch = _seen(about, template, seen)
        entry.tell(batch_sha256=batch.sha256)
        released = release(entry, about, template, calendars=shell.calendars_for(about))
        seal(entry, composer_on(shell.site(), entry.session, entry.now), released)
    output.done(
        "mail_approved",
        entry=entry,
        json=json,
        dry_run=dry_run,
        count=len(released),
        template=template,
        document={"batch_sha256": batch.sha256},
        next="cycle run --once",
    )


def withhold(
    year: YearArg,
    template: Template,
    seen: Seen = None,
    reason: Reason = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.cycles.rules import need_reason
    from cycle.reminders.actions.queue import withhold as keep

    with shell.writing(
        "mail.withheld", "mail", year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run, closed_too=True
    ) as (
        entry,
        about,
    ):
        need_reason(entry.reason)
        batch = _seen(about, template, seen)
        entry.tell(batch_sha256=batch.sha256)
        kept = keep(entry, about, template)
    output.done(
        "mail_withheld",
        entry=entry,
        json=json,
        dry_run=dry_run,
        count=len(kept),
        template=template,
        document={"batch_sha256": batch.sha256},
        next=f"cycle mail list --year {year}",
    )


def show_batch(year: int, template: str, *, plan: str | None, json: bool) -> None:
    """A batch that waits, with the words of its letters and the hash that an approval is bound to."""
    with shell.reading(year, plan=plan) as about:
        batch = _batch(about, template)
        documents = [_document(each) for each in batch.letters]
    if json:
        told = {"year": year, "template": template, "sha256": batch.sha256, "mails": documents}
        output.as_json({"schema": "cycle/batch/1", **told})
        return
    rows = [
        [
            each["id"],
            each["partner"],
            each["to"],
            each["subject"] or word(f"why.{each['reason']}" if each["reason"] else "channel.post"),
        ]
        for each in documents
    ]
    columns = [("col.no", "right"), ("col.partner", "right"), ("col.address", "left"), ("col.subject", "left")]
    output.as_table(shell.sentence("title.batch", template=template, count=len(rows)), columns, rows)
    attached = sorted({name for each in documents for name in each.get("attached", ())})
    if attached:
        output.say("batch.attached", files=attached[:LISTED], count=len(attached))
    output.say("batch.hash", sha256=batch.sha256)
    typer.echo(
        word("next", command=of_plan(f"cycle mail approve {year} --template {template} --seen {batch.sha256[:16]}")), err=True
    )


def _batch(about: Any, template: str) -> "Batch":
    from cycle.reminders.actions.approval import batch_of
    from cycle.service.write import composer_of

    batch = batch_of(composer_of(shell.site(), about.session, about.now), about, template)
    if not batch.letters:
        choose_template(template)
        raise NotFound("nothing_held", template=template, year=about.cycle.year)
    return batch


def _seen(about: Any, template: str, seen: str | None) -> "Batch":
    """The batch as it is now, which must be the one that was seen."""
    from cycle.reminders.actions.approval import demand_seen

    batch = _batch(about, template)
    if seen is not None:
        demand_seen(about, batch, seen)
    return batch


def _document(each: Any) -> dict[str, Any]:
    words = each.words
    attached = [file.name for file in getattr(words, "files", ())]
    return {
        "id": each.mail.id if each.mail else None,
        "state": "held",
        "reason": getattr(words, "why", None),
        "template": each.item.template,
        "templates": [each.item.template],
        "partner": each.item.partner,
        "to": getattr(words, "address", None),
        "due": each.item.due_on,
        "subject": getattr(words, "subject", None),
        "text": getattr(words, "text", None),
        **({"attached": attached} if attached else {}),
        "sha256": each.sha256,
    }
