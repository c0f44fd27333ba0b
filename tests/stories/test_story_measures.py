"""The review from list to promise: what a group has on the table, several views of a measure, what became of a promise."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from browser import faults, found, measured, violations

from cycle.inventory.records import reviews_of

STAGE = "measures to carry"  # Tuesday, 10 February 2026


@pytest.fixture
def town(story: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    return story(STAGE)


def answered(cycle: Any, line: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(cycle(f"{line} --json").out)
    return told


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_review_lists_hold_every_project_that_counts_and_every_open_measure_of_all_years(town: Any) -> None:
    parts = answered(town, "group review 2025")["parts"]

    projects = {each["number"]: each for part in parts for each in part["projects"]}
    measures = {each["number"]: each for part in parts for each in part["measures"]}
    open_ones = answered(town, "measure list 2025 --open")["measures"]
    assert [part["code"] for part in parts] == ["NG1", "NG2", "NG3", "NG4", "NG5", None]
    assert (len(projects), sum(each["reviewed_on"] is not None for each in projects.values())) == (125, 96)
    assert sorted(measures) == [each["number"] for each in open_ones]
    assert {"M-2024-03", "M-2025-11"} <= measures.keys()
    of_one = {
        part["code"]: [each["number"] for each in part["measures"]] for part in answered(town, "group review 2025 NG1")["parts"]
    }
    assert of_one == {"NG1": [each["number"] for each in parts[0]["measures"]]}


def test_carrier_has_a_list_of_its_own_as_a_table(town: Any) -> None:
    header, *rows = lines(town("group review 2025 --partner 4 --csv").out)

    assert header[:6] == ["Netzwerkgruppe", "Art", "Nr", "Titel", "Partner Nr", "Träger oder Federführung"]
    assert [(row[1], row[2], row[4], row[6], row[7], row[8], row[9]) for row in rows] == [
        ("Maßnahme", "M-2024-01", "4", "31.12.2025", "27", "1", "läuft"),
        ("Maßnahme", "M-2025-08", "4", "31.05.2026", "0", "0", "läuft"),
        ("Projekt", "96", "4", "14.10.2025", "1", "", "laufend"),
    ]


def test_no_cell_of_a_list_starts_a_formula(town: Any) -> None:
    town("measure add 2025 '=1+1' --owner 4 --due 2026-12-31 --indicator '@SUM(A1)' --target 3")

    review = [row[3] for row in lines(town("group review 2025 --partner 4 --csv").out)]
    listed = [(row[1], row[15]) for row in lines(town("measure list 2025 --owner 4 --csv").out)]

    assert "'=1+1" in review
    assert ("'=1+1", "'@SUM(A1)") in listed


def test_review_list_is_a_page_for_the_table_a_telephone_and_paper(town: Any, tmp_path: Path) -> None:
    town("measure add 2025 '<script>alert(1)</script>' --due 2026-12-31 --owner 4")
    town("group review 2025 --html")
    first = (tmp_path / "review-integration-2025.html").read_bytes()
    town("group review 2025 --html --out again.html")
    page = first.decode()

    assert (tmp_path / "again.html").read_bytes() == first
    assert ("<script>alert" in page, "&lt;script&gt;alert" in page, page.count("<section")) == (False, True, 6)
    frames = [(f"{width} {scheme}", width, scheme, page) for width in (360, 800) for scheme in ("light", "dark")]
    assert faults(measured(found(), tmp_path, [*frames, ("672 paper", 672, "light", page)]), least_size=9) == {}


def test_review_list_can_be_read_by_everybody(town: Any, tmp_path: Path) -> None:
    town("group review 2025 NG1 --html")

    page = (tmp_path / "review-integration-2025-NG1.html").read_text(encoding="utf-8")
    assert violations(found(), tmp_path, page) == []


@pytest.mark.parametrize(
    ("line", "code", "named"),
    [
        ("group review 2025 NG9", 4, "NG9"),
        ("group review 2025 --partner 999", 4, "999"),
        ("group review 2025 NG1 --partner 4", 2, "--partner"),
        ("group review 2025 --csv --html", 2, "--csv"),
        ("group review 2025 --out x.html", 2, "--out"),
        ("measure list 2025 --group NG9", 4, "NG9"),
        ("measure list 2025 --field Mond", 2, "Mond"),
        ("measure update 2025 M-2025-08 --cost-actual viel", 2, "--cost-actual"),
        ("measure update 2025 M-2025-08 --percent 101", 2, "101"),
        ("measure assess 2025 M-2025-08 --as gut", 2, "gut"),
        ("measure assess 2025 M-2025-08 --percent 40 --by-role Stammtisch", 2, "Stammtisch"),
        ("measure add 2025 Neu --due 2026-02-09", 2, "09.02.2026"),
        ('measure drop 2025 M-2025-08 --replaced-by M-2025-08 --reason "zu teuer"', 2, "M-2025-08"),
        ('followup add 2025 "Bericht" --body Gemeinderat --due 2026-02-09', 2, "--due"),
        ("followup done 2025 W-2025-01 --result Vorgelegt", 4, "W-2025-01"),
    ],
)
def test_wrong_use_is_one_sentence_and_changes_nothing(town: Any, line: str, code: int, named: str) -> None:
    before = answered(town, "history list --last 1")["entries"]

    said = town(line, code=code)

    assert (named in said.err, len(said.err.strip().splitlines()), said.out) == (True, 1, "")
    assert answered(town, "history list --last 1")["entries"] == before


def test_measure_tells_its_years_its_money_and_that_views_differ(town: Any) -> None:
    town("measure update 2025 M-2024-01 --percent 55 --cost-actual 9100 --secured applied --obstacles 'zu wenig Wohnungen'")
    town("measure update 2026 M-2024-01 --indicator 'vermittelte Familien' --target 8 --actual 3,5", code=0)
    town("measure assess 2026 M-2024-01 --as on_track --percent 55")
    said = town("measure assess 2026 M-2024-01 --as gefährdet --by-role Integrationsausschuss")

    told = answered(town, "measure show 2026 M-2024-01")
    assert "Die Sichten gehen auseinander: Koordination: auf gutem Weg, 55 %; Integrationsausschuss: gefährdet." in said.err
    assert [(each["year"], each["percent"], each["cost_actual"], each["told_by"]) for each in told["updates"]] == [
        (2025, 40, None, "Jana Weißenburger"),
        (2025, 55, 9100, "Jana Weißenburger"),
        (2026, 55, 9100, "Jana Weißenburger"),
    ]
    assert (told["cost"], told["cost_actual"], told["secured"], told["actual"], told["reached"]) == (
        8500,
        9100,
        "applied",
        "3.5",
        4375,
    )
    assert (told["due_first"], told["carry_count"], told["at_close"]) == ("2024-10-31", 1, "undecided")
    shown = town("measure show 2026 M-2024-01").out
    assert all(each in shown for each in ("Hindernisse: zu wenig Wohnungen", "43,8 %", "Die Bewertungen aus 2026 gehen"))


def test_partner_that_leaves_is_told_which_measures_it_leaves_behind(town: Any) -> None:
    said = town('partner leave 4 --reason "aufgelöst"')

    assert said.err.splitlines()[0].startswith("2 Maßnahmen haben damit keine Federführung mehr: M-2024-01, M-2025-08.")
    unowned = [each["number"] for each in answered(town, "measure list 2025 --unowned")["measures"]]
    assert unowned == ["M-2024-01", "M-2025-08", "M-2025-11"]
    assert "Maßnahmen ohne Federführung: 3 (cycle measure list 2025 --unowned)" in town("status 2025").out


def test_promise_is_reminded_of_seen_in_the_status_and_kept(town: Any) -> None:
    town(
        'followup add 2025 "Zahlen zu Sprachkursen" --body Gemeinderat --due 2026-02-20 --on 2026-01-29'
        ' --details "Frage von Stadträtin Aydın"'
    )
    before = town("status 2025").out
    town("run --once", at="2026-02-11T09:00:00+01:00")
    town("run --once", at="2026-02-23T09:00:00+01:00")
    late = answered(town, "followup list 2025")["followups"]
    town("followup done 2025 W-2025-01 --result 'am 23.02. vorgelegt'")
    town("run --once", at="2026-03-10T09:00:00+01:00")

    assert "W-2025-01 Zahlen zu Sprachkursen: bis 20.02.2026 zugesagt (noch 8 AT)" in before
    assert [(each["days_late"], each["details"]) for each in late] == [(1, "Frage von Stadträtin Aydın")]
    (mail,) = [
        each
        for each in answered(town, "mail list --year 2025")["mails"]
        if "escalation_overdue" in each["templates"] and each["due"] == "2026-02-23"
    ]
    assert (mail["state"], mail["role"], mail["level"]) == ("sent", "coordinator", 1)
    text = town(f"mail show {mail['id']}").out.partition("W-2025-01")[2]
    assert ("cycle followup done 2025 W-2025-01" in text, "cycle date move" in text, "Was fehlt:" in text) == (
        True,
        False,
        False,
    )
    kept = answered(town, "followup list 2026")["followups"]
    assert kept == []
    (told,) = answered(town, "followup list 2025")["followups"]
    assert (told["done_on"], told["result"], told["days_late"]) == ("2026-02-23", "am 23.02. vorgelegt", 1)
    assert "Zugesagt" not in town("status 2025").out


def test_auditor_reads_the_lists(town: Any) -> None:
    for line in ("group review 2025", "measure list 2025 --late", "followup list 2025"):
        assert town(line, login="a.kraut").code == 0
    assert town("measure assess 2025 M-2025-08 --percent 40", login="a.kraut", code=6).code == 6


def test_obstacles_of_a_project_are_kept_by_one_and_by_file_but_not_in_clear(town: Any, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text(
        "Projekt Nr;Beantwortet;Stand;Erreichte Personen;Hindernisse\n96;05.02.2026;laufend;31;Frau Yılmaz ist krank\n",
        encoding="utf-8",
    )
    town("project review 2025 1 --reached 12 --obstacles 'kein Raum'")
    town(f"project review 2025 --file {file} --until 2026-02-06")

    with town.site.reading(2025) as (session, about):
        reviews = reviews_of(session, about.cycle_id)
        kept = {number: (reviews[number].reached, reviews[number].obstacles) for number in (1, 96)}
        bodies = [body for (body,) in session.connection().exec_driver_sql("SELECT body FROM event")]
    assert kept == {1: (12, "kein Raum"), 96: (31, "Frau Yılmaz ist krank")}
    assert [body for body in bodies if "Yılmaz" in body or "kein Raum" in body] == []
    told = {each["number"]: each["reviewed_late"] for each in answered(town, "project list 2025")["projects"]}
    assert (told[1], told[96], list(told.values()).count(False) > 50) == (True, True, True)


def test_speakers_are_asked_again_for_an_owner_before_the_search_ends(town: Any) -> None:
    def asked() -> list[tuple[str, str]]:
        found = answered(town, "mail list --template task_unowned")["mails"]
        return [(each["due"], each["state"]) for each in found if each["due"] > "2026-01-01"]

    before = asked()
    town("run --once", at="2026-06-02T09:00:00+02:00")  # the search for an owner of M-2025-11 ends on 30 June

    assert before == []
    assert asked() == [("2026-06-02", "sent")] * 5
