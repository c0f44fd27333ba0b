"""Why a partner got a mail, gets it, or does not: what is explained is what went, and what then goes."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from small_town import PostOffice, mail, mails, post_office, run
from survey_of_small_town import FIRST_REMINDER, SECOND_REMINDER, join

from cycle.cli import shell
from cycle.outbox.records import Mail
from cycle.reminders.records import LedgerItem, ledger_of
from cycle.reminders.rules.explain import Nothing, why_nothing
from cycle.reminders.rules.ladder import Why
from cycle.service.tick import tick
from cycle.workflow.model import MailKind

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_PARTNER = "1 2 3 4 5"
MADE_OF = {"in_mail": "will_go", "letter": "will_be_letter", "held": "will_be_held", "missed": "will_not"}


def explained(cycle: Any, line: str) -> list[dict[str, Any]]:
    return list(json.loads(cycle(f"mail explain {line} --json").out)["steps"])


def steps(cycle: Any, line: str) -> dict[tuple[int, str], tuple[str, str | None, str | None]]:
    """State, day and reason of each template of each partner; for what was asked of one day or phase."""
    return {(e["partner"], e["template"]): (e["state"], e["on"], e["reason"]) for e in explained(cycle, line)}


def made(cycle: Any, after: int) -> list[tuple[int, str, str, str, str | None]]:
    """Partner, template, day, what it became and why of every item of partners since that one, in the words of explain."""
    with cycle.site.journal.reading() as session:
        rows: list[LedgerItem] = ledger_of(session, 1)
        found: list[tuple[int, str, str, str, str | None]] = []
        for row in rows:
            if (row.id or 0) > after and row.partner is not None:
                sent = session.get(Mail, row.mail_id) if row.mail_id else None
                day = sent.sent_at.astimezone(BERLIN).date() if sent is not None and sent.sent_at else row.made_on
                found.append((row.partner, row.template, str(day), MADE_OF[row.state], row.why))
        return sorted(found, key=str)


def last_item(cycle: Any) -> int:
    with cycle.site.journal.reading() as session:
        return max(row.id or 0 for row in ledger_of(session, 1))


@pytest.mark.long
def test_over_a_whole_year_what_is_explained_is_what_goes_and_what_went(asked: Any) -> None:
    asked("survey answer 2025 --partner 4", at="2025-03-10T10:00:00+01:00")
    asked('measure add 2025 "Lesepaten" --owner 2 --due 2025-06-30')
    asked('measure add 2025 "Sprachcafe" --owner 5 --due 2026-01-12')
    asked('mail bounce --partner 3 --reason "550 unbekannt"')
    before = last_item(asked)

    foretold = explained(asked, EVERY_PARTNER)
    day = date(2025, 3, 10)
    while day <= date(2026, 4, 30):
        run(asked, datetime.combine(day, datetime.min.time().replace(hour=11), BERLIN).isoformat())
        day += timedelta(days=1)
    looked_back = explained(asked, EVERY_PARTNER)

    ahead = [each for each in foretold if each["state"].startswith("will_")]
    went = made(asked, before)
    assert sorted(((e["partner"], e["template"], e["on"], e["state"], e["reason"]) for e in ahead), key=str) == went
    assert len(went) > 15
    assert {state for _, _, _, state, _ in went} == {"will_go", "will_be_letter", "will_not"}
    sent = sorted(
        (each["id"], tuple(each["templates"])) for each in mails(asked) if each["partner"] and each["state"] == "sent"
    )
    told: dict[int, list[str]] = {}
    for each in looked_back:
        if each["state"] == "sent":
            told.setdefault(each["mail"], []).append(each["template"])
    assert {number: sorted(templates) for number, templates in told.items()} == {
        number: sorted(templates) for number, templates in sent
    }
    keys = [(e["partner"], e["rule"], e["step"], e["due"]) for e in looked_back]
    assert len(keys) == len(set(keys))


def test_who_got_a_reminder_and_who_did_not(asked: Any) -> None:
    asked("survey answer 2025 --partner 4", at="2025-03-10T10:00:00+01:00")
    run(asked)
    run(asked, FIRST_REMINDER)

    told = explained(asked, "3 4 5 1 --on 2025-03-11")

    assert [(e["partner"], e["rule"], e["step"], e["audience"], e["state"], e["on"], e["reason"]) for e in told] == [
        (3, "survey_due", "-10wd", "survey_silent", "sent", "2025-03-11", None),
        (4, "survey_due", "-10wd", "survey_silent", "not", None, "answered"),
        (5, "survey_due", "-10wd", "survey_silent", "letter", "2025-03-11", None),
        (1, "survey_due", "-10wd", "survey_silent", "not", None, "not_in_audience"),
    ]


def test_one_screen_of_eighty_columns_says_why_one_got_it_and_another_not(asked: Any) -> None:
    asked("survey answer 2025 --partner 4", at="2025-03-10T10:00:00+01:00")
    run(asked)
    run(asked, FIRST_REMINDER)

    screen = on_a_terminal("mail explain 3 4 --on 2025-03-11")

    assert [len(line) <= 80 for line in screen] == [True] * len(screen)
    assert len(screen) <= 24
    rows = [row.split() for row in screen if row[:2].strip() in ("3", "4")]
    assert [(row[0], row[1], row[2], row[-2:]) for row in rows] == [
        ("3", "11.03.2025", "survey_reminder_1", ["gesendet", "11.03.2025,"]),
        ("4", "11.03.2025", "survey_reminder_1", ["hat", "sich"]),
    ]


def test_somebody_who_joined_later_was_not_there_yet(asked: Any) -> None:
    run(asked, FIRST_REMINDER)
    join(asked, 6, "Eibe")

    told = steps(asked, "6 --year 2025")

    assert told[6, "save_the_date_spring"] == ("not", None, "before_joining")
    assert told[6, "survey_reminder_1"] == ("not", None, "before_joining")
    assert told[6, "invitation_spring"][0] == "will_go"


def test_a_phase_that_is_not_reached_and_a_date_that_was_moved(asked: Any) -> None:
    assert steps(asked, "2")[2, "autumn_review_request"] == ("not", None, "phase_not_reached")

    asked('meeting move 2025 spring 2025-05-27 --reason "Saal belegt"', at="2025-03-03T09:00:00+01:00")
    run(asked)
    told = explained(asked, "2")

    assert [(e["template"], e["state"], e["on"]) for e in told if e["rule"] == "meeting_moved"] == [
        ("meeting_rescheduled", "sent", "2025-03-03")
    ]
    assert [(e["state"], e["due"]) for e in told if e["rule"] == "spring_meeting"] == [("will_go", "2025-05-20")]


def test_the_servers_answer_stands_beside_the_mail(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch, PostOffice(refuse={mail("birke"): "550 5.1.1 unknown"})):
        shell.close()  # the settings have changed
        run(asked, FIRST_REMINDER, code=8)

        told = explained(asked, "2 3 --on 2025-03-11")

    assert [(e["state"], e["reply_code"], e["to"]) for e in told] == [
        ("sent", 250, mail("alba")),
        ("failed", 550, mail("birke")),
    ]


def test_what_is_queued_has_the_day_on_which_it_goes(asked: Any) -> None:
    asked.at(SECOND_REMINDER)
    tick(asked.site)

    assert steps(asked, "2 --on 2025-03-20") == {
        (2, "survey_reminder_1"): ("missed", "2025-03-20", "superseded"),
        (2, "survey_reminder_2"): ("queued", "2025-03-20", None),
    }


def test_an_unknown_partner_is_not_found(asked: Any) -> None:
    said = asked("mail explain 77", code=4)

    assert said.out == ""
    assert "77" in said.err


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"on_hold": True}, Why.HELD),
        ({"over": True}, Why.YEAR_OVER),
        ({"planned": False}, Why.NOT_PLANNED),
        ({"since": date(2025, 3, 12)}, Why.BEFORE_START),
        ({"since": date(2025, 3, 12), "moved": True}, Why.MOVED),
        ({"ended": True}, Why.ANSWERED),
        ({"reached": False}, Why.PHASE_NOT_REACHED),
        ({"reached": False, "unconfirmed": True}, Why.PHASE_NOT_REACHED),
        ({"unconfirmed": True}, Why.NOT_CONFIRMED),
        ({"unconfirmed": True, "in_audience": False}, Why.NOT_IN_AUDIENCE),
        ({"in_audience": False}, Why.NOT_IN_AUDIENCE),
        ({"in_audience": False, "asked": True}, Why.ANSWERED),
        ({"asked": False}, Why.NOT_ASKED),
        ({"asked": True, "asked_too_late": True}, Why.NOT_ASKED),
        ({"asked": True, "asked_too_late": True, "made_for_others": date(2025, 3, 11)}, Why.BEFORE_JOINING),
        ({"made_for_others": date(2025, 3, 11)}, Why.BEFORE_JOINING),
        ({"made_for_others": date(2025, 3, 11), "on_hold": True}, Why.BEFORE_JOINING),
        ({"beyond": True}, Why.NOT_YET),
        ({"quiet": True}, Why.QUIET_TIME),
        ({}, Why.POLICY),
    ],
)
def test_the_first_reason_that_stands_against_a_step_is_told(given: dict[str, Any], why: Why) -> None:
    plain: dict[str, Any] = {
        "kind": MailKind.REMINDER,
        "due_on": date(2025, 3, 11),
        "since": date(2025, 1, 10),
        "moved": False,
        "in_audience": True,
    }

    assert why_nothing(Nothing(**(plain | given))) is why


def on_a_terminal(line: str) -> list[str]:
    """What a command shows on a terminal of eighty columns, line by line."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cycle", *line.split()],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": "80", "TERM": "dumb"},
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            shown += part
            if not part:
                break
        assert process.wait() == 0
    os.close(ours)
    return [re.sub(r"\x1b\[[0-9;]*m", "", row).rstrip() for row in shown.decode().replace("\r\n", "\n").split("\n")]
