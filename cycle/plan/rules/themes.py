"""Which theme holds in a year, and whether there is room for another primary one."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

from cycle.errors import WrongInput
from cycle.plan.rules.status import ThemeStatus

PRIMARY_CHECK = "primary_theme_valid"  # the name a workflow gives the check that counts primary themes


class Themelike(Protocol):
    """A theme as far as its validity goes."""

    @property
    def number(self) -> str: ...
    @property
    def primary(self) -> bool: ...
    @property
    def status(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date: ...
    @property
    def ended_on(self) -> date | None: ...


T = TypeVar("T", bound=Themelike)


def primary_in(themes: Iterable[T], first: date, last: date) -> list[T]:
    """The primary themes valid in a cycle (`first` to `last` day), proposed ones too; one that ended within it is none."""
    return [
        theme
        for theme in themes
        if theme.primary
        and theme.valid_from <= last
        and theme.valid_to >= first
        and (theme.ended_on is None or theme.ended_on >= last)
    ]


def in_the_way(themes: Iterable[T], first: date, last: date, *, but: str | None = None) -> list[T]:
    """The primary themes, not ended, whose validity overlaps a span; `but` is the number of the theme that asks."""
    return [
        theme
        for theme in themes
        if theme.primary
        and theme.number != but
        and theme.status != ThemeStatus.ENDED
        and theme.valid_from <= last
        and theme.valid_to >= first
    ]


def validity(first: date, last: date) -> tuple[date, date]:
    """The span itself. Raises WrongInput `validity_backwards`."""
    if last < first:
        raise WrongInput("validity_backwards", first=first, last=last)
    return first, last


def numbers(themes: Sequence[Themelike]) -> list[str]:
    """Their numbers."""
    return [theme.number for theme in themes]
