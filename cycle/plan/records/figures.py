"""The figures of one cycle's needs and measures, as they stand on the day it is seen on."""

from cycle.cycles.records import Year
from cycle.dates.rules import Calendar
from cycle.partners.records import resolve
from cycle.plan.records import dropped_in, measures_all, needs_all, owners
from cycle.plan.rules.kpis import (
    MeasureFigures,
    NeedFigures,
    measure_figures,
    measures_of_year,
    need_figures,
    needs_of_year,
)


def measure_figures_of(year: Year, public: Calendar | None) -> MeasureFigures:
    """The measures that the cycle has to do with, in numbers. `public` is the calendar that working days are counted by."""
    session = year.session
    dropped = dropped_in(session, year.cycle_id)
    measures = measures_of_year(measures_all(session, year.cycle.plan), year.cycle.year, year.first_day, dropped)
    named = {number for each in measures for number in (*each.partners, each.owner) if number is not None}
    merged = {number: resolve(session, number) for number in named}
    return measure_figures(measures, year.today, public, owned=owners(session, measures), merged=merged)


def need_figures_of(year: Year) -> NeedFigures:
    """The needs that the cycle has to do with, in numbers."""
    return need_figures(needs_of_year(needs_all(year.session, year.cycle.plan), year.cycle.year), year.cycle.year)
