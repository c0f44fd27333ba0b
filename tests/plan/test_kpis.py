"""The figures of a year's needs and measures."""

from datetime import date

from plan_of_musterstadt import City, a_measure, a_need

from cycle.partners.records import PartnerStatus, partner_of
from cycle.plan.records import Measure, Need
from cycle.plan.records.figures import measure_figures_of, need_figures_of
from cycle.plan.rules.kpis import (
    MeasureFigures,
    NeedFigures,
    measure_figures,
    measures_of_year,
    need_figures,
    needs_of_year,
)

TODAY = date(2026, 2, 10)
FIRST_DAY = date(2025, 1, 1)


def measure(number: str, *, year: int = 2025, due: date | None = date(2026, 6, 30), **fields: object) -> Measure:
    return Measure(number=number, plan="integration", year=year, title=number, due=due, due_first=due, **fields)


def need(number: str, *, year: int = 2025, **fields: object) -> Need:
    told = {"field": "work", "source": "meeting", "priority": "high", "reported_on": date(year, 5, 1)}
    return Need(number=number, plan="integration", year=year, title=number, **told | fields)


def test_measures_of_a_year_are_in_one_class_each() -> None:
    measures = [
        measure("M-1", status="done", due=date(2025, 12, 31), done_on=date(2025, 12, 31), owner=1, secured="yes", theme="T2"),
        measure("M-2", status="done", due=date(2025, 12, 31), done_on=date(2026, 1, 5), owner=1, partners=[2], needs=["B-1"]),
        measure("M-3", status="running", owner=1, secured="applied", carry_count=1, partners=[3]),
        measure("M-4", status="deferred", due=date(2026, 2, 6), owner=9, carry_count=2),
        measure("M-5", status="unowned", due=date(2026, 1, 30), secured="yes"),
        measure("M-6", status="dropped", due=date(2025, 3, 1), owner=1, secured="yes", carry_count=1),
        measure("M-7", status="not_started", due=None, owner=1),
    ]

    found = measure_figures(measures, TODAY, None, owned={1}, merged={3: 1})

    assert found == MeasureFigures(
        measures=7,
        done_on_time=1,
        done_late=1,
        running=2,
        late=2,
        dropped=1,
        carried_once=2,
        carried_more=1,
        unowned=2,
        median_days_late=3,  # of 2 (M-4), 3 (M-2) and 7 (M-5)
        secured=3333,
        with_theme=1667,
        with_need=1667,
        with_several_partners=1667,
    )
    assert found.done_on_time + found.done_late + found.running + found.late + found.dropped == found.measures


def test_no_measures_have_no_shares() -> None:
    found = measure_figures([], TODAY, None, owned=())

    assert (found.measures, found.median_days_late, found.secured, found.with_theme) == (0, None, None, None)


def test_year_has_its_own_measures_and_the_earlier_ones_open_in_it() -> None:
    measures = [
        measure("M-2023-01", year=2023, status="done", done_on=date(2024, 12, 31)),
        measure("M-2023-02", year=2023, status="done", done_on=date(2025, 1, 1)),
        measure("M-2024-01", year=2024, status="running"),
        measure("M-2024-02", year=2024, status="dropped"),
        measure("M-2024-03", year=2024, status="dropped"),
        measure("M-2025-01", status="dropped"),
        measure("M-2026-01", year=2026, status="running"),
    ]

    found = measures_of_year(measures, 2025, FIRST_DAY, dropped={"M-2024-03", "M-2025-01"})

    assert [each.number for each in found] == ["M-2023-02", "M-2024-01", "M-2024-03", "M-2025-01"]


def test_needs_of_a_year_are_counted_once_and_told_where_they_go_on() -> None:
    needs = [
        need("B-2024-01", year=2024, status="covered", settled_in=2024),
        need("B-2024-02", year=2024, status="partly_covered", settled_in=2025, carried_to=2026),
        need("B-2025-01", status="covered", settled_in=2025),
        need("B-2025-02", status="rejected", settled_in=2025),
        need("B-2025-03", status="open", settled_in=2025, carried_to=2026),
        need("B-2025-04", status="open"),
        need("B-2026-01", year=2026, status="open"),
    ]

    of_2025 = needs_of_year(needs, 2025)

    assert [each.number for each in of_2025] == ["B-2024-02", "B-2025-01", "B-2025-02", "B-2025-03", "B-2025-04"]
    assert need_figures(of_2025, 2025) == NeedFigures(
        needs=5, covered=1, partly_covered=1, carried=1, rejected=1, open=1, goes_on=2
    )


def test_figures_of_a_cycle_know_who_left_and_who_merged(city: City) -> None:
    a_need(city)
    a_measure(city, owner=4, partners=[5], needs=["B-2025-01"], secured="yes")
    a_measure(city, "Sprachcafé", owner=6, partners=[7])
    a_measure(city, "des nächsten Jahres", year=2026)
    with city.entry("partner.left", "2025-12-01", year=None) as (entry, _):
        entry.change(partner_of(entry.session, 4), status=PartnerStatus.LEFT)
    with city.entry("partner.merged", "2025-12-01", year=None) as (entry, _):
        entry.change(partner_of(entry.session, 7), status=PartnerStatus.MERGED, merged_into=6)

    with city.reading("2025-12-02") as about:
        measures, needs = measure_figures_of(about, None), need_figures_of(about)

    assert (measures.measures, measures.running, measures.unowned) == (2, 2, 1)
    assert (measures.secured, measures.with_need, measures.with_several_partners, measures.with_theme) == (5000, 5000, 5000, 0)
    assert (needs.needs, needs.open) == (1, 1)
