"""The figures of a year by the formulas of the domain (DOMAIN.md §4.4): values in, values out. Shares in ten-thousandths."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Protocol

from cycle.inventory.rules.gap import GapStatus
from cycle.inventory.rules.shares import median, share
from cycle.plan.rules.status import FINISHED, MeasureStatus, NeedStatus, Secured


class NeedLike(Protocol):
    """A need as the figures count it."""

    @property
    def year(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def carried_to(self) -> int | None: ...


class MeasureLike(Protocol):
    """A measure as the figures count it."""

    @property
    def year(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def late(self) -> int: ...
    @property
    def carry_count(self) -> int: ...
    @property
    def owner(self) -> str | None: ...
    @property
    def secured(self) -> str | None: ...
    @property
    def theme(self) -> str | None: ...
    @property
    def needs(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Better:
    """A word of the analysis that was rated a gap and is better now."""

    kind: str
    word: str
    now: str


@dataclass(frozen=True)
class Closure:
    """The gaps of the year before (`compared_with`), and those that are closed or better."""

    compared_with: int
    gaps_before: int
    better: tuple[Better, ...]
    share: int | None


@dataclass(frozen=True)
class Funding:
    """Projects of a known amount, those of them up to the small edge, the median; unknown ones apart."""

    known: int
    unknown: int
    small: int | None
    median: int | None
    total: int


@dataclass(frozen=True)
class NeedFigures:
    """What became of the needs; the five parts make up all. `carried` has no solution yet, `carried_on` are all that go into
    a later year; `age` counts needs by how many years old they are."""

    all: int
    new: int
    covered: int
    partly_covered: int
    carried: int
    rejected: int
    open: int
    carried_on: int
    age: Mapping[int, int]


@dataclass(frozen=True)
class MeasureFigures:
    """What became of the measures. `late` are unfinished ones past their date; the median is of all that were late, done or
    not; `carried_*` by how often they were so far."""

    all: int
    new: int
    by_status: Mapping[str, int]
    done_on_time: int
    done_late: int
    running: int
    late: int
    carried_once: int
    carried_more: int
    dropped: int
    unowned: int
    median_days_late: int | None
    secured: int | None
    linked_to_theme: int | None
    linked_to_need: int | None


@dataclass(frozen=True)
class Cooperation:
    """Projects and measures that two or more organisations do together; `new_pairs` None where nothing earlier is known."""

    projects: int
    projects_together: int
    measures: int
    measures_together: int
    share: int | None
    new_pairs: int | None


@dataclass(frozen=True)
class Attendance:
    """Who came: on site, online (`at_least`: a lower bound); `organisations` those noted as present at one of the `noted`
    meetings, None where nobody noted them."""

    held: int
    noted: int
    on_site: int
    online: int
    at_least: bool
    organisations: int | None
    active: int
    share: int | None


@dataclass(frozen=True)
class Punctuality:
    """How well the dates were kept."""

    dates: int
    late: int
    moves: int
    moved_dates: int
    back_steps: int
    waivers: int


@dataclass(frozen=True)
class MailFigures:
    """What was written: mails and letters that went out, what was held back and what came back; reminders for each answer
    and contacts confirmed within twelve months."""

    sent: int
    letters: int
    suppressed: int
    bounced: int
    reminders: int
    reminders_per_answer: int | None
    partners: int
    confirmed: int
    confirmed_share: int | None


@dataclass(frozen=True)
class Figures:
    """All of them; None where the year has not come so far."""

    closure: Closure | None
    funding: Funding | None
    needs: NeedFigures
    measures: MeasureFigures
    cooperation: Cooperation
    attendance: Attendance
    punctuality: Punctuality
    mail: MailFigures


def closure(compared_with: int, before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]) -> Closure:
    """By kind of word, the ratings of two snapshots: how many gaps of the earlier are none in the later."""
    gaps = [(kind, word) for kind, rated in before.items() for word, status in rated.items() if status == GapStatus.GAP]
    found = [Better(kind, word, now.get(kind, {}).get(word, GapStatus.GAP)) for kind, word in gaps]
    better = tuple(each for each in found if each.now in (GapStatus.EXPANDABLE, GapStatus.COVERED))
    return Closure(compared_with, len(gaps), better, share(len(better), len(gaps)))


def need_figures(needs: Sequence[NeedLike], year: int) -> NeedFigures:
    """The needs that a year reported, disposed of or must still decide on."""
    by_status = Counter(each.status for each in needs)
    on = [each for each in needs if each.carried_to is not None and each.carried_to > year]
    carried = sum(each.status == NeedStatus.OPEN for each in on)
    return NeedFigures(
        all=len(needs),
        new=sum(each.year == year for each in needs),
        covered=by_status[NeedStatus.COVERED],
        partly_covered=by_status[NeedStatus.PARTLY_COVERED],
        carried=carried,
        rejected=by_status[NeedStatus.REJECTED],
        open=by_status[NeedStatus.OPEN] - carried,
        carried_on=len(on),
        age=dict(sorted(Counter(year - each.year for each in needs).items())),
    )


def measure_figures(measures: Sequence[MeasureLike], year: int) -> MeasureFigures:
    """The measures that a year had to do with; a dropped one is never late."""
    done = [each for each in measures if each.status == MeasureStatus.DONE]
    late = [each for each in measures if each.late > 0 and each.status not in FINISHED]
    done_late = [each for each in done if each.late > 0]
    return MeasureFigures(
        all=len(measures),
        new=sum(each.year == year for each in measures),
        by_status={status.value: sum(each.status == status for each in measures) for status in MeasureStatus},
        done_on_time=len(done) - len(done_late),
        done_late=len(done_late),
        running=sum(each.status == MeasureStatus.RUNNING for each in measures),
        late=len(late),
        carried_once=sum(each.carry_count == 1 for each in measures),
        carried_more=sum(each.carry_count > 1 for each in measures),
        dropped=sum(each.status == MeasureStatus.DROPPED for each in measures),
        unowned=sum(unowned(each) for each in measures),
        median_days_late=median([each.late for each in (*late, *done_late)]),
        secured=share(sum(each.secured == Secured.YES for each in measures), len(measures)),
        linked_to_theme=share(sum(each.theme is not None for each in measures), len(measures)),
        linked_to_need=share(sum(bool(each.needs) for each in measures), len(measures)),
    )


def unowned(measure: MeasureLike) -> bool:
    """Whether nobody is responsible for an unfinished measure, whatever its status says."""
    return measure.owner is None and measure.status not in FINISHED


def cooperation(
    projects: Sequence[Collection[int]], measures: Sequence[Collection[int]], before: Collection[frozenset[int]] | None
) -> Cooperation:
    """Of each project and measure the organisations behind it; `before` the pairs known from earlier years, None for none."""
    together = [[each for each in found if len(set(each)) > 1] for found in (projects, measures)]
    now = {pair for found in together for each in found for pair in pairs(each)}
    return Cooperation(
        projects=len(projects),
        projects_together=len(together[0]),
        measures=len(measures),
        measures_together=len(together[1]),
        share=share(len(together[0]) + len(together[1]), len(projects) + len(measures)),
        new_pairs=None if before is None else len(now - frozenset(before)),
    )


def pairs(organisations: Iterable[int]) -> set[frozenset[int]]:
    """Every two of them."""
    return {frozenset(pair) for pair in combinations(sorted(set(organisations)), 2)}


def confirmed_since(today: date) -> date:
    """The first day on which a contact must have been confirmed to count as such: twelve months before."""
    leap = (today.month, today.day) == (2, 29)
    return today.replace(year=today.year - 1, day=28 if leap else today.day)
