"""Which needs and measures a year has to do with, and what its report counts of them."""

from datetime import date

from plan_of_musterstadt import City, a_measure, a_need

from cycle.partners.records import PartnerStatus, partner_of
from cycle.plan.records import Measure, Need
from cycle.plan.rules.measures import measures_of_year
from cycle.plan.rules.needs import needs_of_year
from cycle.reports.records.year.plan import measures, needs
from cycle.reports.rules.figures import measure_figures, need_figures

FIRST_DAY = date(2025, 1, 1)


def measure(number: str, *, year: int = 2025, due: date | None = date(2026, 6, 30), **fields: object) -> Measure:
    return Measure(number=number, plan="integration", year=year, title=number, due=due, due_first=due, **fields)


def need(number: str, *, year: int = 2025, **fields: object) -> Need:
    told = {"field": "work", "source": "meeting", "priority": "high", "reported_on": date(year, 5, 1)}
    return Need(number=number, plan="integration", year=year, title=number, **told | fields)


def test_year_has_its_own_measures_and_the_earlier_ones_open_in_it() -> None:
    rows = [
        measure("M-2023-01", year=2023, status="done", done_on=date(2024, 12, 31)),
        measure("M-2023-02", year=2023, status="done", done_on=date(2025, 1, 1)),
        measure("M-2024-01", year=2024, status="running"),
        measure("M-2024-02", year=2024, status="dropped"),
        measure("M-2024-03", year=2024, status="dropped"),
        measure("M-2025-01", status="dropped"),
        measure("M-2026-01", year=2026, status="running"),
    ]

    found = measures_of_year(rows, 2025, FIRST_DAY, dropped={"M-2024-03", "M-2025-01"})

    assert [each.number for each in found] == ["M-2023-02", "M-2024-01", "M-2024-03", "M-2025-01"]


def test_year_has_its_own_needs_and_the_earlier_ones_it_settled() -> None:
    rows = [
        need("B-2024-01", year=2024, status="covered", settled_in=2024),
        need("B-2024-02", year=2024, status="partly_covered", settled_in=2025, carried_to=2026),
        need("B-2024-03", year=2024, status="open", settled_in=2024, carried_to=2025),
        need("B-2024-04", year=2024, status="open", settled_in=2024, carried_to=2026),
        need("B-2025-01", status="covered", settled_in=2025),
        need("B-2025-02", status="rejected", settled_in=2025),
        need("B-2025-03", status="open", settled_in=2025, carried_to=2026),
        need("B-2025-04", status="open"),
        need("B-2026-01", year=2026, status="open"),
    ]

    of_2025 = needs_of_year(rows, 2025, settled={"B-2024-02", "B-2025-01"})

    assert [each.number for each in of_2025] == [
        "B-2024-02", "B-2025-01", "B-2025-02", "B-2025-03", "B-2025-04"
    ]  # fmt: skip
    found = need_figures(of_2025, 2025)
    assert (found.all, found.covered, found.partly_covered, found.carried, found.rejected, found.open) == (5, 1, 1, 1, 1, 1)
    assert (found.new, found.carried_on, found.age) == (4, 2, {0: 4, 1: 1})


def test_figures_of_a_year_know_who_left(city: City) -> None:
    a_need(city)
    a_measure(city, owner=4, partners=[5], needs=["B-2025-01"], secured="yes")
    a_measure(city, "Sprachcafé", owner=6, partners=[7])
    a_measure(city, "des nächsten Jahres", year=2026)
    with city.entry("partner.left", "2025-12-01", year=None) as (entry, _):
        entry.change(partner_of(entry.session, 4), status=PartnerStatus.LEFT)

    with city.reading("2025-12-02") as about:
        of_measures, of_needs = measure_figures(measures(about, None), 2025), need_figures(needs(about, []), 2025)

    assert (of_measures.all, of_measures.unowned, of_measures.median_days_late) == (2, 1, None)
    assert (of_measures.secured, of_measures.linked_to_need, of_measures.linked_to_theme) == (5000, 5000, 0)
    assert (of_needs.all, of_needs.open) == (1, 1)
