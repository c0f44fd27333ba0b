"""The policy of a workflow: how often somebody is written to, what waits for approval, what is told once a week."""

from typing import Annotated

from pydantic import Field

from cycle.workflow.fields import Count, Id, Weekday
from cycle.workflow.grammar import WEEKDAYS
from cycle.workflow.parts import Part


class Digest(Part):
    """The office notices of a role, told in one mail on a day of the week in place of one by one."""

    to: Id
    on: Weekday
    in_place_of: tuple[Id, ...] = Field(min_length=1)

    @property
    def weekday(self) -> int:
        """The day of the week, 0 = Monday."""
        return WEEKDAYS.index(self.on)


class Policy(Part):
    mails_per_person_and_day: Count
    days_between_reminders: Annotated[int, Field(ge=0)]
    reminders_per_item: Annotated[int, Field(ge=0)]
    approval: tuple[Id, ...] = ()
    # Left out of the pinned text where there is none: a workflow without it keeps the text it had.
    digest: Digest | None = Field(default=None, exclude_if=lambda value: value is None)
