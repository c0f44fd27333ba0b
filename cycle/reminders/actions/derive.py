"""What is due now, derived from workflow, dates, facts and ledger; nothing is stored ahead and nothing is changed here."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from cycle.cycles.records import Standing, Year
from cycle.dates.records import DateStatus, Deadline, deadlines
from cycle.dates.rules import Calendars, anchor_of, late_from
from cycle.journal.history import Told, entries
from cycle.reminders.actions.answers import Asking
from cycle.reminders.actions.audience import asked_of
from cycle.reminders.actions.look import Derived, Look
from cycle.reminders.actions.waiting import reached, tells_partners, to_confirm
from cycle.reminders.actions.weekly import weekly
from cycle.reminders.rules.ladder import ANSWERED, Come, Item, Notice, Why, addressed, asks_for, come, part_step, same_people
from cycle.vocabulary import Fact
from cycle.workflow.model import Follow, MailKind, Step

# What nobody heard of before it was no news any more is told as missed, if it is not older than so many days more.
MISSED_DAYS = 60


def derive(about: Year, calendars: Calendars) -> Derived:
    """What is due in one cycle at `about.now`. A cycle on hold, cancelled or closed longer than news lasts gives nothing."""
    look = Look(about, calendars)
    if about.cycle.standing in (Standing.HELD, Standing.CANCELLED):
        return look.found
    if about.cycle.standing == Standing.OPEN:
        for row in deadlines(about.session, about.cycle_id):
            _overdue(look, row)
            _date(look, row)
        for name, lent in about.lent.dated.items():
            if name in about.workflow.ladder:
                for thing in lent(about):
                    here, ahead = come(
                        thing.subject, thing.day, thing.since, about.workflow.ladder[name], about.today, look.public
                    )
                    look.found.look_again(ahead)
                    _steps(look, here, about.workflow.ladder[name], thing.fact)
        weekly(look)
    if about.cycle.standing == Standing.OPEN or look.news(MailKind.REQUEST, about.cycle.closed_on):
        _facts(look)
    return look.found


def _overdue(look: Look, row: Deadline) -> None:
    done = look.about.workflow.dates[row.key].done
    if row.status != DateStatus.OPEN or row.actual is not None or row.overdue_on is not None or done.word == "passed":
        return
    since = late_from(row.planned, look.public)
    if since <= look.about.today:
        look.found.overdue.append((row, since))
    else:
        look.found.look_again(since)


def _date(look: Look, row: Deadline) -> None:
    steps = look.about.workflow.ladder.get(row.key, ())
    if not steps or row.status != DateStatus.OPEN:
        return
    if row.actual is not None and not look.news(MailKind.REQUEST, row.actual):
        return
    here, ahead = come(f"date/{row.key}", row.planned, row.since, steps, look.about.today, look.public)
    if row.actual is None:
        look.found.look_again(ahead)
    done = look.about.workflow.dates[row.key].done
    if row.actual is not None:
        # The date has ended: only who was postponed on the day its own mail went still hears of it.
        here = [each for each in here if done.word == "sent" and each.step.mail == done.value]
        here = [each for each in here if (each.subject, each.day, each.key) in look.made]
    _steps(look, here, steps, {"date": row.key}, row=row, asked=look.asked(row.key) if done.word == ANSWERED else None)


def _steps(
    look: Look,
    here: Sequence[Come],
    ladder: Sequence[Step],
    fact: Mapping[str, Any],
    *,
    row: Deadline | None = None,
    asked: Mapping[int, date] | None = None,
) -> None:
    """Of the steps of one thing that have come, each person gets the latest; earlier ones are missed.

    Partners hear of no day (of `row`, a date) that nobody has confirmed: that waits, until it would be no news any more.
    With `asked` nobody is reminded who was not asked before: a partner that joined later, or all while no request went.
    Who has answered what a mail asks for does not get it; a request whose day for answers has passed waits for a new one.
    """
    about = look.about
    waiting: dict[str, Item] = {}
    for each in sorted(here, key=lambda one: one.due_on):
        if not reached(about, each.step):
            continue
        kind = about.workflow.mails.kind_of(each.step.mail)
        notice = Notice(each.subject, each.day, each.key, each.step.mail, kind, each.due_on, each.step.level)
        key = notice.key
        if key not in look.made and _overtaken(look, each, here):
            continue
        too_late = each.before and about.today > each.day
        if kind is MailKind.INFORMATION and key not in look.made:
            too_late = too_late or not look.news(kind, each.due_on) or _over(look, each, row)
        answers = _answers(about, each, kind)
        if kind is MailKind.REQUEST and answers:
            still = look.asking(answers)
            if still is Asking.WAITS:
                continue
            too_late = too_late or still is Asking.OVER
        unasked = key not in look.made and _unconfirmed(look, each, row)
        if unasked and not too_late:
            look.found.look_again(about.today + timedelta(days=1))
            continue
        for recipient in look.owed(key, kind, partial(asked_of, about, each.step, ladder, fact)):
            if (
                asked is not None
                and kind is MailKind.REMINDER
                and not asked.get(recipient.partner or 0, date.max) < each.due_on
            ):
                continue
            item = addressed(notice, recipient)
            if too_late:
                look.found.missed.append((item, Why.NOT_CONFIRMED if unasked else Why.TOO_LATE))
            elif answers and recipient.partner in look.heard_from(answers):
                look.found.missed.append((item, Why.ANSWERED))
            else:
                if item.person in waiting:
                    look.found.missed.append((waiting[item.person], Why.SUPERSEDED))
                waiting[item.person] = item
    for item in waiting.values():
        look.admit(item)


def _answers(about: Year, each: Come, kind: MailKind) -> tuple[str, ...]:
    """The dates whose answers a step of a date asks for; none for a step of another thing."""
    of, _, key = each.subject.partition("/")
    return asks_for(about.workflow, key, kind) if of == "date" else ()


def _unconfirmed(look: Look, each: Come, row: Deadline | None) -> bool:
    """Whether a step tells partners of a day that somebody has to confirm first."""
    if row is None or not tells_partners(look.about, row.key, each.step):
        return False
    return to_confirm(look.about, row.key) is not None


def _over(look: Look, each: Come, row: Deadline | None) -> bool:
    """Whether the day that a date counts from is over, and the step fell before it: nobody is invited to what was."""
    anchor = anchor_of(look.about.workflow.dates, row.key) if row is not None else None
    days = (other.planned for other in deadlines(look.about.session, look.about.cycle_id) if other.key == anchor)
    return any(each.due_on < day < look.about.today for day in days)


def _overtaken(look: Look, each: Come, here: Sequence[Come]) -> bool:
    """Whether a later step for the same people was made already: then the earlier one is history for who joins."""
    return any(
        other.due_on > each.due_on and same_people(other.step, each.step) and (other.subject, other.day, other.key) in look.made
        for other in here
    )


def _facts(look: Look) -> None:
    """Mails that follow a fact, in the next send window."""
    about = look.about
    known = {name: about.lent.facts[name] for name in about.workflow.on if name in about.lent.facts}
    wanted = {kind for fact in known.values() for kind in fact.types | fact.overtaken_by}
    if not wanted:
        return
    recent = _recent(about, sorted(wanted), look.news_since(MailKind.REQUEST) - timedelta(days=MISSED_DAYS))
    for at, told in enumerate(recent):
        if told.type == "phase.returned" and not told.data.get("notify"):
            continue
        for name, fact in known.items():
            if told.type not in fact.types:
                continue
            for part, data in fact.parts(told.data):
                follows = [each for each in about.workflow.on[name] if fact.matches(data, each.narrow)]
                replaced = fact.replaced is not None and fact.replaced(about, data)
                if follows and not replaced and not _waits(look, fact, told, data, recent[at + 1 :]):
                    for follow in follows:
                        _follow(look, told, part, data, follow)


def _waits(look: Look, fact: Fact, told: Told, data: Mapping[str, Any], later: Sequence[Told]) -> bool:
    """Whether a fact is not told yet, or not by itself since a later one says it with more."""
    if fact.waits is None:
        return False
    after = (each for each in later if each.type in fact.types | fact.overtaken_by)
    same = (other for each in after for other in _of(fact, each))
    if any(other.get(fact.thing) == data.get(fact.thing) for other in same):
        return True
    first = fact.waits(look.about, data, told.recorded_at.astimezone(look.about.zone).date())
    if first > look.about.today:
        look.found.look_again(first)
        return True
    return False


def _of(fact: Fact, told: Told) -> list[Mapping[str, Any]]:
    """What an entry tells of the things of a fact."""
    parts = [data for _, data in fact.parts(told.data)]
    return [data for data in parts if told.type not in fact.types or fact.matches(data, {})]


def _follow(look: Look, told: Told, part: str, data: Mapping[str, Any], follow: Follow) -> None:
    """One mail that follows a fact, for all it is for."""
    about = look.about
    day = told.recorded_at.astimezone(about.zone).date()
    kind = about.workflow.mails.kind_of(follow.mail)
    step = part_step(follow.mail, part)
    notice = Notice(f"event/{told.seq}", day, step, follow.mail, kind, day, follow.level, order=told.seq)
    for recipient in look.owed(notice.key, kind, partial(asked_of, about, follow, (), data)):
        item = addressed(notice, recipient)
        if notice.key in look.made or look.news(kind, day):
            look.admit(item)
        else:
            look.found.missed.append((item, Why.TOO_LATE))


def _recent(about: Year, types: Sequence[str], earliest: date) -> list[Told]:
    """The entries of these types since a day, in their order; older ones are not read."""
    found: list[Told] = []
    for told in entries(about.session, cycle=about.cycle.key, types=types, newest_first=True):
        if told.recorded_at.astimezone(about.zone).date() < earliest:
            break
        found.append(told)
    return found[::-1]
