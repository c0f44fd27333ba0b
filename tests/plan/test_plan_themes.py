from datetime import date

import pytest
from plan_of_musterstadt import City, a_need, a_theme, told

from cycle.errors import Refused, WrongInput
from cycle.plan.actions import decisions, themes
from cycle.plan.records import decisions_of, need_of, theme_of, theme_of_year, themes_all
from cycle.plan.rules.quorum import Quorum
from cycle.plan.words.themes import decided, decision_recorded, primary_theme_valid, theme_decided, theme_linked_to_need

PROOFS = ["body", "date", "reference"]


def decide(city: City, today: str = "2025-07-03", body: str = "Integrationsausschuss", **more: object) -> dict[str, object]:
    with city.entry("theme.decided", today) as (entry, about):
        themes.decide(entry, about, "T1", body=body, reference=f"Vorlage {today}", **more)
    return entry.facts


def test_second_primary_theme_is_refused_under_the_check_that_counts_them(city: City) -> None:
    a_theme(city)

    with pytest.raises(Refused) as refused:
        a_theme(city, "Wohnen im Quartier", until="2026-12-31")

    finding = refused.value.findings[0]
    assert (finding.key, finding.check, finding.facts["theme"], finding.owed_by) == (
        "second_primary_theme",
        "F1",
        "T1",
        "coordinator",
    )
    with city.reading("2025-07-04") as about:
        assert [theme.number for theme in themes_all(about.session, "integration")] == ["T1"]


def test_side_theme_and_a_theme_of_another_time_are_no_second_one(city: City) -> None:
    a_theme(city)

    a_theme(city, "Sport", primary=False)
    a_theme(city, "Arbeit", year=2026, until="2026-12-31")

    with city.reading("2025-07-04") as about:
        assert told(primary_theme_valid(about, exactly=1), "numbers") == (True, ["T1"])
    with city.reading("2025-07-04", 2026) as about:
        assert told(primary_theme_valid(about, exactly=1), "numbers") == (True, ["T3"])


def test_theme_is_linked_to_its_needs_and_they_to_it(city: City) -> None:
    a_need(city)

    a_theme(city, needs=["b-2025-01"])

    with city.reading("2025-06-05") as about:
        assert need_of(about.session, "B-2025-01").theme == "T1"
        assert told(theme_linked_to_need(about, accept="reason"), "needs") == (True, ["B-2025-01"])


def test_reason_stands_in_for_a_need_where_the_workflow_accepts_it(city: City) -> None:
    a_theme(city)
    with city.reading("2025-06-05") as about:
        without = theme_linked_to_need(about, accept="reason")
    with city.entry("theme.changed", "2025-06-06", reason="Auftrag des Gemeinderats") as (entry, about):
        themes.change(entry, about, "T1", title="Bildung für alle")

    with city.reading("2025-06-06") as about:
        found = theme_linked_to_need(about, accept="reason").met, theme_linked_to_need(about).met
    assert (without.met, without.command) == (False, "cycle theme change 2025 T1 --need … --reason …")
    assert found == (True, False)


def test_body_without_quorum_leaves_the_theme_undecided(city: City) -> None:
    a_theme(city)
    with city.entry("decision.recorded", "2025-06-26", reason="nicht beschlussfähig") as (entry, about):
        decisions.record(
            entry,
            about,
            "theme",
            theme="T1",
            body="Integrationsausschuss",
            outcome="failed_quorum",
            quorum=Quorum(8, 19),
        )

    with city.reading("2025-06-27") as about:
        finding = theme_decided(about, needs=PROOFS)
        assert (finding.key, finding.met) == ("theme_undecided", False)
        assert finding.command == "cycle theme decide 2025 T1 --body … --on … --reference …"
        assert (decided(about, "theme"), theme_of(about.session, "T1").status) == (None, "proposed")
    assert entry.facts == {"subject": "theme", "theme": "T1", "body": "committee", "outcome": "failed_quorum"}


def test_first_decision_ends_the_date_and_the_last_one_holds(city: City) -> None:
    a_theme(city)

    facts = decide(city)
    decide(city, "2025-07-17", "Gemeinderat", title="Bildungsgerechtigkeit", valid_to=date(2026, 12, 31))

    with city.reading("2025-07-18") as about:
        theme = theme_of(about.session, "T1")
        assert decided(about, "theme") == date(2025, 7, 3)
        assert told(theme_decided(about, needs=PROOFS), "other", "on", "reference") == (
            True,
            "council",
            date(2025, 7, 17),
            "Vorlage 2025-07-17",
        )
        assert (theme.title, theme.valid_to, theme.status) == ("Bildung", date(2025, 12, 31), "decided")
    assert facts == {"theme": "T1", "body": "committee"}


