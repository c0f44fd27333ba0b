"""The weekly mail of a role: when it is due, and which notices it stands in for."""

from datetime import date, timedelta

from cycle.reminders.actions.audience import role_holders
from cycle.reminders.actions.look import Look
from cycle.reminders.rules.ladder import DIGEST, Notice, addressed
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
    last = begins + WEEK - timedelta(days=1)
    notice = Notice(f"{DIGEST}/{digest.to}", last, WEEKLY_DIGEST, WEEKLY_DIGEST, MailKind.OFFICE, begins)
    for holder in look.owed(notice.key, notice.kind, lambda: role_holders(about, digest.to)):
        look.admit(addressed(notice, holder))


def _last(weekday: int, today: date) -> date:
    return today - timedelta(days=(today.weekday() - weekday) % 7)
