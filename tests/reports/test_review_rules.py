"""Who finds what on which review list."""

from datetime import date

from cycle.reports.rules.review import MeasureToReview, ProjectToReview, by_group, of_carrier

GROUPS = {"NG1": "Sprache", "NG2": "Arbeit", "NG3": "Kultur"}


def project(number: int, carrier: int | None = 4, groups: tuple[str, ...] = ("NG1",)) -> ProjectToReview:
    return ProjectToReview(number, f"Projekt {number}", carrier, "Verein", groups, "running", None, 0, None)


def measure(number: str, owner: int | None = 4, groups: tuple[str, ...] = ("NG1",)) -> MeasureToReview:
    day = date(2026, 6, 30)
    return MeasureToReview(number, number, owner, "Verein", None, None, groups, day, day, 0, 0, "running", 10, None)


def told(parts: tuple[object, ...]) -> list[tuple[object, ...]]:
    return [
        (part.code, part.name, [each.number for each in part.projects], [each.number for each in part.measures])  # type: ignore[attr-defined]
        for part in parts
    ]


def test_who_is_in_two_groups_is_on_both_lists_and_a_group_without_anything_has_an_empty_one() -> None:
    projects = [project(1), project(2, groups=("NG1", "NG2")), project(3, carrier=None, groups=())]
    measures = [measure("M-1", groups=("NG2",)), measure("M-2", owner=None, groups=())]

    assert told(by_group(GROUPS, projects, measures)) == [
        ("NG1", "Sprache", [1, 2], []),
        ("NG2", "Arbeit", [2], ["M-1"]),
        ("NG3", "Kultur", [], []),
        (None, None, [3], ["M-2"]),
    ]


def test_where_everything_has_a_group_there_is_no_list_without_one() -> None:
    assert [part.code for part in by_group(GROUPS, [project(1)], [])] == ["NG1", "NG2", "NG3"]


def test_carrier_sees_only_its_own() -> None:
    projects = [project(1), project(2, carrier=5), project(3, carrier=None)]
    measures = [measure("M-1"), measure("M-2", owner=5), measure("M-3", owner=None)]

    assert told(of_carrier(4, "Verein", projects, measures)) == [(None, "Verein", [1], ["M-1"])]
