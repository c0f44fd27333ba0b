"""The figures a year's report gives of needs and measures (DOMAIN.md §4.4): values in, counts and shares out. Pure.

Shares are in ten-thousandths, a half rounded up, None where there is nothing to share.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Protocol, TypeVar

from cycle.dates.rules import Calendar
from cycle.plan.rules.measures import Measurelike, days_late
from cycle.plan.rules.needs import Needlike, owes
from cycle.plan.rules.status import FINISHED, MeasureStatus, NeedStatus, Secured


class Figured(Measurelike, Protocol):
    """A measure with what the figures ask of it besides its way through the years."""

    @property
    def needs(self) -> list[str]: ...
    @property
    def theme(self) -> str | None: ...
    @property
    def partners(self) -> list[int]: ...
    @property
    def secured(self) -> str | None: ...


M = TypeVar("M", bound=Figured)
N = TypeVar("N", bound=Needlike)


@dataclass(frozen=True)
class MeasureFigures:
    """The measures of a year in numbers.

    `done_on_time`, `done_late`, `running`, `late` and `dropped` add up to `measures`; the other counts go across them.
    Days late are working days, the median is over all that are or were late. Shares are of those not dropped.
    """

    measures: int
    done_on_time: int
    done_late: int
    running: int
    late: int
    dropped: int
    carried_once: int
    carried_more: int
    unowned: int
    median_days_late: int | None
    secured: int | None
    with_theme: int | None
    with_need: int | None
    with_several_partners: int | None


@dataclass(frozen=True)
class NeedFigures:
    """The needs of a year in numbers: each counts once, a partly covered one as such even if it was carried as well;
    `goes_on` are all that were carried into a later year."""

    needs: int
    covered: int
    partly_covered: int
    carried: int
    rejected: int
    open: int
    goes_on: int


def measures_of_year(measures: Iterable[M], year: int, first_day: date, dropped: Collection[str]) -> list[M]:
    """The measures a year has to do with: its own, and earlier ones neither done nor dropped before its first day.

    `dropped` are the numbers of those that were dropped in the year.
    """

    def was_open(measure: M) -> bool:
        if measure.status == MeasureStatus.DROPPED:
            return measure.number in dropped
        return measure.status not in FINISHED or (measure.done_on is not None and measure.done_on >= first_day)

    return [each for each in measures if each.year == year or (each.year < year and was_open(each))]


def measure_figures(
    measures: Sequence[Figured],
    today: date,
    public: Calendar | None,
    *,
    owned: Collection[int],
    merged: Mapping[int, int] | None = None,
) -> MeasureFigures:
    """The figures of the measures given, as they stand on a day.

    `owned` are the numbers of owners who still belong to the network, `merged` says which partner another one is today.
    """
    late = {each.number: days_late(each, today, public) for each in measures}
    done = [each for each in measures if each.status == MeasureStatus.DONE]
    open_ones = [each for each in measures if each.status not in FINISHED]
    kept = [each for each in measures if each.status != MeasureStatus.DROPPED]
    return MeasureFigures(
        measures=len(measures),
        done_on_time=sum(not late[each.number] for each in done),
        done_late=sum(late[each.number] > 0 for each in done),
        running=sum(not late[each.number] for each in open_ones),
        late=sum(late[each.number] > 0 for each in open_ones),
        dropped=len(measures) - len(kept),
        carried_once=sum(each.carry_count == 1 for each in measures),
        carried_more=sum(each.carry_count > 1 for each in measures),
        unowned=sum(each.owner not in owned for each in open_ones),
        median_days_late=_median([days for days in late.values() if days]),
        secured=_share([each.secured == Secured.YES for each in kept]),
        with_theme=_share([each.theme is not None for each in kept]),
        with_need=_share([bool(each.needs) for each in kept]),
        with_several_partners=_share([len(_partners(each, merged or {})) > 1 for each in kept]),
    )


def needs_of_year(needs: Iterable[N], year: int) -> list[N]:
    """The needs a year has to do with: its own, and earlier ones it disposed of or still has to."""
    return [each for each in needs if each.year == year or (each.year < year and (each.settled_in == year or owes(each, year)))]


def need_figures(needs: Sequence[Needlike], year: int) -> NeedFigures:
    """The figures of the needs given, as the year disposed of them."""
    goes_on = [each for each in needs if each.carried_to is not None and each.carried_to > year]
    counts = {status: sum(each.status == status for each in needs) for status in NeedStatus}
    carried = sum(each.status == NeedStatus.OPEN for each in goes_on)
    return NeedFigures(
        needs=len(needs),
        covered=counts[NeedStatus.COVERED],
        partly_covered=counts[NeedStatus.PARTLY_COVERED],
        carried=carried,
        rejected=counts[NeedStatus.REJECTED],
        open=counts[NeedStatus.OPEN] - carried,
        goes_on=len(goes_on),
    )


def _partners(measure: Figured, merged: Mapping[int, int]) -> set[int]:
    named = [*measure.partners, *([measure.owner] if measure.owner is not None else [])]
    return {merged.get(number, number) for number in named}


def _share(met: Sequence[bool]) -> int | None:
    return int(Fraction(sum(met) * 10_000, len(met)) + Fraction(1, 2)) if met else None


def _median(days: Sequence[int]) -> int | None:
    if not days:
        return None
    ordered = sorted(days)
    low, high = ordered[(len(days) - 1) // 2], ordered[len(days) // 2]
    return (low + high + 1) // 2
