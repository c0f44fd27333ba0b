"""What waits through quiet times is not lost, what one year has said the next does not repeat, and letters say what is so."""

import json
from typing import Any

import pytest
from small_town import mailed, mails, name_everybody, run
from survey_of_small_town import ALBA, FIRST_REMINDER, LAST_REMINDER, ask, ledger

from cycle.journal.history import entries
from cycle.partners.records import Rank
from cycle.partners.records.recipients import recipients
from cycle.reminders.actions.scene import Scene, context
from cycle.reminders.records import LedgerItem

ADD = 'measure add 2025 "Sprachcafé" --field language --target-group all --owner 2 --due 2026-09-18 --reason "aus dem Treffen"'
PROJECTS = (
    "Nr;Projekttitel;Träger Nr;Handlungsfelder;Zielgruppen;Status;Beginn;Ende;Erhebungsjahr\n"
    "7;Lesepaten;2;Sprache;Kinder;laufend;01.09.2024;;2024\n"
    "8;Chor;4;Kultur und Sport;Frauen;abgeschlossen;01.09.2020;31.07.2021;2025\n"
)
BEFORE_THE_QUIET = "2025-12-22T17:00:00+01:00"  # quiet until 6 January; the window has just shut


def asked_in_review(cycle: Any, number: int) -> list[str]:
    """What the letter of the review lists for a partner."""
    with cycle.site.reading(2025) as (session, about):
        (to,) = recipients(session, [number], Rank.PRIMARY)
        when = {"day": about.today, "due_on": about.today, "made_on": about.today}
        item = LedgerItem(
            cycle_id=about.cycle_id,
            subject="date/review_request",
            step="0d",
            person=to.person,
            template="x",
            kind="request",
            **when,
        )
        scene = Scene(about, item, to, {}, cycle.site.settings, None, cycle.site.wording.sentence)
        return [f"{each['id']} {each['title']}" for each in context(scene, ["items"], {})["items"]]


def ended_by_the_tick(cycle: Any) -> list[str]:
    with cycle.site.journal.reading() as session:
        return [str(key) for told in entries(session, types=["date.overdue"]) for key in told.data.get("ended", [])]


def text_of(cycle: Any, template: str, to: str) -> str:
    found = next(each for each in mails(cycle) if template in each["templates"] and each["to"] == to)
    return str(json.loads(cycle(f"mail show {found['id']} --json").out)["text"])


def test_a_task_given_just_before_the_quiet_time_is_told_after_it(town: Any) -> None:
    town(ADD, at=BEFORE_THE_QUIET)
    run(town)
    run(town, "2025-12-23T09:00:00+01:00")
    in_quiet = mailed(town, "measure_assigned")

    run(town, "2026-01-07T09:00:00+01:00")

    assert (in_quiet, mailed(town, "measure_assigned")) == ([], [ALBA])


def test_what_nobody_was_there_to_send_is_told_as_missed(town: Any) -> None:
    town(ADD, at=BEFORE_THE_QUIET)

    run(town, "2026-01-29T09:00:00+01:00")

    assert mailed(town, "measure_assigned") == []
    assert ledger(town, "measure_assigned") == [(2, "missed", "too_late")]


def test_a_measure_that_another_year_reminds_of_now_is_not_reminded_of_again(town: Any) -> None:
    town(ADD.replace("2026-09-18", "2025-11-14"), at="2025-10-06T09:00:00+02:00")
    town(
        'measure carry 2025 M-2025-01 --to 2026 --due 2026-03-20 --reason "es fehlt noch der Raum"',
        at="2025-12-01T09:00:00+01:00",
    )
    run(town)
    run(town, "2026-02-20T09:00:00+01:00")
    before = mailed(town, "measure_due")
    town("start 2026", at="2026-02-23T09:00:00+01:00")
    run(town)
    run(town, "2026-02-24T09:00:00+01:00")

    assert (before, mailed(town, "measure_due")) == ([ALBA], [ALBA])


def test_a_date_that_a_leaving_partner_ends_is_not_overdue(asked: Any) -> None:
    asked("survey answer 2025 --partner 2", at="2025-03-10T10:00:00+01:00")
    asked("survey answer 2025 --partner 3")
    for number in (4, 5):
        asked(f'partner leave {number} --reason "aufgelöst"')

    told = run(asked, LAST_REMINDER)

    assert "survey_due" not in told["overdue"]
    assert ended_by_the_tick(asked) == ["survey_due"]


def test_a_reminder_says_when_the_survey_went_and_not_when_some_other_request_did(town: Any) -> None:
    town(ADD, at="2025-02-03T09:00:00+01:00")
    run(town)
    assert mailed(town, "measure_assigned") == [ALBA]
    ask(town)

    run(town, FIRST_REMINDER)

    assert "am 25.02.2025 haben wir Sie" in text_of(town, "survey_reminder_1", ALBA)


def test_the_review_asks_a_partner_for_what_came_with_a_merger(town: Any) -> None:
    name_everybody(town)
    town(ADD, at="2025-02-03T09:00:00+01:00")
    projects = town.home / "projekte.csv"
    projects.write_text(PROJECTS, encoding="utf-8")
    town(f"project import 2025 {projects}")
    town('partner merge 2 --into 3 --reason "Fusion der Vereine"')

    assert asked_in_review(town, 3) == ["7 Lesepaten", "M-2025-01 Sprachcafé"]
    assert asked_in_review(town, 4) == []


@pytest.mark.usefixtures("town")
def test_values_are_not_told_with_an_error_of_the_database(cycle: Any) -> None:
    database = cycle.site.database

    assert (database.writer.hide_parameters, database.reader.hide_parameters) == (True, True)
