"""Lateness from plain values: a move counts once, what was late before a move stays counted, a pass is not forgotten."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cycle.dates.rules import DateStatus
from cycle.reports.rules.acts import Act
from cycle.reports.rules.informed import How, Telling, Untold, informed_of
from cycle.reports.rules.lateness import DateAsked, lateness_of

ANCHOR = DateAsked(1, "talk", "meeting", True, date(2025, 5, 5), date(2025, 5, 5), None, DateStatus.OPEN, done="held")
FOLLOWER = replace(ANCHOR, id=2, key="minutes", anchor=False, first_planned=date(2025, 5, 19), planned=date(2025, 5, 19))
TODAY = date(2025, 6, 30)


def act(seq: int, type: str, day: date, *changes: dict[str, Any], **data: Any) -> Act:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return Act(seq, f"{seq:032x}", type, at, day, day, "p:a", "coordinator", data={**data, "changes": list(changes)})


def opened(*dates: DateAsked) -> Act:
    rows = [[each.first_planned.isoformat(), None, "open"] for each in dates]
    change = {"add": "deadline", "ids": [d.id for d in dates], "fields": ["planned", "actual", "status"], "rows": rows}
    return act(1, "cycle.started", date(2025, 1, 1), change)


def changed(each: DateAsked, **fields: list[Any]) -> dict[str, Any]:
    return {"change": "deadline", "id": each.id, "fields": fields}


def test_a_moved_anchor_counts_once_with_all_that_went_along() -> None:
    moved = act(
        2,
        "date.moved",
        date(2025, 4, 1),
        changed(ANCHOR, planned=["2025-05-05", "2025-05-12"], moves=[0, 1]),
        changed(FOLLOWER, planned=["2025-05-19", "2025-05-26"], moves=[0, 1], moved_with=[None, "talk"]),
    )
    dates = [
        replace(ANCHOR, planned=date(2025, 5, 12), actual=date(2025, 5, 12)),
        replace(FOLLOWER, planned=date(2025, 5, 26), actual=date(2025, 5, 28)),
    ]

    found = lateness_of(2025, dates, [opened(ANCHOR, FOLLOWER), moved], TODAY, None)

    assert [(m.key, m.before, m.after, m.followers) for m in found.moves] == [
        ("talk", date(2025, 5, 5), date(2025, 5, 12), ("minutes",))
    ]
    assert [(line.date.key, line.late_in_all, line.moved_by) for line in found.lines] == [
        ("talk", 0, (2,)),
        ("minutes", 2, (2,)),
    ]
    assert (len(found.late), found.moved_dates) == (1, 2)


def test_a_follower_that_is_moved_by_hand_later_is_a_move_of_its_own() -> None:
    moved = act(2, "date.moved", date(2025, 4, 1), changed(FOLLOWER, planned=["2025-05-19", "2025-05-20"], moves=[0, 1]))
    by_hand = act(
        3,
        "date.moved",
        date(2025, 4, 2),
        changed(FOLLOWER, planned=["2025-05-20", "2025-05-21"], moves=[1, 2]),
        date="minutes",
    )

    found = lateness_of(2025, [FOLLOWER], [opened(FOLLOWER), moved, by_hand], TODAY, None)

    assert [(move.act.seq, move.key, move.followers) for move in found.moves] == [(2, "minutes", ()), (3, "minutes", ())]


def test_moving_a_date_that_has_passed_does_not_wipe_its_lateness() -> None:
    moved = act(2, "date.moved", date(2025, 5, 8), changed(ANCHOR, planned=["2025-05-05", "2025-05-20"], moves=[0, 1]))
    now = replace(ANCHOR, planned=date(2025, 5, 20), actual=date(2025, 5, 20))

    (line,) = lateness_of(2025, [now], [opened(ANCHOR), moved], TODAY, None).lines

    assert (line.late, line.late_before, line.late_in_all) == (0, 3, 3)


def test_what_was_late_before_a_step_back_stays_counted_when_the_date_is_given_anew() -> None:
    ended = act(2, "meeting.held", date(2025, 5, 7), changed(ANCHOR, actual=[None, "2025-05-07"]))
    back = act(
        3,
        "phase.returned",
        date(2025, 5, 9),
        changed(ANCHOR, planned=["2025-05-05", "2025-06-02"], moves=[0, 1], actual=["2025-05-07", None]),
    )
    now = replace(ANCHOR, planned=date(2025, 6, 2))

    found = lateness_of(2025, [now], [opened(ANCHOR), ended, back], date(2025, 6, 3), None)

    assert [(line.late, line.late_before, line.open) for line in found.lines] == [(1, 2, True)]
    assert [(move.anew, move.before, move.after) for move in found.moves] == [(True, date(2025, 5, 5), date(2025, 6, 2))]


def test_an_open_date_is_late_up_to_today_and_one_that_ended_with_its_phase_is_not() -> None:
    dropped = replace(FOLLOWER, status=DateStatus.ENDED_WITH_PHASE)

    lines = lateness_of(2025, [ANCHOR, dropped], [opened(ANCHOR, FOLLOWER)], date(2025, 5, 8), None).lines

    assert [(line.late, line.open) for line in lines] == [(3, True), (0, False)]


def telling(
    partner: int, how: How, why: str | None = None, subject: str = "date/talk", template: str = "invitation"
) -> Telling:
    on = date(2025, 4, 1) if how in (How.MAIL, How.LETTER) else None
    return Telling(subject, template, date(2025, 4, 1), f"p:{partner}", partner, how, on, why)


def test_who_was_told_by_a_later_letter_was_told_and_who_needed_no_reminder_is_not_untold() -> None:
    tellings = [
        telling(1, How.NOT, "bounced"),
        telling(1, How.MAIL, template="reminder"),
        telling(2, How.LETTER),
        telling(3, How.NOT, "no_address"),
        telling(4, How.NOT, "answered"),
        telling(5, How.WAITING),
    ]

    found = informed_of(2025, tellings, [1, 2, 3, 4, 5, 6])

    (subject,) = found.subjects
    assert (subject.by_mail, subject.by_letter, subject.untold, subject.waiting) == (
        (1,),
        (2,),
        (Untold(3, "no_address"),),
        (5,),
    )
    assert found.never == (Untold(3, "no_address"), Untold(4, "answered"), Untold(5, None), Untold(6, None))
