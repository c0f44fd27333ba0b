"""What a measure lacks, how late it is, what becomes of it at the close, and which cycle reminds of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from cycle.dates.rules import Calendar, working_days_late
from cycle.errors import WrongInput
from cycle.plan.rules.status import FINISHED, MeasureStatus


class Measurelike(Protocol):
    """A measure as far as its way through the years goes."""

    @property
    def number(self) -> str: ...
    @property
    def year(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def field(self) -> str | None: ...
    @property
    def target_groups(self) -> list[str]: ...
    @property
    def owner(self) -> int | None: ...
    @property
    def interim(self) -> str | None: ...
    @property
    def due(self) -> date | None: ...
    @property
    def done_on(self) -> date | None: ...
    @property
    def updated_on(self) -> date | None: ...
    @property
    def carried_to(self) -> list[int]: ...
    @property
    def carry_count(self) -> int: ...


M = TypeVar("M", bound=Measurelike)


class Part(StrEnum):
    """What a workflow may ask of a complete measure."""

    FIELD = "field"
    TARGET_GROUP = "target_group"
    DUE = "due"
    OWNER_OR_INTERIM = "owner_or_interim"


@dataclass(frozen=True)
class AtClose:
    """What becomes of a cycle's measures when it closes, by number; `undecided` must be empty for it to close."""

    continues: tuple[str, ...]
    carried: tuple[str, ...]
    dropped: tuple[str, ...]
    undecided: tuple[str, ...]


def unfinished(measures: Iterable[M], through: int | None = None) -> list[M]:
    """The measures neither done nor dropped, those of years after `through` left out."""
    return [each for each in measures if each.status not in FINISHED and (through is None or each.year <= through)]


def missing(measure: Measurelike, parts: Sequence[str], *, owned: bool) -> list[Part]:
    """Which of the parts a measure lacks. `owned`: its owner, merged or not, still belongs to the network."""
    has = {
        Part.FIELD: measure.field is not None,
        Part.TARGET_GROUP: bool(measure.target_groups),
        Part.DUE: measure.due is not None,
        Part.OWNER_OR_INTERIM: owned or (measure.status == MeasureStatus.UNOWNED and measure.interim is not None),
    }
    return [Part(part) for part in parts if not has[Part(part)]]


def measures_of_year(measures: Iterable[M], year: int, start: date, dropped: Collection[str]) -> list[M]:
    """The measures a year has to do with: its own, and earlier ones neither done nor dropped before it started.

    `dropped` are the numbers of those that were dropped in the year.
    """

    def was_open(measure: M) -> bool:
        if measure.status == MeasureStatus.DROPPED:
            return measure.number in dropped
        return measure.done_on is None or measure.done_on >= start

    return [each for each in measures if each.year == year or (each.year < year and was_open(each))]


def at_close(measures: Sequence[Measurelike], year: int, close_day: date, dropped: Collection[str]) -> AtClose:
    """What becomes of the measures of all years when the year closes on `close_day`; `dropped` are the year's dropped ones.

    An unfinished measure is carried (into a later year, with a date after the close), or it continues: its date is later
    than the close and nobody deferred it. Whatever is neither is undecided.
    """
    open_ones = unfinished(measures, year)
    later = [each for each in open_ones if each.due is not None and each.due > close_day]
    carried = [each.number for each in later if max(each.carried_to, default=0) > year]
    continues = [each.number for each in later if each.number not in carried and each.status != MeasureStatus.DEFERRED]
    undecided = [each.number for each in open_ones if each.number not in {*carried, *continues}]
    gone = [each.number for each in measures if each.number in dropped and each.status == MeasureStatus.DROPPED]
    return AtClose(tuple(continues), tuple(carried), tuple(gone), tuple(undecided))


def home(measure: Measurelike, running: Sequence[int]) -> int | None:
    """The one running year that reminds of a measure: the oldest it belongs to, by origin or last carry."""
    return home_year(max([measure.year, *measure.carried_to]), running)


def home_year(origin: int, running: Sequence[int]) -> int | None:
    """The one running year that reminds of a thing of the year `origin`: the oldest from then on.

    What belongs to a year that has not begun stays with the latest that runs.
    """
    return min((year for year in running if year >= origin), default=max(running, default=None))


def becomes_at_close(found: AtClose, number: str) -> str | None:
    """What becomes of one measure: continues, carried, dropped, undecided; None for one that is done or not of the cycle."""
    return next((way for way in ("continues", "carried", "dropped", "undecided") if number in getattr(found, way)), None)


def begins_before_due(begins: date, due: date | None) -> None:
    """Be sure that a first due day does not lie before the day a measure begins. Raises WrongInput `due_before_start`."""
    if due is not None and due < begins:
        raise WrongInput("due_before_start", due=due, start=begins)


def replaces(other: Measurelike, number: str) -> None:
    """Be sure that a measure can stand in for the one of that number.

    Raises:
        WrongInput: `replaced_by_itself`, `replacement_dropped`.
    """
    if other.number == number:
        raise WrongInput("replaced_by_itself", number=number)
    if other.status == MeasureStatus.DROPPED:
        raise WrongInput("replacement_dropped", number=number, other=other.number)


def days_late(measure: Measurelike, today: date, public: Calendar | None) -> int:
    """Working days from the due day (the one carried to) to the day done, or to today; 0 if in time or dropped."""
    if measure.due is None or measure.status == MeasureStatus.DROPPED:
        return 0
    return working_days_late(measure.due, measure.done_on or today, public)


def counts_as_carry(measure: Measurelike, year: int, to: int, due: date, today: date) -> bool:
    """Whether a carry counts: a second one into the same year only corrects the date.

    Raises:
        WrongInput: `carry_not_later`, `due_not_later` (than today and than the date it has).
    """
    if to < year or to <= measure.year:
        raise WrongInput("carry_not_later", number=measure.number, to=to, earliest=max(year, measure.year + 1))
    known = measure.due or date.min
    corrects = to in measure.carried_to
    if due <= today or (due <= known and not corrects):
        raise WrongInput("due_not_later", number=measure.number, due=due, known=measure.due, today=today)
    return not corrects


def progress(measure: Measurelike, status: MeasureStatus | None, percent: int | None, known: int) -> tuple[MeasureStatus, int]:
    """Status and percentage after an update that gives one of them or both.

    Raises:
        WrongInput: `percent_out_of_range`, `done_needs_percent`.
    """
    reached = known if percent is None else percent
    if not 0 <= reached <= 100:
        raise WrongInput("percent_out_of_range", number=measure.number, percent=reached)
    becomes = MeasureStatus(measure.status) if status is None else status
    if becomes is MeasureStatus.DONE and reached != 100:
        raise WrongInput("done_needs_percent", number=measure.number, percent=reached)
    return becomes, reached
