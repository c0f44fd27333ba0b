"""What a clumsy or hostile person tried: each ends in one sentence, and nothing is lost or half done."""

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
    assert "coordinator, admin" in cycle("people list").out


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
