"""Stories 11 and 20 on paper: Musterstadt's 2025 for the council, and the version of the plan that came of it."""

import csv
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from browser import faults, found, measured, violations
from test_story_questions import Ask, answered, ask

from cycle.app.places import data_root
from cycle.cli import shell

DEMO = data_root() / "config" / "demo"
DATA = Path(__file__).parents[1] / "data"
EXPECTED = json.loads((DATA / "expected_2025.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def council(stage_folder: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The sponsor's command line after the whole story, in a folder of its own; nothing here writes to the site."""
    base = tmp_path_factory.mktemp("council")
    shutil.copytree(stage_folder("the whole story"), base / "home", ignore=shutil.ignore_patterns("mail"))
    shell.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(base)
        patch.setenv("CYCLE_HOME", str(base / "home"))
        patch.setenv("CYCLE_NOW", "2026-03-10T09:00:00+01:00")
        patch.setenv("CYCLE_ACTOR", "d.steinhilber")
        yield ask
        shell.close()


@pytest.fixture(scope="module")
def told(council: Ask) -> dict[str, Any]:
    return answered(council, "report year 2025")


@pytest.fixture(scope="module")
def page(council: Ask) -> str:
    return council("report year 2025 --format html --to -").out


@pytest.fixture(scope="module")
def text(council: Ask) -> str:
    return council("report year 2025").out


def test_the_figures_are_those_of_the_year(told: dict[str, Any]) -> None:
    survey, gap, figures = EXPECTED["survey"], EXPECTED["gap"], told["figures"]

    assert (told["schema"], told["final"], told["as_of"]) == ("cycle/report-year/1", True, "2026-02-27")
    assert figures["response"] == {
        "invited": survey["invited"],
        "answered": survey["answered"],
        "usable": survey["usable"],
        "late": survey["late"],
        "neutral": 0,
        "gross": round(survey["gross"] * 10_000),
        "net": round(survey["net"] * 10_000),
    }
    assert figures["funding"] == {
        "known": gap["funding_known"],
        "unknown": gap["funding_unknown"],
        "small": round(gap["funding_le_5000_share"] * 10_000),
        "median": gap["funding_median"],
        "total": gap["funding_total"],
    }
    assert (figures["gap_closure"], told["caution"]) == (None, False)


def test_needs_and_measures_are_counted_as_they_stand_at_the_close(told: dict[str, Any]) -> None:
    year = [number for number in EXPECTED["needs"] if number.startswith("B-2025")]
    carried_in = {each["id"] for each in EXPECTED["carried"] if each["id"].startswith("B-2024")}
    settled = [*year, *sorted(carried_in), "B-2024-02", "B-2024-04"]
    needs = Counter(EXPECTED["needs"][number]["status"] for number in settled)
    figures = told["figures"]

    assert {name: figures["needs"][name] for name in ("all", "new", "covered", "partly_covered", "rejected")} == {
        "all": len(settled),
        "new": len(year),
        "covered": needs["covered"],
        "partly_covered": needs["partly_covered"],
        "rejected": needs["rejected"],
    }
    assert (figures["needs"]["carried"], figures["needs"]["open"]) == (needs["open"], 0)
    assert figures["needs"]["carried_on"] == sum(EXPECTED["needs"][number]["carried_to"] == 2026 for number in settled)
    assert figures["needs"]["age"] == {"0": len(year), "1": len(settled) - len(year)}
    assert figures["measures"]["carried_once"] + figures["measures"]["carried_more"] == len(EXPECTED["at_close"]["carried"])
    assert figures["measures"]["dropped"] == len(EXPECTED["at_close"]["dropped"])
    assert (figures["measures"]["done_on_time"], figures["measures"]["done_late"]) == (6, 1)
    assert (figures["measures"]["median_days_late"], told["unowned_measures"]) == (21, ["M-2025-11"])
    assert sum(figures["measures"]["by_status"].values()) == figures["measures"]["all"] == 27


def test_lateness_moves_and_waivers_are_those_of_the_year_and_a_move_counts_once(told: dict[str, Any]) -> None:
    late = {line["key"]: line["late_working_days"] for line in told["late"] if line["late_working_days"]}

    assert late == {key: each["late_wd"] for key, each in EXPECTED["dates"].items() if each["late_wd"]}
    assert told["figures"]["punctuality"] == {
        "dates": 28,
        "late": len(late),
        "moves": 3,
        "moved_dates": len(EXPECTED["moved"]),
        "back_steps": 1,
        "waivers": len(EXPECTED["waivers"]),
    }
    assert [each["check"] for each in told["waivers"]] == [each["check"] for each in EXPECTED["waivers"]]


def test_who_came_and_what_was_written_is_counted_with_what_was_corrected_later(told: dict[str, Any]) -> None:
    sessions = sum(EXPECTED["group_sessions"].values())
    attendance, mail = told["figures"]["attendance"], told["figures"]["mail"]
    reminders = sum(m["recipients"] for m in EXPECTED["mails"] if m["about"] == "survey_due" and m["cycle"] == 2025)

    assert attendance["on_site"] == int(EXPECTED["addendum"]["now"]) + 41 + sessions
    assert (attendance["online"], attendance["at_least"], attendance["organisations"]) == (123, True, None)
    assert (mail["reminders"], mail["bounced"]) == (reminders, 1)
    assert mail["reminders_per_answer"] == round(reminders / 41 * 10_000)


def test_it_holds_all_that_a_council_asks_for(text: str) -> None:
    for sentence in (
        "**Endgültig, Stand 27.02.2026**",
        "An der Bestandserhebung haben 41 von 58 Partnern teilgenommen (70,7 %); 40 Antworten waren verwertbar (netto 69,0 %).",
        "78,7 % der Projekte mit bekanntem Finanzvolumen kommen mit höchstens 5.000 € aus",
        "wurde am 24.11.2025 erlassen: 29 Vorhaben ohne Rückmeldung, darunter Partner 58 trotz drei Schreiben.",
        "Ohne Federführung, gesucht wird weiter: M-2025-11 „MINT-Mentorinnen“.",
        "| Netzwerktreffen; 7 Termine folgten | 29.04.2025 | 06.05.2025 | Stadthalle wegen Brandschutz gesperrt |",
        "Vor Ort: 62 wurde am 04.03.2026 auf 64 berichtigt: Teilnahmeliste nachgereicht.",
        "Neue Partnerschaften lassen sich noch nicht zählen, weil es keine frühere Erhebung gibt.",
        "Offene Zusagen an den Rat sind nicht festgehalten.",
    ):
        assert sentence in text, sentence


def test_every_sentence_of_the_page_is_in_the_text_and_back(page: str, text: str) -> None:
    plain = re.sub(r"\\(.)", r"\1", text)
    body = page[page.index("<main") : page.index("</main>")]
    told = re.findall(r"<(?:p|li|h[23]|caption|th|td)\b[^>]*>([^<]+)<", body)
    sentences = {" ".join(unescape(each).split()) for each in told} - {""}

    assert len(sentences) > 200
    assert {each for each in sentences if each not in plain} == set()


@pytest.mark.parametrize(("command", "form"), [("report year 2025", "html"), ("report plan 2025", "md")])
def test_the_same_history_gives_the_same_bytes_on_a_later_day(
    council: Ask, monkeypatch: pytest.MonkeyPatch, command: str, form: str
) -> None:
    first = council(f"{command} --format {form} --to -").out
    monkeypatch.setenv("CYCLE_NOW", "2026-05-04T12:00:00+02:00")

    assert council(f"{command} --format {form} --to -").out == first


@pytest.mark.parametrize("login", ["a.kraut", "d.steinhilber", "j.weissenburger"])
def test_auditor_sponsor_and_coordinator_read_the_reports(council: Ask, monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    monkeypatch.setenv("CYCLE_ACTOR", login)

    assert council("report year 2026 --json").code == council("report plan --json").code == 0


def test_a_running_year_is_a_draft_and_says_what_is_not_yet(council: Ask) -> None:
    shown = council("report year 2026").out

    for sentence in (
        "**Entwurf, Daten vom 04.03.2026**",
        "Die Fortschreibung 2026 läuft noch, Phase „Statusanalyse“",
        "Eine Lückenanalyse liegt noch nicht vor.",
        "Ein Treffen hat noch nicht stattgefunden.",
        "11 Bedarfe standen an: 4 sind teilweise gedeckt und 7 sind noch offen.",
    ):
        assert sentence in shown, sentence
    assert "Vorsicht" not in shown  # while the survey runs nobody knows its response


def test_as_of_a_day_of_the_year_it_tells_what_was_known_then(council: Ask) -> None:
    shown = council("report year 2025 --as-of 2025-07-10").out

    assert "**Entwurf, Daten vom 10.07.2025**" in shown
    assert "Schwerpunktthema ist „Bildung“, gültig bis 31.12.2025 (Integrationsausschuss, 03.07.2025" in shown


def test_it_speaks_english_too(council: Ask) -> None:
    shown = council("report year 2025 --language en").out

    assert "41 of 58 partners answered the survey (70.7 %); 40 answers were usable (net 69.0 %)." in shown
    assert "Fortschreibung" not in shown


def test_a_version_of_the_plan_marks_what_is_new_changed_and_ended(council: Ask) -> None:
    version = answered(council, "report plan 2025")
    measures = {each["number"]: each for chapter in version["chapters"] for each in chapter["measures"]}

    assert (version["version"], version["year"], version["final"]) == (1, 2025, True)
    assert (version["as_of"], version["since"]) == ("2026-02-27", "2025-01-10")
    assert (measures["M-2024-02"]["mark"], measures["M-2024-02"]["changes"]) == ("ended", {"status": ["running", "done"]})
    assert (measures["M-2024-03"]["mark"], measures["M-2024-03"]["changes"]) == (
        "changed",
        {"due": ["2024-12-31", "2026-12-31"]},
    )
    assert (measures["M-2025-01"]["mark"], measures["M-2025-01"]["changes"]) == ("new", {})
    assert "M-2024-04" not in measures  # done before the year began
    done = {number for number, each in EXPECTED["measures"].items() if each["status"] in ("done", "dropped")}
    assert {number for number, each in measures.items() if each["mark"] == "ended"} <= done
    fields = {chapter["field"]: chapter["state"]["status"] for chapter in version["chapters"] if chapter["field"]}
    assert fields == EXPECTED["gap"]["field_status"]


def test_the_next_version_is_a_draft_compared_with_the_last(council: Ask) -> None:
    version = answered(council, "report plan")
    since = answered(council, "report plan 2026 --since 2025")

    assert (version["version"], version["year"], version["final"], version["since"]) == (2, 2026, False, "2026-02-27")
    assert version == since
    assert not [each for chapter in version["chapters"] for each in chapter["measures"] if each["status"] == "done"]
    assert (
        "| **GEÄNDERT** M-2024-03 | Praktikumsbörse mit Betrieben; Frist: 31.12.2025 → 31.12.2026 |"
        in council("report plan 2025 --since 2025-06-01").out
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("report year 2031", 4),
        ("report year 2025 --format word", 2),
        ("report year 2025 --language fr", 2),
        ("report year 2025 --to bericht.docx", 2),
        ("report year 2025 --as-of 2031-01-01", 2),
        ("report plan 2025 --since 2026", 5),
        ("report plan 2025 --since 2026-03-01", 2),
        ("report plan 2025 --since irgendwann", 2),
        ("report plan --plan nowhere", 4),
    ],
)
def test_what_cannot_be_told_is_refused_and_leaves_no_file(council: Ask, line: str, code: int) -> None:
    before = sorted(Path.cwd().iterdir())

    assert council(line, code=None).code == code
    assert sorted(Path.cwd().iterdir()) == before


def test_both_reports_fit_a_telephone_a_desk_and_paper_and_axe_finds_nothing(council: Ask, page: str, tmp_path: Path) -> None:
    plan = council("report plan 2025 --format html --to -").out
    frames = [
        (f"{name} {width} {scheme}", width, scheme, shown)
        for name, shown in (("year", page), ("plan", plan))
        for width, scheme in ((360, "light"), (800, "dark"))
    ]

    assert faults(measured(found(), tmp_path, frames), least_size=9) == {}
    assert violations(found(), tmp_path, page) == []
    assert violations(found(), tmp_path, plan) == []


@pytest.mark.long
def test_the_pdf_is_read_back_and_is_the_same_every_time(council: Ask) -> None:
    pytest.importorskip("weasyprint", reason="the extra `pdf` is not installed", exc_type=OSError)
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here: Debian's poppler-utils will do")
    for name in ("one", "two"):
        council(f"report year 2025 --to {name}.pdf")
    read = subprocess.run(["pdftotext", "-layout", "one.pdf", "-"], check=True, capture_output=True, text=True).stdout

    assert Path("one.pdf").read_bytes() == Path("two.pdf").read_bytes()
    first = " ".join(read.split("\f")[0].split())
    assert "Zu 7 Treffen kamen zusammen 160 Personen vor Ort und mindestens 123 online." in first
    assert {"Anteil an den Projekten", "Maßnahmen nach Stand"} <= set(
        re.findall(r"Anteil an den Projekten|Maßnahmen nach Stand", first)
    )
    assert read.count("\f") <= 6


def letter(council: Ask, partner: int) -> str:
    """What a partner was told at the end of the year."""
    sent = answered(council, f"mail log 2025 --partner {partner} --text")["deliveries"]
    (closing,) = [each for each in sent if "cycle_closed" in each["templates"]]
    return str(closing["text"])


def test_the_result_letter_tells_each_partner_what_became_of_its_own_input(council: Ask) -> None:
    school, youth = letter(council, 2), letter(council, 3)

    for sentence in (
        "Schwerpunktthema war „Bildungsgerechtigkeit“. Dazu gibt es 8 Maßnahmen, eine davon ist umgesetzt.",
        "- M-2025-02 „Sprachmittlung an Elternabenden“: läuft, Frist 31.03.2026",
        "- M-2025-18 „Lernort Bibliothek am Samstag“: läuft, Frist 30.04.2026",
    ):
        assert sentence in school, sentence
    assert "M-2025-02" not in youth
    assert "- M-2025-04 „Mitternachtssport Bergfeld“: läuft, Frist 30.06.2026" in youth


def test_a_need_is_told_to_the_group_that_reported_it_and_in_the_reader_s_language(council: Ask) -> None:
    partners = [each for each in answered(council, "partner list")["partners"] if each["status"] == "active"]
    mailed = [each for each in partners if each["channel"] == "mail" and each["number"] != 1]  # 1: the organiser
    of_group = next(each["number"] for each in mailed if "NG2" in each["groups"])
    beside = next(each["number"] for each in mailed if not {"NG1", "NG2"} & set(each["groups"]))
    english = next(each["number"] for each in mailed if each["language"] == "en")

    reported = "- B-2025-03 „Ausbildungscoaching über das erste Lehrjahr hinaus“: offen, geht in das Jahr 2026 ein"
    assert reported in letter(council, of_group)
    assert "Bedarfe, die Ihre Netzwerkgruppe eingebracht hat" not in letter(council, beside)
    assert 'The theme was "Bildungsgerechtigkeit". There are 8 measures for it, one is done.' in letter(council, english)


def pairs_of(file: Path) -> set[frozenset[str]]:
    """Every two organisations that a file of projects names for the same project; number 54 went into 53 meanwhile."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    return {pair for row in rows for pair in together([row["Träger Nr"], *row["Kooperation mit Nr"].split(",")])}


def together(numbers: list[str]) -> set[frozenset[str]]:
    kept = sorted({"53" if number.strip() == "54" else number.strip() for number in numbers} - {""})
    return {frozenset(pair) for pair in combinations(kept, 2)}


def test_the_second_year_is_compared_with_the_first(story: Any) -> None:
    cycle = story("the whole story")
    expected = json.loads((DATA / "expected_2026.json").read_text(encoding="utf-8"))
    cycle(f"survey import 2026 {DEMO / 'survey_2026.csv'} --until 2026-03-25", at="2026-03-25T09:00:00+01:00")
    cycle("survey close 2026")
    cycle(f"project import 2026 {DATA / 'projects.csv'}")
    cycle("gap 2026 --record")

    figures = json.loads(cycle("report year 2026 --json").out)["figures"]

    measures = json.loads(cycle("measure list 2026 --json").out)["measures"]
    known = pairs_of(DEMO / "projects_2025.csv")
    known |= {pair for each in measures for pair in together([str(each["owner"] or ""), *map(str, each["partners"])])}
    assert figures["gap_closure"] == {"compared_with": 2025, "gaps_before": 4, "better": [], "share": 0}
    assert figures["funding"]["small"] == round(expected["funding_le_5000_share"] * 10_000)
    shared = figures["cooperation"]["projects_together"], figures["cooperation"]["projects"]
    assert shared == (round(expected["cooperation_share"] * expected["projects"]), expected["projects"])
    assert figures["cooperation"]["new_pairs"] == len(pairs_of(DATA / "projects.csv") - known)
    assert "Von 4 Lücken des Jahres 2025 ist keine kleiner geworden (0,0 %)." in cycle("report year 2026").out
