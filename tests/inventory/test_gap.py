"""The gap analysis: shares, names, money, and the two cities' years that are known."""

from fractions import Fraction
from typing import Any

import pytest
from inventory_of_musterstadt import HERE

from cycle.errors import WrongInput
from cycle.inventory.actions import files
from cycle.inventory.rules.funding import bands, funding
from cycle.inventory.rules.gap import GapStatus, Offer, Scope, analysis, chosen_scope, status_of
from cycle.workflow.model import Workflow

FIELDS = ("language", "education", "living_together", "culture_sport", "health", "values", "work", "housing")
MATRIX_2026 = {  # projects by target group and field, in the order of FIELDS
    "women": (16, 12, 13, 7, 7, 4, 2, 0),
    "children": (18, 17, 6, 12, 5, 7, 0, 0),
    "families": (6, 9, 5, 3, 1, 1, 0, 0),
    "youth": (2, 2, 1, 3, 0, 1, 1, 0),
    "young_adults": (0, 1, 1, 0, 0, 0, 3, 0),
    "seniors": (0, 1, 3, 0, 2, 0, 0, 0),
    "refugees": (8, 0, 3, 0, 1, 2, 1, 2),
    "host_society": (0, 2, 4, 4, 0, 3, 0, 0),
    "all": (1, 0, 2, 1, 1, 1, 1, 2),
}


KNOWN_2025 = (
    "scope", "projects", "target_group_share", "target_group_status", "field_share", "field_status",
    "funding_known", "funding_unknown", "funding_le_5000_share", "funding_median", "funding_total",
)  # fmt: skip
KNOWN_2026 = (
    *KNOWN_2025, "carriers", "project_status", "target_group_count_full", "target_group_focus", "field_focus",
    "cooperation_share", "cooperation",
)  # fmt: skip


def offer(**fields: Any) -> Offer:
    plain = {"status": "running", "carrier": 7, "partners": [], "fields": ["work"], "target_groups": ["women"], "amount": 100}
    return Offer(**plain | fields)


def counted(offers: list[Offer], workflow: Workflow, scope: Scope = Scope.ALL) -> dict[str, Any]:
    words = workflow.vocab
    return analysis(offers, scope=scope, rule=workflow.gap, fields=words["fields"], target_groups=words["target_groups"])


def of_file(name: str, workflow: Workflow, scope: Scope = Scope.ALL) -> dict[str, Any]:
    rows = files.projects(HERE / name, workflow, 2025)
    names = ("status", "carrier", "partners", "fields", "target_groups", "amount")
    return counted([Offer(**{each: row.fields[each] for each in names}) for row in rows], workflow, scope)


def test_inventory_of_2025_has_the_known_answers(workflow: Workflow) -> None:
    found = of_file("projects_2025.csv", workflow)

    assert {name: found[name] for name in KNOWN_2025} == {
        "scope": "all",
        "projects": 125,
        "target_group_share": {
            "children": 3120, "women": 2800, "families": 1080, "refugees": 880, "youth": 520, "host_society": 520,
            "all": 440, "seniors": 360, "young_adults": 280,
        },
        "target_group_status": {
            "children": "covered", "women": "covered", "families": "covered", "refugees": "covered", "youth": "expandable",
            "host_society": "expandable", "all": "not_monitored", "seniors": "gap", "young_adults": "gap",
        },
        "field_share": {
            "language": 2480, "living_together": 1880, "education": 1840, "culture_sport": 1280, "values": 960,
            "health": 880, "work": 440, "housing": 240,
        },
        "field_status": {
            "language": "covered", "living_together": "covered", "education": "covered", "culture_sport": "covered",
            "values": "covered", "health": "covered", "work": "gap", "housing": "gap",
        },
        "funding_known": 122,
        "funding_unknown": 3,
        "funding_le_5000_share": 7869,
        "funding_median": 3500,
        "funding_total": 876800,
    }  # fmt: skip


def test_inventory_of_2026_has_the_known_answers(workflow: Workflow) -> None:
    found = of_file("projects.csv", workflow)

    matrix = found.pop("matrix_full_count")
    assert {group: tuple(matrix[group][field] for field in FIELDS) for group in matrix} == MATRIX_2026
    assert {name: found[name] for name in KNOWN_2026} == {
        "scope": "all",
        "projects": 140,
        "carriers": 45,
        "project_status": {
            "completed": 29, "planned": 9, "running": 93, "unowned": 2, "paused": 4, "ended_early": 3,
        },
        "target_group_focus": ["children", "women"],
        "field_focus": [],
        "target_group_share": {
            "children": 3036, "women": 2857, "families": 1036, "refugees": 893, "host_society": 607, "youth": 464,
            "all": 464, "young_adults": 321, "seniors": 321,
        },
        "target_group_status": {
            "children": "covered", "women": "covered", "families": "covered", "refugees": "covered",
            "host_society": "expandable", "youth": "gap", "all": "not_monitored", "young_adults": "gap", "seniors": "gap",
        },
        "target_group_count_full": {
            "children": 57, "women": 53, "families": 21, "refugees": 16, "host_society": 10, "youth": 8, "all": 8,
            "young_adults": 5, "seniors": 5,
        },
        "field_share": {
            "language": 2321, "education": 1929, "living_together": 1857, "culture_sport": 1286, "health": 1000,
            "values": 929, "work": 393, "housing": 286,
        },
        "field_status": {
            "language": "covered", "education": "covered", "living_together": "covered", "culture_sport": "covered",
            "health": "covered", "values": "covered", "work": "gap", "housing": "gap",
        },
        "funding_known": 137,
        "funding_unknown": 3,
        "funding_le_5000_share": 7956,
        "funding_median": 3000,
        "funding_total": 913350,
        "cooperation": 28,
        "cooperation_share": 2000,
    }  # fmt: skip


