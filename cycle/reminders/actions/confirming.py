"""What the confirmation of a date lets go, and what lapsed for want of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import col, func, select

from cycle.cycles.records import Year
from cycle.dates.records import deadlines
from cycle.dates.rules import Calendars, anchor_of, public_calendar
from cycle.reminders.actions.derive import derive
from cycle.reminders.actions.waiting import Waiting, to_confirm, waiting
from cycle.reminders.records import ItemState, LedgerItem
from cycle.reminders.rules.ladder import Why, out_of_reach, step_key
from cycle.reminders.rules.window import goes_at


@dataclass(frozen=True)
class Letter:
    """One letter about a date (`key`), due on a day, for `count` people who can be reached; it goes on `day`, None: not any
    more. `held` is one that waits for an approval then."""

    key: str
    template: str
    due_on: date
    count: int
    day: date | None = None
    held: bool = False


def waiting_for(about: Year, key: str, calendars: Calendars) -> list[Waiting]:
    """What waits for the confirmation of a date at this moment, whenever it is due."""
    return [each for each in waiting(about, public_calendar(calendars), date.max) if each.awaits.key == key]


def let_go(about: Year, key: str, waited: Sequence[Waiting], calendars: Calendars) -> list[Letter]:
    """What became of what waited for a date (`waiting_for`, asked before), now that it is confirmed, by day: which letters go
    and when, as far as one knows today; which do not any more, what lapsed before among them."""
    found = derive(about, calendars)
    missed: dict[tuple[str, date, str], set[str]] = {}
    for item, _ in found.missed:
        missed.setdefault(item.notice.key, set()).add(item.person)
    told = _lapsed(about, key)
    approved = about.workflow.policy.approval
    planned = {row.key: row.planned for row in deadlines(about.session, about.cycle_id)}
    for each in waited:
        if to_confirm(about, each.key) is not None:
            continue  # for another date too
        step = (f"date/{each.key}", planned[each.key], step_key(each.step))
        whom = {one.person for one in each.whom if out_of_reach(one) is None}
        lapsed = whom & missed.get(step, set())
        letter = (each.key, each.step.mail, each.due_on)
        if lapsed:
            told.append(Letter(*letter, len(lapsed)))
        if len(whom) > len(lapsed):
            held = each.step.mail in approved
            told.append(Letter(*letter, len(whom) - len(lapsed), _goes_on(about, each, calendars), held))
    return sorted(told, key=lambda one: (one.day or date.min, one.due_on, one.key))


def _lapsed(about: Year, key: str) -> list[Letter]:
    """What was recorded as missed since the date was not confirmed, by the dates that count from it."""
    rules = about.workflow.dates
    counted = [f"date/{other}" for other in rules if anchor_of(rules, other) == key]
    columns = (col(LedgerItem.subject), col(LedgerItem.template), col(LedgerItem.due_on))
    query = (
        select(*columns, func.count())
        .where(LedgerItem.cycle_id == about.cycle_id, col(LedgerItem.subject).in_(counted))
        .where(LedgerItem.state == ItemState.MISSED, LedgerItem.why == Why.NOT_CONFIRMED)
        .group_by(*columns)
        .order_by(col(LedgerItem.due_on))
    )
    return [
        Letter(subject.removeprefix("date/"), template, due_on, count)
        for subject, template, due_on, count in about.session.exec(query)
    ]


def _goes_on(about: Year, each: Waiting, calendars: Calendars) -> date:
    """The first day from the one it is due on, or from now, on which such a mail may go."""
    workflow = about.workflow
    now = about.now.astimezone(about.zone)
    due = datetime.combine(each.due_on, time.min, about.zone)
    return goes_at(workflow.mails.kind_of(each.step.mail), max(now, due), workflow.send_window, calendars).date()
