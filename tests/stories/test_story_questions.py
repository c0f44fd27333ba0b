"""Stories 17 to 21: what an auditor asks of Musterstadt's 2025, each one command."""

import contextlib
import csv
import hashlib
import io
import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_wording import ENTRY_TYPES

from cycle import __version__
from cycle.app.places import data_root
from cycle.cli import main, shell
from cycle.cli.telling import entry_sentence, labels_of, names_of
from cycle.cycles.records import workflows_of
from cycle.journal.history import Told, entries, written_by

RAW = re.compile(r"[{}]|\b[a-z]+\.[a-z_]+\b|p:[0-9a-f]{8}|finding\.|entry\.")


@dataclass(frozen=True)
class Said:
    """What a command line answered."""

    code: int
    out: str


Ask = Callable[..., Said]


@pytest.fixture(scope="module")
def whole(stage_folder: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The auditor's command line after the whole story; copied once, since nothing here writes."""
    home = tmp_path_factory.mktemp("asked") / "home"
    shutil.copytree(stage_folder("the whole story"), home, ignore=shutil.ignore_patterns("mail"))
    shell.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CYCLE_HOME", str(home))
        patch.setenv("CYCLE_NOW", "2026-03-10T09:00:00+01:00")
        patch.setenv("CYCLE_ACTOR", "a.kraut")
        yield ask
        shell.close()


def ask(line: str, code: int | None = 0) -> Said:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        answer = main.run(shlex.split(line), keep_open=True)
    assert code is None or answer == code, line
    return Said(answer, out.getvalue())


def answered(cycle: Ask, line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cycle(f"{line} --json").out)
    return found


def table(cycle: Ask, line: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(cycle(f"{line} --csv").out.lstrip("\ufeff")), delimiter=";"))


def test_the_auditor_learns_what_was_late_and_why_and_the_meeting_move_counts_once(whole: Ask) -> None:
    told = answered(whole, "report lateness 2025")

    late = {d["key"]: d["late_working_days"] for d in told["deadlines"] if d["late_working_days"]}
    assert late == {
        "survey_due": 5,
        "spring_minutes_due": 1,
        "theme_decision": 5,
        "theme_paper_due": 7,
        "review_due": 29,
        "group_sessions_due": 2,
        "autumn_review_due": 1,
        "measures_due": 7,
    }
    assert [(m["key"], m["from"], m["to"], len(m["followers"]), m["reason"]) for m in told["moves"]] == [
        ("spring_meeting", "2025-04-29", "2025-05-06", 7, "Stadthalle wegen Brandschutz gesperrt"),
        ("round_table", "2025-07-15", "2025-07-23", 1, "Thema erst am 03.07. beschlossen"),
        ("group_session/NG2", "2025-11-05", "2025-11-18", 0, "zu wenige Teilnehmende, vertagt"),
    ]
    assert {m["role"] for m in told["moves"]} == {"coordinator"}
    assert (told["late"], told["moved_dates"], len(told["deadlines"])) == (8, 10, 28)
    reasons = {d["key"]: d["reason"] for d in told["deadlines"]}
    assert reasons["theme_decision"].startswith("26.06.2025 Integrationsausschuss: nicht beschlussfähig")
    assert reasons["measures_due"] == "offen war M1 Maßnahmen vollständig"
    lines = table(whole, "report lateness 2025")
    assert [(line["Schlüssel"], line["AT zu spät"]) for line in lines] == [
        (d["key"], str(d["late_working_days"])) for d in told["deadlines"]
    ]
    assert "Zu spät: 8 von 28 Terminen. Verschiebungen: 3" in whole("report lateness 2025").out


def test_the_lateness_of_a_past_day_knows_nothing_of_later_ones(whole: Ask) -> None:
    told = answered(whole, "report lateness 2025 --as-of 2025-06-28")

    open_and_late = {d["key"]: d["late_working_days"] for d in told["deadlines"] if d["open"] and d["late_working_days"]}
    assert (open_and_late, [move["key"] for move in told["moves"]]) == ({"theme_decision": 1}, ["spring_meeting"])


def test_every_exception_is_told_with_who_and_why(whole: Ask) -> None:
    told = answered(whole, "report exceptions 2025")

    assert [(w["check"], w["phase"], w["name"], w["reason"]) for w in told["waivers"]] == [
        ("A2", "autumn_review", "Jana Weißenburger", "29 Vorhaben ohne Rückmeldung, darunter Partner 58 trotz drei Schreiben")
    ]
    assert [(o["type"], o["from"], o["to"], o["reason"]) for o in told["overrides"]] == [
        ("phase.returned", "round_table", "focus_theme", "Gemeinderat hat Titel und Laufzeit geändert")
    ]
    (held,) = answered(whole, "history list 2025 --type meeting.held")["entries"][:1]
    assert [(c["object"], c["field"], c["was"], c["now"], c["corrects"]) for c in told["corrections"]] == [
        ("meeting/spring", "on_site", 62, 64, held["seq"])
    ]
    assert [(u["templates"], len(u["untold"])) for u in told["untold"]] == [
        (["save_the_date_spring"], 1),
        (["theme_announcement"], 57),
    ]
    assert (told["never_told"], told["service_gaps"], len(told["moves"]), told["count"]) == ([], [], 3, 9)
    assert [(o["type"], o["name"]) for o in told["others"]] == [("mail.withheld", "Jana Weißenburger")]
    assert len(table(whole, "report exceptions 2025")) == 9


