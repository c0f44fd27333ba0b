"""Which mails to partners wait for somebody's yes to the day they tell of.

A year that is taken over from the last has its days by rule alone; partners hear of none before somebody has confirmed it. As
long as the year is in its first phase they hear of no other day either: it has not been released.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cycle.cycles.records import Standing, Year
from cycle.dates.records import DateStatus, Deadline, deadlines, unconfirmed
from cycle.dates.rules import Calendar, anchor_of, step_day
from cycle.reminders.actions.audience import asked_of
from cycle.reminders.records import made_steps
from cycle.reminders.rules.ladder import ANSWERED, Awaited, requests_in, step_key
from cycle.vocabulary import Recipient
from cycle.workflow.model import MailKind, Step


@dataclass(frozen=True)
class Waiting:
    """A step of a date (`key`) that tells partners (`whom`) of a day, `due_on` the day it falls on."""

    key: str
    step: Step
    due_on: date
    whom: Sequence[Recipient]
    awaits: Awaited


def tells_partners(about: Year, key: str, step: Step) -> bool:
    """Whether a step of a date tells partners of a day. Notices go to roles; who is reminded of an answer was asked before."""
    if step.to not in about.lent.audiences:
        return False
    workflow, rule = about.workflow, about.workflow.dates[key]
    owes = rule.done.word == ANSWERED and bool(requests_in(workflow, rule.phase))
    return not (owes and workflow.mails.kind_of(step.mail) is MailKind.REMINDER)


def to_confirm(about: Year, key: str) -> Deadline | None:
    """The day that has to be confirmed before partners hear of a date; None once they may."""
    rules = about.workflow.dates
    if anchor_of(rules, key) is None and about.cycle.phase != about.workflow.first_phase:
        return None
    return unconfirmed(deadlines(about.session, about.cycle_id), rules, key)


def waiting(about: Year, public: Calendar | None, until: date) -> list[Waiting]:
    """What waits for a confirmation and would have gone by `until`, by day; neither what waits for a phase as well nor what is
    for nobody (any more) is named."""
    if about.cycle.standing != Standing.OPEN:
        return []
    workflow = about.workflow
    made = made_steps(about.session, about.cycle_id)
    found = []
    for row in deadlines(about.session, about.cycle_id):
        anchor = to_confirm(about, row.key) if row.key in workflow.ladder else None
        if anchor is None or anchor.status == DateStatus.ENDED_WITH_PHASE or row.status != DateStatus.OPEN or row.actual:
            continue
        for step in workflow.ladder[row.key]:
            due_on = step_day(row.planned, step.at, public)
            fresh = row.since <= due_on <= until and (f"date/{row.key}", row.planned, step_key(step)) not in made
            if not (fresh and tells_partners(about, row.key, step) and reached(about, step)):
                continue
            whom = asked_of(about, step, workflow.ladder[row.key], {"date": row.key})
            if whom:
                found.append(Waiting(row.key, step, due_on, whom, awaited(about, anchor)))
    return sorted(found, key=lambda each: each.due_on)


def awaited(about: Year, anchor: Deadline) -> Awaited:
    """A date of this year that has to be confirmed."""
    return Awaited(about.cycle.plan, about.cycle.year, anchor.key, about.workflow.dates[anchor.key])


def reached(about: Year, step: Step) -> bool:
    """Whether the cycle is in the phase that a step waits for, or behind it."""
    order = about.workflow.order
    return step.phase is None or order.index(about.cycle.phase) >= order.index(step.phase)
