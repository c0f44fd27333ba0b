"""What a clumsy or hostile person tried: each ends in one sentence, and nothing is lost or half done."""

import json
import os
import sqlite3
from typing import Any

import pytest

from cycle.cli import shell

REASON = "--reason ausfuehrlicher-grund"


def changes(cycle: Any) -> int:
    with shell.site().journal.reading() as session:
        return int(session.connection().exec_driver_sql("SELECT count(*) FROM event").scalar_one())


def test_a_meeting_is_not_moved_into_the_past_even_by_force(cycle):
    cycle("start 2025", at="2025-01-10T09:00:00+01:00")

    said = cycle(f"date move 2025 spring_meeting 2025-01-02 {REASON} --force", code=2)

    assert "liegt schon zurück" in said.err


def test_a_cancelled_meeting_is_planned_again_by_a_new_day(cycle):
    cycle("start 2025")
    cycle(f"meeting cancel 2025 spring {REASON}")

    cycle(f"meeting move 2025 spring 2025-06-03 {REASON}")

    assert '"status": "planned"' in cycle("meeting show 2025 spring --json").out


def test_the_last_person_who_may_give_roles_cannot_go(cycle):
    before = changes(cycle)

    said = cycle(f"people leave j.weissenburger {REASON}", code=3)
    cycle(f"people change j.weissenburger --role coordinator {REASON}", code=3)

    assert "niemand mehr Rollen vergeben" in said.err
    assert changes(cycle) == before + 2  # the two refusals, nothing else
    assert "Koordination, Verwaltung" in cycle("people list").out


def test_a_person_needs_a_name_and_a_role_and_a_login_without_spaces(cycle):
    cycle('people add x --name "" --role head', code=2)
    cycle("people add x --name Xaver", code=2)
    cycle('people add "a b" --name Anna --role head', code=2)

    assert cycle("people list").out.count("\n") == 2


def test_only_an_ordinary_file_is_filed(cycle, tmp_path):
    cycle("start 2025")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert "keine gewöhnliche Datei" in cycle(f"document file 2025 theme_paper --file {pipe}", code=2).err
    assert "keine gewöhnliche Datei" in cycle("document file 2025 theme_paper --file /dev/zero", code=2).err


def test_a_year_out_of_range_is_wrong_input(cycle):
    assert "YEAR" in cycle("start 99999", code=2).err
    assert cycle("mail list --year 99999999999999999999", code=2).out == ""


@pytest.fixture
def tampered(cycle, monkeypatch):
    """A site whose cycle stands in a phase that its workflow has not."""
    cycle("start 2025")
    file = cycle.home / "cycle.db"
    shell.close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE cycle SET phase = 'nix'")
    yield cycle
    shell.close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE cycle SET phase = 'planned'")


def test_a_phase_that_was_written_past_the_journal_is_told_as_broken_history(tampered):
    for line in ("status 2025", "advance 2025", "run --once"):
        assert "cycle history verify" in tampered(line, code=7).err


def test_doctor_names_a_mail_folder_that_is_none(cycle):
    (cycle.home / "mail").rmdir()
    (cycle.home / "mail").write_text("no folder", encoding="utf-8")

    assert "ist kein Ordner" in cycle("doctor", code=5).out


def test_doctor_names_a_letter_that_cannot_be_read(cycle):
    (cycle.home / "templates" / "mail" / "de" / "letter.txt.j2").write_text("{% block", encoding="utf-8")

    assert "letter.txt.j2" in cycle("doctor", code=5).out


def test_the_numbers_of_a_year_s_history_are_those_that_show_takes(cycle):
    cycle("start 2025")
    cycle("date confirm 2025 spring_meeting")
    number = cycle("history list 2025").out.splitlines()[-1].split("\t")[0]

    shown = json.loads(cycle(f"history show {number} --json").out)

    assert shown["type"] == "date.confirmed"


def test_a_date_set_by_hand_that_its_anchor_takes_along_is_told(cycle):
    cycle("start 2025", at="2025-01-10T09:00:00+01:00")
    cycle(f"date move 2025 survey_due 2025-03-27 {REASON}")

    said = cycle(f"meeting move 2025 spring 2025-05-06 {REASON} --dry-run")

    assert "von Hand auf den 27.03.2025 gelegt" in said.err


def test_a_meeting_does_not_end_before_it_begins(cycle):
    cycle("start 2025")
    before = changes(cycle)

    said = cycle("meeting edit 2025 spring --at 18:00 --until 14:00", code=2)

    assert said.err == "Das Treffen würde um 14:00 enden, ehe es um 18:00 beginnt.\n"
    assert changes(cycle) == before


def test_a_speaker_is_told_of_which_group(cycle):
    cycle("group import config/demo/network_groups.csv")
    cycle("people add m.g --name Grün --mail m.g@example.de --role speaker --group NG1")
    cycle("start 2025")

    said = cycle("survey answer 2025 --partner 2 --projects 1", login="m.g", code=6)

    assert said.err == "m.g darf das nur für die eigene Gruppe (NG1).\n"


def test_who_asks_before_the_own_role_begins_is_told_the_day(cycle):
    cycle("start 2025", at="2025-01-10T09:00:00+01:00")

    said = cycle("status 2025", at="2024-12-01T09:00:00+01:00", code=6)

    assert "erst ab 09.01.2025 eine Aufgabe, und heute ist der 01.12.2024" in said.err


def test_the_future_is_no_past(cycle):
    cycle("start 2025", at="2025-01-10T09:00:00+01:00")

    said = cycle("status 2025 --as-of 2030-01-01", code=2)

    assert said.err.startswith("Der 01.01.2030 00:00 liegt in der Zukunft")


def test_a_file_where_a_folder_should_be_is_named(cycle, tmp_path):
    file = tmp_path / "eine-datei.csv"
    file.write_text("x", encoding="utf-8")

    said = cycle(f"demo {file}", code=5)

    assert said.err.startswith(f"{file}")
