"""What the command line shows is in the city's words: no column of a table, no id where there is a name, no day as a computer
has it."""

import json
from typing import Any

import pytest
from small_town import SAVE_THE_DATE, run, settle

from cycle.app.places import data_root
from cycle.cli import shell
from cycle.cli.changes import of_a_trial
from cycle.cli.row_names import row_names

MOVED = 'date move 2025 spring_meeting {} --reason "Halle belegt"'


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


def test_a_trial_run_tells_in_words_what_it_would_change(town: Any) -> None:
    said = town(f"{MOVED.format('2025-05-08')} --dry-run")

    assert [line for line in said.out.splitlines() if line.startswith("  ~ ")][-2:] == [
        "  ~ Termin „Phasenende Statusanalyse“: geplant: 28.05.2025 → 06.06.2025, Verlegungen: 0 → 1, "
        "verlegt mit: – → Netzwerktreffen Frühjahr",
        "  ~ Treffen „Netzwerktreffen“: laufende Nummer: 0 → 1",
    ]


def test_an_entry_tells_in_words_what_it_changed(town: Any) -> None:
    town(MOVED.format("2025-05-08"))
    last = json.loads(town("history list 2025 --json").out)["entries"][-1]["seq"]

    said = town(f"history show {last}")

    assert [line for line in said.out.splitlines() if line.startswith("~ ")][:3] == [
        "~ Termin „Netzwerktreffen Frühjahr“ Verlegungen: 0 → 1",
        "~ Termin „Netzwerktreffen Frühjahr“ geplant: 29.04.2025 → 08.05.2025",
        "~ Termin „Save the Date Netzwerktreffen“ verlegt mit: – → Netzwerktreffen Frühjahr",
    ]


def test_what_is_added_is_counted_in_a_trial_run_and_numbered_in_an_entry(town: Any) -> None:
    trial = town('need add 2025 "Ein Bedarf" --field education --source "Netzwerktreffen" --dry-run')
    town('need add 2025 "Ein Bedarf" --field education --source "Netzwerktreffen"')
    last = json.loads(town("history list 2025 --json").out)["entries"][-1]["seq"]

    assert trial.out == "  + Bedarf: 1\n"
    assert town(f"history show {last}").out.splitlines()[-1] == "+ Bedarf B-2025-01"


def test_an_id_is_named_by_the_list_it_is_of_as_two_lists_may_use_one_id(town: Any) -> None:
    town("status 2025")
    workflow = shell.site().workflow()

    told = of_a_trial(
        [
            {"change": "project", "id": 1, "fields": {"status": ["planned", "running"]}},
            {"change": "measure", "id": 2, "fields": {"status": ["running", None], "phase": ["planned", "measures"]}},
            {"change": "cycle", "id": 3, "fields": {"standing": ["open", "held"]}},
            {"change": "need", "id": 4, "fields": {"status": ["open", "open"], "title": ["planned", "open"]}},
        ],
        [workflow],
        {("need", 4): "B-2025-04"},
    )

    assert list(told) == [
        "~ Projekt 1: Status: geplant → laufend",
        "~ Maßnahme 2: Status: läuft → –, Phase: Vorbereitung → Maßnahmen",
        "~ Jahr 3: Stand: läuft → ausgesetzt",
        "~ Bedarf B-2025-04: Status: offen → offen, Titel: planned → open",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("meeting edit 2025 spring --venue Rathaus", "Netzwerktreffen ist geändert."),
        ("meeting add 2025 group_session --group NG1 --on 2025-10-09", "Sitzung der Netzwerkgruppe NG1 ist für den 09.10.2025"),
        ("meeting excuse 2025 spring --partner 2", "Die Entschuldigung für Netzwerktreffen ist eingetragen."),
        ("meeting cancel 2025 spring --reason 'Halle gesperrt'", "Netzwerktreffen ist abgesagt."),
        ("meeting agenda add 2025 spring Begrüßung --minutes 600", "! Das Programm von Netzwerktreffen geht über das Ende"),
        ("meeting agenda add 2025 spring Begrüßung", "Das Programm von Netzwerktreffen hat jetzt 1 Punkt."),
    ],
)
def test_what_was_done_with_a_meeting_is_told_with_its_label(town: Any, line: str, said: str) -> None:
    town(f"group import {data_root() / 'config/demo/network_groups.csv'}")

    assert said in town(line).err


def test_what_is_there_already_is_told_with_the_label_and_shown_by_a_command_that_works(town: Any) -> None:
    told = town("meeting edit 2025 spring --venue Stadthalle", code=2).err

    assert told.startswith("„Netzwerktreffen“ ist schon so eingetragen; es ändert sich nichts.")
    town(told.rpartition("zeigt: cycle ")[2].strip())


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "Deutschkurse", "Bedarf B-2025-01: Titel war Sprachkurse, ist jetzt Deutschkurse."),
        ("priority", "hoch", "Bedarf B-2025-01: Priorität war mittel, ist jetzt hoch."),
    ],
)
def test_what_was_corrected_is_told_in_words(town: Any, field: str, value: str, said: str) -> None:
    town("people add d.admin --name 'Dana Admin' --role admin")
    town("need add 2025 Sprachkurse --field education --source Netzwerktreffen")

    line = f"history correct 2025 need/B-2025-01 --field {field} --value {value} --reason Tippfehler"
    told = town(line, login="d.admin").err

    assert told.splitlines()[0] == said


