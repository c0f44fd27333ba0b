"""The weekly mail of a role: when it is due, and which notices it stands in for."""

from datetime import date, timedelta

from cycle.reminders.actions.audience import role_holders
from cycle.reminders.actions.look import Look
from cycle.reminders.rules.ladder import DIGEST, Item
from cycle.workflow.model import WEEKLY_DIGEST, MailKind

WEEK = timedelta(days=7)


def weekly(look: Look) -> None:
    """This week's mail, from its day of the week on; one of a week that is over is not made up for."""
    about = look.about
    digest = about.workflow.policy.digest
    if digest is None:
        return
    begins = _last(digest.weekday, about.today)
    look.found.look_again(begins + WEEK)
    if begins < about.first_day:
        return
    # The ledger keeps the week's last day: until then the mail is worth a further try.
    key = (f"{DIGEST}/{digest.to}", begins + WEEK - timedelta(days=1), WEEKLY_DIGEST)
    for holder in look.owed(key, MailKind.OFFICE, lambda: role_holders(about, digest.to)):
        look.admit(
            Item(
                subject=key[0],
                day=key[1],
                step=key[2],
                template=WEEKLY_DIGEST,
                kind=MailKind.OFFICE,
                due_on=begins,
                recipient=holder,
            )
        )


def _last(weekday: int, today: date) -> date:
    return today - timedelta(days=(today.weekday() - weekday) % 7)
