"""When it goes: one mail a person and day, inside the window, not on hold, after approval; and what an idle tick asks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from played import played_once
from small_town import SAVE_THE_DATE, mailed, mails, run, send_to, settle
from sqlalchemy import event
from survey_of_small_town import ALBA, EVERYBODY, FIRST_REMINDER, SECOND_REMINDER, ledger

from cycle.cli import shell
from cycle.journal.history import entries
from cycle.service.tick import tick

# One mail a person and day


def test_two_things_on_one_day_are_one_letter(asked: Any) -> None:
    asked("survey answer 2025 --partner 2", at="2025-03-24T17:00:00+01:00")
    run(asked)

    run(asked, "2025-03-25T09:00:00+01:00")

    of_alba = [m["templates"] for m in mails(asked) if m["to"] == ALBA]
    assert of_alba[-1] == ["survey_thanks", "invitation_spring"]
    assert mailed(asked, "invitation_spring") == EVERYBODY


def test_what_comes_after_the_mail_of_the_day_waits_for_the_next_day_on_which_mail_may_go(asked: Any) -> None:
    for moment in (FIRST_REMINDER, SECOND_REMINDER, "2025-03-25T09:00:00+01:00"):
        run(asked, moment)
    asked("survey answer 2025 --partner 2", at="2025-03-25T10:00:00+01:00")
    run(asked)
    same_day = mailed(asked, "survey_thanks")
    run(asked, "2025-03-26T09:00:00+01:00")

    assert same_day == []
    assert mailed(asked, "survey_thanks") == [ALBA]
    days = [(m["to"], m["due"]) for m in mails(asked)]
    assert len(days) == len(set(days))


def test_what_comes_on_a_friday_after_the_mail_of_the_day_waits_for_monday(asked: Any) -> None:
    asked('date move 2025 spring_meeting 2025-05-02 --reason "Halle am Dienstag belegt"', at="2025-02-26T09:00:00+01:00")
    run(asked)
    run(asked, "2025-03-28T09:00:00+01:00")
    assert mailed(asked, "invitation_spring") == EVERYBODY
    asked("survey answer 2025 --partner 2", at="2025-03-28T10:00:00+01:00")
    for moment in ("2025-03-28T10:00:00+01:00", "2025-03-29T09:00:00+01:00", "2025-03-30T09:00:00+02:00"):
        run(asked, moment)
    before = mailed(asked, "survey_thanks")

    run(asked, "2025-03-31T09:00:00+02:00")

    assert (before, mailed(asked, "survey_thanks")) == ([], [ALBA])


# The send window


@pytest.mark.parametrize(
    "moment",
    [
        "2025-02-18T07:59:59+01:00",
        "2025-02-18T16:00:00+01:00",
        "2025-02-18T23:30:00+01:00",
        "2025-02-22T10:00:00+01:00",  # Saturday
        "2025-02-23T10:00:00+01:00",  # Sunday
    ],
)
def test_nothing_goes_outside_the_window_and_all_goes_when_it_opens(town: Any, moment: str) -> None:
    outside = run(town, moment)
    shut = mails(town)
    opens = "2025-02-24T08:00:00+01:00" if moment > "2025-02-22" else "2025-02-19T08:00:00+01:00"
    opens = "2025-02-18T08:00:00+01:00" if moment < "2025-02-18T08" else opens

    inside = run(town, opens)

    assert (outside["sent"], outside["queued"], shut) == (0, 0, [])
    assert inside["sent"] == 3


def test_nothing_goes_on_a_public_holiday(asked: Any) -> None:
    asked("survey answer 2025 --partner 2", at="2025-04-17T16:30:00+02:00")
    for moment in ("2025-04-17T17:00:00+02:00", "2025-04-18T09:00:00+02:00", "2025-04-21T09:00:00+02:00"):
        run(asked, moment)
    over_easter = [m for m in mails(asked) if m["due"] in ("2025-04-17", "2025-04-18", "2025-04-21")]

    run(asked, "2025-04-22T08:00:00+02:00")

    assert over_easter == []
    assert mailed(asked, "survey_thanks") == [ALBA]


def test_in_quiet_times_information_goes_and_reminders_wait(asked: Any) -> None:
    asked(
        'measure add 2025 "Sprachcafé" --field language --target-group all --owner 2 --due 2025-09-19'
        ' --reason "aus dem Netzwerktreffen"',
        at="2025-07-28T09:00:00+02:00",
    )
    run(asked, "2025-07-29T09:00:00+02:00")
    minutes = asked.home / "protokoll.txt"
    minutes.write_text("Protokoll")
    asked(f"document file 2025 minutes --of spring --file {minutes}", at="2025-08-20T10:00:00+02:00")
    run(asked)
    run(asked, "2025-08-25T09:00:00+02:00")
    quiet = [m for m in mails(asked) if "2025-08-01" <= m["due"] <= "2025-08-31" and m["partner"] is not None]
    run(asked, "2025-09-01T08:00:00+02:00")

    assert {tuple(m["templates"]) for m in quiet} == {("minutes_sent",)}
    assert mailed(asked, "minutes_sent") == EVERYBODY
    assert mailed(asked, "measure_due") == [ALBA]


def test_what_was_to_come_before_a_day_does_not_come_after_it(asked: Any) -> None:
    run(asked, "2025-04-21T09:00:00+02:00")

    run(asked, "2025-04-30T09:00:00+02:00")

    assert mailed(asked, "meeting_reminder") == []
    assert {why for _, state, why in ledger(asked, "meeting_reminder") if state == "missed"} == {"too_late"}


def test_what_was_to_come_before_a_day_still_comes_the_day_before(asked: Any) -> None:
    run(asked, "2025-04-28T09:00:00+02:00")

    assert mailed(asked, "meeting_reminder") == EVERYBODY


# Hold, escalation, approval


def test_a_year_on_hold_is_silent_and_goes_on_afterwards(asked: Any) -> None:
    asked('hold 2025 --until 2025-04-01 --reason "Hochwasser in der Stadt"', at="2025-03-10T09:00:00+01:00")
    run(asked, FIRST_REMINDER)
    held = mailed(asked, "survey_reminder_1")
    asked('resume 2025 --reason "das Wasser ist weg"', at="2025-03-12T09:00:00+01:00")
    run(asked)

    assert (held, mailed(asked, "survey_reminder_1")) == ([], EVERYBODY)


def test_a_mail_that_waits_while_a_year_is_held_goes_when_it_is_resumed(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(asked, FIRST_REMINDER, code=8)
        shell.close()
    asked('hold 2025 --until 2025-04-01 --reason "Hochwasser in der Stadt"', at="2025-03-11T09:30:00+01:00")

    told = run(asked, "2025-03-11T10:00:00+01:00")

    asked('resume 2025 --reason "das Wasser ist weg"', at="2025-03-11T10:05:00+01:00")
    later = run(asked, "2025-03-11T11:00:00+01:00")

    assert (told["sent"], told["cancelled"], later["sent"]) == (0, 0, 3)


def escalated(cycle: Any, level: int) -> list[str]:
    return sorted({m["to"] for m in mails(cycle) if m["level"] == level})


def test_an_escalation_reaches_its_level(asked: Any) -> None:
    run(asked, "2025-05-28T09:00:00+02:00")

    assert escalated(asked, 3) == ["l.leit@stadt.example.org"]


def test_an_empty_level_falls_to_the_next(asked: Any) -> None:
    asked('people leave l.leit --reason "versetzt"', login="admin")

    run(asked, "2025-05-28T09:00:00+02:00")

    assert escalated(asked, 3) == ["d.dez@stadt.example.org"]


def test_a_late_date_is_noted_once(asked: Any) -> None:
    for moment in ("2025-03-26T09:00:00+01:00", "2025-03-26T10:00:00+01:00", "2025-03-27T09:00:00+01:00"):
        run(asked, moment)

    with asked.site.journal.reading() as session:
        told = [date["key"] for one in entries(session, types=["date.overdue"]) for date in one.data["dates"]]
    assert told.count("survey_due") == 1
    assert len(told) == len(set(told))


@pytest.fixture
@played_once
def careful(cycle: Any) -> Any:
    """A town whose save the date waits for approval, on its day."""
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    given = "approval: [theme_announcement, cycle_closed]"
    assert given in text
    wanted = "approval: [save_the_date_spring, meeting_rescheduled, survey_thanks]"
    file.write_text(text.replace(given, wanted), encoding="utf-8")
    settle(cycle)
    run(cycle, SAVE_THE_DATE)
    return cycle


def state_of(cycle: Any) -> list[tuple[str, str, str]]:
    return [(m["to"], m["state"], m["due"]) for m in mails(cycle)]


def test_what_needs_approval_waits_for_it(careful: Any) -> None:
    waiting = run(careful, "2025-02-19T09:00:00+01:00")
    careful("mail approve 2025 --template save_the_date_spring")
    told = run(careful)

    assert (waiting["sent"], waiting["held"], told["sent"]) == (0, 0, 3)
    assert state_of(careful) == [(to, "sent", "2025-02-19") for to in EVERYBODY]
    assert len(json.loads(careful("mail letters --json").out)["letters"]) == 1


def test_what_is_withheld_never_goes(careful: Any) -> None:
    careful('mail withhold 2025 --template save_the_date_spring --reason "der Saal steht noch nicht fest"')
    run(careful)
    run(careful, "2025-02-19T09:00:00+01:00")

    assert [state for _, state, _ in state_of(careful)] == ["cancelled"] * 3
    assert json.loads(careful("mail letters --json").out)["letters"] == []


def test_what_is_approved_on_a_saturday_goes_on_monday(careful: Any) -> None:
    careful("mail approve 2025 --template save_the_date_spring", at="2025-02-22T10:00:00+01:00")
    saturday = run(careful)
    monday = run(careful, "2025-02-24T08:00:00+01:00")

    assert (saturday["sent"], monday["sent"]) == (0, 3)
    assert [day for _, _, day in state_of(careful)] == ["2025-02-24"] * 3


def test_several_approved_at_once_go_one_a_day(careful: Any) -> None:
    careful("mail approve 2025 --template save_the_date_spring")
    run(careful)
    for day in ("2025-05-06", "2025-05-13"):
        careful(f'meeting move 2025 spring {day} --reason "Halle belegt"', at="2025-02-19T09:00:00+01:00")
    run(careful)
    careful("mail approve 2025 --template meeting_rescheduled")
    for day in ("19", "20", "21"):
        run(careful, f"2025-02-{day}T10:00:00+01:00")

    of_alba = [(m["state"], m["due"]) for m in mails(careful) if m["to"] == ALBA and "meeting_rescheduled" in m["templates"]]
    assert of_alba == [("sent", "2025-02-19"), ("sent", "2025-02-20")]


# Idle


@contextmanager
def statements(cycle: Any) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    found: list[str] = []

    def listen(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(found.append)

    def leave(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(None)

    heard = [
        (engine, name, hear)
        for engine in (cycle.site.database.reader, cycle.site.database.writer)
        for name, hear in (("checkout", listen), ("checkin", leave))
    ]
    for each in heard:
        event.listen(*each)
    try:
        yield found
    finally:
        for each in heard:
            event.remove(*each)


def test_an_idle_tick_asks_one_thing(asked: Any) -> None:
    tick(asked.site)

    with statements(asked) as found:
        ticked = tick(asked.site)

    assert ticked.looked == 0
    assert [statement.split()[0] for statement in found] == ["BEGIN", "SELECT", "COMMIT"]
    assert "FROM pulse" in found[1]


def test_a_preview_shows_what_will_go_and_nothing_on_days_on_which_nothing_goes(asked: Any) -> None:
    def previewed(day: str) -> list[tuple[str, list[str]]]:
        told = json.loads(asked(f"mail preview --on {day} --json").out)["mails"]
        return [(each["to"], each["templates"]) for each in told if each["channel"] == "mail"]

    tuesday, sunday = previewed("2025-03-11"), previewed("2025-03-16")
    run(asked, FIRST_REMINDER)

    assert (tuesday, sunday) == ([(to, ["survey_reminder_1"]) for to in EVERYBODY], [])
    assert mailed(asked, "survey_reminder_1") == EVERYBODY
