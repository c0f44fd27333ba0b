"""What a new year takes over: what came into it, what goes on by itself, what is only offered, and by which command."""

import dataclasses
from dataclasses import dataclass
from datetime import date

from cycle.reports.rules.takeover import Turn, measure_offers, need_offers

TODAY = date(2026, 12, 1)
TURN = Turn(year=2027, by=2026, last_day=date(2027, 12, 31), closes=date(2027, 2, 26), length_years=1)


@dataclass
class Need:
    number: str = "B-2025-01"
    year: int = 2025
    status: str = "open"
    settled_in: int | None = None
    carried_to: int | None = None
    carry_count: int = 0


@dataclass
class Measure:
    number: str = "M-2025-01"
    year: int = 2025
    status: str = "running"
    field: str | None = None
    target_groups: list[str] = dataclasses.field(default_factory=list)
    owner: int | None = None
    interim: str | None = None
    due: date | None = None
    done_on: date | None = None
    updated_on: date | None = None
    carried_to: list[int] = dataclasses.field(default_factory=list)
    carry_count: int = 0


def needs(*rows: Need) -> list[tuple[str, str, int, str | None]]:
    offers = need_offers([(row, "Bedarf") for row in rows], TURN)
    return [(each.number, each.way.value, each.age, each.command) for each in offers]


def measure(row: Measure) -> tuple[str, str | None]:
    (offer,) = measure_offers([(row, "Maßnahme")], TURN, {}, TODAY)
    return offer.way.value, offer.command


def test_open_needs_are_offered_and_those_carried_into_the_year_are_there() -> None:
    rows = [
        Need("B-2024-01", year=2024),
        Need("B-2025-01", status="partly_covered", settled_in=2026, carried_to=2026),
        Need("B-2026-01", year=2026, carried_to=2027),
        Need("B-2026-02", year=2026, status="covered"),
        Need("B-2026-03", year=2026, status="rejected"),
        Need("B-2027-01", year=2027),
    ]

    assert needs(*rows) == [
        ("B-2024-01", "offered", 4, "cycle need settle 2026 B-2024-01 --as carried --to 2027 --reason …"),
        ("B-2025-01", "offered", 3, "cycle need settle 2026 B-2025-01 --as partly_covered --to 2027 --reason …"),
        ("B-2026-01", "carried", 2, None),
    ]


def test_a_measure_goes_on_by_itself_only_beyond_the_close_and_if_nobody_deferred_it() -> None:
    carry = "cycle measure carry 2026 M-2025-01 --to 2027 --due 2027-12-31 --reason …"

    assert measure(Measure(due=date(2027, 2, 27))) == ("continues", None)
    assert measure(Measure(due=date(2027, 2, 26))) == ("offered", carry)
    assert measure(Measure(due=date(2027, 6, 30), status="deferred")) == ("offered", carry)
    assert measure(Measure(due=None)) == ("offered", carry)
    assert measure(Measure(due=date(2026, 6, 30), carried_to=[2027])) == ("carried", None)


def test_the_day_that_is_offered_is_one_that_the_carry_takes() -> None:
    deferred = Measure(due=date(2028, 3, 1), status="deferred")

    assert measure(deferred) == ("offered", "cycle measure carry 2026 M-2025-01 --to 2027 --due 2028-03-02 --reason …")
