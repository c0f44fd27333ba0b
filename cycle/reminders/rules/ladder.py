"""Which steps of a ladder have come by a day, and what stands against sending one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from cycle.dates.rules import Calendar, step_day
from cycle.vocabulary import Channel, Recipient
from cycle.workflow.model import DateRule, MailKind, Step, Workflow

# The word of the workflow file for a date that ends when the last of those asked has answered.
ANSWERED = "answered"


# What the ledger's subject of a weekly mail begins with.
DIGEST = "digest"
# What it begins with of a mail that a person starts (`by_hand` of the workflow file); behind it stands whom it is for.
BY_HAND = "hand"


class Why(StrEnum):
    """Why somebody does not hear of a thing (any more)."""

    TOO_LATE = "too_late"
    SUPERSEDED = "superseded"
    ENOUGH = "enough_reminders"
    NO_ADDRESS = "no_address"
    ANSWERED = "answered"
    HELD = "on_hold"
    WITHHELD = "withheld"
    CALL = "wants_a_call"
    OBJECTS = "objects"
    BY_POST = "by_post"
    IN_WEEKLY_MAIL = "in_weekly_mail"
    HAD_IT = "had_it_lately"
    NOT_CONFIRMED = "not_confirmed"
    # Why nothing was made of a step at all: told by `cycle mail explain`, never kept in the ledger.
    NOT_IN_AUDIENCE = "not_in_audience"
    NOT_ASKED = "not_asked"
    BEFORE_JOINING = "before_joining"
    BEFORE_START = "before_start"
    MOVED = "moved"
    NOT_PLANNED = "not_planned"
    PHASE_NOT_REACHED = "phase_not_reached"
    QUIET_TIME = "quiet_time"
    POLICY = "policy"
    NOT_YET = "not_yet"
    YEAR_OVER = "year_over"


# Reasons that concern one person: the others hear of it all the same.
PERSONAL = frozenset({Why.NO_ADDRESS, Why.CALL, Why.OBJECTS, Why.ENOUGH, Why.SUPERSEDED, Why.ANSWERED, Why.IN_WEEKLY_MAIL})


@dataclass(frozen=True)
class Awaited:
    """A date that somebody has to confirm before partners hear of it: of which plan and year, and its rule, which knows what
    it is called."""

    plan: str
    year: int
    key: str
    rule: DateRule = field(compare=False)


@dataclass(frozen=True)
class Come:
    """A step whose day has come: for which subject, which step, since when. `before` steps are sent before the day only."""

    subject: str
    day: date
    step: Step
    due_on: date

    @property
    def key(self) -> str:
        """The step's place in the ladder, as the ledger keeps it."""
        return step_key(self.step)

    @property
    def before(self) -> bool:
        """Whether it only makes sense until the day itself."""
        return self.step.at.count < 0


@dataclass(frozen=True)
class Notice:
    """One thing that is told, whoever it is for: what the ledger holds of it for everybody."""

    subject: str
    day: date
    step: str
    template: str
    kind: MailKind
    due_on: date
    level: int | None = None
    order: int = 0

    @property
    def key(self) -> tuple[str, date, str]:
        """By what the ledger knows it again."""
        return (self.subject, self.day, self.step)


@dataclass(frozen=True, slots=True)
class Item:
    """One notice for one person: what ledger and outbox will hold once it is made, and nothing else. There may be a hundred
    thousand; how somebody is addressed is asked when the mail is written."""

    notice: Notice
    person: str
    mail: str | None
    channel: Channel = Channel.MAIL
    language: str = "de"
    partner: int | None = None
    role: str | None = None
    objects: bool = False


def addressed(notice: Notice, to: Recipient) -> Item:
    """A notice for a recipient."""
    return Item(notice, to.person, to.mail, to.channel, to.language, to.partner, to.role, to.objects)


def step_key(step: Step) -> str:
    """`-10wd survey_reminder_1`, with the level where several steps of a day send the same mail."""
    level = f" level {step.level}" if step.level is not None else ""
    return f"{step.at} {step.mail}{level}"


def part_step(template: str, part: str) -> str:
    """The place of a mail that follows a fact: its template, with the part's name where an entry tells of several things."""
    return f"{template} {part}" if part else template


def part_of(step: str) -> str:
    """The part that `part_step` was made for, "" for the entry's own."""
    return step.partition(" ")[2]


def requests_in(workflow: Workflow, phase: str) -> frozenset[str]:
    """The requests that the dates of a phase send: what its answers answer."""
    steps = [step for key, ladder in workflow.ladder.items() if _phase_of(workflow, key) == phase for step in ladder]
    return frozenset(step.mail for step in steps if workflow.mails.kind_of(step.mail) is MailKind.REQUEST)


def asks_for(workflow: Workflow, key: str, kind: MailKind) -> tuple[str, ...]:
    """The dates whose answers a mail of a date asks for: that date itself, or for a request those of its phase."""
    rule = workflow.dates[key]
    if rule.done.word == ANSWERED:
        return (key,)
    if kind is not MailKind.REQUEST:
        return ()
    return tuple(other for other, each in workflow.dates.items() if (each.done.word, each.phase) == (ANSWERED, rule.phase))


def _phase_of(workflow: Workflow, key: str) -> str | None:
    return workflow.dates[key].phase if key in workflow.dates else None


def same_people(one: Step, other: Step) -> bool:
    """Whether two steps are meant for the same: one audience, role or level."""
    return (one.to, one.level) == (other.to, other.level)


def come(
    subject: str, day: date, since: date, steps: Sequence[Step], today: date, public: Calendar | None
) -> tuple[list[Come], date | None]:
    """The steps whose day has come, and the day of the next one. Steps from before `since` are not made up for."""
    here: list[Come] = []
    ahead: list[date] = []
    for step in steps:
        due_on = step_day(day, step.at, public)
        if due_on > today:
            ahead.append(due_on)
        elif due_on >= since:
            here.append(Come(subject, day, step, due_on))
    return here, min(ahead, default=None)


def out_of_reach(one: Recipient | Item) -> Why | None:
    """Why somebody is neither mailed nor sent a letter, None for who may be."""
    if one.objects:
        return Why.OBJECTS
    if one.channel is Channel.PHONE:
        return Why.CALL if one.mail else Why.NO_ADDRESS
    return Why.NO_ADDRESS if one.channel is Channel.MAIL and not one.mail else None


def too_soon(last: date | None, today: date, least_days: int) -> bool:
    """Whether the last reminder of the same item is less than so many days ago."""
    return last is not None and today < last + timedelta(days=least_days)
