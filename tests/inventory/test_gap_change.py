"""What changed from one gap analysis to the next: shares, gaps closed and new, words that came and went, new pairs."""

from typing import Any

from cycle.inventory.rules.change import compare

WORDS = {"target_group": {"women", "youth", "seniors"}, "field": {"work", "housing"}}
NO_FIELDS = {"field_share": {}, "field_status": {}}


def result(groups: dict[str, tuple[int, str]], **more: Any) -> dict[str, Any]:
    shares = {word: share for word, (share, _) in groups.items()}
    rated = {word: status for word, (_, status) in groups.items()}
    plain = {"scope": "all", "target_group_share": shares, "target_group_status": rated, "cooperation_pairs": []}
    return plain | NO_FIELDS | more


def compared(now: dict[str, Any], before: dict[str, Any], **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"words": WORDS, "words_before": WORDS, "merged": {}}
    found = compare(now, before, **given | more)
    assert found is not None
    return found


def test_gap_is_closed_where_it_is_rated_better_and_the_rest_are_kept() -> None:
    before = result({"women": (9_000, "covered"), "youth": (400, "gap"), "seniors": (600, "expandable")})
    now = result({"women": (8_900, "covered"), "youth": (700, "expandable"), "seniors": (400, "gap")})

    assert compared(now, before) == {
        "target_group": {
            "before": {"women": 9_000, "youth": 400, "seniors": 600},
            "status_before": {"women": "covered", "youth": "gap", "seniors": "expandable"},
            "added": [],
            "removed": [],
            "closed": ["youth"],
            "kept": [],
            "gone": [],
            "new": ["seniors"],
        },
        "field": {
            "before": {}, "status_before": {}, "added": [], "removed": [], "closed": [], "kept": [], "gone": [], "new": [],
        },
        "gap_closure": 10_000,
        "new_pairs": 0,
    }  # fmt: skip


def test_gap_whose_word_has_gone_counts_neither_as_closed_nor_as_open() -> None:
    before = result({"women": (9_400, "covered"), "youth": (300, "gap"), "seniors": (300, "gap")})
    now = result({"women": (9_700, "covered"), "seniors": (300, "gap"), "girls": (0, "gap")})
    words = {"target_group": {"women", "seniors", "girls"}, "field": set()}

    found = compared(now, before, words=words)

    groups = found["target_group"]
    assert (groups["gone"], groups["kept"], groups["closed"], groups["new"]) == (["youth"], ["seniors"], [], [])
    assert (groups["added"], groups["removed"], found["gap_closure"]) == (["girls"], ["youth"], 0)
    assert groups["before"] == {"women": 9_400, "seniors": 300}


def test_word_that_is_not_rated_any_more_has_left_its_gap_behind() -> None:
    before = result({"youth": (300, "gap")})
    now = result({"youth": (300, "not_monitored")})

    found = compared(now, before)

    assert (found["target_group"]["gone"], found["gap_closure"]) == (["youth"], None)


def test_word_without_projects_that_was_not_listed_had_nothing() -> None:
    found = compared(result({"youth": (300, "not_monitored")}), result({}))

    assert found["target_group"]["before"] == {"youth": 0}


def test_other_scope_is_compared_where_the_year_before_kept_it_and_not_at_all_where_it_did_not() -> None:
    before = result({"youth": (300, "gap")})
    kept = before | {"other": {"scope": "active", **NO_FIELDS, "target_group_share": {"youth": 900}}}
    kept["other"]["target_group_status"] = {"youth": "covered"}
    now = result({"youth": (800, "covered")}, scope="active")

    assert compare(now, before, words=WORDS, words_before=WORDS, merged={}) is None
    found = compared(now, kept)
    assert (found["target_group"]["before"], found["new_pairs"]) == ({"youth": 900}, None)


def test_new_pairs_are_counted_once_and_a_merger_makes_none() -> None:
    before = result({}, cooperation_pairs=[[1, 2], [3, 4]])
    now = result({}, cooperation_pairs=[[1, 2], [1, 5], [4, 5]])

    assert compared(now, before)["new_pairs"] == 2
    assert compared(now, before, merged={3: 5})["new_pairs"] == 1
    assert compared(now, before, merged={5: 4})["new_pairs"] == 1
