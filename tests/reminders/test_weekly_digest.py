"""The weekly mail: in place of single notices of a role where the workflow says so, and only there."""

import json
from typing import Any

import pytest
from played import played_once
from small_town import confirm_dates, mailed, mails, name_everybody, open_year, run, send_to, settle
from survey_of_small_town import EVERYBODY, FIRST_REMINDER, LAST_REMINDER, SECOND_REMINDER, SURVEY_OUT, ask, ledger

from cycle.cli import shell

COORDINATOR = "koordination@stadt.example.org"
APPROVAL = "approval: [theme_announcement, cycle_closed]"
WEEKLY = f"{APPROVAL}, digest: {{to: coordinator, on: Mon, in_place_of: [date_ahead, escalation_overdue, phone_list]}}"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """The town whose coordinator wants one mail on Mondays; the year goes into its status analysis."""
    settle(wants_it_weekly(cycle))
    name_everybody(cycle)
    confirm_dates(cycle)
    cycle("advance 2025", at="2025-02-24T09:00:00+01:00")
    return cycle


def wants_it_weekly(cycle: Any) -> Any:
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    kinds = "task_unowned, press_text]"
    assert (APPROVAL in text, kinds in text) == (True, True)
    file.write_text(text.replace(APPROVAL, WEEKLY).replace(kinds, "task_unowned, press_text, weekly_digest]"), "utf-8")
    return cycle


def through(cycle: Any, *moments: str) -> None:
    for moment in moments:
        run(cycle, moment)


def office(cycle: Any) -> list[tuple[str, str, list[str]]]:
    return [(each["due"], each["to"], each["templates"]) for each in mails(cycle) if each["partner"] is None]


def text_of_last(cycle: Any) -> str:
    number = [each for each in mails(cycle) if "weekly_digest" in each["templates"]][-1]["id"]
    return str(json.loads(cycle(f"mail show {number} --json").out)["text"])


def test_notices_are_gathered_into_one_mail_on_the_day_of_the_week(town: Any) -> None:
    through(town, "2025-02-24T09:00:00+01:00", SURVEY_OUT, "2025-03-03T09:00:00+01:00", "2025-03-04T09:00:00+01:00")
    through(town, FIRST_REMINDER, SECOND_REMINDER, LAST_REMINDER, "2025-03-31T09:00:00+02:00")

    assert [each for each in office(town) if each[1] == COORDINATOR] == [
        ("2025-02-24", COORDINATOR, ["weekly_digest"]),
        ("2025-03-03", COORDINATOR, ["weekly_digest"]),
        ("2025-03-11", COORDINATOR, ["weekly_digest"]),  # nobody was there on Monday
        ("2025-03-20", COORDINATOR, ["weekly_digest"]),
        ("2025-03-26", COORDINATOR, ["weekly_digest"]),
        ("2025-03-31", COORDINATOR, ["weekly_digest"]),
    ]
    assert ledger(town, "phone_list") == [(None, "missed", "in_weekly_mail")]
    assert mailed(town, "survey_overdue") == EVERYBODY


def test_a_notice_for_another_role_goes_on_its_own(town: Any) -> None:
    town('people leave j.weissenburger --reason "versetzt"', login="admin")
    town.login("s.stell")
    through(town, SURVEY_OUT, LAST_REMINDER)

    assert mailed(town, "phone_list") == ["l.leit@stadt.example.org"]
    assert mailed(town, "weekly_digest") == []


def test_the_weekly_mail_tells_what_is_due_what_is_late_and_who_is_missing(town: Any) -> None:
    through(town, SURVEY_OUT, "2025-03-03T09:00:00+01:00")
    town("survey answer 2025 --partner 2", at="2025-03-06T10:00:00+01:00")
    through(town, "2025-03-06T10:00:00+01:00", "2025-03-17T09:00:00+01:00")
    soon = text_of_last(town)
    run(town, "2025-04-14T09:00:00+02:00")
    late = text_of_last(town)

    assert "Der Zyklus steht in der Phase „Statusanalyse“." in soon
    assert [line for line in soon.splitlines() if line.startswith("- ")] == [
        "- Bestandserhebung Antwortfrist: Dienstag, 25. März 2025 (noch 6 Arbeitstage)",
        "- Einladung Netzwerktreffen: Dienstag, 25. März 2025 (noch 6 Arbeitstage)",
        "- Bestandserhebung Antwortfrist: 3 – Verein Birke, Verein Cassia, Verein Distel",
    ]
    assert "- Bestandserhebung Antwortfrist: war fällig am 25.03.2025, seit 14 Arbeitstagen" in late


