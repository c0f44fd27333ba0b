"""Making a site: nothing that is there already is touched, and only its own person acts."""

import os
import pwd
import sqlite3

import pytest
from postgres import named
from sqlmodel import select

from cycle.app.start import make_site
from cycle.cli import main, shell
from cycle.dates.records import Deadline
from cycle.errors import WrongInput
from cycle.journal.verify import verify


def entries(database):
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT seq, hash FROM event").fetchall()


def test_init_refuses_a_database_that_exists_and_leaves_it_as_it_is(tmp_path, empty_site, monkeypatch):
    database = empty_site / "cycle.db"
    before = entries(database)
    monkeypatch.setenv("CYCLE_DATABASE__URL", f"sqlite:///{database}")

    with pytest.raises(WrongInput) as refused:
        make_site(tmp_path / "other", sandbox=True, login="mallory")

    assert refused.value.key == "site_exists"
    assert entries(database) == before


def test_init_refuses_a_postgresql_database_that_has_a_site(tmp_path, postgres_url, empty_postgres, monkeypatch):
    monkeypatch.setenv("CYCLE_DATABASE__URL", named(postgres_url, empty_postgres))

    with pytest.raises(WrongInput) as refused:
        make_site(tmp_path / "other", sandbox=True, login="mallory")

    assert refused.value.key == "site_exists"


def test_outside_a_sandbox_the_actor_is_who_the_system_says_whatever_the_environment_tells(tmp_path, monkeypatch):
    monkeypatch.delenv("CYCLE_NOW", raising=False)
    monkeypatch.delenv("CYCLE_ACTOR", raising=False)
    own = pwd.getpwuid(os.getuid()).pw_name
    site = make_site(tmp_path / "home", sandbox=False, login=own)
    monkeypatch.setenv("LOGNAME", "boss")
    monkeypatch.setenv("USER", "boss")

    assert site.login == own
    assert verify(site.database).problems == ()
    site.database.dispose()


def test_without_a_folder_a_site_is_made_where_the_commands_look_for_it(tmp_path, monkeypatch, capsys):
    for name in ("CYCLE_NOW", "CYCLE_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    monkeypatch.setenv("CYCLE_HOME", str(tmp_path / "there"))
    codes = [main.run(["init"]), main.run(["people", "list"])]
    monkeypatch.delenv("CYCLE_HOME")
    codes += [main.run(["init"]), main.run(["people", "list"])]

    assert codes == [0, 0, 0, 0]
    assert [(tmp_path / name / "cycle.db").exists() for name in ("here", "there")] == [True, True]
    assert capsys.readouterr().err.count("cycle people list") == 2


def test_nobody_who_makes_a_site_is_called_as_the_programme_itself(tmp_path):
    with pytest.raises(WrongInput) as refused:
        make_site(tmp_path / "home", sandbox=True, login="service")

    assert (refused.value.key, (tmp_path / "home").exists()) == ("login_reserved", False)


def test_a_workflow_with_mistakes_leaves_no_database_behind(tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "workflows").mkdir(parents=True)
    (home / "workflows" / "integration.yaml").write_text("plan: {id: integration}\n", encoding="utf-8")

    with pytest.raises(WrongInput) as refused:
        make_site(home, sandbox=True, login="anybody")

    assert refused.value.key == "workflow_invalid"
    assert not (home / "cycle.db").exists()


def test_only_who_may_send_mail_can_run_the_service(cycle):
    cycle("start 2025")
    cycle('people add a.kraut --name "Albrecht Kraut" --role auditor')

    assert cycle("run --once", login="a.kraut", code=6).out == ""
    assert cycle("run --once", code=0).out == ""


def test_a_year_begun_in_the_middle_skips_what_belongs_to_earlier_phases(cycle):
    cycle("start 2025 --at autumn_review", at="2025-06-02T09:00:00+02:00")
    with shell.site().journal.reading() as session:
        rows = {row.key: row.status for row in session.exec(select(Deadline))}

    assert rows["round_table_invitation"] == "skipped_at_open"
    assert rows["round_table"] == "skipped_at_open"
    assert rows["review_request"] == "open"


def test_control_characters_are_refused_with_a_sentence(cycle):
    cycle("start 2025")

    said = cycle("history comment 2025 'a\x07b'", code=2)

    assert "kein Text" in said.err
