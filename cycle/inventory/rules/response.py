"""How many of those asked have answered: gross and net."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cycle.inventory.rules.shares import share


class AnswerChannel(StrEnum):
    """The way an answer came in."""

    FORM = "form"
    MAIL = "mail"
    PHONE = "phone"
    POST = "post"


class Count(StrEnum):
    """Gross counts every answer of everybody asked, net only usable ones of those who could be reached."""

    GROSS = "gross"
    NET = "net"


@dataclass(frozen=True)
class Given:
    """An answer that counts: its day, whether it can be used, whether it came after the date."""

    day: date
    usable: bool
    late: bool


@dataclass(frozen=True)
class Response:
    """The numbers of one survey. `neutral`: asked, silent, and out of reach through no choice of theirs."""

    invited: int
    answered: int
    usable: int
    late: int
    neutral: int

    @property
    def gross(self) -> int | None:
        """Answers of those invited, in ten-thousandths; None if nobody was."""
        return share(self.answered, self.invited)

    @property
    def net(self) -> int | None:
        """Usable answers of those invited without the neutral drop-outs, in ten-thousandths; None if nobody is left."""
        return share(self.usable, self.invited - self.neutral)

    def numbers(self) -> dict[str, int | None]:
        """All of it by name, as it is kept with a gap analysis."""
        counts = {"invited": self.invited, "answered": self.answered, "usable": self.usable, "late": self.late}
        return {**counts, "neutral": self.neutral, "gross": self.gross, "net": self.net}

    def reaches(self, count: Count, percent: int) -> bool:
        """Whether the rate is at least so many percent, exactly; never when nobody was asked."""
        part, whole = (self.usable, self.invited - self.neutral) if count == Count.NET else (self.answered, self.invited)
        return whole > 0 and part * 100 >= percent * whole


def response(invited: Collection[int], answers: Mapping[int, Given], unreachable: Collection[int]) -> Response:
    """The response of those invited; answers of others do not count, an unreachable partner who answered is no drop-out."""
    given = {number: answers[number] for number in invited if number in answers}
    return Response(
        invited=len(invited),
        answered=len(given),
        usable=sum(answer.usable for answer in given.values()),
        late=sum(answer.late for answer in given.values()),
        neutral=sum(number in unreachable and number not in given for number in invited),
    )


def all_answered_on(invited: Collection[int], days: Mapping[int, date]) -> date | None:
    """The day on which the last of those invited first answered; None while one is silent, or if nobody is asked."""
    if not invited or any(number not in days for number in invited):
        return None
    return max(days[number] for number in invited)
