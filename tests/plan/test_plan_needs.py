from datetime import date

import pytest
from plan_of_musterstadt import City, a_need, told

from cycle.errors import NotFound, Refused, WrongInput
from cycle.plan.actions import needs
from cycle.plan.records import needs_all
from cycle.plan.words.needs import needs_recorded_or_none_declared, needs_settled
from cycle.vocabulary import Finding


def settle(
    city: City, number: str, as_: str, to: int | None = None, *, year: int = 2025, reason: str | None = "weil"
) -> dict[str, object]:
    """Settles a need; what the entry told."""
    with city.entry("need.settled", "2025-12-10", year=year, reason=reason) as (entry, about):
        needs.settle(entry, about, number, disposal=as_, to=to)
    return entry.facts


def state(city: City, number: str) -> tuple[object, ...]:
    with city.reading("2025-12-11") as about:
        need = next(need for need in needs_all(about.session, "integration") if need.number == number)
        return need.status, need.carried_to, need.carry_count


def owed(city: City, year: int = 2025) -> tuple[object, ...]:
    with city.reading("2025-12-11", year) as about:
        return told(needs_settled(about), "numbers")


def test_need_gets_the_next_number_of_its_year_and_keeps_the_group_it_came_from(city: City) -> None:
    first = a_need(city)
    second = a_need(city, source="Netzwerkgruppe NG2", target_groups=["Jugendliche"], priority="high")
    later = a_need(city, year=2026)

    assert [first.number, second.number, later.number] == ["B-2025-01", "B-2025-02", "B-2026-01"]
    assert (second.source, second.source_group, second.target_group, second.priority) == ("group", "NG2", "youth", "high")


def test_unknown_word_is_told_with_the_words_there_are(city: City) -> None:
    with pytest.raises(WrongInput) as error:
        a_need(city, priority="urgent")

    assert (error.value.key, error.value.facts["known"]) == (
        "unknown_word",
        ["high (hoch)", "medium (mittel)", "low (niedrig)"],
    )


def test_group_behind_a_source_must_exist(city: City) -> None:
    with pytest.raises(NotFound, match="unknown_group"):
        a_need(city, source="Netzwerkgruppe NG9")


def test_carry_leaves_the_status_and_counts(city: City) -> None:
    a_need(city)

    facts = settle(city, "B-2025-01", "carried", 2026)

    assert facts == {"need": "B-2025-01", "as": "carried", "carried_to": 2026, "count": 1}
    assert state(city, "B-2025-01") == ("open", 2026, 1)


def test_covered_need_is_settled_for_good(city: City) -> None:
    a_need(city)

    facts = settle(city, "B-2025-01", "covered", reason=None)

    assert facts == {"need": "B-2025-01", "as": "covered", "carried_to": None}
    assert state(city, "B-2025-01") == ("covered", None, 0)
    assert (owed(city), owed(city, 2026)) == ((True, []), (True, []))


def test_need_carried_into_a_year_is_owed_there_again(city: City) -> None:
    a_need(city)
    a_need(city, "Elternabende")
    before = owed(city)

    settle(city, "B-2025-01", "partly_covered", 2026)
    settle(city, "B-2025-02", "partly_covered")

    assert before == (False, ["B-2025-01", "B-2025-02"])
    assert (owed(city), owed(city, 2026)) == ((True, []), (False, ["B-2025-01"]))


def test_stock_of_an_earlier_year_carried_into_the_running_one_stays_owed(city: City) -> None:
    a_need(city)

    settle(city, "B-2025-01", "carried", 2026, year=2026)
    carried_in = owed(city, 2026)
    settle(city, "B-2025-01", "carried", 2027, year=2026)

    assert (carried_in, owed(city, 2026)) == ((False, ["B-2025-01"]), (True, []))
    assert state(city, "B-2025-01") == ("open", 2027, 2)


def test_last_word_of_a_year_takes_back_the_carry_before_it(city: City) -> None:
    a_need(city)
    settle(city, "B-2025-01", "carried", 2026)

    again = settle(city, "B-2025-01", "partly_covered", 2026)
    counted_once = state(city, "B-2025-01")
    settle(city, "B-2025-01", "covered")

    assert "count" not in again
    assert (counted_once, state(city, "B-2025-01")) == (("partly_covered", 2026, 1), ("covered", None, 0))


@pytest.mark.parametrize(
    ("as_", "to", "reason", "key"),
    [
        ("carried", None, "weil", "carry_needs_year"),
        ("covered", 2026, "weil", "settled_goes_not_on"),
        ("rejected", 2026, "weil", "settled_goes_not_on"),
        ("carried", 2025, "weil", "carry_not_later"),
        ("carried", 2024, "weil", "carry_not_later"),
        ("carried", 2026, None, "reason_missing"),
        ("rejected", None, None, "reason_missing"),
        ("open", None, "weil", "unknown_word"),
    ],
)
def test_contradictory_settlement_changes_nothing(city: City, as_: str, to: int | None, reason: str | None, key: str) -> None:
    a_need(city)

    with pytest.raises(WrongInput) as error:
        settle(city, "B-2025-01", as_, to, reason=reason)

    assert (error.value.key, state(city, "B-2025-01")) == (key, ("open", None, 0))


def test_need_of_a_later_year_is_not_settled_in_an_earlier_one(city: City) -> None:
    a_need(city, year=2026)

    with pytest.raises(NotFound, match="unknown_need"):
        settle(city, "B-2026-01", "covered")


def test_declaration_that_there_are_none_is_enough(city: City) -> None:
    with city.reading("2025-05-08") as about:
        before = needs_recorded_or_none_declared(about)
    with city.entry("need.declared_none", "2025-05-08") as (entry, about):
        declared = needs.declare_none(entry, about)

    with city.reading("2025-05-08") as about:
        after = needs_recorded_or_none_declared(about)
    assert (before.met, before.owed_by, before.command) == (False, "coordinator", "cycle need add 2025 … --field … --source …")
    assert (after.met, declared.declared_on) == (True, date(2025, 5, 8))
    with pytest.raises(WrongInput, match="needs_declared"), city.entry("need.declared_none", "2025-05-09") as (entry, about):
        needs.declare_none(entry, about)


def test_none_cannot_be_declared_where_needs_are_recorded(city: City) -> None:
    a_need(city)

    with pytest.raises(Refused) as refused, city.entry("need.declared_none", "2025-05-09") as (entry, about):
        needs.declare_none(entry, about)

    assert refused.value.findings == (Finding("needs_exist", facts={"numbers": ["B-2025-01"], "count": 1, "year": 2025}),)
