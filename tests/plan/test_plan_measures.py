from datetime import date
from typing import Any

import pytest
from plan_of_musterstadt import City, a_measure, a_need, told

from cycle.errors import Refused, WrongInput
from cycle.partners.records import Contact, PartnerStatus, partner_of
from cycle.plan.actions import measures
from cycle.plan.records import measure_of, updates_of
from cycle.plan.records.owning import measures_owed_by
from cycle.plan.words import LENT
from cycle.plan.words.facts import each_measure_due, measure_owner
from cycle.plan.words.measures import (
    measures_at_close,
    measures_complete,
    measures_updated_since,
    unfinished_measures_decided,
)
from cycle.vocabulary import DatedItem, Finding

PARTS = ["field", "target_group", "due", "owner_or_interim"]


def update(
    city: City, number: str = "M-2025-01", *, today: str = "2025-12-09", on: str | None = None, **fields: Any
) -> dict[str, Any]:
    with city.entry("measure.updated", today, on=on, reason=fields.pop("reason", None)) as (entry, about):
        measures.update(entry, about, number, **fields)
    return entry.facts


def carry(
    city: City, number: str, to: int, due: str, *, today: str = "2026-02-10", year: int = 2025, reason: str | None = "weil"
) -> dict[str, Any]:
    with city.entry("measure.carried", today, year=year, reason=reason) as (entry, about):
        measures.carry(entry, about, number, to=to, due=date.fromisoformat(due))
    return entry.facts


def drop(city: City, number: str, reason: str | None = "weil") -> None:
    with city.entry("measure.dropped", "2026-02-10", reason=reason) as (entry, about):
        measures.drop(entry, about, number)


def state(city: City, number: str, *columns: str) -> tuple[object, ...]:
    with city.reading("2026-02-11") as about:
        measure = measure_of(about.session, number)
        return tuple(getattr(measure, column) for column in columns)


def test_measure_is_proposed_under_the_next_number_and_tells_its_owner(city: City) -> None:
    a_need(city)

    measure = a_measure(city, needs=["B-2025-01"], partners=[1, 2], cost=1500, secured="partly")

    assert (measure.number, measure.status, measure.percent) == ("M-2025-01", "proposed", 0)
    assert (measure.due_first, measure.due, measure.due_since) == (date(2026, 10, 31), date(2026, 10, 31), date(2025, 11, 26))
    assert (measure.needs, measure.partners, measure.secured) == (["B-2025-01"], [1, 2], "partly")


def test_new_owner_is_told_and_a_lost_one_too(city: City) -> None:
    a_measure(city, owner=None)

    unowned = update(city, status="unowned", interim="coordinator", search_until=date(2026, 6, 30))
    owned = update(city, owner=7)

    assert unowned == {"measure": "M-2025-01", "status": "unowned", "percent": 0, "unowned": True}
    assert owned == {"measure": "M-2025-01", "status": "not_started", "percent": 0, "assigned": True, "owner": 7}
    assert state(city, "M-2025-01", "owner", "interim", "search_until") == (7, None, None)
    assert LENT.facts["measure_unowned"].matches(unowned, {})
    assert not LENT.facts["measure_unowned"].matches(owned, {})
    assert LENT.facts["measure_assigned"].matches(owned, {})
    assert not LENT.facts["measure_assigned"].matches(unowned, {})


def test_done_is_dated_by_the_day_it_counts_from(city: City) -> None:
    a_measure(city)

    update(city, today="2026-01-07", on="2026-01-01", status="done", percent=100)

    assert state(city, "M-2025-01", "status", "done_on", "updated_on") == ("done", date(2026, 1, 1), date(2026, 1, 1))
    with city.reading("2026-01-08") as about:
        reports = [(each.told_on, each.status, each.percent) for each in updates_of(about.session, "M-2025-01")]
    assert reports == [(date(2026, 1, 1), "done", 100)]


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "nothing_told"),
        ({"status": "done"}, "done_needs_percent"),
        ({"percent": 101}, "percent_out_of_range"),
        ({"status": "dropped"}, "dropped_has_own_command"),
        ({"status": "unowned", "owner": 7}, "owner_and_unowned"),
        ({"interim": "coordinator"}, "interim_for_unowned"),
        ({"status": "unowned", "interim": "mayor"}, "unknown_interim"),
        ({"status": "late"}, "unknown_word"),
        ({"due": date(2026, 12, 31)}, "due_by_carry"),
    ],
)
def test_wrong_update_changes_nothing(city: City, fields: dict[str, Any], key: str) -> None:
    a_measure(city)

    with pytest.raises(WrongInput, match=key):
        update(city, **fields)

    assert state(city, "M-2025-01", "version") == (1,)


