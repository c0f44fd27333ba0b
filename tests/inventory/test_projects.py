"""The inventory of projects and its yearly review."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from inventory_of_musterstadt import HERE, City

from cycle.errors import NotFound, WrongInput
from cycle.inventory.actions import files
from cycle.inventory.actions.gaps import record_gap
from cycle.inventory.actions.projects import compare, import_projects, import_reviews, new_reviews, review_project
from cycle.inventory.records import (
    carriers_silent,
    coverage,
    gap_of,
    project_of,
    projects_of,
    review_carriers,
    reviews_of,
    snapshot_of,
)
from cycle.inventory.rules.gap import Scope
from cycle.inventory.rules.review import Coverage, ProjectStatus, Reported, all_reviewed_on, by_carrier, counted, silent
from cycle.inventory.words import answered, gap_recorded, projects_reviewed, recorded
from cycle.partners.records import PartnerStatus, partner_of

PROJECTS = HERE / "projects_2025.csv"
REVIEWS = HERE / "reviews_2025.csv"
HEADER = "Nr;Projekttitel;Träger Nr;Kooperation mit Nr;Handlungsfelder;Zielgruppen;Status;Finanzvolumen EUR;Antwort vom\n"


def take(city: City, path: Path = PROJECTS, day: str = "2025-04-08", year: int = 2025) -> tuple[int, int]:
    rows = files.projects(path, city.workflow, year)
    with city.entry("project.imported", day, year) as (entry, about):
        imported = import_projects(entry, about, rows)
        return len(imported.added), len(imported.changed)


def review(city: City, day: str) -> int:
    rows = files.reviews(REVIEWS, city.workflow, date.fromisoformat(day))
    with city.entry("project.reviewed", day) as (entry, about):
        return len(import_reviews(entry, about, rows))


def test_second_import_of_the_same_file_changes_nothing(city: City) -> None:
    assert take(city) == (125, 0)
    with city.reading("2025-04-08") as about:
        assert not compare(about, files.projects(PROJECTS, city.workflow, 2025))
        assert len(projects_of(about)) == 125


def test_changed_row_changes_its_project(city: City, file: Callable[[str], Path]) -> None:
    take(city, file(HEADER + "3;Nähtreff;37;22, 28;Zusammenleben;Frauen;laufend;;\n"))

    assert take(city, file(HEADER + "3;Nähtreff;37;22;Zusammenleben;Frauen | Jugendliche;laufend;0;\n")) == (0, 1)

    with city.reading("2025-04-08") as about:
        found = project_of(about.session, 3)
        assert (found.partners, found.target_groups, found.amount) == ([22], ["women", "youth"], 0)


def test_empty_carrier_and_amount_are_unknown_and_labels_may_hold_a_comma(city: City, file: Callable[[str], Path]) -> None:
    text = "9;Mathe-Club;;;Werte, Regeln und Normen, Bildung;Haupt-/Ehrenamtliche;ohne Träger;;\n"

    take(city, file(HEADER + text))

    with city.reading("2025-04-08") as about:
        found = project_of(about.session, 9)
        assert (found.carrier, found.amount, found.status, found.inventory_year) == (None, None, "unowned", 2025)
        assert (found.fields, found.target_groups) == (["values", "education"], ["multipliers"])


def test_wrong_rows_are_told_all_at_once_and_nothing_is_taken(city: City, file: Callable[[str], Path]) -> None:
    text = "1;;37;;Garten;Frauen;laufend;-5;\n1;Chor;x;;Bildung;;laeuft;;40.01.2025\n"

    with pytest.raises(WrongInput) as raised:
        take(city, file(HEADER + text))

    assert (raised.value.key, raised.value.facts) == ("inventory_file_wrong", {"file": "table.csv", "count": 8})
    assert [(problem.line, problem.column, problem.key) for problem in raised.value.problems] == [
        (2, "Projekttitel", "cell_empty"),
        (2, "Handlungsfelder", "unknown_word"),
        (2, "Finanzvolumen EUR", "cell_no_whole_number"),
        (3, "Träger Nr", "cell_no_whole_number"),
        (3, "Zielgruppen", "cell_empty"),
        (3, "Status", "unknown_word"),
        (3, "Antwort vom", "cell_no_day"),
        (3, "Nr", "project_twice"),
    ]


def test_unknown_carrier_is_told_with_project_and_line(city: City, file: Callable[[str], Path]) -> None:
    with pytest.raises(WrongInput) as raised:
        take(city, file(HEADER + "1;Chor;99;98;Bildung;Frauen;laufend;;\n"))

    assert raised.value.problems == (
        "table.csv:2: project_partner_unknown, project=1, partner=99",
        "table.csv:2: project_partner_unknown, project=1, partner=98",
    )


def test_ten_thousand_projects_are_one_entry_in_little_time(city: City, file: Callable[[str], Path]) -> None:
    lines = (
        f"{n};Projekt {n};{2 + n % 20};{25 + n % 30};Bildung | Arbeit;Frauen, Kinder;laufend;{n};08.04.2025"
        for n in range(1, 10_001)
    )
    path = file(HEADER + "\n".join(lines))
    began = perf_counter()

    assert take(city, path) == (10_000, 0)

    assert perf_counter() - began < 15  # a rough guard against one statement a row; the usual is about a tenth


def test_gap_is_recorded_once_and_not_computed_again(city: City, file: Callable[[str], Path]) -> None:
    take(city)
    with city.entry("gap.recorded", "2025-04-17") as (entry, about):
        record_gap(entry, about, scope=Scope.ALL)
    take(city, file(HEADER + "3;Nähtreff;37;;Wohnen;Senioren;laufend;;\n"), "2025-05-02")

    assert entry.facts == {"scope": "all", "projects": 125, "response_net": 0, "as_of": "2025-04-17"}
    with city.reading("2025-05-03") as about:
        kept = snapshot_of(about.session, about.cycle_id)
        assert (kept.recorded_on, kept.result["field_share"]["housing"]) == (date(2025, 4, 17), 240)
        assert gap_of(about, Scope.ALL)["field_share"]["housing"] == 320
        assert gap_recorded(about).met is True
        assert recorded(about, "gap") == date(2025, 4, 17)


def test_gap_without_projects_is_refused_and_the_check_names_the_command(city: City) -> None:
    with pytest.raises(WrongInput) as raised, city.entry("gap.recorded", "2025-04-17") as (entry, about):
        record_gap(entry, about, scope=Scope.ALL)

    assert raised.value.key == "gap_without_projects"
    with city.reading("2025-04-17") as about:
        found = gap_recorded(about)
        assert (found.met, found.owed_by, found.command) == (False, "coordinator", "cycle gap 2025 --record")
        assert recorded(about, "gap") is None


def test_review_of_2025_comes_to_the_known_numbers(city: City) -> None:
    take(city)
    open_carriers = {}
    for day in ("2025-09-26", "2025-10-06", "2025-10-14", "2025-10-21", "2025-10-30"):
        review(city, day)
        with city.reading(day) as about:
            open_carriers[day] = carriers_silent(about)

    assert {day: len(numbers) for day, numbers in open_carriers.items()} == {
        "2025-09-26": 32, "2025-10-06": 25, "2025-10-14": 13, "2025-10-21": 2, "2025-10-30": 1,
    }  # fmt: skip
    assert open_carriers["2025-10-21"] == {32, 58}
    with city.reading("2025-11-24") as about:
        asked = review_carriers(about)
        found = projects_reviewed(about, at_least_percent=80)
        assert (len(asked), asked[58], coverage(about), coverage(about).share) == (44, (112,), Coverage(125, 96), 7680)
        assert (found.met, found.owed_by) == (False, "coordinator")
        assert found.command == "cycle project review 2025 --file FILE --until 2025-11-24"
        assert found.facts == {"reviewed": 96, "projects": 125, "percent": 76, "at_least_percent": 80, "silent": [58]}
        assert answered(about, "review") is None
    with city.reading("2026-03-02") as about:
        assert coverage(about) == Coverage(125, 96)


def test_review_brings_the_project_up_to_date_and_a_second_import_finds_nothing(city: City) -> None:
    take(city)
    review(city, "2025-10-21")

    with city.reading("2025-10-21") as about:
        found = project_of(about.session, 2)
        assert (found.status, found.ends, found.answered_on) == ("completed", date(2025, 7, 28), date(2025, 10, 21))
        assert reviews_of(about.session, about.cycle_id)[2].reached == 60
        assert new_reviews(about, files.reviews(REVIEWS, city.workflow, date(2025, 10, 21))) == []


def test_inventory_file_does_not_undo_what_the_review_said(city: City) -> None:
    take(city)
    review(city, "2025-10-21")

    assert take(city, PROJECTS, "2025-10-22") == (0, 0)


def test_one_project_is_reviewed_by_hand_and_the_last_word_counts(city: City) -> None:
    take(city)
    with city.entry("project.reviewed", "2025-10-09") as (entry, about):
        review_project(entry, about, 112, status=ProjectStatus.PAUSED, reached=4)
    with city.entry("project.reviewed", "2025-10-10") as (entry, about):
        review_project(entry, about, 112, status=ProjectStatus.ENDED_EARLY, ended_on=date(2025, 9, 30))

    assert entry.facts == {"projects": [112]}
    with city.reading("2025-10-10") as about:
        kept = reviews_of(about.session, about.cycle_id)[112]
        assert (kept.answered_on, kept.status, kept.reached) == (date(2025, 10, 10), "ended_early", None)
        assert project_of(about.session, 112).ends == date(2025, 9, 30)
        assert 58 not in carriers_silent(about)


def test_unknown_project_is_not_found(city: City, file: Callable[[str], Path]) -> None:
    with pytest.raises(NotFound) as raised, city.entry("project.reviewed", "2025-10-09") as (entry, about):
        review_project(entry, about, 1)
    rows = files.reviews(file("Projekt Nr;Beantwortet;Stand\n1;09.10.2025;laufend\n"), city.workflow, date(2025, 10, 9))
    with pytest.raises(WrongInput) as told, city.reading("2025-10-09") as about:
        new_reviews(about, rows)

    assert raised.value.facts == {"project": 1}
    assert told.value.problems == ("table.csv:2: review_project_unknown, project=1",)


def test_merged_carrier_is_asked_through_the_one_it_went_into_and_one_that_left_is_nobody(
    city: City, file: Callable[[str], Path]
) -> None:
    text = "1;Chor;54;;Bildung;Frauen;laufend;;\n2;Café;53;;Bildung;Frauen;laufend;;\n3;Garten;30;;Bildung;Frauen;laufend;;\n"
    take(city, file(HEADER + text))
    with city.entry("partner.merged", "2025-07-01", None) as (entry, about):
        entry.change(partner_of(entry.session, 54), status=PartnerStatus.MERGED, merged_into=53)

    with city.reading("2025-09-16") as about:
        assert review_carriers(about) == {53: (1, 2)}
        assert coverage(about) == Coverage(3, 0)


def test_days_decide_which_projects_the_review_counts() -> None:
    def project(number: int, starts: date | None, ends: date | None, status: str = "running") -> Reported:
        return Reported(number, None, starts, ends, status)

    projects = [
        project(1, date(2025, 9, 1), None, "planned"),
        project(2, date(2025, 9, 2), None),
        project(3, date(2020, 1, 1), date(2024, 12, 31)),
        project(4, date(2020, 1, 1), date(2025, 1, 1), "completed"),
        project(5, None, None, "planned"),
        project(6, None, None),
    ]

    assert [each.number for each in counted(projects, on=date(2025, 9, 1), first_day=date(2025, 1, 1))] == [1, 4, 6]


def test_carrier_is_silent_until_its_first_answer_and_the_review_ends_with_the_last() -> None:
    carriers = by_carrier([Reported(n, c, None, None, "running") for n, c in ((3, 8), (1, 8), (2, 9), (4, None))])
    days = {1: date(2025, 10, 1), 2: date(2025, 10, 3)}

    assert carriers == {8: (1, 3), 9: (2,)}
    assert silent(carriers, {1}) == {9}
    assert all_reviewed_on(carriers, days) is None
    assert all_reviewed_on(carriers, days | {3: date(2025, 10, 2)}) == date(2025, 10, 3)
    assert all_reviewed_on({}, {}) is None
