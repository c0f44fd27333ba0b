"""Which needs a year still owes an answer, and what a carry does to the counter."""

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from cycle.errors import WrongInput
from cycle.plan.rules.status import SETTLED, Disposal, NeedStatus


class Needlike(Protocol):
    """A need as far as its way through the years goes."""

    @property
    def number(self) -> str: ...
    @property
    def year(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def settled_in(self) -> int | None: ...
    @property
    def carried_to(self) -> int | None: ...
    @property
    def carry_count(self) -> int: ...


class Grouped(Protocol):
    """A need as far as it is for somebody."""

    @property
    def target_group(self) -> str | None: ...
    @property
    def further_groups(self) -> list[str] | None: ...


N = TypeVar("N", bound=Needlike)


def owes(need: Needlike, year: int) -> bool:
    """Whether the year must still dispose of the need: its own ones and earlier ones that came into it.

    A need carried into the year is open in it again, even if that was done in this same year (stock of the year before).
    """
    if need.year > year or need.status in SETTLED:
        return False
    if need.settled_in is not None and need.settled_in > year:
        return False
    if need.carried_to is not None:
        return need.carried_to <= year
    return need.settled_in is None


def owed(needs: Iterable[N], year: int) -> list[N]:
    """The needs that the year must still dispose of, in their order."""
    return [need for need in needs if owes(need, year)]


def needs_of_year(needs: Iterable[N], year: int, settled: Collection[str]) -> list[N]:
    """The needs that a year reported, disposed of (`settled`, by number) or still owes an answer."""
    return [each for each in needs if each.year == year or each.number in settled or owes(each, year)]


def age(need: Needlike, year: int, length_years: int) -> int:
    """How many cycles a need has lived through until the year's, its own included; a settled one until it was settled."""
    until = need.settled_in if need.status in SETTLED and need.settled_in is not None else year
    return max(1, (min(until, year) - need.year) // length_years + 1)


def groups_of(need: Grouped) -> list[str]:
    """The target groups of a need, the first one first."""
    return [*([need.target_group] if need.target_group else []), *(need.further_groups or [])]


def target_of_carry(need: Needlike, disposal: Disposal, year: int, to: int | None) -> int | None:
    """The year a disposal carries the need to, None for no carry.

    Raises:
        WrongInput: `carry_needs_year`, `settled_goes_not_on`, `carry_not_later`.
    """
    if to is None:
        if disposal is Disposal.CARRIED:
            raise WrongInput("carry_needs_year", number=need.number, next=year + 1)
        return None
    if disposal in (Disposal.COVERED, Disposal.REJECTED):
        raise WrongInput("settled_goes_not_on", number=need.number)
    if to < year or to <= need.year:
        raise WrongInput("carry_not_later", number=need.number, to=to, earliest=max(year, need.year + 1))
    return to


def count_after(need: Needlike, year: int, to: int | None) -> int:
    """The carry counter after a disposal. Correcting what the same year said takes the carry of before back."""
    count = need.carry_count
    if to is not None and need.carried_to == to:
        return count
    if need.carried_to is not None and need.carried_to > year:
        count -= 1
    return count if to is None else count + 1


def status_after(need: Needlike, disposal: Disposal) -> NeedStatus:
    """The status after a disposal; a mere carry leaves it."""
    return NeedStatus(need.status if disposal is Disposal.CARRIED else disposal.value)
