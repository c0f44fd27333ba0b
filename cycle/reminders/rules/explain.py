"""What became of a step for one partner, in one word of a closed list; and why nothing was ever made of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cycle.reminders.rules.ladder import Awaited, Why
from cycle.workflow.model import MailKind


class Fate(StrEnum):
    """What happened to a step for a partner, or will; WAITS for somebody's yes; NOT is for those it is not (any more) for."""

    SENT = "sent"
    QUEUED = "queued"
    LETTER = "letter"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"
    UNCLEAR = "unclear"
    FAILED = "failed"
    BOUNCED = "bounced"
    WILL_GO = "will_go"
    WILL_BE_LETTER = "will_be_letter"
    WILL_BE_HELD = "will_be_held"
    WILL_NOT = "will_not"
    WAITS = "waits"
    NOT = "not"


@dataclass(frozen=True)
class Explained:
    """One step, or one mail after a fact, for one partner: the rule (a date's key, a thing, a fact's name) with the step's
    place, whom it is for, the day it fell on, what became of it and on which day, why, and how the mail fared. `awaits` is the
    date that has to be confirmed first."""

    partner: int
    cycle: str
    rule: str
    at: str
    audience: str
    template: str
    due_on: date
    fate: Fate
    on: date | None = None
    why: str | None = None
    awaits: Awaited | None = None
    mail: int | None = None
    address: str | None = None
    reply_code: int | None = None
    reply: str | None = None


@dataclass(frozen=True)
class Nothing:
    """A step that nothing was made of for a partner, as the days ahead end: what stands against it.

    `made_for_others` is the day on which others first got it; `asked` whether the partner was sent the request that a
    reminder reminds of (None where there is none), `asked_too_late` whether that was not before the day of the reminder;
    `quiet` and `beyond` are about the last of these days.
    """

    kind: MailKind
    due_on: date
    since: date
    moved: bool
    in_audience: bool
    on_hold: bool = False
    over: bool = False
    planned: bool = True
    ended: bool = False
    reached: bool = True
    unconfirmed: bool = False
    asked: bool | None = None
    asked_too_late: bool = False
    made_for_others: date | None = None
    quiet: bool = False
    beyond: bool = False


def why_nothing(step: Nothing) -> Why:
    """The first reason that stands against it, in the order in which deriving asks."""
    silent = step.kind is MailKind.REMINDER
    if step.made_for_others is None:
        for stands, why in (
            (step.on_hold, Why.HELD),
            (step.over, Why.YEAR_OVER),
            (not step.planned, Why.NOT_PLANNED),
            (step.due_on < step.since, Why.MOVED if step.moved else Why.BEFORE_START),
            (step.ended, Why.ANSWERED),
            (not step.reached, Why.PHASE_NOT_REACHED),
            (step.unconfirmed and step.in_audience, Why.NOT_CONFIRMED),
        ):
            if stands:
                return why
    if not step.in_audience:
        return Why.ANSWERED if silent and step.asked else Why.NOT_IN_AUDIENCE
    if silent and step.asked is False:
        return Why.NOT_ASKED
    if step.made_for_others is not None:
        return Why.BEFORE_JOINING
    if silent and step.asked_too_late:
        return Why.NOT_ASKED
    if step.beyond:
        return Why.NOT_YET
    return Why.QUIET_TIME if step.quiet else Why.POLICY
