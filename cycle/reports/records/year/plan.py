"""The plan's part of a year's report: themes with their reasons, needs and measures with what became of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from cycle.cycles.records import Year
from cycle.dates.rules import Calendar
from cycle.partners.records import Partner
from cycle.plan.records import Measure, Need, Theme, measures_all, needs_all, themes_all
from cycle.plan.records.owning import owners
from cycle.plan.rules.measures import days_late
from cycle.plan.rules.needs import needs_of_year
from cycle.reports.records.dossier.content import measures_of_year
from cycle.reports.rules.acts import Act
from cycle.reports.rules.year import MeasureLine, NeedLine, ThemeLine


def themes(about: Year, acts: Sequence[Act]) -> tuple[ThemeLine, ...]:
    """The themes that hold in the year, and those that were proposed in it."""
    confirmed = {act.data["theme"] for act in acts if act.type == "theme.confirmed"}
    proposed = {act.data["theme"] for act in acts if act.type == "theme.proposed"}
    titles = {need.number: need.title for need in needs_all(about.session, about.cycle.plan)}
    return tuple(
        theme_line(row, about.first_day, about.last_day, titles, row.number in confirmed)
        for row in themes_all(about.session, about.cycle.plan)
        if _concerns(row, about, proposed)
    )


def theme_line(row: Theme, first: date, last: date, titles: Mapping[str, str], confirmed: bool) -> ThemeLine:
    """One theme as the time from `first` to `last` sees it; `titles` are those of the needs."""
    return ThemeLine(
        number=row.number,
        title=row.title,
        field=row.field,
        primary=row.primary,
        valid=_valid(row, first, last),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        status=row.status,
        body=row.body,
        decided_on=row.decided_on,
        reference=row.reference,
        reason=row.reason,
        needs=tuple(titles.get(number, number) for number in row.needs),
        confirmed=confirmed,
    )


def needs(about: Year, acts: Sequence[Act]) -> tuple[NeedLine, ...]:
    """The needs that the year reported, disposed of or must still decide on, with the reason last given and the measures
    that serve them."""
    settled = {act.data["need"]: act for act in acts if act.type == "need.settled"}
    served = defaultdict(list)
    for measure in measures_all(about.session, about.cycle.plan):
        for number in measure.needs:
            served[number].append(measure.number)
    return tuple(
        need_line(row, about.cycle.year, settled.get(row.number), served[row.number])
        for row in needs_of_year(needs_all(about.session, about.cycle.plan), about.cycle.year, settled)
    )


def need_line(row: Need, year: int, settled: Act | None, measures: Sequence[str]) -> NeedLine:
    """One need as a year sees it, with the entry that last disposed of it and the measures that serve it."""
    return NeedLine(
        number=row.number,
        year=row.year,
        title=row.title,
        field=row.field,
        target_group=row.target_group,
        status=row.status,
        carried_to=row.carried_to if row.carried_to is not None and row.carried_to > year else None,
        carry_count=row.carry_count,
        reason=settled.reason if settled else None,
        measures=tuple(measures),
    )


def measures(about: Year, public: Calendar | None) -> tuple[MeasureLine, ...]:
    """The measures that the year had to do with, by number."""
    rows = measures_of_year(about)
    today = owners(about.session, rows)
    until = min(about.today, about.cycle.closed_on) if about.cycle.closed_on else about.today
    return tuple(measure_line(row, today, until, public, about.cycle.year) for row in rows)


def measure_line(row: Measure, today: dict[int, Partner], until: date, public: Calendar | None, year: int) -> MeasureLine:
    """One measure, its lateness as of a day; `today` are the owners as they are."""
    owner = today.get(row.owner) if row.owner is not None else None
    return MeasureLine(
        number=row.number,
        year=row.year,
        title=row.title,
        field=row.field,
        owner=owner.name if owner else None,
        interim=row.interim,
        due_first=row.due_first,
        due=row.due,
        done_on=row.done_on,
        status=row.status,
        percent=row.percent,
        carry_count=row.carry_count,
        carried_to=max((to for to in row.carried_to if to > year), default=None),
        late=max(days_late(row, until, public), 0),
        cost=row.cost,
        secured=row.secured,
        theme=row.theme,
        needs=tuple(row.needs),
        partners=frozenset([*row.partners, *([] if row.owner is None else [row.owner])]),
        reason=row.reason,
    )


def _concerns(theme: Theme, about: Year, proposed: set[str]) -> bool:
    if _valid(theme, about.first_day, about.last_day):
        return True
    return theme.number in proposed and theme.valid_from <= about.last_day and about.first_day <= theme.valid_to


def _valid(theme: Theme, first: date, last: date) -> bool:
    if theme.valid_from > last or theme.valid_to < first:
        return False
    return theme.ended_on is None or theme.ended_on >= last
