"""The send window: on which days and hours mail may go, and when it opens next."""

from datetime import date, datetime, timedelta

from cycle.dates.rules import Calendars
from cycle.workflow.model import MailKind, SendWindow

LONGEST_SEARCH = 60


def is_open(local: datetime, window: SendWindow, calendars: Calendars) -> bool:
    """Whether mail may go at a local time."""
    return is_mail_day(local.date(), window, calendars) and window.opens <= local.time() < window.closes


def is_mail_day(day: date, window: SendWindow, calendars: Calendars) -> bool:
    """Whether mail may go on a day at all: the window's week days, in none of its `not_on` calendars."""
    return day.weekday() in window.weekdays and not any(calendars[name].reason(day) for name in window.not_on)


def may_go(kind: MailKind, day: date, window: SendWindow, calendars: Calendars) -> bool:
    """Whether a mail of a kind may go on that day: requests and reminders wait for the end of quiet times."""
    if kind not in (MailKind.REQUEST, MailKind.REMINDER):
        return True
    return not any(calendars[name].reason(day) for name in window.requests_and_reminders_not_in)


def next_opening(local: datetime, window: SendWindow, calendars: Calendars) -> datetime:
    """The next local time after this one at which the window opens."""
    day = local.date()
    for _ in range(LONGEST_SEARCH):
        opens = datetime.combine(day, window.opens, local.tzinfo)
        if opens > local and is_mail_day(day, window, calendars):
            return opens
        day += timedelta(days=1)
    return datetime.combine(day, window.opens, local.tzinfo)


def goes_at(kind: MailKind, local: datetime, window: SendWindow, calendars: Calendars) -> datetime:
    """The first local time from this one on at which a mail of a kind may go: this very one while the window is open."""
    at = local if is_open(local, window, calendars) else next_opening(local, window, calendars)
    for _ in range(LONGEST_SEARCH):
        if may_go(kind, at.date(), window, calendars):
            break
        at = next_opening(at, window, calendars)
    return at


def news_since(kind: MailKind, today: date, days: int, earliest: date, window: SendWindow, calendars: Calendars) -> date:
    """The first day whose news may still be told today: so many days count from the first on which such a mail may go.

    A quiet time that lasts longer than these days loses nothing, nor does what came too late on the last day before it.
    Days before `earliest` are not asked for.
    """
    first = day = today - timedelta(days=days)
    while day > earliest:
        before = day - timedelta(days=1)
        if is_mail_day(before, window, calendars) and may_go(kind, before, window, calendars):
            return day if day == first else before
        day = before
    return day


def next_mail_day(day: date, window: SendWindow, calendars: Calendars) -> date:
    """The first day after this one on which mail may go."""
    following = day + timedelta(days=1)
    while not is_mail_day(following, window, calendars) and (following - day).days < LONGEST_SEARCH:
        following += timedelta(days=1)
    return following
