"""The receipt for an answer: once for each answer, whoever entered it; and replies land with the coordinator."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from small_town import mailed, mails, post_office, run
from survey_of_small_town import ALBA, BIRKE, ledger

from cycle.cli import shell

ANSWERS = "Partner Nr;Beantwortet;Antwortweg;Verwertbar;Projekte\n2;05.03.2025;Telefon;ja;1\n3;06.03.2025;Formular;ja;2\n"


def receipts(cycle: Any) -> list[tuple[str, str]]:
    return [(each["to"], each["due"]) for each in mails(cycle) if "survey_thanks" in each["templates"]]


def test_a_file_of_answers_read_twice_thanks_once(asked: Any) -> None:
    file = asked.home / "antworten.csv"
    file.write_text(ANSWERS, encoding="utf-8")
    asked(f"survey import 2025 {file} --until 2025-03-10", at="2025-03-10T10:00:00+01:00")
    run(asked)

    asked(f"survey import 2025 {file} --until 2025-03-12", at="2025-03-12T10:00:00+01:00")
    for moment in ("2025-03-12T10:00:00+01:00", "2025-03-13T09:00:00+01:00"):
        run(asked, moment)

    assert receipts(asked) == [(ALBA, "2025-03-10"), (BIRKE, "2025-03-10")]


def test_an_answer_that_is_changed_later_is_thanked_for_again(asked: Any) -> None:
    for day, projects in (("05", 1), ("12", 3)):
        asked(f"survey answer 2025 --partner 2 --projects {projects}", at=f"2025-03-{day}T10:00:00+01:00")
        run(asked)

    assert receipts(asked) == [(ALBA, "2025-03-05"), (ALBA, "2025-03-12")]


def test_the_same_answer_entered_twice_on_one_day_is_thanked_for_once(asked: Any) -> None:
    asked("survey answer 2025 --partner 2 --projects 1", at="2025-03-05T10:00:00+01:00")
    asked("survey answer 2025 --partner 2 --projects 1")
    for day in ("05", "06", "07"):
        run(asked, f"2025-03-{day}T11:00:00+01:00")
    asked("survey answer 2025 --partner 2 --projects 1", at="2025-03-07T12:00:00+01:00")
    run(asked, "2025-03-10T09:00:00+01:00")

    assert receipts(asked) == [(ALBA, "2025-03-05"), (ALBA, "2025-03-10")]
    number = next(each["id"] for each in mails(asked) if "survey_thanks" in each["templates"])
    assert asked(f"mail show {number}").out.count("ist bei uns eingegangen") == 1


def test_who_objects_is_not_thanked(asked: Any) -> None:
    asked('partner edit 3 --wish objects --reason "bitte keine Mails"', at="2025-03-05T09:00:00+01:00")
    for number in (2, 3):
        asked(f"survey answer 2025 --partner {number}")
    run(asked)

    assert mailed(asked, "survey_thanks") == [ALBA]
    assert ledger(asked, "survey_thanks") == [(3, "missed", "objects"), (2, "in_mail", None)]


def test_replies_go_to_the_address_of_the_settings(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_MAIL__REPLY_TO", "koordination@stadt.example.org")
    asked("survey answer 2025 --partner 2", at="2025-03-05T10:00:00+01:00")
    with post_office(monkeypatch) as office:
        shell.close()
        run(asked)
        shell.close()

    ((to, message),) = office.got
    read = message_from_bytes(message, policy=default)
    assert (to, read["Reply-To"]) == (ALBA, "koordination@stadt.example.org")
    (text,) = [part for part in read.walk() if part.get_content_type() == "text/plain"]
    assert "schreiben Sie an koordination@stadt.example.org" in text.get_content().replace("\n", " ")