def test_a_warning_names_a_date_as_the_plan_calls_it(town: Any) -> None:
    said = town(f"{MOVED.format('2025-05-10')} --dry-run")

    assert said.err.splitlines()[0] == (
        "! „Netzwerktreffen Frühjahr“ liegt am 10.05.2025 auf einem Tag, der gemieden werden soll: Wochenende. "
        "Prüfen Sie, ob ein anderer Tag möglich ist."
    )


def test_the_people_are_listed_with_the_names_of_their_roles(town: Any) -> None:
    assert town("people list").out.splitlines()[1].split("\t")[4] == "Koordination, Verwaltung"


def test_a_report_about_a_person_names_the_salutation(town: Any) -> None:
    assert [line for line in town("privacy report 4").out.splitlines() if line.startswith("Ansprechperson")] == [
        "Ansprechperson 5\tFrau, Anna, Cassia, Vorstand, cassia@verein.example.org, 030 23125 004"
    ]


def test_a_workflow_is_shown_in_words_where_it_is_not_the_files_own(town: Any) -> None:
    rows = [line.split("\t") for line in town("workflow show").out.splitlines()[1:]]

    assert {row[0] for row in rows} == {"Phase", "Termin", "Prüfung"}
    assert {row[1]: row[4] for row in rows if row[1] in ("closed", "S1", "S2")} == {
        "closed": "Endphase",
        "S1": "Pflicht",
        "S2": "erlassbar",
    }


def test_a_date_is_called_what_the_plan_that_is_spoken_of_calls_it(cycle: Any) -> None:
    for plan in ("inclusion", "integration"):
        cycle(f"start 2026 --plan {plan}", at="2026-01-12T09:00:00+01:00")

    told = [
        next(check for check in each["checks"] if check["check"] == "C3")["sentence"].partition(": ")[2]
        for each in json.loads(cycle("status --json").out)["cycles"]
    ]
    refused = [cycle(f"advance 2026{plan}", code=3).err for plan in (" --plan inclusion", "")]

    of_inclusion = "Abfrage Umsetzungsstand, Bewertungsworkshop, Beschluss Schwerpunkt, Stadtforum, Beschluss Gemeinderat."
    of_integration = (
        "Netzwerktreffen Frühjahr, Beschluss Schwerpunktthema (Ausschuss), Runder Tisch, "
        "Herbstrückblick: Abfrage Projekte, Sachstandsbericht im Ausschuss."
    )
    assert told == [of_inclusion, of_integration]
    assert [asked in " ".join(said.split()) for said, asked in zip(refused, told, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("date confirm 2025 spring", "Den Termin „spring“ gibt es"),
        ("meeting show 2025 survey_open", "Das Treffen „survey_open“ gibt es"),
    ],
)
def test_what_is_unknown_is_told_as_it_was_written_though_another_thing_has_that_id(town: Any, line: str, told: str) -> None:
    assert told in town(line, code=4).err


def test_who_is_added_is_told_with_the_roles_in_words(town: Any) -> None:
    town('people add admin --name "Tilo Brenner" --role admin')

    assert town("people add s.stell --name Stell --role deputy --role head --dry-run", login="admin").err.splitlines()[-1] == (
        "s.stell ist eingetragen: Stellvertretung, Amtsleitung."
    )


def test_a_whole_city_of_changed_rows_is_named_in_portions_that_either_database_takes(cycle_anywhere: Any) -> None:
    settle(cycle_anywhere)
    cycle_anywhere("status 2025")
    many = [{"change": "partner", "id": number, "fields": {}} for number in range(1, 70_001)]

    with cycle_anywhere.site.journal.reading() as session:
        assert row_names(session, many, []) == {("partner", number): str(number) for number in (1, 2, 3, 4, 5)}


def test_a_moved_date_is_told_with_its_days_and_with_the_others_that_moved(town: Any) -> None:
    town('date move 2025 theme_decision 2025-07-03 --reason "Ausschuss"')
    town('date move 2025 budget_request_due 2025-07-02 --reason "Kämmerei"')

    first, second = town("history list 2025 --last 2").out.splitlines()[1:]

    assert first.split("\t")[3] == (
        "Der Termin Beschluss Schwerpunktthema (Ausschuss) ist vom 26.06.2025 auf den 03.07.2025 verlegt, "
        "mit ihm: Vorlagenschluss Schwerpunktthema, Versand Sitzungsunterlagen (7 Tage)."
    )
    assert (
        second.split("\t")[3] == "Der Termin Mittelanmeldung Haushalt Folgejahr ist vom 30.06.2025 auf den 02.07.2025 verlegt."
    )


def test_an_entry_of_the_service_is_told_as_one_of_the_service(town: Any) -> None:
    run(town, SAVE_THE_DATE)
    last = json.loads(town("history list 2025 --json").out)["entries"][-1]["seq"]

    assert "Wer\tDienst\n" in town(f"history show {last}").out
