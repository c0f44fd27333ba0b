"""Where the picture of a year puts its phases, meetings and dates."""

from datetime import date, timedelta

import pytest

from cycle.reports.rules.timeline import LEFT, LONGEST, RIGHT, Point, Span, Track, picture

JANUARY, FEBRUARY, MARCH = (date(2025, month, 1) for month in (1, 2, 3))
END = date(2025, 3, 31)
UNIT = (RIGHT - LEFT) / 90  # January to March has 90 days


def at(day: date) -> float:
    return round(LEFT + (day - JANUARY).days * UNIT, 1)


def test_months_fill_the_width_and_a_year_is_named_where_it_begins() -> None:
    drawn = picture([Span("x", None, ((date(2024, 12, 24), date(2025, 1, 2)),))], ())

    assert [(month.number, month.year, month.opens_year) for month in drawn.months] == [(12, 2024, True), (1, 2025, True)]
    assert (drawn.months[0].x, drawn.months[1].x) == (LEFT, round(LEFT + (RIGHT - LEFT) / 2, 1))


def test_a_phase_runs_to_the_end_of_its_last_day_and_is_late_from_the_day_after_its_plan() -> None:
    drawn = picture([Span("x", (JANUARY, FEBRUARY), ((JANUARY, END),), late_from=FEBRUARY, late=41)], ())

    ((row,),) = [group.rows for group in drawn.groups]
    assert [(bar.kind, bar.x, round(bar.x + bar.width, 1)) for bar in row.bars] == [
        ("planned", at(JANUARY), at(FEBRUARY)),
        ("real", at(JANUARY), at(date(2025, 2, 2))),
        ("late", at(date(2025, 2, 2)), RIGHT),
    ]
    assert row.late == 41


def test_a_pass_of_one_day_is_seen_however_late_it_is() -> None:
    day = date(2025, 3, 3)
    drawn = picture(
        [Span("x", None, ((JANUARY, FEBRUARY), (day, day)), late_from=FEBRUARY), Span("y", None, ((END, END),))], ()
    )

    bars = drawn.groups[0].rows[0].bars
    assert [(bar.kind, bar.x, bar.width >= 2) for bar in bars] == [("real", at(JANUARY), True), ("late", at(day), True)]


def test_a_moved_date_shows_its_first_day_the_way_and_what_was_late() -> None:
    moved = Point(JANUARY, FEBRUARY, MARCH)
    kept = Point(FEBRUARY, FEBRUARY, FEBRUARY)
    ahead = Point(END, END, None)
    drawn = picture([], [[Track("x", (moved,), late=20), Track("y", (kept,)), Track("z", (ahead,))]])

    rows = drawn.groups[1].rows
    assert [[dot.kind for dot in row.dots] for row in rows] == [["first", "real"], ["real"], ["open"]]
    assert [[bar.kind for bar in row.bars] for row in rows] == [["moved", "late"], [], []]
    assert drawn.groups[0].rows == ()


def test_rows_lie_below_each_other_within_the_picture() -> None:
    spans = [Span(str(n), None, ((JANUARY, JANUARY + timedelta(days=n)),)) for n in range(3)]
    drawn = picture(spans, [[Track("x", (Point(JANUARY, JANUARY, None),))]])

    places = [row.y for group in drawn.groups for row in group.rows]
    assert places == sorted(set(places))
    assert places[-1] < drawn.height


def test_a_name_that_is_too_long_is_cut_and_a_picture_without_a_day_is_none() -> None:
    drawn = picture([Span("x" * 100, None, ((JANUARY, END),))], ())

    assert drawn.groups[0].rows[0].label == "x" * (LONGEST - 1) + "…"
    with pytest.raises(ValueError, match="needs a day"):
        picture([], ())
