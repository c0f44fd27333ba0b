"""A figure beside its bound, and the table of them."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measurement: `value` in `unit` ("x" for a ratio), the bound it is meant to keep, and what it was made of."""

    name: str
    value: float
    unit: str
    bound: float
    made_of: str
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether it is within its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def row(self) -> tuple[str, ...]:
        """Its line of the table."""
        sign = "≥" if self.at_least else "≤"
        mark = "" if self.kept else "  !"
        return (
            self.name,
            f"{_number(self.value)} {self.unit}",
            f"{sign} {_number(self.bound)} {self.unit}{mark}",
            self.made_of,
        )


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """The figures as lines in columns."""
    rows = [("what", "measured", "bound", "made of"), *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()


def median(values: Sequence[float]) -> float:
    """The middle one: a shared machine has outliers."""
    return statistics.median(values)


def seconds_of(action: Callable[[], object], times: int) -> float:
    """The median of the seconds that an action takes."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begun)
    return median(taken)


@contextmanager
def processor(taken: list[float]) -> Iterator[None]:
    """Add the seconds of processor time (user and system) that the block uses."""
    begun = time.process_time()
    yield
    taken.append(time.process_time() - begun)


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
