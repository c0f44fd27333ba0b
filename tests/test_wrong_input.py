"""Wrong input of every kind: one clear sentence with its exit code, never a traceback, and nothing is changed."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from refusals import dump, refused, spoil
from small_town import PARTNERS, SAVE_THE_DATE, partner, send_to, settle, write_partners

from cycle.app.start import make_site
from cycle.cli import shell
from cycle.migrations import REVISIONS

SECONDS = 60


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


@pytest.fixture
def database(town: Any) -> Iterator[Path]:
    """The site's database, to be spoilt; put right again at the end."""
    file: Path = town.home / "cycle.db"
    shell.close()
    shutil.copyfile(file, town.home / "kept.db")
    yield file
    shell.close()
    shutil.copyfile(town.home / "kept.db", file)


# Years, days, words of the command line


def test_an_unknown_year_names_those_that_are_open(town: Any) -> None:
    assert refused(town, "status 2052", 4) == "Das Jahr 2052 gibt es nicht. Eröffnet sind: 2025\n"


def test_a_day_that_does_not_exist_is_no_day(town: Any) -> None:
    assert refused(town, 'hold 2025 --until 2025-02-30 --reason "Sommerpause der Stadt"', 2) == (
        "„2025-02-30“ ist kein Tag. Bitte als JJJJ-MM-TT angeben, zum Beispiel 2026-04-21.\n"
    )


def test_a_moment_that_is_none_is_told(town: Any) -> None:
    assert "„gestern“" in refused(town, "status 2025 --as-of gestern", 2)


def test_a_year_that_a_calendar_does_not_cover_is_not_ready(town: Any) -> None:
    said = refused(town, "start 2035", 5)

    assert said.startswith("Der Kalender „school“ kennt den 17.04.2035 nicht:")
    assert "2030" in said


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("foo", "Den Befehl „foo“ gibt es nicht."),
        ("date mov", "Den Befehl „mov“ gibt es nicht. Meinten Sie „move“?"),
        ("mail list --stat x", "Die Option --stat gibt es hier nicht. Meinten Sie --state, --template?"),
        ("mail list --zzz", "Die Option --zzz gibt es hier nicht."),
        ("mail list --partner", "Nach --partner fehlt die Angabe."),
        ("mail list --partner abc", "--partner muss eine Zahl sein."),
        ("start 99999", "YEAR darf höchstens 2200 sein."),
        ("mail forecast --days 0", "--days muss mindestens 1 sein."),
        ("measure update 2025 M-2025-01 --cost-actual -5", "--cost-actual muss mindestens 0 sein."),
        ("mail show 1 2", "Zu viel angegeben: 2."),
        ("hold 2025", "Es fehlt --until."),
        ("history export x --format nix", "--format kann nicht nix sein. Möglich: jsonl, csv, both."),
        ("mail forecast --ics /", "--ics: / ist ein Ordner, keine Datei."),
        ("history export x --with-openings=ja", "--with-openings steht allein, ohne Angabe dahinter."),
    ],
)
def test_a_command_line_that_cycle_does_not_understand_names_the_wrong_word(town: Any, line: str, problem: str) -> None:
    assert refused(town, line, 2) == f"So versteht cycle den Befehl nicht: {problem} Hilfe gibt --help.\n"


def test_a_command_line_that_is_not_understood_is_a_document_too(town: Any) -> None:
    said = town("partner show vier --json", code=2)

    assert (said.err, json.loads(said.out)) == (
        "",
        {
            "schema": "cycle/error/2",
            "exit": 2,
            "error": "usage",
            "sentence": "So versteht cycle den Befehl nicht: NR muss eine Zahl sein. Hilfe gibt --help.",
            "findings": [],
            "problems": [],
        },
    )


def test_an_unknown_login_may_nothing(town: Any) -> None:
    town.login("niemand")

    assert refused(town, "status 2025", 6).startswith("„niemand“ ist hier nicht eingetragen.")


# Files


