"""Several views of one measure stay side by side; who may speak for whom; the check that asks for all of them."""

import pytest
from plan_of_musterstadt import City, a_measure

from cycle.errors import Forbidden, NotFound, WrongInput
from cycle.journal.actor import Actor
from cycle.plan.actions.assessing import assess
from cycle.plan.records.assessments import Assessment, assessed_in, assessments_of
from cycle.plan.rules.assessments import differ
from cycle.plan.words.assessments import assessments_recorded


def judge(city: City, *, today: str = "2025-12-09", year: int = 2025, number: str = "M-2025-01", **said: object) -> None:
    with city.entry("measure.assessed", today, year=year) as (entry, about):
        assess(entry, about, number, **said)  # type: ignore[arg-type]


def views(city: City, year: int = 2025) -> list[tuple[str, str | None, int | None]]:
    with city.reading("2026-12-31", year) as about:
        return [(each.assessor, each.rating, each.percent) for each in assessed_in(about).get("M-2025-01", ())]


def test_city_and_advisory_board_may_see_a_measure_differently(city: City) -> None:
    a_measure(city)

    judge(city, rating="on_track", percent=70)
    judge(city, rating="gefährdet", percent=30, assessor="Integrationsausschuss", note="Frau Aydın sieht es anders")

    assert views(city) == [("coordinator", "on_track", 70), ("committee", "at_risk", 30)]
    with city.reading("2025-12-10") as about:
        both = assessments_of(about.session, "M-2025-01")
        assert (differ(both), [each.note for each in both]) == (True, [None, "Frau Aydın sieht es anders"])


def test_last_view_of_each_counts_in_its_year_and_all_are_kept(city: City) -> None:
    a_measure(city)
    judge(city, percent=20)
    judge(city, percent=30, assessor="sponsor")
    judge(city, today="2025-12-10", percent=30)
    judge(city, today="2026-11-01", year=2026, percent=90)

    assert views(city) == [("coordinator", None, 30), ("sponsor", None, 30)]
    assert views(city, 2026) == [("coordinator", None, 90)]
    with city.reading("2026-12-31") as about:
        kept = assessments_of(about.session, "M-2025-01")
        assert ([each.percent for each in kept], differ(assessed_in(about)["M-2025-01"])) == ([20, 30, 30, 90], False)


def test_views_without_the_same_part_do_not_differ() -> None:
    told = [
        Assessment(cycle_id=1, measure="M", assessor="a", rating="on_track", told_by="p"),
        Assessment(cycle_id=1, measure="M", assessor="b", percent=10, told_by="p"),
    ]

    assert not differ(told)


@pytest.mark.parametrize(
    ("said", "error", "key"),
    [
        ({}, WrongInput, "nothing_assessed"),
        ({"percent": 101}, WrongInput, "percent_out_of_range"),
        ({"percent": -1}, WrongInput, "percent_out_of_range"),
        ({"rating": "super"}, WrongInput, "unknown_word"),
        ({"rating": "on_track", "assessor": "Stammtisch"}, WrongInput, "unknown_assessor"),
        ({"rating": "on_track", "number": "M-2025-09"}, NotFound, "unknown_measure"),
    ],
)
def test_wrong_view_is_not_recorded(city: City, said: dict[str, object], error: type[Exception], key: str) -> None:
    a_measure(city)

    with pytest.raises(error, match=key):
        judge(city, **said)  # type: ignore[arg-type]

    assert views(city) == []


def test_speaker_speaks_only_for_the_own_role(city: City) -> None:
    a_measure(city)

    def speak(assessor: str | None) -> None:
        with city.entry("measure.assessed", "2025-12-09") as (entry, about):
            entry.actor = Actor(entry.actor.ref, "speaker")
            assess(entry, about, "M-2025-01", percent=40, assessor=assessor)

    with pytest.raises(Forbidden, match="assesses_for_others"):
        speak("council")
    speak("Gruppensprecher")

    assert views(city) == [("speaker", None, 40)]


def test_check_names_the_measures_and_the_role_that_has_not_spoken(city: City) -> None:
    a_measure(city)
    a_measure(city, "Sprachcafé")
    judge(city, percent=50)
    judge(city, percent=40, assessor="sponsor")
    judge(city, number="M-2025-02", percent=50)

    def asked() -> tuple[object, ...]:
        with city.reading("2025-12-10") as about:
            found = assessments_recorded(about, of="open_measures", roles=["coordinator", "sponsor"])
            return found.met, found.facts["numbers"], found.command

    before = asked()
    judge(city, number="M-2025-02", percent=90, assessor="sponsor")

    assert before == (False, ["M-2025-02"], "cycle measure assess 2025 M-2025-02 --by-role sponsor --as …")
    assert asked() == (True, [], None)
