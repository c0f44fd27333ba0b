"""What open needs cost, whether the money is there, how old they are, and whether a body could decide."""

from dataclasses import dataclass, field

import pytest

from cycle.errors import Refused, WrongInput
from cycle.plan.rules.costs import Cost, costs_of
from cycle.plan.rules.needs import age
from cycle.plan.rules.quorum import Quorum, checked
from cycle.plan.rules.status import Outcome


@dataclass
class Need:
    number: str
    year: int = 2025
    status: str = "open"
    settled_in: int | None = None
    carried_to: int | None = None
    carry_count: int = 0
    title: str = "Bedarf"
    field: str = "work"
    priority: str = "high"
    costs: bool | None = True
    amount: int | None = None
    secured: str | None = None


@dataclass
class Measure:
    number: str
    needs: list[str] = field(default_factory=list)
    status: str = "running"
    secured: str | None = None


def test_the_best_word_on_the_money_counts_and_a_dropped_measure_says_nothing() -> None:
    needs = [
        Need("B-2025-01", amount=9000, secured="no"),
        Need("B-2025-02", amount=9000),
        Need("B-2025-03", amount=5000),
        Need("B-2025-04", amount=5001, secured="partly"),
    ]
    measures = [
        Measure("M-2025-01", ["B-2025-01"], secured="yes"),
        Measure("M-2025-02", ["B-2025-02"], status="dropped", secured="yes"),
    ]

    found = costs_of(needs, measures, year=2025, edge=5000)

    assert found.needs[0] == Cost("B-2025-01", "Bedarf", "work", "high", 9000, "yes", ("M-2025-01",), True)
    assert [(each.number, each.funded, each.large) for each in found.needs] == [
        ("B-2025-01", True, True),
        ("B-2025-02", False, True),
        ("B-2025-03", False, False),
        ("B-2025-04", False, True),
    ]
    assert (found.total, found.unfunded, found.unknown, found.large_unfunded) == (
        28001,
        19001,
        (),
        ("B-2025-02", "B-2025-04"),
    )


def test_only_open_needs_until_the_year_that_are_said_to_cost_money_are_listed() -> None:
    needs = [
        Need("B-2024-01", year=2024, status="partly_covered"),
        Need("B-2025-01", status="covered"),
        Need("B-2025-02", status="rejected"),
        Need("B-2025-03", costs=False, amount=0),
        Need("B-2025-04", costs=None),
        Need("B-2025-05", costs=None, amount=700),
        Need("B-2026-01", year=2026),
    ]

    found = costs_of(needs, [], year=2025, edge=5000)

    assert ([each.number for each in found.needs], found.unknown, found.total) == (
        ["B-2024-01", "B-2025-05"],
        ("B-2024-01",),
        700,
    )


@pytest.mark.parametrize(
    ("need", "year", "length", "cycles"),
    [
        (Need("B", year=2024), 2024, 1, 1),
        (Need("B", year=2024), 2026, 1, 3),
        (Need("B", year=2024, status="covered", settled_in=2025), 2027, 1, 2),
        (Need("B", year=2024, status="partly_covered", settled_in=2025), 2027, 1, 4),
        (Need("B", year=2024), 2027, 2, 2),
        (Need("B", year=2026), 2024, 1, 1),
    ],
)
def test_age_counts_cycles_until_the_need_was_settled(need: Need, year: int, length: int, cycles: int) -> None:
    assert age(need, year, length) == cycles


def test_a_quorum_goes_together_with_what_came_of_the_session() -> None:
    assert checked(Quorum(), Outcome.ADOPTED) == Quorum()
    assert checked(Quorum(10, 19, 10), Outcome.NOTED) == Quorum(10, 19, 10)
    assert checked(Quorum(9, 19, 10), Outcome.FAILED_QUORUM) == Quorum(9, 19, 10)
    assert checked(Quorum(9, 19, 10), Outcome.POSTPONED) == Quorum(9, 19, 10)
    for there, came, key in (
        (Quorum(9, 19, 10), Outcome.ADOPTED, "quorum_not_reached"),
        (Quorum(10, 19, 10), Outcome.FAILED_QUORUM, "quorum_reached"),
    ):
        with pytest.raises(Refused) as refused:
            checked(there, came)
        assert [finding.key for finding in refused.value.findings] == [key]
    for there, key in (
        (Quorum(20, 19), "quorum_wrong"),
        (Quorum(1, 19, 20), "quorum_needs_too_many"),
        (Quorum(needed=3), "quorum_counts_missing"),
    ):
        with pytest.raises(WrongInput, match=key):
            checked(there, Outcome.ADOPTED)