def test_a_missing_column_is_named(town: Any, tmp_path: Path) -> None:
    file = write_partners(tmp_path / "partner.csv")
    spoil(file, ";Name;Art;", ";Bezeichnung;Art;")

    err = refused(town, f"partner import {file}", 2)

    assert "partner.csv" in err
    assert "fehlt: Name." in err


def test_a_file_that_is_not_there_is_not_found(town: Any, tmp_path: Path) -> None:
    assert str(tmp_path / "weg.csv") in refused(town, f"partner import {tmp_path / 'weg.csv'}", 4)


@pytest.mark.parametrize(
    "content", [bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"PK\x03\x04 kein Tabellenblatt", b"", b"\n"]
)
def test_a_file_that_is_no_table_is_wrong_input(town: Any, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bild.csv"
    file.write_bytes(content)

    assert "bild.csv" in refused(town, f"partner import {file}", 2)


def test_a_folder_in_place_of_a_file_is_told(town: Any, tmp_path: Path) -> None:
    before = dump(town)

    said = town(f"partner import {tmp_path}", code=None)

    assert said.code in (2, 4)
    assert str(tmp_path) in said.err
    assert dump(town) == before


def test_one_wrong_line_is_left_out_and_told_and_the_others_are_taken_once(town: Any, tmp_path: Path) -> None:
    wrong = partner(7, "Erle", **{"E-Mail": "keine Adresse", "Mitglied seit": "30.02.2020"})
    file = write_partners(tmp_path / "partner.csv", [*PARTNERS, partner(6, "Eibe"), wrong])

    said = town(f"partner import {file}", code=2)

    told = [line for line in said.err.splitlines() if line.startswith("Fehler")]
    assert [line.split(": ")[1] for line in told] == ["partner.csv:8", "partner.csv:8"]
    assert "Partner eingelesen: 1 neu, 0 geändert" in said.err
    before = dump(town)
    assert "Nichts Neues" in town(f"partner import {file}", code=2).err
    shell.close()
    assert dump(town) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"done.need_added: [", "hat in Zeile 1 einen Fehler."),
        (b'# unsere\ndone.need_added: "{title"', "hat in Zeile 2 einen Fehler."),
        (b'yes: "ja"\nyes: "jo"', "steht „yes“ zweimal, zuletzt in Zeile 2."),
        (b'yes: "f\xfcr"', "ist nicht lesbar: Sie muss Text in UTF-8 sein."),
    ],
)
def test_a_site_s_own_sentences_with_a_mistake_are_told_with_file_and_line(town: Any, content: bytes, said: str) -> None:
    shell.close()
    file = town.home / "templates" / "wording" / "de" / "eigene.yaml"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)

    answered = subprocess.run(
        [sys.executable, "-m", "cycle", "status", "2025"], capture_output=True, text=True, timeout=SECONDS, check=False
    )

    file.unlink()
    assert (answered.returncode, answered.stdout, len(answered.stderr.splitlines())) == (2, "", 1)
    assert answered.stderr.startswith(("Die Datei ", "In der Datei "))
    assert f"{file} mit eigenen Sätzen" in answered.stderr
    assert said in answered.stderr


# Databases


def test_a_database_of_a_newer_version_is_not_touched(town: Any, database: Path) -> None:
    with sqlite3.connect(database) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")

    for line in ("status 2025", "db upgrade", "run --once"):
        assert refused(town, line, 5).startswith("Die Datenbank (9999) gehört zu einer neueren Fassung des Programms")


def test_a_database_of_an_older_version_names_the_command(town: Any, database: Path) -> None:
    with sqlite3.connect(database) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0001'")

    assert refused(town, "status 2025", 5) == (
        f"Die Datenbank (0001) gehört zu einer älteren Fassung des Programms ({REVISIONS[-1]}). "
        "Bitte ausführen: cycle db upgrade\n"
    )


def test_an_empty_file_is_no_database(town: Any, database: Path) -> None:
    database.write_bytes(b"")

    assert town("status 2025", code=5).err == (
        f"{database} ist keine Datenbank von cycle (sie ist leer). Anlegen mit: cycle init\n"
    )


def test_a_text_file_is_no_database(town: Any, database: Path) -> None:
    database.write_text("kein SQLite\n" * 500, encoding="utf-8")

    assert town("status 2025", code=5).err.startswith(f"Die Datenbank {database} lässt sich nicht benutzen:")


