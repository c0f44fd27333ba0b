"""What a measure costs and reaches, over years; what takes its place; which of many somebody wants to see."""

from datetime import date
from typing import Any

import pytest
from plan_of_musterstadt import BY, City, a_measure, a_need

from cycle.errors import NotFound, WrongInput
from cycle.partners.records import NetworkGroup, PartnerStatus, partner_of
from cycle.plan.actions import measures
from cycle.plan.records import measure_of, updates_of
from cycle.plan.records.choosing import Choice, chosen, groups_of, unowned_here
from cycle.plan.records.owning import owned_by
from cycle.plan.rules.decimals import decimal_shown, decimal_text, reached
from cycle.plan.words.facts import each_search_due
from cycle.vocabulary import DatedItem


def update(city: City, number: str = "M-2025-01", *, today: str = "2025-12-09", year: int = 2025, **fields: Any) -> None:
    with city.entry("measure.updated", today, year=year) as (entry, about):
        measures.update(entry, about, number, **fields)


def drop(city: City, number: str, replaced_by: str) -> None:
    with city.entry("measure.dropped", "2026-02-10", reason="zu teuer") as (entry, about):
        measures.drop(entry, about, number, replaced_by=replaced_by)


def state(city: City, number: str, *columns: str) -> tuple[object, ...]:
    with city.reading("2026-12-31", 2026) as about:
        measure = measure_of(about.session, number)
        return tuple(getattr(measure, column) for column in columns)


def leave(city: City, number: int) -> None:
    with city.entry("partner.left", "2025-12-01", year=None) as (entry, _):
        entry.change(partner_of(entry.session, number), status=PartnerStatus.LEFT)


def test_measure_keeps_plan_and_reality_apart_through_three_years(city: City) -> None:
    plan = {"cost": 4000, "secured": "applied", "funding_source": "city"}
    goal = {"indicator": "vermittelte Familien", "unit": "Familien", "target": "12"}
    a_measure(city, today="2025-03-01", due=date(2026, 12, 31), **plan, **goal)
    update(city, today="2025-10-01", status="running", percent=20, cost_actual=500, actual="2,5", obstacles="Räume fehlen")
    update(city, today="2026-05-01", year=2026, percent=60, cost_actual=3900, actual="7", secured="yes")
    with city.entry("measure.carried", "2026-12-01", year=2026, reason="Mittel kamen spät") as (entry, about):
        measures.carry(entry, about, "M-2025-01", to=2027, due=date(2027, 6, 30))
    update(city, today="2026-12-02", year=2026, percent=80, cost_actual=5200, note="teurer als geplant")

    with city.reading("2026-12-31", 2026) as about:
        told = [
            (each.told_on, each.percent, each.cost_actual, each.actual, each.obstacles, each.note, each.told_by, each.role)
            for each in updates_of(about.session, "M-2025-01")
        ]
    assert told == [
        (date(2025, 10, 1), 20, 500, "2.5", "Räume fehlen", None, BY.ref, "coordinator"),
        (date(2026, 5, 1), 60, 3900, "7", None, None, BY.ref, "coordinator"),
        (date(2026, 12, 2), 80, 5200, "7", None, "teurer als geplant", BY.ref, "coordinator"),
    ]
    assert state(city, "M-2025-01", "cost", "cost_actual", "secured", "funding_source") == (4000, 5200, "yes", "city")
    assert state(city, "M-2025-01", "indicator", "indicator_unit", "target", "actual") == (*goal.values(), "7")[:4]
    assert state(city, "M-2025-01", "due_first", "due", "carry_count") == (date(2026, 12, 31), date(2027, 6, 30), 1)


def test_obstacles_stand_in_no_entry_in_clear(city: City) -> None:
    a_measure(city)

    update(city, obstacles="Frau Yılmaz ist krank")

    with city.journal.reading() as session:
        bodies = [body for (body,) in session.connection().exec_driver_sql("SELECT body FROM event")]
    assert [body for body in bodies if "Yılmaz" in body] == []


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"percent": 101}, "percent_out_of_range"),
        ({"cost_actual": -1}, "amount_below_zero"),
        ({"target": "viel", "indicator": "Familien"}, "not_decimal"),
        ({"target": "1.200", "indicator": "Familien"}, "decimal_doubtful"),
        ({"target": "12"}, "target_of_nothing"),
        ({"actual": "12"}, "target_of_nothing"),
        ({"unit": "Familien"}, "target_of_nothing"),
        ({"secured": "vielleicht"}, "unknown_word"),
        ({"funding_source": "Lotto"}, "unknown_word"),
    ],
)
def test_wrong_content_changes_nothing(city: City, fields: dict[str, Any], key: str) -> None:
    a_measure(city)

    with pytest.raises(WrongInput, match=key):
        update(city, **fields)

    assert state(city, "M-2025-01", "version") == (1,)


def test_due_day_does_not_lie_before_the_measure_begins(city: City) -> None:
    with pytest.raises(WrongInput, match="due_before_start"):
        a_measure(city, today="2025-11-26", due=date(2025, 11, 25))

    assert a_measure(city, today="2025-11-26", due=date(2025, 11, 26)).number == "M-2025-01"