def test_work_is_no_gap_among_the_projects_that_are_not_over(workflow: Workflow) -> None:
    found = of_file("projects.csv", workflow, Scope.ACTIVE)

    assert (found["projects"], found["field_share"]["work"], found["field_status"]["work"]) == (108, 509, "expandable")


def test_project_of_two_groups_counts_half_for_each_and_full_in_the_counts(workflow: Workflow) -> None:
    found = counted([offer(target_groups=["women", "youth"]), offer(target_groups=["women"])], workflow)

    assert found["target_group_share"]["women"] == 7500
    assert found["target_group_share"]["youth"] == 2500
    assert found["target_group_count_full"]["women"] == 2


def test_monitored_group_without_a_project_is_a_gap_and_an_unmonitored_one_is_not_listed(workflow: Workflow) -> None:
    found = counted([offer()], workflow)

    assert found["target_group_status"]["seniors"] == "gap"
    assert found["target_group_share"]["seniors"] == 0
    assert "men" not in found["target_group_share"]


def test_thresholds_hold_for_the_exact_share(workflow: Workflow) -> None:
    rule = workflow.gap

    assert status_of(Fraction(49_999, 1_000_000), rule, monitored=True) == GapStatus.GAP
    assert status_of(Fraction(5, 100), rule, monitored=True) == GapStatus.EXPANDABLE
    assert status_of(Fraction(79_999, 1_000_000), rule, monitored=True) == GapStatus.EXPANDABLE
    assert status_of(Fraction(8, 100), rule, monitored=True) == GapStatus.COVERED
    assert status_of(Fraction(1, 100), rule, monitored=False) == GapStatus.NOT_MONITORED


def test_no_money_is_not_unknown_money(workflow: Workflow) -> None:
    amounts = [0, 1000, 1001, 5000, 5001, 50_001, None]

    found = counted([offer(amount=amount) for amount in amounts], workflow)

    assert found["funding_bands"] == {"none": 1, "b1": 1, "b2": 2, "b3": 1, "b4": 0, "b5": 1, "unknown": 1}
    assert (found["funding_le_5000"], found["funding_le_5000_share"], found["funding_median"]) == (4, 6667, 3000)


def test_amounts_that_nobody_knows_have_no_share_and_no_median(workflow: Workflow) -> None:
    found = counted([offer(amount=None)] * 3, workflow)

    assert {name: value for name, value in found.items() if name.startswith("funding")} == {
        "funding_known": 0,
        "funding_unknown": 3,
        "funding_le_5000": 0,
        "funding_le_5000_share": None,
        "funding_median": None,
        "funding_total": 0,
        "funding_bands": {"none": 0, "b1": 0, "b2": 0, "b3": 0, "b4": 0, "b5": 0, "unknown": 3},
    }


def test_bands_are_those_of_the_workflow_and_every_amount_above_nothing_has_one() -> None:
    assert [(band.key, band.above, band.up_to) for band in bands((2_000, 10_000))] == [
        ("none", None, 0), ("b1", 0, 2_000), ("b2", 2_000, 10_000), ("b3", 10_000, None), ("unknown", None, None),
    ]  # fmt: skip
    assert funding([0, 1, None], (), 5_000)["funding_bands"] == {"none": 1, "b1": 1, "unknown": 1}
    assert funding([0, 1, None], (0,), 5_000)["funding_bands"] == {"none": 1, "b1": 1, "unknown": 1}


def test_everything_in_one_cell_is_a_focus_there_and_a_gap_everywhere_else(workflow: Workflow) -> None:
    found = counted([offer()] * 7, workflow)

    assert (found["target_group_focus"], found["field_focus"]) == (["women"], ["work"])
    assert set(found["target_group_status"].values()) == {"covered", "gap"}
    assert [(g, f) for g, row in found["matrix_full_count"].items() for f, n in row.items() if n] == [("women", "work")]


def test_both_scopes_are_kept_whichever_is_asked_for(workflow: Workflow) -> None:
    offers = [offer(), offer(status="completed", fields=["housing"])]

    every, active = counted(offers, workflow), counted(offers, workflow, Scope.ACTIVE)

    assert (every["other"]["scope"], every["other"]["projects"]) == ("active", 1)
    assert every["other"]["field_share"] == active["field_share"]
    assert active["other"]["field_status"] == every["field_status"]


def test_a_word_said_twice_by_a_project_counts_once(workflow: Workflow) -> None:
    found = counted([offer(target_groups=["women", "women"]), offer(target_groups=["youth"])], workflow)

    assert (found["target_group_share"]["women"], found["target_group_count_full"]["women"]) == (5000, 1)


def test_cooperation_needs_two_partners(workflow: Workflow) -> None:
    offers = [offer(partners=[8]), offer(partners=[7]), offer(carrier=None, partners=[8]), offer(carrier=None, partners=[8, 9])]

    found = counted(offers, workflow)

    assert (found["cooperation"], found["cooperation_share"], found["cooperation_pairs"]) == (2, 5000, [[7, 8], [8, 9]])


def test_nothing_to_count_gives_no_shares(workflow: Workflow) -> None:
    found = counted([], workflow)

    assert (found["projects"], found["funding_le_5000_share"], found["funding_median"], found["cooperation_share"]) == (
        0, None, None, None,
    )  # fmt: skip


def test_unknown_scope_is_told_with_those_there_are() -> None:
    with pytest.raises(WrongInput) as raised:
        chosen_scope("some")

    assert (raised.value.key, raised.value.facts) == ("gap_scope_unknown", {"text": "some", "known": "all, active"})
    assert chosen_scope("") == Scope.ALL
