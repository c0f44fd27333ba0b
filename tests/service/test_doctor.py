"""`cycle doctor`: each thing is looked at by itself, and each fault names its remedy."""

import json
import socket
import sqlite3
import threading
from typing import Any

import pytest
from small_town import post_office, send_to, settle

from cycle.app.places import data_root
from cycle.cli import shell
from cycle.service.tick import keep_pulse


@pytest.fixture
def town(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("CYCLE_TEST_GUARD")
    return settle(cycle)


def found(cycle: Any, code: int = 0) -> dict[str, str]:
    """How bad each thing is that was looked at."""
    told = json.loads(cycle("doctor --json", code=code).out)
    assert told["schema"] == "cycle/doctor/1"
    return {each["key"]: each["health"] for each in told["findings"]}


def test_a_good_site_is_good(town: Any) -> None:
    assert found(town) == {
        "settings": "good",
        "sqlite": "good",
        "sandbox": "warning",
        "journal": "good",
        "no_anchors": "warning",
        "workflow": "good",
        "calendars": "good",
        "templates": "good",
        "maildir": "warning",
        "no_service": "warning",
        "years": "good",
    }


def test_a_good_site_is_told_in_german(town: Any) -> None:
    said = town("doctor")

    assert [line[0] for line in said.out.splitlines()] == list("✓✓!✓!✓✓✓!!✓")
    assert said.err == ""


def test_a_mail_server_that_answers_is_good_and_one_that_is_down_is_bad(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch):
        shell.close()
        up = found(town)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        send_to(monkeypatch, probe.getsockname()[1])
    shell.close()

    down = found(town, code=5)

    assert (up["server"], "server_down" in up) == ("good", False)
    assert (down["server_down"], "server" in down, down["journal"]) == ("bad", False, "good")


def test_a_server_without_a_name_and_a_sender_that_is_none_are_both_told(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_MAIL__TRANSPORT", "smtp")
    monkeypatch.setenv("CYCLE_MAIL__SENDER", "niemand")
    shell.close()

    said = town("doctor", code=5)

    bad = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert len(bad) == 2
    assert "niemand" in bad[0]
    assert "smtp.host" in bad[1]


def test_wrong_settings_are_told_with_their_place(town: Any) -> None:
    file = town.home / "config" / "cycle.toml"
    kept = file.read_text(encoding="utf-8")
    file.write_text(kept.replace("port = 587", 'port = "viele"').replace("\nhost =", "\nhosst ="), encoding="utf-8")
    shell.close()

    said = town("doctor", code=5)

    file.write_text(kept, encoding="utf-8")
    assert said.out.startswith("✗ ")
    assert "smtp.hosst" in said.out
    assert "smtp.host" in said.out
    assert "smtp.port" in said.out


def test_a_calendar_that_runs_out_is_a_warning_before_it_is_an_error(town: Any) -> None:
    town.at("2029-01-15T09:00:00+01:00")
    warned = found(town)
    (town.home / "config" / "calendars" / "calendar_bw.csv").write_text("kein Kalender", encoding="utf-8")
    shell.close()
    broken = found(town, code=5)

    assert warned["calendars"] == "warning"
    assert (broken["error"], broken["journal"], broken["years"]) == ("bad", "good", "good")


def test_a_template_that_cannot_be_written_is_bad(town: Any) -> None:
    own = town.home / "templates" / "mail" / "de" / "survey_invitation.txt.j2"
    own.write_text("{% block subject %}{{ nobody }}{% endblock %}{% block body %}{{ nothing }}{% endblock %}", encoding="utf-8")
    unknown = town("doctor", code=5)
    own.write_text("{% block subject %}{{ recipient.{% endblock %}", encoding="utf-8")
    broken = town("doctor", code=5)

    assert "survey_invitation" in unknown.out
    assert "nobody, nothing" in unknown.out
    assert f"Die Vorlage {own} hat in Zeile 1 einen Fehler" in broken.out


def test_a_layout_that_uses_an_unknown_name_is_bad(town: Any) -> None:
    own = town.home / "templates" / "mail" / "letter.html.j2"
    shipped = (data_root() / "templates" / "mail" / own.name).read_text(encoding="utf-8")
    own.write_text(f"{shipped}{{{{ logo }}}}", encoding="utf-8")
    unknown = town("doctor", code=5)
    own.write_text(f"{shipped}{{% if %}}", encoding="utf-8")
    broken = town("doctor", code=5)

    assert ("letter.html" in unknown.out, "logo" in unknown.out) == (True, True)
    assert f"Die Vorlage {own} hat in Zeile {len(shipped.splitlines()) + 1} einen Fehler" in broken.out


def test_a_changed_table_and_a_missing_database_are_bad(town: Any) -> None:
    shell.close()
    file = town.home / "cycle.db"
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE partner SET name = 'Verein Alb' WHERE number = 2")
    changed = found(town, code=5)
    shell.close()
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE partner SET name = 'Verein Alba' WHERE number = 2")
    file.rename(town.home / "weg.db")
    missing = found(town, code=5)
    (town.home / "weg.db").rename(file)

    assert changed["journal_broken"] == "bad"
    assert missing == {"settings": "good", "error": "bad"}


def test_a_service_that_fell_silent_is_a_warning(town: Any) -> None:
    with town.site.journal.machinery() as machinery:
        keep_pulse(town.site, machinery, beat_at=town.site.now(), holder="1-a")
    alive = found(town)
    town.at("2025-01-10T09:05:00+01:00")

    silent = found(town)

    assert (alive["service"], silent["service"]) == ("good", "warning")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "„HTTP/1.1 400 Bad Request“"),
        (b"\x00\xff\n", "„·"),
        (b"", "die Verbindung wurde ohne ein Wort beendet"),
        (b"554 no service here\r\n", "„554 no service here“"),
    ],
)
def test_what_answers_and_is_no_mail_server_is_told(
    cycle: Any, monkeypatch: pytest.MonkeyPatch, answer: bytes, problem: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def once() -> None:
            talk, _ = listening.accept()
            with talk:
                talk.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        send_to(monkeypatch, listening.getsockname()[1])
        shell.close()
        said = cycle("doctor", code=5).out
        thread.join()

    assert "antwortet etwas, aber kein Mailserver" in said
    assert problem in said
