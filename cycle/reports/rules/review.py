"""What a network group or a carrier looks back at in the yearly review: its projects, and every open measure of all years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ProjectToReview:
    """A project that the review counts. `carrier` is the organisation that answers for it today; days late are working days
    from the day asked for to the answer, or to today."""

    number: int
    title: str
    carrier: int | None
    carrier_name: str | None
    groups: tuple[str, ...]
    status: str
    reviewed_on: date | None
    days_late: int
    reached: int | None


@dataclass(frozen=True)
class MeasureToReview:
    """An open measure. `owner` is the organisation that answers for it today, `interim` the role that stands in without one;
    days late are working days."""

    number: str
    title: str
    owner: int | None
    owner_name: str | None
    interim: str | None
    search_until: date | None
    groups: tuple[str, ...]
    due_first: date | None
    due: date | None
    days_late: int
    carry_count: int
    status: str
    percent: int
    updated_on: date | None


@dataclass(frozen=True)
class ReviewPart:
    """One list: of a network group (`code`), of a carrier (no code), or of what belongs to no group (neither)."""

    code: str | None
    name: str | None
    projects: tuple[ProjectToReview, ...]
    measures: tuple[MeasureToReview, ...]


@dataclass(frozen=True)
class ReviewList:
    """The review of a year as it stands on a day; `due_on` is when answers are due."""

    plan: str
    year: int
    label: str
    seen_on: date
    due_on: date | None
    parts: tuple[ReviewPart, ...]


def by_group(
    groups: Mapping[str, str], projects: Sequence[ProjectToReview], measures: Sequence[MeasureToReview]
) -> tuple[ReviewPart, ...]:
    """A list for each group, also one that has nothing to review, and one for what is in no group.

    Who is in two groups is on both lists: both talk about it.
    """
    parts = [_part(code, name, projects, measures) for code, name in groups.items()]
    homeless = ReviewPart(
        None,
        None,
        tuple(each for each in projects if not any(group in groups for group in each.groups)),
        tuple(each for each in measures if not any(group in groups for group in each.groups)),
    )
    return (*parts, *((homeless,) if homeless.projects or homeless.measures else ()))


def of_carrier(
    number: int, name: str, projects: Sequence[ProjectToReview], measures: Sequence[MeasureToReview]
) -> tuple[ReviewPart, ...]:
    """The one list of a carrier: its projects, and the measures it owns."""
    own = tuple(each for each in projects if each.carrier == number)
    return (ReviewPart(None, name, own, tuple(each for each in measures if each.owner == number)),)


def _part(code: str, name: str, projects: Sequence[ProjectToReview], measures: Sequence[MeasureToReview]) -> ReviewPart:
    return ReviewPart(
        code,
        name,
        tuple(each for each in projects if code in each.groups),
        tuple(each for each in measures if code in each.groups),
    )
