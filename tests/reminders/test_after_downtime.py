"""After the service was off: each person gets one mail of what is still true, the rest is missed with the reason; once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from small_town import confirm_dates, mailed, mails, name_everybody, run, send_to, settle
from survey_of_small_town import ALBA, BIRKE, CASSIA, EVERYBODY, FIRST_REMINDER, SURVEY_OUT, ask, ledger

from cycle.app.opening import open_site
from cycle.cli import shell
from cycle.service.tick import Ticked, tick

# Off from 18 March on: the second reminder (20th), the deadline (25th), the invitation to the meeting (25th), the day after.
BACK_AGAIN = "2025-03-28T09:00:00+01:00"
MOVE = '--reason "noch zu wenige Antworten"'


@pytest.fixture
def open_survey(town: Any) -> Any:
    """The year is in its status analysis on 24 February; nothing was mailed, as the service is off since January."""
    name_everybody(town)
    confirm_dates(town)
    town("advance 2025", at="2025-02-24T09:00:00+01:00")
    return town


def of_partners(cycle: Any, day: str) -> list[tuple[str, list[str]]]:
    return [(each["to"], each["templates"]) for each in mails(cycle) if each["due"] == day and each["partner"]]


# Ten days off over a deadline


def test_ten_days_off_over_a_deadline_are_one_mail_of_what_is_still_true(asked: Any) -> None:
    run(asked, FIRST_REMINDER)
    asked("survey answer 2025 --partner 2", at="2025-03-17T10:00:00+01:00")

    run(asked, BACK_AGAIN)

    assert of_partners(asked, "2025-03-28") == [
        (ALBA, ["survey_thanks", "invitation_spring"]),
        (BIRKE, ["invitation_spring", "survey_overdue"]),
        (CASSIA, ["invitation_spring", "survey_overdue"]),
    ]
    assert ledger(asked, "survey_reminder_2") == [(number, "missed", "too_late") for number in (3, 4, 5)]
    assert ledger(asked, "survey_overdue") == [(3, "in_mail", None), (4, "in_mail", None), (5, "letter", None)]
    assert mailed(asked, "phone_list") == ["koordination@stadt.example.org"]


def test_a_second_tick_after_ten_days_off_sends_nothing(asked: Any) -> None:
    run(asked, FIRST_REMINDER)
    run(asked, BACK_AGAIN)

    again = [run(asked, moment) for moment in (BACK_AGAIN, "2025-03-28T15:00:00+01:00")]

    assert [(each["sent"], each["queued"], each["missed"]) for each in again] == [(0, 0, 0)] * 2


def test_within_the_days_before_a_deadline_only_the_latest_stage_goes(asked: Any) -> None:
    run(asked, "2025-03-21T09:00:00+01:00")

    assert mailed(asked, "survey_reminder_2") == EVERYBODY
    assert ledger(asked, "survey_reminder_1") == [(number, "missed", "superseded") for number in (2, 3, 4, 5)]


def test_two_ticks_at_once_after_ten_days_off_make_each_item_once(cycle_anywhere: Any) -> None:
    town = ask(settle(cycle_anywhere))
    run(town, FIRST_REMINDER)
    town.at(BACK_AGAIN)
    sites = [open_site(town.home) for _ in range(4)]
    together = Barrier(len(sites))

    def look(site: Any) -> Ticked:
        together.wait()
        return tick(site)

    with ThreadPoolExecutor(len(sites)) as pool:
        ticked = list(pool.map(look, sites))
    for site in sites:
        site.database.dispose()
    run(town)

    assert [each.troubles for each in ticked] == [{}] * len(sites)
    assert of_partners(town, "2025-03-28") == [(to, ["invitation_spring", "survey_overdue"]) for to in EVERYBODY]
    assert mailed(town, "survey_overdue") == EVERYBODY


# A survey that went out too late, or not at all


def test_who_answered_before_the_survey_went_out_is_not_asked(open_survey: Any) -> None:
    open_survey("survey answer 2025 --partner 2", at="2025-03-03T10:00:00+01:00")

    run(open_survey, "2025-03-05T09:00:00+01:00")

    assert mailed(open_survey, "survey_invitation") == [BIRKE, CASSIA]
    assert (2, "missed", "answered") in ledger(open_survey, "survey_invitation")


def test_who_answers_while_the_request_waits_is_not_asked(open_survey: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(open_survey, SURVEY_OUT, code=8)
        shell.close()
    open_survey("survey answer 2025 --partner 2", at="2025-02-25T09:30:00+01:00")

    run(open_survey, "2025-02-25T10:00:00+01:00")

    assert mailed(open_survey, "save_the_date_spring") == EVERYBODY
    assert mailed(open_survey, "survey_invitation") == [BIRKE, CASSIA]
    assert ledger(open_survey, "survey_invitation")[0] == (2, "cancelled", "answered")


def test_a_survey_whose_day_for_answers_has_passed_is_not_asked_for_until_that_day_is_moved(open_survey: Any) -> None:
    run(open_survey, BACK_AGAIN)
    too_late = ledger(open_survey, "survey_invitation")
    open_survey(f"date move 2025 survey_due 2025-04-15 {MOVE}", at="2025-03-28T10:00:00+01:00")
    open_survey("survey answer 2025 --partner 2")

    run(open_survey, "2025-03-31T09:00:00+02:00")

    assert (too_late, mailed(open_survey, "survey_reminder_1")) == ([], [])
    assert mailed(open_survey, "survey_invitation") == [BIRKE, CASSIA]


def test_a_survey_that_was_closed_before_it_went_out_is_missed(open_survey: Any) -> None:
    open_survey("survey close 2025", at="2025-03-27T10:00:00+01:00")

    run(open_survey, BACK_AGAIN)

    assert ledger(open_survey, "survey_invitation") == [(number, "missed", "too_late") for number in (2, 3, 4, 5)]


def test_a_request_that_waits_until_its_day_for_answers_has_passed_does_not_go(
    open_survey: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_survey(f"date move 2025 survey_due 2025-02-26 {MOVE}", at="2025-02-24T10:00:00+01:00")
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(open_survey, SURVEY_OUT, code=8)
        shell.close()

    run(open_survey, "2025-02-27T09:00:00+01:00")

    assert mailed(open_survey, "save_the_date_spring") == EVERYBODY
    assert mailed(open_survey, "survey_invitation") == []
    assert {each[1:] for each in ledger(open_survey, "survey_invitation")[:3]} == {("cancelled", "too_late")}
