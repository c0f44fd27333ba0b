"""What a new year takes over from those before it: what came into it by a command, what goes on by itself, what is offered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from cycle.plan.rules.measures import Measurelike
from cycle.plan.rules.needs import Needlike, age
from cycle.plan.rules.status import SETTLED, Disposal, MeasureStatus, NeedStatus


class Way(StrEnum):
    """How something of an earlier year stands to the new one."""

    CARRIED = "carried"
    CONTINUES = "continues"
    OFFERED = "offered"


@dataclass(frozen=True)
class Offer:
    """A need or measure of an earlier year; `command` takes it over, None where nothing is to be done."""

    number: str
    title: str
    way: Way
    age: int
    count: int
    due: date | None = None
    owner: str | None = None
    command: str | None = None


@dataclass(frozen=True)
class Anchor:
    """A day that people agree on, planned by its rule."""

    key: str
    planned: date
    shift_reason: str | None
    confirmed_on: date | None


@dataclass(frozen=True)
class ThemeOffer:
    """A primary theme that is valid in the new year; `command` decides or confirms it, None if that was done."""

    number: str
    title: str
    last: date
    command: str | None


@dataclass(frozen=True)
class Doubtful:
    """A partner whose contact should be looked after."""

    number: int
    name: str
    bounced: bool


@dataclass(frozen=True)
class FirstMail:
    """A letter to partners for a date (`key`): it goes by its day alone, or waits until the year has reached a `phase`, until
    somebody has confirmed the day it counts from (`unconfirmed`), or for an `approval`."""

    template: str
    key: str
    day: date
    phase: str | None
    approval: bool
    unconfirmed: str | None


@dataclass(frozen=True)
class LastTheme:
    """The primary theme that was valid last."""

    number: str
    title: str
    last: date


@dataclass(frozen=True)
class Takeover:
    """The whole picture for the coordinator."""

    year: int
    previous: int | None
    previous_standing: str | None
    dates: int
    anchors: tuple[Anchor, ...]
    needs: tuple[Offer, ...]
    measures: tuple[Offer, ...]
    themes: tuple[ThemeOffer, ...]
    last_theme: LastTheme | None
    doubtful: tuple[Doubtful, ...]
    roles: Mapping[str, tuple[str, ...]]
    mails: tuple[FirstMail, ...]

    @property
    def offered(self) -> tuple[Offer, ...]:
        """The needs and measures that come in by a command only."""
        return tuple(each for each in (*self.needs, *self.measures) if each.way is Way.OFFERED)


@dataclass(frozen=True)
class Turn:
    """From which year to which: `by` is the year whose commands take something over, that before while it is open;
    `closes` the day after which a measure of earlier years goes on by itself."""

    year: int
    by: int
    last_day: date
    closes: date
    length_years: int


def need_offers(needs: Iterable[tuple[Needlike, str]], turn: Turn) -> tuple[Offer, ...]:
    """Of needs with their titles, in their order: those of earlier years that are neither covered nor rejected."""
    found = []
    for need, title in needs:
        if need.year >= turn.year or need.status in SETTLED:
            continue
        in_it = need.carried_to is not None and need.carried_to >= turn.year
        disposal = Disposal.PARTLY_COVERED if need.status == NeedStatus.PARTLY_COVERED else Disposal.CARRIED
        command = f"cycle need settle {turn.by} {need.number} --as {disposal} --to {turn.year} --reason …"
        found.append(
            Offer(
                number=need.number,
                title=title,
                way=Way.CARRIED if in_it else Way.OFFERED,
                age=age(need, turn.year, turn.length_years),
                count=need.carry_count,
                command=None if in_it else command,
            )
        )
    return tuple(found)


def measure_offers(
    measures: Iterable[tuple[Measurelike, str]], turn: Turn, owners: Mapping[str, str | None], today: date
) -> tuple[Offer, ...]:
    """Of the open measures of earlier years with their titles, in their order; `owners` names who has each, by its number."""
    found = []
    for measure, title in measures:
        way = _way(measure, turn)
        due = max([turn.last_day, *([measure.due + timedelta(days=1)] if measure.due else []), today + timedelta(days=1)])
        command = f"cycle measure carry {turn.by} {measure.number} --to {turn.year} --due {due} --reason …"
        found.append(
            Offer(
                number=measure.number,
                title=title,
                way=way,
                age=max(1, (turn.year - measure.year) // turn.length_years + 1),
                count=measure.carry_count,
                due=measure.due,
                owner=owners.get(measure.number),
                command=command if way is Way.OFFERED else None,
            )
        )
    return tuple(found)


def _way(measure: Measurelike, turn: Turn) -> Way:
    if max(measure.carried_to, default=0) >= turn.year:
        return Way.CARRIED
    later = measure.due is not None and measure.due > turn.closes
    return Way.CONTINUES if later and measure.status != MeasureStatus.DEFERRED else Way.OFFERED
