"""What became of one mail goes into the journal: an entry each, fenced by the lease of who sent it."""

from collections.abc import Sequence

from cycle.adapters.smtp import Outcome, OutcomeKind, Phase
from cycle.app.site import Site
from cycle.journal.actor import SERVICE
from cycle.journal.questions import row_of
from cycle.outbox.actions import abandoned, expired, free, mark, release, try_again
from cycle.outbox.records import Mail, MailState
from cycle.partners.actions import bounced
from cycle.reminders.records import ItemState, items_of_mail
from cycle.reminders.rules.ladder import Why
from cycle.service.delivery import Job, Run
from cycle.service.memory import Breaker


def settle(run: Run, job: Job, outcome: Outcome, owner: str) -> None:
    """Write down what became of a mail that was tried: done with, given back, or to be tried again later."""
    site, delivered = run.site, run.delivered
    now = site.now()
    reply = outcome.told
    refused_content = outcome.kind is OutcomeKind.FAULT and outcome.phase is Phase.DOT
    if outcome.kind in (OutcomeKind.RELAY, OutcomeKind.FAULT) and not refused_content:
        with site.journal.machinery() as machinery:
            if outcome.phase is Phase.RCPT:  # perhaps only this one is refused: it must not be the first again at once
                try_again(machinery, job.mail, owner=owner, now=now, reply=reply)
            else:
                release(machinery, [job.mail.id or 0], owner=owner, reply=reply)
        delivered.trouble = reply
        return
    if outcome.kind in (OutcomeKind.LATER, OutcomeKind.UNSENT):
        delivered.later += 1
        if not expired(job.mail, site.today()):
            with site.journal.machinery() as machinery:
                try_again(machinery, job.mail, owner=owner, now=now, reply=reply)
            return
        cancel(run, job.mail.id or 0, MailState.MISSED, Why.TOO_LATE, owner)
        return
    type = {OutcomeKind.SENT: "mail.sent", OutcomeKind.UNCLEAR: "mail.unclear"}.get(outcome.kind, "mail.failed")
    with site.journal.entry(type, by=SERVICE, now=now) as entry:
        mail = row_of(entry.session, Mail, job.mail.id)
        if mail.lease != owner:  # given up for dead, and a person has decided since
            entry.leave_out()
            return
        mark(entry, mail, outcome, job.written, owner=owner)
        if outcome.kind is OutcomeKind.PERMANENT:
            bounced(entry, mail.person)
    if outcome.kind is OutcomeKind.SENT:
        delivered.sent += 1
        for template in job.mail.templates:
            run.memory.refused.pop(template, None)
            delivered.templates[template] = delivered.templates.get(template, 0) + 1
    elif outcome.kind is OutcomeKind.UNCLEAR:
        delivered.unclear += 1
    else:
        delivered.failed += 1
    if refused_content:
        for template in job.mail.templates:
            run.memory.refused.setdefault(template, Breaker()).failed(site.clock.monotonic())
            delivered.refused[template] = reply


def mark_abandoned(run: Run) -> None:
    """Whoever held these died: they may have gone, so a person decides. Into a folder they are simply written again: a mail
    has one file, however often."""
    site = run.site
    with site.journal.machinery() as machinery:
        numbers = abandoned(machinery, site.now())
        if site.settings.mail.transport == "maildir":
            for number in numbers:
                free(machinery, number)
            return
    for number in numbers:
        with site.journal.entry("mail.unclear", by=SERVICE, now=site.now()) as entry:
            mail = row_of(entry.session, Mail, number)
            if mail.state != MailState.QUEUED:  # another process saw it too
                entry.leave_out()
                continue
            lost = Outcome(OutcomeKind.UNCLEAR, None, "abandoned", Phase.DOT)
            mark(entry, mail, lost, None, owner=mail.lease or "")
        run.delivered.unclear += 1
        run.log("mail_abandoned", mail=number)


def cancel(run: Run, number: int, state: MailState, why: Why, owner: str) -> None:
    """A claimed mail and all its items will not go: cancelled or missed, and why."""
    site = run.site
    run.log(f"mail_{state}", mail=number, why=why.value)
    type = "mail.missed" if state is MailState.MISSED else "mail.cancelled"
    with site.journal.entry(type, by=SERVICE, now=site.now()) as entry:
        mail = row_of(entry.session, Mail, number)
        if mail.lease != owner:
            entry.leave_out()
            return
        entry.change(mail, state=state, why=why.value)
        for item in items_of_mail(entry.session, number):
            entry.change(item, state=ItemState.MISSED if state is MailState.MISSED else ItemState.CANCELLED, why=why.value)
        entry.tell(mail=number, why=why.value)
    with site.journal.machinery() as machinery:
        release(machinery, [number], owner=owner)


def drop_items(site: Site, number: int, items: Sequence[tuple[int, Why]], owner: str) -> None:
    """These items of a claimed mail are stale, each with why; the others still go."""
    with site.journal.entry("mail.cancelled", by=SERVICE, now=site.now()) as entry:
        mail = row_of(entry.session, Mail, number)
        if mail.lease != owner:
            entry.leave_out()
            return
        dropped = dict(items)
        inside = items_of_mail(entry.session, number)
        for item in inside:
            if item.id in dropped:
                entry.change(item, state=ItemState.CANCELLED, why=dropped[item.id].value)
        entry.change(mail, templates=[item.template for item in inside if item.id not in dropped])
        entry.tell(mail=number, items=list(dropped))
