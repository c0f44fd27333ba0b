"""Stories 14, 17 and 18: who has answered hears no more, and the history tells everything and proves itself."""

import contextlib
import csv
import io
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cycle.cli import shell
from cycle.service.tick import tick


def answered(cycle: Any, line: str, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cycle(f"{line} --json", **given).out)
    return found


def previewed(cycle: Any) -> list[tuple[int, list[str]]]:
    return [(mail["partner"], mail["templates"]) for mail in answered(cycle, "mail preview")["mails"]]


def test_partner_who_answers_is_gone_from_the_preview_at_once(story: Any) -> None:
    cycle = story("two years at once")
    cycle.at("2026-03-03T08:00:00+01:00")
    before = previewed(cycle)
    assert (4, ["survey_reminder_1"]) in before

    cycle("survey answer 2026 --partner 4")

    thanks = (4, ["survey_thanks"])
    assert [each for each in previewed(cycle) if each != thanks] == [each for each in before if each[0] != 4]


def test_reminder_that_is_queued_already_does_not_go_to_who_has_answered(story: Any) -> None:
    cycle = story("two years at once")
    cycle.at("2026-03-03T08:00:00+01:00")
    tick(cycle.site)
    waiting = answered(cycle, "mail list --state queued")["mails"]
    (for_partner_4,) = [mail["id"] for mail in waiting if mail["partner"] == 4]

    cycle("survey answer 2026 --partner 4", at="2026-03-03T08:01:00+01:00")
    cycle(f"mail preview {for_partner_4}", code=4)
    cycle("run --once")

    ended = {mail["id"]: mail["state"] for mail in answered(cycle, "mail list")["mails"]}
    assert {number: ended[number] for number in (mail["id"] for mail in waiting)} == {
        mail["id"]: "cancelled" if mail["id"] == for_partner_4 else "sent" for mail in waiting
    }


def test_history_of_a_year_is_gapless_and_names_who_in_which_role_and_when(story: Any) -> None:
    cycle = story("the whole story")

    rows = list(csv.DictReader(io.StringIO(cycle("history list 2025 --csv").out.lstrip("\ufeff")), delimiter=";"))
    told = answered(cycle, "history list 2025")["entries"]

    assert [int(row["Nr im Jahr"]) for row in rows] == [entry["cseq"] for entry in told] == list(range(1, len(told) + 1))
    assert [int(row["Nr"]) for row in rows] == [entry["seq"] for entry in told]
    assert all(row["Zeitpunkt"] and row["Wer"] and row["Was"] for row in rows)
    everything = answered(cycle, "history list")["entries"]
    assert [entry["seq"] for entry in everything] == list(range(1, len(everything) + 1))
    steps = [entry for entry in told if entry["type"] in ("phase.advanced", "phase.returned")]
    assert [(s["data"]["from"], s["data"]["to"], s["data"]["round"], s["effective_on"]) for s in steps] == [
        ("planned", "status_analysis", 1, "2025-02-24"),
        ("status_analysis", "focus_theme", 1, "2025-06-03"),
        ("focus_theme", "round_table", 1, "2025-07-04"),
        ("round_table", "focus_theme", 2, "2025-07-18"),
        ("focus_theme", "round_table", 2, "2025-07-18"),
        ("round_table", "autumn_review", 1, "2025-09-15"),
        ("autumn_review", "measures", 1, "2025-11-24"),
        ("measures", "closed", 1, "2026-02-27"),
    ]
    assert {(s["actor"]["role"], s["actor"]["via"], s["data"]["workflow"]) for s in steps} == {
        ("coordinator", "cli", told[0]["data"]["workflow"])
    }
    assert [[each["check"] for each in s["data"]["checks"] if each["waived"]] for s in steps] == [[]] * 6 + [["A2"], []]


def test_intact_history_says_so(story: Any) -> None:
    cycle = story("the whole story")

    told = answered(cycle, "history verify", login="a.kraut")

    assert (told["intact"], told["problems"]) == (True, [])
    assert told["entries"] == len(answered(cycle, "history list")["entries"])


# What somebody does to the database behind the programme's back, and how far after the entry it shows (None: elsewhere).
CHANGES = {
    "a byte of an entry": ("UPDATE event SET body = replace(body, '2025-05-06', '2025-05-07') WHERE seq = {seq}", 0),
    "an entry taken out": ("DELETE FROM event WHERE seq = {seq}", 1),
    "a value of a table": ("UPDATE deadline SET planned = '2025-05-07' WHERE key = 'spring_meeting' AND cycle_id = 1", None),
    "the opening of a reason": ("UPDATE opening SET value = '\"anders\"' WHERE subject = 'event:{id}'", 0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_history_is_found_and_its_number_named(
    story: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    cycle = story("the whole story")
    moved = answered(cycle, "history list 2025 --type meeting.moved")["entries"][0]
    shell.close()
    tampered = tmp_path / "tampered"
    shutil.copytree(cycle.home, tampered)
    statement, after = CHANGES[change]
    behind_the_back(tampered / "cycle.db", statement.format(seq=moved["seq"], id=moved["id"]))

    with monkeypatch.context() as patch:
        patch.setenv("CYCLE_HOME", str(tampered))
        said = cycle("history verify", code=7)
        told = answered(cycle, "history verify", code=7)

    assert (said.out, told["intact"]) == ("", False)
    if after is not None:
        first = told["problems"][0]
        assert first["seq"] == moved["seq"] + after
        assert str(moved["seq"] + after) in first["sentence"]


def behind_the_back(database: Path, statement: str) -> None:
    """One statement past the triggers that guard the journal, which stand again afterwards."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount == 1
        for _, made_by in triggers:
            connection.execute(made_by)
