"""Who was told of what, by mail or letter, and who never was and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# What was not sent for one of these reasons was not owed any more: it was answered, or told in another mail.
NOT_OWED = frozenset({"answered", "superseded", "in_weekly_mail", "enough_reminders"})


class How(StrEnum):
    """How something reached somebody, or that it did not, or not yet."""

    MAIL = "mail"
    LETTER = "letter"
    WAITING = "waiting"
    NOT = "not"


@dataclass(frozen=True)
class Telling:
    """One thing for one person: `subject` date/KEY, measure/NUMBER or event/ID; `how` and `on` what became of it; `why` it
    did not reach them; `mail` the number of the mail it was in."""

    subject: str
    template: str
    day: date
    person: str
    partner: int | None
    how: How
    on: date | None = None
    why: str | None = None
    mail: int | None = None

    @property
    def reached(self) -> bool:
        """Whether it is known to have gone out."""
        return self.how in (How.MAIL, How.LETTER)


@dataclass(frozen=True)
class Untold:
    """A partner whom something never reached, with the last reason."""

    partner: int
    why: str | None


@dataclass(frozen=True)
class Subject:
    """Everything that was to be told of one subject: the letters it was told with, the partners it reached by mail or by
    letter, those it never reached, and how many it still waits for."""

    subject: str
    templates: tuple[str, ...]
    first: date | None
    last: date | None
    by_mail: tuple[int, ...]
    by_letter: tuple[int, ...]
    untold: tuple[Untold, ...]
    waiting: tuple[int, ...]


@dataclass(frozen=True)
class Informed:
    """What was told in a year. `never` are the partners of the network whom nothing at all reached, with the last reason
    (None: nothing was ever meant for them)."""

    year: int
    subjects: tuple[Subject, ...]
    never: tuple[Untold, ...]


def informed_of(year: int, tellings: Sequence[Telling], partners: Iterable[int]) -> Informed:
    """The subjects in the order begun, and those of `partners` (the network) whom nothing reached."""
    by_subject: dict[str, list[Telling]] = {}
    for each in tellings:
        if each.partner is not None:
            by_subject.setdefault(each.subject, []).append(each)
    subjects = tuple(_subject(name, told) for name, told in by_subject.items())
    reached = {each.partner for each in tellings if each.reached}
    last_reason: dict[int, str | None] = {}
    for each in tellings:
        if each.partner is not None and not each.reached:
            last_reason[each.partner] = each.why
    never = tuple(Untold(number, last_reason.get(number)) for number in sorted(partners) if number not in reached)
    return Informed(year, subjects, never)


def _subject(name: str, told: Sequence[Telling]) -> Subject:
    days = [each.on for each in told if each.on is not None and each.reached]
    of_partner: dict[int, list[Telling]] = {}
    for each in told:
        if each.partner is not None:
            of_partner.setdefault(each.partner, []).append(each)
    ways = {number: _way(tellings) for number, tellings in of_partner.items()}
    return Subject(
        subject=name,
        templates=tuple(dict.fromkeys(each.template for each in told)),
        first=min(days, default=None),
        last=max(days, default=None),
        by_mail=_with(ways, How.MAIL),
        by_letter=_with(ways, How.LETTER),
        untold=tuple(
            Untold(number, owed[-1].why)
            for number in _with(ways, How.NOT)
            if (owed := [each for each in of_partner[number] if each.why not in NOT_OWED])
        ),
        waiting=_with(ways, How.WAITING),
    )


def _way(tellings: Iterable[Telling]) -> How:
    hows = {each.how for each in tellings}
    return next(how for how in How if how in hows)


def _with(ways: Mapping[int, How], wanted: How) -> tuple[int, ...]:
    return tuple(sorted(number for number, how in ways.items() if how is wanted))
