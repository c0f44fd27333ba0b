"""Whether a mail that asks for answers still makes sense: who has answered already, and whether the day for it is over."""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum

from cycle.cycles.records import Year
from cycle.dates.records import Deadline
from cycle.inventory.records import carriers_silent, invited_numbers, review_carriers, silent_numbers


class Asking(StrEnum):
    """A request may go, must wait until its day for answers is moved ahead, or comes too late for good."""

    OPEN = "open"
    WAITS = "waits"
    OVER = "over"


def heard_from(about: Year, keys: Collection[str]) -> frozenset[int]:
    """The partners who have answered what all of these dates wait for; nobody where no date waits for answers."""
    heard = [_asked(about, key) - frozenset(silent_of(about, key)) for key in keys]
    return frozenset.intersection(*heard) if heard else frozenset()


def silent_of(about: Year, key: str) -> list[int]:
    """The partners whose answer a date still waits for, by number."""
    return sorted(_SILENT[about.workflow.dates[key].done.value or ""](about))


def asking(about: Year, rows: Sequence[Deadline], keys: Collection[str]) -> Asking:
    """Whether answers may still come by one of these dates: it is over once all have ended, and waits while all have passed."""
    asked = [row for row in rows if row.key in keys]
    if not asked or any(row.actual is None and row.planned >= about.today for row in asked):
        return Asking.OPEN
    return Asking.WAITS if any(row.actual is None for row in asked) else Asking.OVER


def _asked(about: Year, key: str) -> frozenset[int]:
    return frozenset(_ASKED[about.workflow.dates[key].done.value or ""](about))


# By the values of the word `answered`, which inventory lends.
_ASKED: Mapping[str, Callable[[Year], Collection[int]]] = {"survey": invited_numbers, "review": review_carriers}
_SILENT: Mapping[str, Callable[[Year], Collection[int]]] = {"survey": silent_numbers, "review": carriers_silent}