def test_carry_keeps_the_first_date_and_counts_once_a_year(city: City) -> None:
    a_measure(city, due=date(2025, 12, 31))

    first = carry(city, "M-2025-01", 2026, "2026-09-30")
    corrected = carry(city, "M-2025-01", 2026, "2026-08-31", today="2026-02-11")
    second = carry(city, "M-2025-01", 2027, "2027-03-31", today="2026-12-01", year=2026)

    assert first == {"measure": "M-2025-01", "to": 2026, "due": "2026-09-30", "count": 1}
    assert "count" not in corrected
    assert second["count"] == 2
    assert state(city, "M-2025-01", "due_first", "due", "due_since", "carry_count", "carried_to") == (
        date(2025, 12, 31),
        date(2027, 3, 31),
        date(2026, 12, 1),
        2,
        [2026, 2027],
    )
    matches = LENT.facts["second_carry"].matches
    assert [matches(told_, {}) for told_ in (first, corrected, second)] == [False, False, True]


@pytest.mark.parametrize(
    ("to", "due", "reason", "key"),
    [
        (2026, "2026-09-30", None, "reason_missing"),
        (2025, "2026-12-31", "weil", "carry_not_later"),
        (2026, "2026-02-10", "weil", "due_not_later"),
        (2026, "2026-10-31", "weil", "due_not_later"),
    ],
)
def test_wrong_carry_changes_nothing(city: City, to: int, due: str, reason: str | None, key: str) -> None:
    a_measure(city)

    with pytest.raises(WrongInput, match=key):
        carry(city, "M-2025-01", to, due, reason=reason)

    assert state(city, "M-2025-01", "version") == (1,)


def test_finished_measure_is_neither_carried_nor_dropped(city: City) -> None:
    a_measure(city)
    update(city, status="done", percent=100)
    expected = Finding("measure_finished", facts={"number": "M-2025-01", "title": "Wegweiser", "state": "done"})

    with pytest.raises(Refused) as carried:
        carry(city, "M-2025-01", 2026, "2026-12-31")
    with pytest.raises(Refused) as dropped:
        drop(city, "M-2025-01")

    assert (carried.value.findings, dropped.value.findings) == ((expected,), (expected,))


def test_measure_is_dropped_with_a_reason_only(city: City) -> None:
    a_measure(city)

    with pytest.raises(WrongInput, match="reason_missing"):
        drop(city, "M-2025-01", reason=None)
    drop(city, "M-2025-01", reason="Träger aufgelöst")

    assert state(city, "M-2025-01", "status", "reason") == ("dropped", "Träger aufgelöst")


def test_every_open_measure_needs_its_parts(city: City) -> None:
    with city.reading("2025-11-26") as about:
        none = measures_complete(about, needs=PARTS)
    a_measure(city)
    a_measure(city, "MINT", owner=None, target_groups=[])
    with city.reading("2025-12-01") as about:
        before = measures_complete(about, needs=PARTS)
    update(city, "M-2025-02", status="unowned", interim="coordinator", target_groups=["youth"])

    with city.reading("2025-12-09") as about:
        after = measures_complete(about, needs=PARTS)
    assert (none.key, none.command) == ("measures_missing", "cycle measure none 2025")
    assert told(before, "missing") == (False, ["M-2025-02 (--target-group, --owner)"])
    assert before.command == "cycle measure update 2025 M-2025-02 --target-group … --owner …"
    assert told(after, "missing", "own") == (True, [], 2)


def test_owner_that_left_is_none_and_a_merged_one_goes_on(city: City) -> None:
    a_measure(city)
    a_measure(city, "Sprachcafé", owner=5)
    with city.entry("partner.left", "2025-12-01", year=None) as (entry, _):
        entry.change(partner_of(entry.session, 4), status=PartnerStatus.LEFT)
    with city.entry("partner.merged", "2025-12-01", year=None) as (entry, _):
        entry.change(partner_of(entry.session, 5), status=PartnerStatus.MERGED, merged_into=6)

    with city.reading("2025-12-02") as about:
        finding = measures_complete(about, needs=PARTS)
        owed = {owner: [each.number for each in found] for owner, found in measures_owed_by(about).items()}
    assert told(finding, "missing") == (False, ["M-2025-01 (--owner)"])
    assert owed == {6: ["M-2025-02"]}