def test_who_was_told_and_who_was_not_is_one_answer(whole: Ask) -> None:
    subjects = {each["subject"]: each for each in answered(whole, "report informed 2025")["subjects"]}

    spring = subjects["date/spring_save_the_date"]
    assert (len(spring["by_mail"]), spring["by_letter"], spring["untold"]) == (56, [36], [{"partner": 23, "why": "bounced"}])
    assert "Jeden Partner hat mindestens ein Schreiben erreicht." in whole("report informed 2025").out


def test_decisions_stand_with_body_resolution_and_papers(whole: Ask) -> None:
    told = answered(whole, "report decisions 2025")

    assert [
        (d["body"], d["decided_on"], d["outcome"], d["reference"], [p["kind"] for p in d["papers"]]) for d in told["decisions"]
    ] == [
        ("committee", "2025-06-26", "failed_quorum", None, ["theme_paper"]),
        ("committee", "2025-07-03", "adopted", "Vorlage 2025/087", ["theme_paper", "budget_request"]),
        ("council", "2025-07-17", "adopted", "GR 2025/112", ["theme_paper", "budget_request"]),
        ("committee", "2026-01-29", "noted", "Vorlage 2026/009", ["report_draft"]),
    ]
    assert [(s["from"], s["to"], s["round"]) for s in told["steps"]][3] == ("round_table", "focus_theme", 2)
    assert len(table(whole, "report decisions 2025")) == 12


def test_three_letters_of_the_autumn_review_are_proved_with_address_wording_and_text(whole: Ask) -> None:
    found = answered(whole, "mail log 2025 --partner 58 --text")["deliveries"]

    to = "claudia.huebner@wirtschaftsforum.example.com"
    review = [each for each in found if each["templates"][0].startswith("autumn_review") and each["to"] == to]
    folder = data_root() / "templates" / "mail" / "de"
    assert [(each["templates"], each["state"]) for each in review] == [
        ([template], "sent") for template in ("autumn_review_request", "autumn_review_reminder", "autumn_review_overdue")
    ]
    assert [each["template_sha256"] for each in review] == [
        [hashlib.sha256((folder / f"{each['templates'][0]}.txt.j2").read_bytes()).hexdigest()] for each in review
    ]
    assert [hashlib.sha256(each["text"].encode()).hexdigest() for each in review] == [each["text_sha256"] for each in review]
    assert "Sehr geehrte Frau Hübner" in whole("mail log 2025 --partner 58 --text").out


def test_a_letter_that_came_back_is_told_with_its_day_and_the_address_of_then(whole: Ask) -> None:
    first, second = answered(whole, "mail log 2025 --partner 23")["deliveries"][:2]

    assert (first["state"], first["to"], [b["on"] for b in first["bounces"]]) == (
        "bounced",
        "vorstand-alt@alevi-kreis.example.org",
        ["2025-02-19"],
    )
    assert (second["to"], second["bounces"]) == ("zeynep.kocak@alevi-kreis.example.org", [])


def test_who_held_which_role_when_is_told_with_who_gave_it(whole: Ask) -> None:
    told = answered(whole, "people list --history")["roles"]

    assert [(r["name"], r["role"], r["from"], r["to"]) for r in told][:3] == [
        ("Jana Weißenburger", "coordinator", "2025-01-09", None),
        ("Jana Weißenburger", "admin", "2025-01-09", "2025-01-08"),
        ("Sabine Reinhardt", "deputy", "2025-01-09", None),
    ]
    early = answered(whole, "people list --history --as-of 2025-01-09T09:00:30")["roles"]
    assert [(r["role"], r["to"]) for r in early] == [("coordinator", None), ("admin", None), ("deputy", None)]


def test_no_entry_of_the_year_lacks_a_sentence_of_its_own(whole: Ask) -> None:
    with shell.site().reading() as (session, _):
        labels, names = labels_of(workflows_of(session)), names_of(session)
        told = {entry.seq: entry_sentence(entry, labels, names) for entry in entries(session)}

    assert len(told) > 1400
    assert {seq: sentence for seq, sentence in told.items() if RAW.search(sentence)} == {}
    assert not [sentence for sentence in told.values() if not sentence.endswith((".", "…"))]


def test_every_type_of_the_closed_list_has_a_sentence_of_its_own(whole: Ask) -> None:
    keys = {kind: shell.sentence(f"entry.{kind}") for kind in ENTRY_TYPES}

    assert {kind for kind, sentence in keys.items() if sentence.startswith("entry.")} == set()
    assert len(set(keys.values())) == len(ENTRY_TYPES)


def test_an_entry_from_before_the_habit_is_told_by_the_last_version_named(whole: Ask) -> None:
    with shell.site().reading() as (session, _):
        (found,) = list(entries(session, after=4, until=5))
        data = {name: value for name, value in found.data.items() if name != "software"}
        silent = Told(found.seq, found.hash, {**found.body, "data": data})

        assert written_by(session, [silent]) == {5: __version__}


@pytest.mark.parametrize("command", ["lateness", "exceptions", "informed", "decisions"])
def test_a_header_of_a_sheet_is_a_word_and_a_year_that_is_not_there_is_said(whole: Ask, command: str) -> None:
    header = whole(f"report {command} 2025 --csv").out.splitlines()[0]

    assert ("col." in header, header.count(";") > 4) == (False, True)
    assert answered_code(whole, f"report {command} 1999") == (4, "unknown_year")
    assert answered_code(whole, f"report {command} 2025 --as-of 2024-01-01") == (4, "nothing_recorded_then")


def answered_code(cycle: Ask, line: str) -> tuple[int, str]:
    said = cycle(f"{line} --json", code=None)
    return said.code, json.loads(said.out)["error"]