def test_the_weekly_mail_names_what_waits_for_a_confirmation(cycle: Any) -> None:
    open_year(wants_it_weekly(cycle))
    name_everybody(cycle)
    through(cycle, "2025-02-03T09:00:00+01:00")
    early = text_of_last(cycle)
    through(cycle, "2025-02-10T09:00:00+01:00")

    waits = "- Save the Date Netzwerktreffen, 18.02.2025: „Netzwerktreffen Frühjahr“ ist nicht bestätigt"
    assert f"{waits} (cycle date confirm 2025 spring_meeting)" in text_of_last(cycle).splitlines()
    assert "nicht bestätigt" not in early


def test_a_monday_without_mail_is_made_up_for_on_the_next_day_and_never_twice(town: Any) -> None:
    through(town, SURVEY_OUT, "2025-04-14T09:00:00+02:00")
    through(town, "2025-04-21T09:00:00+02:00")  # Easter Monday
    through(town, "2025-04-22T09:00:00+02:00", "2025-04-22T10:00:00+02:00", "2025-04-23T09:00:00+02:00")

    assert [day for day, to, _ in office(town) if to == COORDINATOR and day > "2025-04-15"] == ["2025-04-22"]


def test_the_weekly_mail_counts_mails_that_did_not_arrive(town: Any) -> None:
    through(town, SURVEY_OUT)
    town('mail bounce --partner 3 --reason "550 unbekannt"', at="2025-02-26T09:00:00+01:00")
    run(town, "2025-03-03T09:00:00+01:00")

    assert "- nicht zugestellt: 1 (cycle mail list --state failed, cycle mail list --state bounced)" in text_of_last(town)


def test_the_weekly_mail_names_whom_nothing_reaches_any_more_and_only_the_newer_of_two_years(town: Any) -> None:
    through(town, SURVEY_OUT)
    before = text_of_last(town)
    town('mail bounce --partner 3 --reason "550 unbekannt"', at="2025-02-26T09:00:00+01:00")
    run(town, "2025-03-03T09:00:00+01:00")
    told = text_of_last(town)
    town("start 2026", at="2026-01-12T08:00:00+01:00")
    run(town, "2026-01-12T09:00:00+01:00")

    head = "Nicht mehr zu erreichen (cycle partner list --unreachable):"
    assert head not in before
    assert told.partition(head)[2].strip().splitlines()[0] == "- Verein Birke: Mails kommen zurück, seit 26.02.2025"
    assert text_of_last(town).count(head) == 1


def test_two_years_at_once_are_one_weekly_mail_with_both(town: Any) -> None:
    town("start 2026", at="2026-01-12T08:00:00+01:00")
    run(town, "2026-01-12T09:00:00+01:00")

    assert [(day, templates) for day, to, templates in office(town) if to == COORDINATOR] == [
        ("2026-01-12", ["weekly_digest", "weekly_digest"])
    ]
    assert {"=== Integrationsplan 2025 ===", "=== Integrationsplan 2026 ==="} <= set(text_of_last(town).splitlines())


def test_without_the_key_nothing_is_gathered(cycle: Any) -> None:
    asked = ask(settle(cycle))
    through(asked, "2025-03-03T09:00:00+01:00", FIRST_REMINDER, SECOND_REMINDER, LAST_REMINDER)

    assert (mailed(asked, "weekly_digest"), mailed(asked, "phone_list")) == ([], [COORDINATOR])


def test_a_weekly_mail_that_waits_while_its_reader_leaves_does_not_go(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(town, "2025-03-03T09:00:00+01:00", code=8)
        shell.close()
    town('people leave j.weissenburger --reason "versetzt"', at="2025-03-03T09:30:00+01:00", login="admin")
    town.login("s.stell")

    run(town, "2025-03-04T10:00:00+01:00")  # the day of leaving was the last of the task

    assert ledger(town, "weekly_digest") == [(None, "cancelled", "superseded")]