def test_no_measures_is_a_valid_result(city: City) -> None:
    with city.entry("measure.declared_none", "2025-12-01") as (entry, about):
        measures.declare_none(entry, about)

    with city.reading("2025-12-01") as about:
        assert measures_complete(about, needs=PARTS).met
        assert unfinished_measures_decided(about).met


def test_status_counts_from_the_day_of_the_request(city: City) -> None:
    a_measure(city, today="2025-02-01")
    a_measure(city, "Sprachcafé", today="2025-02-01", owner=5)
    update(city, today="2025-09-20", percent=20)
    update(city, "M-2025-02", today="2025-09-20", on="2025-09-15", percent=20)

    with city.reading("2025-10-01") as about:
        all_of_them = measures_updated_since(about, date="review_request")
        half = measures_updated_since(about, date="review_request", at_least_percent=50)

    assert told(all_of_them, "numbers", "total", "since") == (False, ["M-2025-02"], 2, date(2025, 9, 16))
    assert (all_of_them.owed_by, all_of_them.command) == ("P5", "cycle measure update 2025 M-2025-02 --status … --percent …")
    assert half.met


def test_unfinished_measures_continue_are_carried_or_dropped_at_the_close(city: City) -> None:
    a_measure(city, "läuft weiter", due=date(2026, 2, 28))
    a_measure(city, "fällig vor dem Abschluss", due=date(2026, 2, 27))
    a_measure(city, "zurückgestellt", due=date(2026, 12, 31))
    a_measure(city, "umgesetzt", due=date(2025, 12, 31))
    a_measure(city, "gestrichen", due=date(2025, 12, 31))
    a_measure(city, "des nächsten Jahres", year=2026, due=date(2026, 1, 31))
    update(city, "M-2025-03", status="deferred")
    update(city, "M-2025-04", status="done", percent=100)
    drop(city, "M-2025-05")
    with city.reading("2026-02-10") as about:
        before = unfinished_measures_decided(about)

    carry(city, "M-2025-02", 2026, "2026-10-31")
    carry(city, "M-2025-03", 2026, "2027-01-31")

    with city.reading("2026-02-11") as about:
        after, closing = unfinished_measures_decided(about), measures_at_close(about)
    assert told(before, "numbers", "close") == (False, ("M-2025-02", "M-2025-03"), date(2026, 2, 27))
    assert before.command == "cycle measure carry 2025 M-2025-02 --to 2026 --due … --reason …"
    assert told(after, "continues", "carried", "dropped") == (True, 1, 2, 1)
    assert (closing.continues, closing.carried, closing.dropped, closing.undecided) == (
        ("M-2025-01",),
        ("M-2025-02", "M-2025-03"),
        ("M-2025-05",),
        (),
    )


def test_one_cycle_reminds_of_a_measure_though_two_are_running(city: City) -> None:
    a_measure(city)
    a_measure(city, "Sprachcafé", due=date(2025, 12, 31))
    carry(city, "M-2025-02", 2026, "2026-05-31")

    with city.reading("2026-02-11") as about:
        of_2025 = each_measure_due(about)
    with city.reading("2026-02-11", 2026) as about:
        of_2026 = each_measure_due(about)

    assert of_2025 == [
        DatedItem(
            subject="measure/M-2025-01",
            label="M-2025-01 Wegweiser",
            day=date(2026, 10, 31),
            since=date(2025, 11, 26),
            fact={"measure": "M-2025-01", "owner": 4},
        )
    ]
    assert [(item.subject, item.day, item.since) for item in of_2026] == [
        ("measure/M-2025-02", date(2026, 5, 31), date(2026, 2, 10))
    ]


def test_mail_about_a_measure_goes_to_whom_its_owner_merged_into(city: City) -> None:
    a_measure(city, owner=5)
    a_measure(city, "ohne Federführung", owner=None)
    with city.entry("partner.edited", "2025-12-01", year=None) as (entry, _):
        for number in (5, 6):
            partner = partner_of(entry.session, number)
            entry.add(Contact(partner_id=partner.id, ref=f"c:{number}", last_name="Koçak", mail=f"p{number}@example.de"))
    with city.entry("partner.merged", "2025-12-01", year=None) as (entry, _):
        entry.change(partner_of(entry.session, 5), status=PartnerStatus.MERGED, merged_into=6)

    with city.reading("2025-12-02") as about:
        owner = [(each.partner, each.mail) for each in measure_owner(about, {"measure": "M-2025-01"})]
        nobody = list(measure_owner(about, {"measure": "M-2025-02"}))
    assert (owner, nobody) == ([(6, "p6@example.de")], [])