def test_dropped_measure_names_the_one_in_its_place(city: City) -> None:
    a_measure(city)
    a_measure(city, "Sprachcafé")
    a_measure(city, "Lesekreis")

    with pytest.raises(WrongInput, match="replaced_by_itself"):
        drop(city, "M-2025-01", "m-2025-01")
    with pytest.raises(NotFound, match="unknown_measure"):
        drop(city, "M-2025-01", "M-2025-09")
    drop(city, "M-2025-01", "M-2025-02")
    with pytest.raises(WrongInput, match="replacement_dropped"):
        drop(city, "M-2025-02", "M-2025-01")

    assert state(city, "M-2025-01", "status", "replaced_by") == ("dropped", "M-2025-02")
    assert state(city, "M-2025-02", "status", "replaced_by") == ("proposed", None)


def test_measure_whose_owner_left_is_among_those_without_one(city: City) -> None:
    a_measure(city, owner=4)
    a_measure(city, "Sprachcafé", owner=5)
    a_measure(city, "Lesekreis", owner=None)

    leave(city, 4)

    with city.reading("2025-12-02") as about:
        found = [each.number for each in chosen(about, Choice(unowned=True), None)]
        here = [each.number for each in unowned_here(about)]
        left = [each.number for each in owned_by(about.session, 4)]
    assert (found, here, left) == (["M-2025-01", "M-2025-03"], ["M-2025-01", "M-2025-03"], ["M-2025-01"])


def test_search_for_an_owner_has_a_day_that_ends_with_an_owner(city: City) -> None:
    a_measure(city)
    update(city, status="unowned", interim="coordinator", search_until=date(2026, 6, 30))
    with city.reading("2025-12-10") as about:
        sought = each_search_due(about)
    with city.reading("2025-12-10", 2026) as about:
        elsewhere = each_search_due(about)
    update(city, today="2025-12-11", owner=7)

    assert sought == [
        DatedItem("search/M-2025-01", "M-2025-01 Wegweiser", date(2026, 6, 30), date(2025, 12, 9), {"measure": "M-2025-01"})
    ]
    assert elsewhere == []
    with city.reading("2025-12-12") as about:
        assert each_search_due(about) == []


def test_measures_are_chosen_by_state_owner_group_and_field(city: City) -> None:
    with city.entry("group.imported", "2025-01-10", year=None) as (entry, _):
        entry.add(NetworkGroup(code="NG1", name="Sprache"))
        entry.change(partner_of(entry.session, 4), groups=["NG1"])
    a_need(city, source="Netzwerkgruppe NG2")
    a_measure(city, due=date(2025, 12, 1))
    a_measure(city, "Sprachcafé", owner=5, field="language")
    a_measure(city, "Lesekreis", owner=None, needs=["B-2025-01"])
    a_measure(city, "Chor", owner=5)
    update(city, "M-2025-04", status="done", percent=100)

    def numbers(**choice: Any) -> list[str]:
        with city.reading("2025-12-09") as about:
            return [each.number[-2:] for each in chosen(about, Choice(**choice), None)]

    assert numbers() == ["01", "02", "03", "04"]
    assert numbers(open=True) == ["01", "02", "03"]
    assert numbers(late=True) == ["01"]
    assert numbers(group="NG1") == ["01"]
    assert numbers(group="NG2") == ["03"]
    assert numbers(owner=5) == ["02", "04"]
    assert numbers(owner=5, open=True) == ["02"]
    assert numbers(field="Sprache") == ["02"]
    assert numbers(carried=1) == []
    with city.reading("2025-12-09") as about:
        assert groups_of(about, chosen(about, Choice(unowned=True), None)) == {"M-2025-03": ["NG2"]}
    for choice, error in (({"group": "NG9"}, NotFound), ({"owner": 99}, NotFound), ({"field": "moon"}, WrongInput)):
        with pytest.raises(error):
            numbers(**choice)


@pytest.mark.parametrize(
    ("text", "kept"), [("12", "12"), (" 12,50 ", "12.5"), ("0,0", "0"), ("-0", "0"), ("007", "7"), ("-3.25", "-3.25")]
)
def test_decimal_is_kept_as_short_text(text: str, kept: str) -> None:
    assert decimal_text(text) == kept


@pytest.mark.parametrize("text", ["", "viel", "1,2,3", "1e5", "nan", "12 Euro", "1,23456", "٣"])
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(WrongInput, match="not_decimal"):
        decimal_text(text)


def test_what_may_mean_two_numbers_is_refused_with_both() -> None:
    with pytest.raises(WrongInput) as error:
        decimal_text("1.200")

    assert error.value.facts == {"text": "1.200", "whole": "1200", "decimal": "1,2"}


def test_part_of_the_target_that_is_reached_is_a_share() -> None:
    assert [reached("24", "10.5"), reached("3", "1"), reached("0", "1"), reached(None, "1"), reached("3", None)] == [
        4375,
        3333,
        None,
        None,
        None,
    ]
    assert (decimal_shown("10.5", "de"), decimal_shown("10.5", "en")) == ("10,5", "10.5")