def test_without_a_database_the_place_and_the_remedy_are_named(town: Any, database: Path) -> None:
    database.unlink()

    assert town("status 2025", code=5).err == (
        f"Die Datenbank {database} gibt es nicht. Ist das der Ordner des Standorts? Anlegen mit: cycle init\n"
    )
    assert not database.exists()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://localhost/cycle", 2),
        ("unsinn", 2),
        ("postgresql://", 5),
        ("postgresql+psycopg://niemand@127.0.0.1:1/nichts", 5),
        ("sqlite:////gibt/es/nicht/cycle.db", 5),
    ],
)
def test_a_wrong_database_url_is_told(town: Any, monkeypatch: pytest.MonkeyPatch, url: str, code: int) -> None:
    shell.close()
    with monkeypatch.context() as patch:
        patch.setenv("CYCLE_DATABASE__URL", url)

        said = town("status 2025", code=code)
        shown = town("config show", code=None)

    shell.close()
    assert shown.code in (0, 2)
    assert "Traceback" not in said.err
    assert len(said.err.splitlines()) == 1


def test_a_password_in_a_database_url_is_not_told(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.close()
    with monkeypatch.context() as patch:
        patch.setenv("CYCLE_DATABASE__URL", "mysql://wir:geheim@localhost/cycle")

        said = town("status 2025", code=2)

    shell.close()
    assert "geheim" not in said.err


def test_a_database_that_cannot_be_written_is_told(town: Any) -> None:
    shell.close()
    (town.home / "cycle.db-journal").mkdir()

    said = town("date confirm 2025 spring_meeting", code=5)

    shell.close()
    (town.home / "cycle.db-journal").rmdir()
    assert said.err.startswith(f"Die Datenbank {town.home / 'cycle.db'} lässt sich nicht benutzen:")


# Folders, clocks, pipes


def test_a_site_cannot_be_made_below_a_file(town: Any, tmp_path: Path) -> None:
    (tmp_path / "datei").write_text("im Weg")

    err = refused(town, f"init {tmp_path / 'datei' / 'standort'} --sandbox", 2)

    assert err.startswith(f"In {tmp_path / 'datei' / 'standort'} lässt sich nicht schreiben:")


def test_a_site_is_not_made_over_another(town: Any) -> None:
    assert refused(town, f"init {town.home} --sandbox", 2).startswith(f"In {town.home} gibt es schon einen Standort")


def test_a_document_cannot_be_filed_where_the_folder_is_a_file(town: Any, tmp_path: Path) -> None:
    folder = town.home / "documents"
    shutil.rmtree(folder)
    folder.write_text("im Weg")
    document = tmp_path / "protokoll.pdf"
    document.write_bytes(b"%PDF-1.4")

    err = refused(town, f"document file 2025 evidence --file {document}", 2)

    folder.unlink()
    assert str(town.home / "documents") in err


@pytest.mark.parametrize(("name", "value"), [("CYCLE_NOW", SAVE_THE_DATE), ("CYCLE_ACTOR", "j.weissenburger")])
def test_clock_and_actor_are_not_set_outside_a_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    home = tmp_path / "echt"
    make_site(home, sandbox=False, login="root").database.dispose()
    before = (home / "cycle.db").read_bytes()

    said = in_a_process("group", "list", CYCLE_HOME=str(home), **{name: value})

    assert said.returncode == 2
    assert said.stderr == (
        f"{name} ist gesetzt, aber dies ist kein Übungsraum: eine falsche Uhr wäre ein falscher Eintrag. "
        "Bitte die Variable entfernen.\n"
    )
    assert (home / "cycle.db").read_bytes() == before


def test_a_clock_that_is_none_is_told(town: Any) -> None:
    town.at("morgen")

    assert "„morgen“" in refused(town, "status 2025", 2)


def test_a_mail_server_that_is_down_is_told_in_one_sentence(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    send_to(monkeypatch, 1)
    shell.close()

    said = town("run --once", at=SAVE_THE_DATE, code=8)

    assert [line.partition(":")[0] for line in said.err.splitlines()] == [
        "Eingereiht",
        "Der Mailserver nimmt zurzeit nichts an",
    ]


def in_a_process(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CYCLE_")}
    return subprocess.run(
        [sys.executable, "-m", "cycle", *words],
        env=kept | {"CYCLE_LANGUAGE": "de"} | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("words", ["date list 2025", "status 2025 --json", "config show", "--help"])
def test_a_reader_that_goes_away_is_no_error(town: Any, words: str) -> None:
    shell.close()
    reading, writing = os.pipe()
    os.close(reading)

    process = subprocess.run(
        [sys.executable, "-m", "cycle", *words.split()],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    os.close(writing)
    assert (process.stderr, process.returncode) == ("", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("words", ["date list 2025", "status 2025 --json", "status 1999 --json"])
def test_output_that_finds_no_room_is_told_in_a_sentence(town: Any, words: str) -> None:
    shell.close()
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "cycle", *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    (line,) = process.stderr.splitlines()
    assert line.startswith("Die Ausgabe lässt sich nicht schreiben")
    assert process.returncode == 5


@pytest.mark.parametrize("closed", [1, 2])
def test_a_stream_that_is_closed_does_not_turn_success_into_failure(town: Any, closed: int) -> None:
    shell.close()

    process = subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m cycle date list 2025 {closed}>&-', sys.executable],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert (process.stderr, process.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("history list --type nope", 2, "--type nope gibt es nicht. Bekannt sind: check.waived, "),
        ("history list 2025 --type phase.advance", 2, "--type phase.advance gibt es nicht. Am nächsten kommen: phase.advanced"),
        ("mail log --template nix", 2, "--template nix gibt es nicht. Bekannt sind: "),
        ("mail list --template survey_reminde", 2, "--template survey_reminde gibt es nicht. Am nächsten kommen: survey_remin"),
        ("mail preview 2025 --held --template nix", 2, "--template nix gibt es nicht."),
        ("mail approve 2025 --template nix", 2, "--template nix gibt es nicht."),
        ("mail test a@b.de --template nix", 2, "--template nix gibt es nicht."),
        ("mail list --state sentt", 2, "--state sentt gibt es nicht. Am nächsten kommen: sent"),
        ("mail list --partner 99", 4, "Den Partner 99 gibt es nicht."),
        ("partner list --status aktiv", 2, "--status aktiv gibt es nicht. Am nächsten kommen: active"),
        ("partner list --group NG99", 4, "Die Netzwerkgruppe „NG99“ gibt es nicht."),
    ],
)
def test_what_is_chosen_by_a_word_that_does_not_exist_is_told_with_the_nearest(
    town: Any, line: str, code: int, sentence: str
) -> None:
    assert town(line, code=code).err.startswith(sentence)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            'partner edit 4 --mail "ä@ö.de"',
            "An „ä@ö.de“ kann kaum ein Mailserver senden: vor dem @ dürfen keine Umlaute stehen.",
        ),
        (
            'partner edit 4 --last-name "Zeile\neins"',
            "Die Angabe zu --last-name hat mehrere Zeilen; bitte in einer Zeile angeben.",
        ),
        (f"partner edit 4 --function {'x' * 201}", "Die Angabe zu --function hat 201 Zeichen; mehr als 200"),
        (f"partner edit 4 --function {'x' * 100_000}", "Eine Angabe hat 100000 Zeichen; mehr als 20000 nimmt kein Befehl."),
        (f"people add x.y --name {'x' * 201} --role deputy", "Die Angabe zu --name hat 201 Zeichen;"),
        ('people add x.y --name "Eins\nZwei" --role deputy', "Die Angabe zu --name hat mehrere Zeilen;"),
        (f'people change j.weissenburger --phone "{"1" * 300}" --reason Grund', "Die Angabe zu --phone hat 300 Zeichen;"),
    ],
)
def test_what_is_no_name_and_no_address_is_not_kept(town: Any, line: str, sentence: str) -> None:
    assert town(line, code=2).err.startswith(sentence)
