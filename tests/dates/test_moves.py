"""A moved date and what it takes along: the two moves of 2025, and the edges."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from dates_of_musterstadt import WEEKEND, ADate, calendars, day, rules

from cycle.dates.rules import Calendar, DateStatus, Move, first_plan, move, warnings
from cycle.errors import NotFound
from cycle.vocabulary import Finding
from cycle.workflow.grammar import parse_rule


@dataclass(frozen=True)
class State:
    planned: date
    actual: date | None = None
    status: str = DateStatus.OPEN


def year_2025() -> dict[str, State]:
    return {key: State(planned.day) for key, planned in first_plan(rules(), 2025, calendars(), WEEKEND).items()}


def moved(states: dict[str, State], key: str, to: str, today: str) -> tuple[Move, ...]:
    return move(states, rules(), key, day(to), today=day(today), calendars=calendars(), weekend=WEEKEND)


def test_the_spring_meeting_moves_with_the_seven_dates_still_to_come() -> None:
    spring = "spring_meeting"

    assert moved(year_2025(), spring, "2025-05-06", "2025-03-06") == (
        Move(spring, day("2025-04-29"), day("2025-05-06")),
        Move("survey_due", day("2025-03-25"), day("2025-04-01"), follows=spring),
        Move("survey_hard_close", day("2025-04-01"), day("2025-04-08"), follows=spring),
        Move("spring_invitation", day("2025-03-25"), day("2025-04-01"), follows=spring),
        Move("gap_analysis_due", day("2025-04-11"), day("2025-04-17"), follows=spring),
        Move("spring_registration_due", day("2025-04-22"), day("2025-04-28"), follows=spring),
        Move("spring_minutes_due", day("2025-05-21"), day("2025-05-27"), follows=spring),
        Move("status_analysis_due", day("2025-05-28"), day("2025-06-04"), follows=spring),
    )


def test_the_round_table_moves_with_its_minutes_alone_once_the_invitation_is_out() -> None:
    assert moved(year_2025(), "round_table", "2025-07-23", "2025-07-04") == (
        Move("round_table", day("2025-07-15"), day("2025-07-23")),
        Move("round_table_minutes_due", day("2025-07-29"), day("2025-08-06"), follows="round_table"),
    )


def test_a_follower_that_has_ended_early_or_with_its_phase_keeps_its_date() -> None:
    states = year_2025()
    states["survey_due"] = replace(states["survey_due"], actual=day("2025-03-05"))
    states["gap_analysis_due"] = replace(states["gap_analysis_due"], status=DateStatus.ENDED_WITH_PHASE)

    assert [each.key for each in moved(states, "spring_meeting", "2025-05-06", "2025-03-06")] == [
        "spring_meeting",
        "spring_invitation",
        "spring_registration_due",
        "spring_minutes_due",
        "status_analysis_due",
    ]


def test_a_follower_still_to_come_whose_new_day_is_past_is_missed_and_one_due_today_is_not() -> None:
    invitation, save_the_date, table = "round_table_invitation", "round_table_save_the_date", "round_table"

    assert moved(year_2025(), table, "2025-07-01", "2025-06-03") == (
        Move(table, day("2025-07-15"), day("2025-07-01")),
        Move(invitation, day("2025-06-17"), day("2025-06-03"), follows=table),
        Move("round_table_minutes_due", day("2025-07-29"), day("2025-07-15"), follows=table),
    )
    assert moved(year_2025(), table, "2025-07-01", "2025-05-19") == (
        Move(table, day("2025-07-15"), day("2025-07-01")),
        Move(save_the_date, day("2025-05-20"), day("2025-05-06"), follows=table, missed=True),
        Move(invitation, day("2025-06-17"), day("2025-06-03"), follows=table),
        Move("round_table_minutes_due", day("2025-07-29"), day("2025-07-15"), follows=table),
    )


def test_a_follower_is_shifted_by_the_calendars_the_moved_date_itself_is_not() -> None:
    dates = {
        "talk": ADate(parse_rule("fixed(05-20)"), avoid=("public",), shift="plus_week", anchor=True),
        "papers": ADate(parse_rule("talk - 7d"), avoid=("public",), shift="prev_workday"),
        "later": ADate(parse_rule("talk + 0d"), avoid=("public",), shift="next_workday"),
    }
    states = {"talk": State(day("2025-05-20")), "papers": State(day("2025-05-13")), "later": State(day("2025-05-20"))}

    moves = move(states, dates, "talk", day("2025-05-29"), today=day("2025-04-01"), calendars=calendars(), weekend="W")

    assert moves == (
        Move("talk", day("2025-05-20"), day("2025-05-29")),
        Move("papers", day("2025-05-13"), day("2025-05-22"), follows="talk"),
        Move("later", day("2025-05-20"), day("2025-05-30"), "Christi Himmelfahrt", follows="talk"),
    )


def test_a_follower_moved_by_hand_stays_until_its_anchor_moves() -> None:
    states = year_2025()
    states["spring_minutes_due"] = replace(states["spring_minutes_due"], planned=day("2025-05-23"))

    other = moved(states, "theme_decision", "2025-07-03", "2025-03-06")
    own = moved(states, "spring_meeting", "2025-05-06", "2025-03-06")

    assert [each for each in other if each.key == "spring_minutes_due"] == []
    assert [each for each in own if each.key == "spring_minutes_due"] == [
        Move("spring_minutes_due", day("2025-05-23"), day("2025-05-27"), follows="spring_meeting")
    ]


def test_followers_come_in_the_order_of_the_file_even_if_it_names_them_before_what_they_hang_on() -> None:
    dates = {
        "second": ADate(parse_rule("first + 1d")),
        "first": ADate(parse_rule("talk + 1d")),
        "talk": ADate(parse_rule("fixed(05-20)")),
    }
    states = {"second": State(day("2025-05-22")), "first": State(day("2025-05-21")), "talk": State(day("2025-05-20"))}

    moves = move(states, dates, "talk", day("2025-05-27"), today=day("2025-04-01"), calendars={}, weekend="W")

    assert [(each.key, each.after) for each in moves] == [
        ("talk", day("2025-05-27")),
        ("second", day("2025-05-29")),
        ("first", day("2025-05-28")),
    ]


def test_a_date_the_cycle_does_not_have_is_told_with_those_it_has() -> None:
    dates = {"talk": ADate(parse_rule("fixed(05-20)"))}

    with pytest.raises(NotFound) as refused:
        move({"talk": State(day("2025-05-20"))}, dates, "tlak", day("2025-05-27"), today=day("2025-04-01"),
             calendars={}, weekend="W")  # fmt: skip

    assert (refused.value.key, refused.value.facts) == ("unknown_date", {"date": "tlak", "known": "talk"})


def test_two_anchors_in_one_week_and_an_anchor_in_the_holidays_are_warned_of() -> None:
    days = {key: state.planned for key, state in year_2025().items()}
    assert warnings(days, rules(), calendars(), WEEKEND) == ()

    days |= {"spring_meeting": day("2025-06-10"), "round_table": day("2025-06-23")}

    pfingsten = Finding(
        "anchor_on_avoided_day",
        facts={"date": "spring_meeting", "day": day("2025-06-10"), "reason": "Pfingstferien"},
        hard=False,
    )
    one_week = Finding(
        "anchors_in_one_week",
        facts={
            "date": "theme_decision",
            "other": "round_table",
            "day": day("2025-06-26"),
            "other_day": day("2025-06-23"),
        },
        hard=False,
    )
    assert warnings(days, rules(), calendars(), WEEKEND) == (pfingsten, one_week)
    assert warnings(days, rules(), calendars(), WEEKEND, about=["round_table"]) == (one_week,)
    assert warnings(days, rules(), calendars(), WEEKEND, about=["review_request"]) == ()


def test_a_weekend_is_warned_of_unless_the_rule_itself_asks_for_it() -> None:
    dates = rules("inclusion.yaml")
    days = {"forum": day("2026-03-14"), "workshop": day("2026-05-16")}

    assert warnings(days, dates, calendars(), WEEKEND) == (
        Finding(
            "anchor_on_avoided_day",
            facts={"date": "workshop", "day": day("2026-05-16"), "reason": "Wochenende"},
            hard=False,
        ),
    )


def council(*days: date) -> Calendar:
    """A calendar of sessions, known for the two years of a cycle."""
    return Calendar("council", lambda day: "Gemeinderat" if day in days else None, date(2025, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("session", "working_days"),
    [
        (date(2025, 4, 30), 1),
        (date(2025, 5, 5), 3),  # over the first of May and a weekend
        (date(2025, 5, 6), None),
        (date(2025, 4, 24), 3),
        (date(2025, 4, 23), None),
        (date(2025, 4, 29), None),  # on the very day: that is what `avoid` is for
    ],
)
def test_an_anchor_near_a_session_is_warned_of(session: date, working_days: int | None) -> None:
    one = {"spring_meeting": replace(rules()["spring_meeting"], avoid=())}
    known = {**calendars(), "council": council(session)}

    found = warnings({"spring_meeting": date(2025, 4, 29)}, one, known, WEEKEND, near={"council": 3})

    facts = {
        "date": "spring_meeting",
        "day": date(2025, 4, 29),
        "near": session,
        "reason": "Gemeinderat",
        "working_days": working_days,
    }
    assert [(each.key, each.facts) for each in found] == ([("anchor_near_a_day", facts)] if working_days else [])
