"""Which projects the yearly review counts, who is asked for them, and how many were reported back."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cycle.inventory.rules.shares import share


class ProjectStatus(StrEnum):
    """The life of a project."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    ENDED_EARLY = "ended_early"
    UNOWNED = "unowned"


@dataclass(frozen=True)
class Reported:
    """A project as the review sees it: `carrier` is who answers for it today, None for nobody."""

    number: int
    carrier: int | None
    starts: date | None
    ends: date | None
    status: str


@dataclass(frozen=True)
class Coverage:
    """How many of the counted projects were reviewed."""

    projects: int
    reviewed: int

    @property
    def share(self) -> int | None:
        """In ten-thousandths; None without projects."""
        return share(self.reviewed, self.projects)

    def reaches(self, percent: int) -> bool:
        """Whether at least so many percent were reviewed, exactly; without projects there is nothing to review."""
        return self.reviewed * 100 >= percent * self.projects


def counted(projects: Iterable[Reported], *, on: date, first_day: date) -> tuple[Reported, ...]:
    """The projects that had begun by the day of counting and had not ended before the year began, with or without carrier.

    The days decide, not the status (DOMAIN.md, data/README.md); only a project without a beginning is taken by its status.
    """
    return tuple(project for project in projects if _begun(project, on) and not (project.ends and project.ends < first_day))


def by_carrier(projects: Iterable[Reported]) -> dict[int, tuple[int, ...]]:
    """The numbers of the projects that each carrier is asked about; those without a carrier are nobody's."""
    carriers: dict[int, list[int]] = {}
    for project in projects:
        if project.carrier is not None:
            carriers.setdefault(project.carrier, []).append(project.number)
    return {carrier: tuple(sorted(carriers[carrier])) for carrier in sorted(carriers)}


def silent(carriers: Mapping[int, Collection[int]], reviewed: Collection[int]) -> set[int]:
    """The carriers that have answered for none of their projects: one answer ends the asking, what it lacks stays open."""
    return {carrier for carrier, projects in carriers.items() if not any(number in reviewed for number in projects)}


def all_reviewed_on(carriers: Mapping[int, Collection[int]], days: Mapping[int, date]) -> date | None:
    """The last answer's day once every carrier has answered for all its projects; None before, or if none is asked."""
    numbers = [number for projects in carriers.values() for number in projects]
    if not numbers or any(number not in days for number in numbers):
        return None
    return max(days[number] for number in numbers)


def is_late(answered_on: date, due: date | None) -> bool:
    """Whether an answer came after the day by which it was asked for; without such a day none is late."""
    return due is not None and answered_on > due


def _begun(project: Reported, on: date) -> bool:
    if project.starts is None:
        return project.status != ProjectStatus.PLANNED
    return project.starts <= on