def test_title_and_validity_take_effect_with_the_change(city: City) -> None:
    a_theme(city)
    decide(city)

    with city.entry("theme.changed", "2025-07-18", reason="Beschluss Gemeinderat") as (entry, about):
        theme = themes.change(entry, about, "T1", title="Bildungsgerechtigkeit", valid_to=date(2026, 12, 31))

    assert (theme.title, theme.valid_to, theme.status) == ("Bildungsgerechtigkeit", date(2026, 12, 31), "changed")
    with city.reading("2025-07-18") as about:
        assert theme_decided(about, needs=PROOFS).met


def test_theme_of_two_years_is_confirmed_in_the_second(city: City) -> None:
    a_theme(city, until="2026-12-31")
    decide(city)
    with city.reading("2026-06-01", 2026) as about:
        before = primary_theme_valid(about, exactly=1).met, theme_decided(about, needs=PROOFS)

    with city.entry("theme.confirmed", "2026-06-25", year=2026) as (entry, about):
        themes.confirm(entry, about, "T1")

    assert (before[0], before[1].key, before[1].command) == (True, "theme_unconfirmed", "cycle theme confirm 2026 T1")
    with city.reading("2026-06-26", 2026) as about:
        assert told(theme_decided(about, needs=PROOFS), "on") == (True, date(2025, 7, 3))
        assert decided(about, "theme") == date(2026, 6, 25)
        assert theme_of_year(about).number == "T1"
    with pytest.raises(Refused) as again, city.entry("theme.confirmed", "2026-06-27", year=2026) as (entry, about):
        themes.confirm(entry, about, "T1")
    assert again.value.findings[0].key == "theme_decided_here"


def test_undecided_theme_cannot_be_confirmed(city: City) -> None:
    a_theme(city)

    with pytest.raises(Refused) as refused, city.entry("theme.confirmed", "2025-06-27") as (entry, about):
        themes.confirm(entry, about, "T1")

    assert refused.value.findings[0].key == "theme_undecided"


def test_ended_theme_makes_room_and_is_not_touched_again(city: City) -> None:
    a_theme(city)
    with city.entry("theme.ended", "2025-07-31", reason="zurückgezogen") as (entry, about):
        theme = themes.end(entry, about, "T1", body="Gemeinderat", reference="GR 2025/120")

    following = a_theme(city, "Wohnen")

    assert (theme.status, theme.ended_on, theme.body, following.number) == ("ended", date(2025, 7, 31), None, "T2")
    assert (entry.facts, entry.basis) == (
        {"theme": "T1", "body": "council"},
        [{"kind": "resolution", "ref": "GR 2025/120", "sha256": None}],
    )
    with city.reading("2025-08-01") as about:
        assert told(primary_theme_valid(about, exactly=1), "numbers") == (True, ["T2"])
    with pytest.raises(Refused):
        decide(city, "2025-08-02")


def test_report_counts_when_adopted_or_noted(city: City) -> None:
    found = []
    for today, outcome in (("2026-01-22", "postponed"), ("2026-01-29", "noted")):
        with city.entry("decision.recorded", today) as (entry, about):
            decisions.record(entry, about, "report", body="Integrationsausschuss", outcome=outcome)
        with city.reading(today) as about:
            found.append((decision_recorded(about, subject="report").met, decided(about, "report")))

    assert found == [(False, None), (True, date(2026, 1, 29))]


@pytest.mark.parametrize(
    ("subject", "outcome", "more", "key"),
    [
        ("theme", "failed_quorum", {}, "decision_theme_missing"),
        ("theme", "adopted", {"theme": "T1"}, "theme_has_own_command"),
        ("report", "noted", {"theme": "T1"}, "decision_of_no_theme"),
        ("report", "noted", {"quorum": Quorum(20, 19)}, "quorum_wrong"),
        ("report", "noted", {"quorum": Quorum(9, 19, 20)}, "quorum_needs_too_many"),
        ("report", "noted", {"quorum": Quorum(needed=10)}, "quorum_counts_missing"),
        ("budget", "noted", {}, "unknown_word"),
    ],
)
def test_wrong_decision_is_not_recorded(city: City, subject: str, outcome: str, more: dict[str, object], key: str) -> None:
    a_theme(city)

    with pytest.raises(WrongInput, match=key), city.entry("decision.recorded", "2025-06-26") as (entry, about):
        decisions.record(entry, about, subject, body="Gemeinderat", outcome=outcome, **more)

    with city.reading("2025-06-26") as about:
        assert decisions_of(about.session, about.cycle_id) == []
