"""Promises to a council or committee: given, due, late in working days, kept."""

from datetime import date

import pytest
from plan_of_musterstadt import City, a_measure

from cycle.errors import NotFound, Refused, WrongInput
from cycle.plan.actions import followups
from cycle.plan.records.followups import FollowUp, followup_of, followups_of_year
from cycle.plan.rules.followups import days_late, pressing
from cycle.plan.words.facts import each_followup_due
from cycle.vocabulary import DatedItem


def promise(
    city: City, title: str = "Zahlen zu Sprachkursen", *, today: str = "2025-06-26", due: str = "2025-09-30", **fields: str
) -> FollowUp:
    values = {"body": "Integrationsausschuss"} | fields
    with city.entry("followup.added", today) as (entry, about):
        return followups.add(entry, about, title, due=date.fromisoformat(due), **values)


def keep(
    city: City,
    number: str = "W-2025-01",
    *,
    today: str = "2025-10-02",
    year: int = 2025,
    result: str = "Vorgelegt",
    on: str | None = None,
) -> None:
    with city.entry("followup.done", today, year=year, on=on) as (entry, about):
        followups.done(entry, about, number, result=result)


def numbers(city: City, today: str, year: int) -> list[str]:
    with city.reading(today, year) as about:
        return [each.number for each in followups_of_year(about)]


def test_promise_is_kept_late_and_says_what_became_of_it(city: City) -> None:
    a_measure(city, today="2025-02-01")

    given = promise(city, reference="GR 2025/91", measure="m-2025-01", details="Frage von Stadträtin Aydın")
    keep(city)

    assert (given.number, given.body, given.promised_on, given.measure) == (
        "W-2025-01",
        "committee",
        date(2025, 6, 26),
        "M-2025-01",
    )
    with city.reading("2025-12-31") as about:
        kept = followup_of(about.session, "w-2025-01")
        assert (kept.done_on, kept.done_in, kept.result, kept.details) == (
            date(2025, 10, 2),
            2025,
            "Vorgelegt",
            "Frage von Stadträtin Aydın",
        )
        assert days_late(kept, about.today, None) == 2
    with city.journal.reading() as session:
        bodies = [body for (body,) in session.connection().exec_driver_sql("SELECT body FROM event")]
    assert [body for body in bodies if "Aydın" in body or "Vorgelegt" in body] == []


def test_open_promise_goes_on_into_later_years_and_a_kept_one_stays_behind(city: City) -> None:
    promise(city)
    promise(city, "Bericht zum Wohnen")
    keep(city, "W-2025-02")
    before = numbers(city, "2026-03-01", 2026)
    keep(city, "W-2025-01", today="2026-03-02", year=2026)

    assert before == ["W-2025-01"]
    assert numbers(city, "2026-03-03", 2025) == ["W-2025-01", "W-2025-02"]
    assert numbers(city, "2026-03-03", 2026) == ["W-2025-01"]


def test_only_the_open_ones_that_are_due_soon_press(city: City) -> None:
    promise(city, due="2025-09-30")
    promise(city, "bald", due="2025-09-15")
    promise(city, "später", due="2025-10-01")
    promise(city, "längst", due="2025-07-01")
    keep(city, "W-2025-04", today="2025-09-01")

    with city.reading("2025-09-16") as about:
        found = [each.number for each in pressing(followups_of_year(about), about.today)]

    assert found == ["W-2025-02", "W-2025-01"]


def test_one_cycle_reminds_of_a_promise_until_it_is_kept(city: City) -> None:
    promise(city)
    with city.reading("2026-03-01") as about:
        own = each_followup_due(about)
    with city.reading("2026-03-01", 2026) as about:
        other = each_followup_due(about)
    keep(city)

    assert own == [
        DatedItem(
            subject="followup/W-2025-01",
            label="W-2025-01 Zahlen zu Sprachkursen",
            day=date(2025, 9, 30),
            since=date(2025, 6, 26),
            fact={"followup": "W-2025-01"},
        )
    ]
    assert other == []
    with city.reading("2026-03-01") as about:
        assert each_followup_due(about) == []


def test_wrong_promise_is_not_recorded(city: City) -> None:
    for fields, error, key in (
        ({"title": " "}, WrongInput, "plan_title_missing"),
        ({"due": "2025-06-25"}, WrongInput, "followup_due_early"),
        ({"body": "Stammtisch"}, WrongInput, "unknown_word"),
        ({"measure": "M-2025-01"}, NotFound, "unknown_measure"),
    ):
        with pytest.raises(error, match=key):
            promise(city, **fields)

    assert numbers(city, "2025-12-31", 2025) == []


def test_promise_is_kept_once_with_a_result_and_not_before_it_was_given(city: City) -> None:
    promise(city)

    with pytest.raises(WrongInput, match="followup_result_missing"):
        keep(city, result=" ")
    with pytest.raises(WrongInput, match="followup_done_early"):
        keep(city, on="2025-06-25")
    with pytest.raises(NotFound, match="unknown_followup"):
        keep(city, "W-2025-07")
    keep(city)
    with pytest.raises(Refused) as twice:
        keep(city)

    assert [(each.key, each.facts["on"]) for each in twice.value.findings] == [("followup_done", date(2025, 10, 2))]
