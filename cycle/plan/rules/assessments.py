"""Several views of one measure: which of them hold, and whether they differ."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar


class Assessmentlike(Protocol):
    """A judgement as far as comparing goes."""

    @property
    def assessor(self) -> str: ...
    @property
    def rating(self) -> str | None: ...
    @property
    def percent(self) -> int | None: ...


A = TypeVar("A", bound=Assessmentlike)


def latest(assessments: Iterable[A]) -> list[A]:
    """The last assessment of each assessor, in the order in which they first spoke."""
    found: dict[str, A] = {}
    for each in assessments:
        found[each.assessor] = each
    return list(found.values())


def differ(assessments: Sequence[Assessmentlike]) -> bool:
    """Whether assessors rate the measure differently; who gave no rating or no percentage does not count for that part."""
    ratings = {each.rating for each in assessments if each.rating is not None}
    percents = {each.percent for each in assessments if each.percent is not None}
    return len(ratings) > 1 or len(percents) > 1


def not_heard(assessments: Iterable[Assessmentlike], assessors: Sequence[str]) -> list[str]:
    """Of the assessors asked for, those who have not spoken."""
    heard: Collection[str] = {each.assessor for each in assessments}
    return [each for each in assessors if each not in heard]
