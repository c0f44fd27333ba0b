"""How a file is named where it is kept, and which level a share reaches."""

import pytest

from cycle.documents.rules import level_reached, plain_name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Protokoll.pdf", "Protokoll.pdf"),
        ("Pru\u0308fung.txt", "Prüfung.txt"),
        ("zwei\nZeilen.txt", "zwei_Zeilen.txt"),
        ("a" * 200 + ".pdf", "a" * 96 + ".pdf"),
        ("b" * 200, "b" * 100),
        ("a.very-long-ending", "a.very-long-ending"),
        ("文" * 83 + ".pdf", "文" * 65 + ".pdf"),
        ("😀" * 62 + ".abcdefghijkl", "😀" * 47 + ".abcdefghi"),
        ("ü" * 100, "ü" * 100),
    ],
)
def test_a_name_is_composed_printable_and_short(name: str, kept: str) -> None:
    assert plain_name(name) == kept


@pytest.mark.parametrize(("percent", "level"), [(None, None), (49, None), (50, "award"), (74, "award"), (75, "gold")])
def test_the_highest_threshold_reached_names_the_level(percent: int | None, level: str | None) -> None:
    assert level_reached(percent, {"gold": 75, "award": 50}) == level
