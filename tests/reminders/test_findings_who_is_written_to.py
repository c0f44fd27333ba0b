"""Who is written to by a level of the escalation, about a cancelled meeting, and before anybody was asked."""

from typing import Any

import pytest
from small_town import PARTNERS, SAVE_THE_DATE, mailed, name_everybody, partner, run, send_to, settle
from survey_of_small_town import ALBA, BIRKE, CASSIA, LAST_REMINDER, SECOND_REMINDER, ask, ledger

from cycle.cli import shell
from cycle.reminders.actions.audience import asked_of
from cycle.workflow.model import Step

HEAD = "l.leit@stadt.example.org"


def at_level(cycle: Any, level: int) -> list[int | str | None]:
    """Whom a level reaches while the survey is open: partners by number, people by address."""
    step = Step.model_validate({"at": "+6wd", "mail": "survey_overdue", "level": level})
    with cycle.site.reading(2025) as (_, about):
        found = asked_of(about, step, about.workflow.ladder["survey_due"], {"date": "survey_due"})
        return [one.partner or one.mail for one in found]


def test_an_empty_level_never_falls_onto_the_deputies_of_all_partners(asked: Any) -> None:
    asked('people leave j.weissenburger --reason "versetzt"', login="admin")
    asked.login("s.stell")

    run(asked, LAST_REMINDER)

    assert mailed(asked, "phone_list") == [HEAD]


def test_the_deputies_of_those_who_still_owe_are_written_to_at_their_own_level(asked: Any) -> None:
    while_all_owe = at_level(asked, 2)
    asked("survey answer 2025 --partner 3", at="2025-03-10T10:00:00+01:00")
    without_a_deputy = at_level(asked, 2)
    for number in (2, 4, 5):
        asked(f"survey answer 2025 --partner {number}")

    assert (while_all_owe, without_a_deputy, at_level(asked, 2)) == ([3], [HEAD], [])


def test_nobody_is_invited_to_a_meeting_that_was_cancelled(town: Any) -> None:
    town('meeting cancel 2025 spring --reason "die Halle ist gesperrt"', at="2025-02-17T09:00:00+01:00")
    run(town)
    run(town, SAVE_THE_DATE)
    run(town, "2025-03-25T09:00:00+01:00")
    run(town, "2025-04-22T09:00:00+02:00")

    assert [mailed(town, each) for each in ("save_the_date_spring", "invitation_spring", "meeting_reminder")] == [[], [], []]
    assert mailed(town, "meeting_cancelled") == []  # nobody had heard of it


def test_an_invitation_that_waits_while_its_meeting_is_cancelled_does_not_go(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(town, SAVE_THE_DATE, code=8)
        shell.close()
    town('meeting cancel 2025 spring --reason "die Halle ist gesperrt"', at="2025-02-18T09:30:00+01:00")

    told = run(town, "2025-02-18T10:00:00+01:00")

    assert (told["cancelled"], mailed(town, "save_the_date_spring")) == (3, [])


def test_what_is_dropped_from_a_mail_is_not_told_as_sent(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked("survey answer 2025 --partner 2", at="2025-03-24T17:00:00+01:00")
    run(asked)
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(asked, "2025-03-25T09:00:00+01:00", code=8)
        shell.close()
    asked('meeting cancel 2025 spring --reason "die Halle ist gesperrt"', at="2025-03-25T09:30:00+01:00")

    run(asked, "2025-03-25T10:00:00+01:00")

    assert (mailed(asked, "survey_thanks"), mailed(asked, "invitation_spring")) == ([ALBA], [])


def test_nobody_is_reminded_of_a_survey_that_never_went(town: Any) -> None:
    name_everybody(town)
    run(town, SAVE_THE_DATE)

    run(town, LAST_REMINDER)

    assert (mailed(town, "survey_overdue"), ledger(town, "survey_overdue")) == ([], [])


def test_an_information_that_comes_weeks_late_does_not_go(town: Any) -> None:
    run(town, "2025-03-26T09:00:00+01:00")

    assert mailed(town, "save_the_date_spring") == []
    assert {(state, why) for _, state, why in ledger(town, "save_the_date_spring")} == {("missed", "too_late")}


def test_who_is_overtaken_by_a_later_step_keeps_nobody_from_the_earlier_one(cycle: Any) -> None:
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    for template, audience in (("survey_reminder_1", "partners"), ("survey_reminder_2", "active_partners")):
        text = text.replace(f"mail: {template}, to: survey_silent", f"mail: {template}, to: {audience}")
    file.write_text(text, "utf-8")
    ask(settle(cycle, [partner(2, "Alba", Status="ruhend"), *(each for each in PARTNERS if each["Nr"] != "2")]))

    run(cycle, SECOND_REMINDER)

    assert mailed(cycle, "survey_reminder_1") == [ALBA]
    assert mailed(cycle, "survey_reminder_2") == [BIRKE, CASSIA]
