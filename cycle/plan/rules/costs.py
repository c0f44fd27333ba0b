"""Which open needs cost money, how much, and for which of them it is not there: what the budget is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cycle.plan.rules.needs import Needlike
from cycle.plan.rules.status import SETTLED, MeasureStatus, Secured


class Costly(Needlike, Protocol):
    """A need as far as its money goes."""

    @property
    def title(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def priority(self) -> str: ...
    @property
    def costs(self) -> bool | None: ...
    @property
    def amount(self) -> int | None: ...
    @property
    def secured(self) -> str | None: ...


class Funding(Protocol):
    """A measure as far as the money for its needs goes."""

    @property
    def number(self) -> str: ...
    @property
    def needs(self) -> list[str]: ...
    @property
    def status(self) -> str: ...
    @property
    def secured(self) -> str | None: ...


@dataclass(frozen=True)
class Cost:
    """A need that costs money: `amount` in whole euros (None: not known), `secured` by itself or by one of `measures`."""

    number: str
    title: str
    field: str
    priority: str
    amount: int | None
    secured: str | None
    measures: tuple[str, ...]
    large: bool

    @property
    def funded(self) -> bool:
        """Whether the money is there."""
        return self.secured == Secured.YES


@dataclass(frozen=True)
class Costs:
    """What the open needs of a year cost, in the order of their numbers. `edge`: up to so many euros small funds do."""

    year: int
    edge: int
    needs: tuple[Cost, ...]

    @property
    def total(self) -> int:
        """The sum of the amounts that are known, in whole euros."""
        return sum(each.amount or 0 for each in self.needs)

    @property
    def unfunded(self) -> int:
        """The sum of those for which the money is not there."""
        return sum(each.amount or 0 for each in self.needs if not each.funded)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The numbers of those whose amount is not known."""
        return tuple(each.number for each in self.needs if each.amount is None)

    @property
    def large_unfunded(self) -> tuple[str, ...]:
        """The numbers of those beyond the edge for which the money is not there."""
        return tuple(each.number for each in self.needs if each.large and not each.funded)


def costs_of(needs: Iterable[Costly], measures: Sequence[Funding], *, year: int, edge: int) -> Costs:
    """The needs of the year and of those before that are neither covered nor rejected and cost money.

    The best word on the money counts: the need's own, or that of a measure for it which was not dropped.
    """
    found = []
    for need in needs:
        # Needs of before it could be said whether they cost money have but the amount.
        costs = bool(need.amount) if need.costs is None else need.costs
        if need.year > year or need.status in SETTLED or not costs:
            continue
        own = [each for each in measures if need.number in each.needs and each.status != MeasureStatus.DROPPED]
        said = {need.secured, *(each.secured for each in own)}
        secured = next((word for word in (Secured.YES, Secured.PARTLY, Secured.NO) if word in said), None)
        large = need.amount is not None and need.amount > edge
        numbers = tuple(each.number for each in own)
        found.append(Cost(need.number, need.title, need.field, need.priority, need.amount, secured, numbers, large))
    return Costs(year, edge, tuple(found))
