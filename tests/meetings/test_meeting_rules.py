"""Counts, hours, modes and names of meetings as people write them."""

import pytest

from cycle.errors import WrongInput
from cycle.meetings.rules import Count, clock, count, free_name, meeting_name, mode_of


@pytest.mark.parametrize(("text", "found"), [("62", Count(62)), (">=100", Count(100, True)), ("0", Count(0))])
def test_a_count_is_exact_or_a_lower_bound(text: str, found: Count) -> None:
    assert count(text) == found


@pytest.mark.parametrize("text", ["", "viele", "-3", "3,5", ">=", "1234567"])
def test_what_is_no_count_is_told(text: str) -> None:
    with pytest.raises(WrongInput, match="bad_count"):
        count(text)


@pytest.mark.parametrize(("text", "found"), [("17:30", "17:30"), ("9:05", "09:05"), ("00:00", "00:00")])
def test_an_hour_has_two_digits(text: str, found: str) -> None:
    assert clock(text) == found


@pytest.mark.parametrize("text", ["24:00", "17.30", "17", "abends"])
def test_what_is_no_hour_is_told(text: str) -> None:
    with pytest.raises(WrongInput, match="bad_time"):
        clock(text)


@pytest.mark.parametrize(
    ("mode", "on_site", "online", "key"),
    [
        ("telepathisch", None, None, "bad_mode"),
        ("on_site", Count(3), Count(1), "mode_contradicts_count"),
        ("online", Count(3), Count(1), "mode_contradicts_count"),
    ],
)
def test_a_mode_must_fit_the_people_counted(mode: str, on_site: Count | None, online: Count | None, key: str) -> None:
    with pytest.raises(WrongInput, match=key):
        mode_of(mode, on_site=on_site, online=online)


def test_a_mode_that_fits_is_kept() -> None:
    assert (mode_of("hybrid", on_site=Count(3), online=Count(1)), mode_of("on_site", on_site=Count(3), online=Count(0))) == (
        "hybrid",
        "on_site",
    )


def test_meetings_are_named_by_rule_group_and_number() -> None:
    assert (
        meeting_name("spring", None),
        meeting_name("group_session", "NG1"),
        meeting_name("expert_talk", None, 2),
        free_name("spring", {"spring"}),
        free_name("group_session/NG1", {"group_session/NG1", "group_session/NG1/2"}),
    ) == ("spring", "group_session/NG1", "expert_talk/2", "spring/2", "group_session/NG1/3")
