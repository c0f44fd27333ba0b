"""Who hears what, in a town of five partners; beside whoever hears nothing stands somebody who does."""

import json
from typing import Any

import pytest
from small_town import (
    PARTNERS,
    SAVE_THE_DATE,
    confirm_dates,
    mailed,
    mails,
    name_everybody,
    partner,
    run,
    send_to,
    settle,
)
from survey_of_small_town import (
    ALBA,
    BIRKE,
    CASSIA,
    EIBE,
    EVERYBODY,
    FIRST_REMINDER,
    LAST_REMINDER,
    SECOND_REMINDER,
    SURVEY_OUT,
    join,
    ledger,
)

from cycle.cli import shell

# Who still owes


def test_who_has_answered_is_not_reminded(asked: Any) -> None:
    asked("survey answer 2025 --partner 2", at="2025-03-10T10:00:00+01:00")
    run(asked)

    run(asked, FIRST_REMINDER)

    assert mailed(asked, "survey_reminder_1") == [BIRKE, CASSIA]
    assert ledger(asked, "survey_reminder_1") == [(3, "in_mail", None), (4, "in_mail", None), (5, "letter", None)]


def test_who_answers_while_the_mail_waits_is_not_reminded(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(asked, FIRST_REMINDER, code=8)
        shell.close()
    asked("survey answer 2025 --partner 2", at="2025-03-11T09:30:00+01:00")

    told = run(asked, "2025-03-11T10:00:00+01:00")

    assert (told["sent"], told["cancelled"]) == (2, 1)
    assert [(m["to"], m["reason"]) for m in mails(asked) if m["state"] == "cancelled"] == [(ALBA, "answered")]
    assert mailed(asked, "survey_reminder_1") == [BIRKE, CASSIA]


def test_at_most_three_reminders_of_one_thing(asked: Any) -> None:
    for moment in (FIRST_REMINDER, SECOND_REMINDER, LAST_REMINDER):
        run(asked, moment)
    asked('date move 2025 survey_due 2025-05-15 --reason "noch zu wenige Antworten"')

    run(asked, "2025-04-30T09:00:00+02:00")

    assert mailed(asked, "survey_reminder_1") == EVERYBODY
    assert mailed(asked, "survey_reminder_2") == EVERYBODY
    assert mailed(asked, "survey_overdue") == EVERYBODY
    assert [why for _, state, why in ledger(asked, "survey_reminder_1") if state == "missed"] == ["enough_reminders"] * 4


def test_reminders_of_one_thing_are_five_days_apart_and_the_later_one_is_not_lost(asked: Any) -> None:
    asked("survey answer 2025 --partner 4", at="2025-03-10T10:00:00+01:00")
    run(asked)
    run(asked, FIRST_REMINDER)
    asked('date move 2025 survey_due 2025-03-18 --reason "der Ausschuss tagt früher"', at="2025-03-11T10:00:00+01:00")
    run(asked)

    run(asked, "2025-03-13T09:00:00+01:00")
    too_soon = mailed(asked, "survey_reminder_2")
    run(asked, "2025-03-14T09:00:00+01:00")
    still_too_soon = mailed(asked, "survey_reminder_2")
    run(asked, "2025-03-17T09:00:00+01:00")

    assert (too_soon, still_too_soon) == ([], [])
    assert mailed(asked, "survey_reminder_2") == [ALBA, BIRKE]


def test_who_was_spared_a_reminder_still_gets_it_when_others_had_it_on_its_day(asked: Any) -> None:
    run(asked, FIRST_REMINDER)
    asked('date move 2025 survey_due 2025-03-18 --reason "der Ausschuss tagt früher"', at="2025-03-11T10:00:00+01:00")
    join(asked, 6, "Eibe")
    run(asked)

    run(asked, "2025-03-13T09:00:00+01:00")
    on_its_day = mailed(asked, "survey_reminder_2")
    run(asked, "2025-03-17T09:00:00+01:00")

    assert on_its_day == [EIBE]
    assert mailed(asked, "survey_reminder_2") == [*EVERYBODY, EIBE]


def test_a_date_moved_there_and_back_reminds_nobody_twice(asked: Any) -> None:
    run(asked, FIRST_REMINDER)
    asked('date move 2025 survey_due 2025-03-28 --reason "auf Wunsch der Vereine"', at="2025-03-11T10:00:00+01:00")
    run(asked)
    asked('date move 2025 survey_due 2025-03-25 --reason "doch wie geplant"', at="2025-03-11T11:00:00+01:00")
    run(asked)
    run(asked, "2025-03-12T09:00:00+01:00")
    run(asked, "2025-03-14T09:00:00+01:00")

    assert mailed(asked, "survey_reminder_1") == EVERYBODY
    run(asked, SECOND_REMINDER)
    assert mailed(asked, "survey_reminder_2") == EVERYBODY


def test_the_last_reminder_is_followed_by_a_list_for_the_telephone(asked: Any) -> None:
    for moment in (FIRST_REMINDER, SECOND_REMINDER, LAST_REMINDER):
        run(asked, moment)

    assert mailed(asked, "phone_list") == ["koordination@stadt.example.org"]
    text = json.loads(asked(f"mail show {mails(asked)[-1]['id']} --json").out)["text"]
    assert [name for name in ("Alba", "Birke", "Cassia", "Distel") if f"Verein {name}" in text] == [
        "Alba",
        "Birke",
        "Cassia",
        "Distel",
    ]


# Those who come later, those who cannot be reached


def test_who_joins_later_hears_nothing_from_before_but_what_comes(town: Any) -> None:
    run(town, SAVE_THE_DATE)
    join(town, 6, "Eibe")
    run(town, "2025-02-19T09:00:00+01:00")
    confirm_dates(town)
    name_everybody(town)
    town("advance 2025", at="2025-02-24T09:00:00+01:00")
    run(town, SURVEY_OUT)

    assert mailed(town, "save_the_date_spring") == EVERYBODY
    assert mailed(town, "survey_invitation") == [*EVERYBODY, EIBE]


def test_who_joins_while_the_survey_is_open_is_asked_and_then_reminded(asked: Any) -> None:
    asked("partner list", at="2025-03-03T09:00:00+01:00")
    join(asked, 6, "Eibe")
    run(asked)
    run(asked, FIRST_REMINDER)

    assert mailed(asked, "survey_invitation") == [*EVERYBODY, EIBE]
    assert mailed(asked, "survey_reminder_1") == [*EVERYBODY, EIBE]


def test_who_joins_too_late_to_be_asked_is_not_reminded(asked: Any) -> None:
    run(asked, FIRST_REMINDER)
    asked("partner list", at="2025-03-17T09:00:00+01:00")
    join(asked, 6, "Eibe")
    run(asked)
    run(asked, SECOND_REMINDER)

    assert mailed(asked, "survey_invitation") == EVERYBODY
    assert mailed(asked, "survey_reminder_2") == EVERYBODY
    run(asked, "2025-03-25T09:00:00+01:00")
    assert mailed(asked, "invitation_spring") == [*EVERYBODY, EIBE]


def test_whose_mail_came_back_gets_no_more(asked: Any) -> None:
    asked('mail bounce --partner 3 --reason "550 unbekannt"', at="2025-03-10T09:00:00+01:00")

    run(asked, FIRST_REMINDER)

    assert mailed(asked, "survey_reminder_1") == [ALBA, CASSIA]
    assert (3, "missed", "no_address") in ledger(asked, "survey_reminder_1")


def test_who_wants_to_be_called_is_left_to_the_telephone_and_the_others_are_mailed(cycle: Any) -> None:
    settle(cycle, [*PARTNERS, partner(6, "Eibe", Versandform="Telefon")])

    run(cycle, SAVE_THE_DATE)

    assert mailed(cycle, "save_the_date_spring") == EVERYBODY
    assert (6, "missed", "wants_a_call") in ledger(cycle, "save_the_date_spring")


def test_who_wants_paper_gets_a_letter_and_never_a_mail(town: Any) -> None:
    run(town, SAVE_THE_DATE)

    letters = json.loads(town("mail letters --json").out)["letters"]

    assert letters == [{"due": "2025-02-18", "template": "save_the_date_spring", "partner": 5}]
    assert [m["partner"] for m in mails(town)] == [2, 3, 4]
