"""What became of one mail goes into the journal: an entry each, fenced by the lease of who sent it."""

from collections.abc import Sequence
from datetime import datetime

from cycle.adapters.outcome import Outcome, OutcomeKind, Phase
from cycle.app.site import Site
from cycle.journal.actor import SERVICE
from cycle.journal.entry import Entry
from cycle.journal.questions import row_of
from cycle.journal.together import Together
from cycle.outbox.actions import abandoned, expired, free, mark, release, try_again
from cycle.outbox.records import Mail, MailState
from cycle.partners.actions import bounced
from cycle.reminders.records import ItemState, LedgerItem, items_of_mail
from cycle.reminders.rules.ladder import Why
from cycle.service.approved import hold_again
from cycle.service.delivery import Job, Run
from cycle.service.lot import Lot
from cycle.service.memory import Breaker

# What was surely not taken, and may be another time.
AGAIN = (OutcomeKind.LATER, OutcomeKind.UNSENT)


def settle(run: Run, together: Together, job: Job, outcome: Outcome, owner: str) -> bool:
    """Write down what became of a mail that was tried: done with, given back, or to be tried again later.

    False if it was given up for dead meanwhile, and a person has decided since.
    """
    now, number = run.site.now(), job.mail.id or 0
    if run.stops(outcome):
        if outcome.phase is Phase.RCPT:  # perhaps only this one is refused: it must not be the first again at once
            try_again(together.machinery, job.mail, owner=owner, now=now, reply=outcome.told)
        else:
            release(together.machinery, [number], owner=owner, reply=outcome.told)
        return True
    if outcome.kind in AGAIN:
        if expired(job.mail, run.site.today()):
            return _cancel(together, number, MailState.MISSED, Why.TOO_LATE, owner, now)
        try_again(together.machinery, job.mail, owner=owner, now=now, reply=outcome.told)
        return True
    type = {OutcomeKind.SENT: "mail.sent", OutcomeKind.UNCLEAR: "mail.unclear"}.get(outcome.kind, "mail.failed")
    with together.entry(type, by=SERVICE, now=now) as entry:
        mail = row_of(entry.session, Mail, number)
        if mail.lease != owner:
            entry.leave_out()
            return False
        mark(entry, mail, outcome, job.written, owner=owner)
        if outcome.kind is OutcomeKind.PERMANENT:
            bounced(entry, mail.person)
    return True


def count(run: Run, job: Job, outcome: Outcome, *, ours: bool) -> None:
    """Count, once it is durable, what became of a mail, and remember whose content was refused."""
    delivered, refused = run.delivered, run.memory.refused
    run.log(f"mail_{outcome.kind}", mail=job.mail.id, reply=outcome.told)
    if run.stops(outcome):
        delivered.trouble = outcome.told
    elif not ours:
        pass
    elif outcome.kind in AGAIN:
        delivered.later += 1
        if expired(job.mail, run.site.today()):
            run.log(f"mail_{MailState.MISSED}", mail=job.mail.id, why=Why.TOO_LATE.value)
    elif outcome.kind is OutcomeKind.SENT:
        delivered.sent += 1
        for template in job.mail.templates:
            refused.pop(template, None)
            delivered.templates[template] = delivered.templates.get(template, 0) + 1
    elif outcome.kind is OutcomeKind.UNCLEAR:
        delivered.unclear += 1
    else:
        delivered.failed += 1
    if ours and outcome.kind is OutcomeKind.FAULT and not run.stops(outcome):
        for template in job.mail.templates:
            refused.setdefault(template, Breaker()).failed(run.site.clock.monotonic())
            delivered.refused[template] = outcome.told


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
    run.log(f"mail_{state}", mail=number, why=why.value)
    with run.site.journal.together() as together:
        _cancel(together, number, state, why, owner, run.site.now())


def _cancel(together: Together, number: int, state: MailState, why: Why, owner: str, now: datetime) -> bool:
    type = "mail.missed" if state is MailState.MISSED else "mail.cancelled"
    with together.entry(type, by=SERVICE, now=now) as entry:
        mail = row_of(entry.session, Mail, number)
        if mail.lease != owner:
            entry.leave_out()
            return False
        entry.change(mail, state=state, why=why.value)
        for item in items_of_mail(entry.session, number):
            _end(entry, item, ItemState.MISSED if state is MailState.MISSED else ItemState.CANCELLED, why)
        entry.tell(mail=number, why=why.value)
    release(together.machinery, [number], owner=owner)
    return True


def _end(entry: Entry, item: LedgerItem, state: ItemState, why: Why) -> None:
    """What an item of a mail becomes that will not go in it: nothing, and why; or a letter, for who now wants letters."""
    if why is Why.BY_POST:
        entry.change(item, state=ItemState.LETTER, made_on=entry.today, mail_id=None)
    else:
        entry.change(item, state=state, why=why.value)


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
                _end(entry, item, ItemState.CANCELLED, dropped[item.id])
        entry.change(mail, templates=[item.template for item in inside if item.id not in dropped])
        entry.tell(mail=number, items=list(dropped))


def taken(run: Run, lot: Lot, owner: str) -> list[Job]:
    """The mails of a lot that can go; what became of the others is written down."""
    site, delivered = run.site, run.delivered
    for number, (error, templates) in lot.unwritten.items():
        delivered.unwritten[number] = error
        run.log("mail_unwritten", mail=number, templates=templates, error=error.key)
    for number, why in lot.stale.items():
        cancel(run, number, MailState.MISSED if why is Why.TOO_LATE else MailState.CANCELLED, why, owner)
        delivered.cancelled += 1
    for number in lot.changed:
        hold_again(site, number, owner)
        delivered.held += 1
    if lot.early or lot.later:
        with site.journal.machinery() as machinery:
            release(machinery, lot.later, owner=owner)
            for number, opens in lot.early.items():
                release(machinery, [number], owner=owner, next_try_at=opens)
    for number, items in lot.dropped.items():
        drop_items(site, number, items, owner)
    return lot.jobs
