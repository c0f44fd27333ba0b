"""A year that has its days by rule alone tells partners of none of them before somebody has confirmed it."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from small_town import SAVE_THE_DATE, confirm_dates, mailed, mails, name_everybody, open_year, partner, run, write_partners
from survey_of_small_town import EVERYBODY, FIRST_REMINDER, ledger

from cycle.dates.records import deadline
from cycle.vocabulary import Right

CONFIRM = "date confirm 2025 spring_meeting"
IN_TIME = "2025-02-20T09:00:00+01:00"
LAST_NEWS = "2025-03-04T09:00:00+01:00"  # two weeks after the day of the save the date
NO_NEWS = "2025-03-05T09:00:00+01:00"
INVITATION = "2025-03-25T09:00:00+01:00"
MISSED = [(number, "missed", "not_confirmed") for number in (2, 3, 4, 5)]
SENT = [(2, "in_mail", None), (3, "in_mail", None), (4, "in_mail", None), (5, "letter", None)]


@pytest.fixture
def opened(cycle: Any) -> Any:
    """The town with 2025 open; nobody has agreed upon any of its days."""
    return open_year(cycle)


def answered(town: Any, line: str) -> dict[str, Any]:
    return dict(json.loads(town(f"{line} --json").out))


def test_a_year_that_nobody_confirmed_mails_no_partner_and_its_staff_all_the_same(opened: Any) -> None:
    name_everybody(opened)
    day = date(2025, 1, 14)
    while day < date(2026, 1, 31):
        run(opened, f"{day}T09:00:00+01:00")
        day += timedelta(days=7)

    assert [each for each in mails(opened) if each["partner"] is not None] == []
    assert {each["role"] for each in mails(opened)} == {"coordinator", "head", "sponsor"}
    told = [ledger(opened, template) for template in ("save_the_date_spring", "invitation_round_table")]
    assert told == [MISSED, MISSED]
    assert {why for _, _, why in ledger(opened, "meeting_reminder")} == {"not_confirmed"}


def test_what_waited_goes_once_when_its_day_is_confirmed(cycle_anywhere: Any) -> None:
    town = open_year(cycle_anywhere)
    run(town, SAVE_THE_DATE)
    before = ledger(town, "save_the_date_spring")

    town(CONFIRM, at=IN_TIME)
    for moment in (IN_TIME, "2025-02-21T09:00:00+01:00", NO_NEWS):
        run(town, moment)

    assert before == []
    assert mailed(town, "save_the_date_spring") == EVERYBODY
    assert ledger(town, "save_the_date_spring") == SENT


def test_what_is_no_news_any_more_is_missed_for_want_of_a_confirmation_and_the_next_letter_goes(opened: Any) -> None:
    run(opened, LAST_NEWS)
    before = ledger(opened, "save_the_date_spring")
    run(opened, NO_NEWS)

    opened(CONFIRM, at="2025-03-10T09:00:00+01:00")
    run(opened)
    run(opened, INVITATION)

    assert before == []
    assert ledger(opened, "save_the_date_spring") == MISSED
    assert mailed(opened, "invitation_spring") == EVERYBODY


def test_the_confirmation_tells_what_goes_now_and_later_and_how_many_hear_of_it(opened: Any) -> None:
    run(opened, SAVE_THE_DATE)
    tried = answered(opened.at(IN_TIME) or opened, f"{CONFIRM} --dry-run")
    shown = opened(CONFIRM).err

    letters = [(each["template"], each["due"], each["goes_on"], each["count"]) for each in tried["letters"]]
    assert letters == [
        ("save_the_date_spring", "2025-02-18", "2025-02-20", 4),
        ("invitation_spring", "2025-03-25", "2025-03-25", 4),
        ("meeting_reminder", "2025-04-22", "2025-04-22", 4),
    ]
    assert shown.splitlines()[:4] == [
        "Damit geht hinaus, nach heutigem Stand:",
        "  am 20.02.2025: Save the Date Netzwerktreffen, 4 Empfänger",
        "  am 25.03.2025: Einladung zum Netzwerktreffen, 4 Empfänger",
        "  am 22.04.2025: Erinnerung an ein Treffen, 4 Empfänger",
    ]


def test_the_confirmation_says_what_then_waits_for_an_approval(cycle: Any) -> None:
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("approval: [", "approval: [save_the_date_spring, "), encoding="utf-8")
    town = open_year(cycle)

    shown = town(CONFIRM, at="2025-02-20T19:30:00+01:00").err.splitlines()
    told = ledger(town, "save_the_date_spring")
    run(town, "2025-02-21T09:00:00+01:00")

    assert "approval: [" in text
    assert shown[1] == "  am 21.02.2025: Save the Date Netzwerktreffen, 4 Empfänger, wartet dann auf Freigabe"
    assert (told, {state for _, state, _ in ledger(town, "save_the_date_spring")}) == ([], {"held"})


def test_the_confirmation_counts_whom_the_letters_reach_as_the_forecast_does(opened: Any) -> None:
    opened('mail bounce --partner 3 --reason "550 unbekannt"')
    told = answered(opened, CONFIRM)["letters"]
    lines = [line for day in answered(opened, "mail forecast --days 60")["days"] for line in day["lines"]]

    expected = [
        line["count"] for line in lines if line["templates"] == ["save_the_date_spring"] and line["what"] in ("mail", "letter")
    ]
    assert [each["count"] for each in told if each["template"] == "save_the_date_spring"] == [sum(expected)] == [3]


@pytest.mark.parametrize("looked", [True, False])
def test_the_confirmation_tells_what_has_lapsed_meanwhile_whether_or_not_it_was_noted(opened: Any, looked: bool) -> None:
    if looked:
        run(opened, NO_NEWS)
    opened.at("2025-03-10T09:00:00+01:00")
    before = ledger(opened, "save_the_date_spring")

    shown = opened(CONFIRM).err.splitlines()

    assert before == (MISSED if looked else [])
    assert shown[:4] == [
        "Entfallen, weil der Termin nicht bestätigt war:",
        "  fällig am 18.02.2025: Save the Date Netzwerktreffen, 4 Empfänger",
        "Damit geht hinaus, nach heutigem Stand:",
        "  am 25.03.2025: Einladung zum Netzwerktreffen, 4 Empfänger",
    ]


def test_what_is_confirmed_while_nobody_looked_is_too_late_as_ever(opened: Any) -> None:
    run(opened, SAVE_THE_DATE)
    opened(CONFIRM, at=NO_NEWS)

    run(opened)

    assert {(state, why) for _, state, why in ledger(opened, "save_the_date_spring")} == {("missed", "too_late")}


def test_nobody_is_invited_to_a_meeting_that_was_confirmed_after_its_day(cycle: Any) -> None:
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    late = 'spring_invitation:         {rule: "spring_meeting - 10d"'
    file.write_text(text.replace('spring_invitation:         {rule: "spring_meeting - 35d"', late), encoding="utf-8")
    town = open_year(cycle)
    run(town, "2025-04-22T09:00:00+02:00")

    town(CONFIRM, at="2025-04-30T08:00:00+02:00")
    run(town)

    assert late in file.read_text(encoding="utf-8")
    assert {(state, why) for _, state, why in ledger(town, "invitation_spring")} == {("missed", "too_late")}


def test_a_day_that_is_moved_there_and_back_is_agreed_upon_and_told_once(opened: Any) -> None:
    opened('date move 2025 spring_meeting 2025-05-06 --reason "Halle belegt"', at="2025-01-20T09:00:00+01:00")
    opened('date move 2025 spring_meeting 2025-04-29 --reason "Halle doch frei"', at="2025-01-21T09:00:00+01:00")

    for moment in (SAVE_THE_DATE, IN_TIME):
        run(opened, moment)

    assert ledger(opened, "save_the_date_spring") == SENT


def test_who_was_asked_before_is_reminded_whatever_became_of_the_day(asked: Any) -> None:
    with asked.site.entry("date.confirmed", Right.RUN, year=2025) as (entry, about):
        entry.change(deadline(about.session, about.cycle_id, "spring_meeting"), confirmed_on=None)

    run(asked, FIRST_REMINDER)
    run(asked, INVITATION)

    assert mailed(asked, "survey_reminder_1") == EVERYBODY
    assert mailed(asked, "invitation_spring") == []


def test_what_is_on_its_way_to_some_is_not_taken_from_the_others(opened: Any) -> None:
    opened(CONFIRM)
    opened("mail queue 2025 --template contact_check --to partners", at="2025-02-18T08:30:00+01:00")
    run(opened, SAVE_THE_DATE)
    first = ledger(opened, "save_the_date_spring")
    with opened.site.entry("date.confirmed", Right.RUN, year=2025) as (entry, about):
        entry.change(deadline(about.session, about.cycle_id, "spring_meeting"), confirmed_on=None)

    run(opened, "2025-02-19T09:00:00+01:00")

    assert first == [(5, "letter", None)]  # the others had another mail on that day
    assert mailed(opened, "save_the_date_spring") == EVERYBODY


def test_explain_says_what_is_waited_for_and_the_command_that_lets_it_go(opened: Any) -> None:
    told = {each["template"]: each for each in answered(opened, "mail explain 2 --year 2025")["steps"]}
    shown = opened("mail explain 2 --on 2025-02-18")

    waits = {name: (each["state"], each["reason"], each["waits_for"], each["command"]) for name, each in told.items()}
    for_spring = ("waits", "not_confirmed", "spring_meeting", f"cycle {CONFIRM}")
    assert (waits["save_the_date_spring"], waits["invitation_spring"]) == (for_spring, for_spring)
    assert waits["invitation_round_table"][2:] == ("round_table", "cycle date confirm 2025 round_table")
    assert waits["survey_invitation"] == ("not", "phase_not_reached", None, None)
    assert shown.out.splitlines()[1].endswith("\twartet: „Netzwerktreffen Frühjahr“ ist nicht bestätigt")
    assert shown.err.splitlines()[:2] == ["Das wartet, bis der Termin bestätigt ist:", f"  → cycle {CONFIRM}"]


def test_a_forecast_shows_what_would_go_and_when_it_is_no_news_any_more(opened: Any) -> None:
    line = "mail forecast 2025 --days 60"
    told = answered(opened, line)
    shown = opened(f"{line} --ics {opened.home / 'ahead.ics'}").err
    tried = answered(opened, "run --dry-run --from 2025-02-18 --to 2025-02-18")

    rows = [
        (day["day"], each["what"], each["count"], each["reason"], each["waits_for"], each["command"])
        for day in told["days"]
        for each in day["lines"]
        if "save_the_date_spring" in each["templates"]
    ]
    waits = ("2025-02-18", "unconfirmed", 4, "not_confirmed", "spring_meeting", f"cycle {CONFIRM}")
    assert rows == [waits, ("2025-03-05", "missed", 4, "not_confirmed", None, None)]
    assert [(day["day"], day["unconfirmed"], day["mails"]) for day in tried["days"]] == [("2025-02-18", 4, 0)]
    assert "4 Schreiben warten darauf, dass ein Termin bestätigt wird:\n  → cycle date confirm 2025 spring_meeting" in shown
    written = Calendar.from_ical((opened.home / "ahead.ics").read_bytes()).walk("VEVENT")
    assert [str(each["SUMMARY"]) for each in written] == [
        "4 × save_the_date_spring (wartet: „Netzwerktreffen Frühjahr“ ist nicht bestätigt)"
    ]


def test_what_should_have_gone_waits_for_today_and_is_named_by_status(opened: Any) -> None:
    told = answered(opened.at(IN_TIME) or opened, "mail forecast 2025 --days 1")
    status = opened("status 2025").out
    tried = [opened("run --dry-run"), opened("mail preview --on 2025-02-20")]
    of_today = answered(opened, "run --dry-run")

    assert [(day["day"], day["unconfirmed"]) for day in told["days"]] == [("2025-02-20", 4)]
    assert "  18.02.2025  Save the Date Netzwerktreffen (der Tag ist vorbei)\n" in status
    waits = f"4 Schreiben warten darauf, dass ein Termin bestätigt wird:\n  → cycle {CONFIRM}\n"
    assert [said.err for said in tried] == [waits, waits]
    assert of_today["mails"] == []
    assert [(each["template"], each["count"], each["command"]) for each in of_today["waiting"]] == [
        ("save_the_date_spring", 4, f"cycle {CONFIRM}")
    ]


def test_a_meeting_that_is_off_waits_for_nothing_and_nobody_is_said_to_hear_of_it(opened: Any) -> None:
    opened.at(IN_TIME)
    before = [each["template"] for each in answered(opened, "status 2025")["cycles"][0]["unconfirmed_mails"]]
    opened('meeting cancel 2025 spring --reason "kein Saal"')

    told = {each["template"]: (each["state"], each["reason"]) for each in answered(opened, "mail explain 2")["steps"]}
    forecast = answered(opened, "mail forecast 2025 --days 40")

    assert (before, answered(opened, "status 2025")["cycles"][0]["unconfirmed_mails"]) == (["save_the_date_spring"], [])
    assert (told["save_the_date_spring"], told["invitation_spring"]) == (("not", "not_in_audience"),) * 2
    assert (told["group_session_invitation"], told["invitation_round_table"]) == (
        ("not", "not_in_audience"),  # it is in no group
        ("waits", "not_confirmed"),
    )
    assert forecast["unconfirmed"] == 0


def test_a_confirmed_year_has_nothing_that_waits(opened: Any) -> None:
    opened(CONFIRM)
    confirm_dates(opened)

    told = [(each["template"], each["state"]) for each in answered(opened, "mail explain 2 --on 2025-02-18")["steps"]]
    forecast = answered(opened, "mail forecast 2025 --days 60")

    assert told == [("save_the_date_spring", "will_go")]
    assert (forecast["unconfirmed"], forecast["mails"]) == (0, 3)
    assert answered(opened, "status 2025")["cycles"][0]["unconfirmed_mails"] == []


def test_a_year_begun_at_a_later_phase_waits_too_but_not_for_what_was_skipped(cycle: Any) -> None:
    file = write_partners(cycle.home / "partners.csv")
    cycle(f"partner import {file}", at="2025-06-10T09:00:00+02:00")
    cycle("start 2025 --at round_table")
    run(cycle, "2025-06-17T09:00:00+02:00")
    before = mailed(cycle, "invitation_round_table")

    cycle("date confirm 2025 round_table")
    run(cycle)

    assert (before, mailed(cycle, "invitation_round_table")) == ([], EVERYBODY)


def test_the_picture_of_a_year_begun_in_the_middle_shows_what_waits_and_nothing_of_a_phase_before(cycle: Any) -> None:
    file = write_partners(cycle.home / "partners.csv")
    cycle(f"partner import {file}", at="2025-02-14T09:00:00+01:00")
    begun = answered(cycle, "start 2025 --at status_analysis")["takeover"]["mails"]
    later = answered(cycle.at("2025-03-03T09:00:00+01:00") or cycle, "status 2025 --takeover")["mails"]
    run(cycle)
    cycle(CONFIRM)
    run(cycle)
    sent = answered(cycle, "status 2025 --takeover")["mails"][0]

    def told(mail: dict[str, Any]) -> tuple[str, str, str | None, str | None]:
        return mail["template"], mail["day"], mail["phase"], mail["unconfirmed"]

    survey = ("survey_invitation", "2025-02-25", None, "spring_meeting")
    invitation = ("invitation_spring", "2025-03-25", None, "spring_meeting")
    assert [told(each) for each in begun[:2]] == [survey, invitation]
    assert [told(each) for each in later[:2]] == [("survey_invitation", "2025-03-03", None, "spring_meeting"), invitation]
    assert told(sent) == ("invitation_spring", "2025-03-25", None, None)


def test_who_is_asked_after_the_day_of_a_reminder_is_not_said_to_wait_for_it(cycle: Any) -> None:
    file = write_partners(cycle.home / "partners.csv")
    cycle(f"partner import {file}", at="2025-02-14T09:00:00+01:00")
    cycle("start 2025 --at status_analysis")
    cycle(CONFIRM, at="2025-03-12T09:00:00+01:00")  # the first reminder was for the day before
    run(cycle)

    told = {each["template"]: (each["state"], each["reason"]) for each in answered(cycle, "mail explain 2")["steps"]}

    assert told["survey_invitation"] == ("sent", None)
    assert (told["survey_reminder_1"], told["survey_reminder_2"]) == (("not", "not_asked"), ("will_go", None))


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_letter_about_something_else_names_no_day_that_nobody_confirmed(cycle: Any, confirmed: bool) -> None:
    file = write_partners(cycle.home / "partners.csv")
    cycle(f"partner import {file}", at="2025-06-10T09:00:00+02:00")
    cycle("start 2025 --at round_table")
    if confirmed:
        cycle("date confirm 2025 review_request")
    cycle("meeting held 2025 round_table --on-site 5", at="2025-07-16T09:00:00+02:00")
    cycle(f"document file 2025 minutes --of round_table --file {file}")
    run(cycle)

    sent = next(each["id"] for each in mails(cycle) if "minutes_round_table" in each["templates"] and each["partner"] == 2)
    text = cycle(f"mail show {sent}").out

    assert "Ergebnisse des Runden Tisches am 15.07.2025" in text
    assert ("Im Herbst, ab 16.09.2025, fragen wir Sie" in text) is confirmed


MOVE = 'meeting move 2025 spring {} --reason "Halle belegt"'


def test_nobody_is_told_that_a_meeting_has_moved_who_never_heard_of_it_and_still_will(opened: Any) -> None:
    opened(MOVE.format("2025-05-06"), at="2025-01-20T09:00:00+01:00")
    run(opened)
    day = date(2025, 1, 21)
    while day < date(2025, 4, 30):
        run(opened, f"{day}T09:00:00+01:00")
        day += timedelta(days=1)

    assert ledger(opened, "meeting_rescheduled") == []
    assert (ledger(opened, "save_the_date_spring"), ledger(opened, "invitation_spring")) == (SENT, SENT)


def test_all_who_are_invited_are_told_that_a_meeting_has_moved_once_it_was_announced(opened: Any) -> None:
    opened(CONFIRM)
    run(opened, SAVE_THE_DATE)
    more = write_partners(opened.home / "more.csv", [partner(6, "Efeu")])
    opened(f"partner import {more}", at="2025-02-19T09:00:00+01:00")
    opened(MOVE.format("2025-05-06"))
    for moment in (IN_TIME, "2025-02-21T09:00:00+01:00", "2025-04-01T09:00:00+02:00"):
        run(opened, moment)

    assert ledger(opened, "meeting_rescheduled") == [*SENT, (6, "in_mail", None)]
    assert mailed(opened, "invitation_spring") == [*EVERYBODY, "efeu@verein.example.org"]


def test_all_are_told_of_the_new_day_of_a_meeting_that_no_letter_would_announce_any_more(opened: Any) -> None:
    opened(MOVE.format("2025-03-11"), at="2025-02-17T09:00:00+01:00")  # save the date and invitation would have gone before
    for moment in ("2025-02-17T09:10:00+01:00", "2025-02-18T09:00:00+01:00"):
        run(opened, moment)

    assert ledger(opened, "meeting_rescheduled") == SENT
    assert (ledger(opened, "save_the_date_spring"), ledger(opened, "invitation_spring")) == ([], [])


def test_a_letter_that_waited_for_the_day_tells_the_new_one_and_no_other_that_it_moved(opened: Any) -> None:
    run(opened, SAVE_THE_DATE)
    opened(MOVE.format("2025-05-06"), at=IN_TIME)
    run(opened)
    run(opened, "2025-02-25T09:00:00+01:00")

    assert (ledger(opened, "save_the_date_spring"), mailed(opened, "meeting_rescheduled")) == (SENT, [])
