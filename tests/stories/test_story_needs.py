"""A need of 2024 followed to its result in 2026, both ways; the list for the budget; what a new year takes over."""

import csv
import json
from typing import Any

import pytest
from played import played_once
from small_town import confirm_dates, mails, name_everybody, open_year, settle
from three_years import begin, end_the_first, first_year, into_the_second, into_the_third

COORDINATOR = "(Koordination)"
STOCK = """Nr;Zyklus;Bedarf;Handlungsfeld;Zielgruppe;Quelle;Status;Gemeldet am;Kosten EUR;Finanzierung gesichert
B-2024-01;2024;Wohnungen;Wohnen;Familien | Kinder;Netzwerktreffen;offen;16.04.2024;8500;nein
"""
DECEMBER = "2025-12-09T09:00:00+01:00"


def answered(cycle: Any, line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cycle(f"{line} --json").out)
    return found


def entries(cycle: Any) -> int:
    return len(answered(cycle, "history list")["entries"])


@played_once
def three(cycle: Any) -> Any:
    into_the_second(first_year(cycle))
    end_the_first(cycle)
    return into_the_third(cycle)


def record_gaps(cycle: Any, year: int, *, work: int = 0) -> None:
    """Nineteen projects for women in education, one for seniors in housing, and so many for youth at work."""
    file = cycle.home / f"projekte_{year}.csv"
    lines = [
        "Nr;Projekttitel;Träger Nr;Handlungsfelder;Zielgruppen;Richtung;Beginn;Ende;Status;Finanzvolumen EUR;Erhebungsjahr"
    ]
    first = year * 1000
    told = [("Bildung", "Frauen")] * 19 + [("Wohnen", "Senioren")] + [("Arbeit", "Jugendliche")] * work
    lines += [
        f"{first + n};Projekt {n};2;{field};{group};Zugewanderte;01.01.{year};;laufend;3000;{year}"
        for n, (field, group) in enumerate(told)
    ]
    file.write_text("\n".join(lines), encoding="utf-8-sig")
    cycle(f"project import {year} {file}")
    cycle(f"gap {year} --record")


def kinds(links: list[dict[str, Any]]) -> list[str]:
    return [each["kind"] for each in links]


def test_a_need_is_followed_over_three_years_to_its_result(cycle: Any) -> None:
    three(cycle)

    lines = cycle("need show 2026 B-2024-01").out.splitlines()

    assert lines == [
        "Bedarf B-2024-01: Praktikumsplätze ohne B1-Nachweis (Arbeit, Junge Erwachsene, Jugendliche; gedeckt)",
        "  gemeldet am 16.04.2024: Netzwerktreffen",
        "  Alter in Zyklen: 3, übertragen: 2-mal, Priorität hoch",
        "  Kosten: 6000 Euro, Mittel gesichert: nein",
        "  Beleg: Studie oder Beleg, studie.txt, vom 10.01.2025 (SHA-256 977aa5d3cbfd)",
        f"  13.01.2025: übertragen, weiter in 2025 {COORDINATOR}",
        "    Grund: keine Mittel",
        f"  09.12.2025: übertragen, weiter in 2026 {COORDINATOR}",
        "    Grund: Förderantrag läuft",
        f"  04.05.2026: gedeckt {COORDINATOR}",
        "    Grund: 31 Plätze vermittelt",
        "  Thema T1: Übergang in den Beruf (Arbeit, Schwerpunkt, 01.01.2024 bis 31.12.2025; beschlossen)",
        f"    20.05.2024: vorgeschlagen {COORDINATOR}",
        "      Grund: Lücke bei jungen Erwachsenen",
        "    20.06.2024: Integrationsausschuss, 1. Sitzung dazu: nicht beschlussfähig",
        "      anwesend 8 von 19, nötig 10",
        "      Grund: nicht beschlussfähig",
        "    04.07.2024: Integrationsausschuss, 2. Sitzung dazu: beschlossen, Vorlage 2024/071",
        "      anwesend 4 von 19, nötig 3",
        "  Maßnahme M-2024-01: Praktikumsbörse (umgesetzt, 100 %)",
        "    Federführung: Verein Alba (ALBA, Nr. 2)",
        "    Frist 30.06.2026, zuerst 31.12.2024",
        "    2-mal übertragen, nach 2025, 2026",
        "    Kosten: 6000 Euro, gesichert: nein",
        "    15.10.2024: läuft, 20 %",
        "      Zwei Betriebe gewonnen",
        "    04.05.2026: umgesetzt, 100 %",
        "      31 Plätze",
        "    Ergebnis: umgesetzt am 04.05.2026",
    ]
    cycle("people add a.pruef --name Prüferin --mail pruefung@stadt.example.org --role auditor", login="admin")
    assert cycle("need show 2026 B-2024-01", login="a.pruef").out.splitlines() == lines


def test_the_same_chain_is_read_from_the_theme_and_from_the_measure(cycle: Any) -> None:
    three(cycle)

    theme = answered(cycle, "theme show 2026 T1")
    measure = answered(cycle, "measure show 2026 M-2024-01")

    (need,) = [each for each in theme["chain"] if each["kind"] == "need"]
    (of_need,) = [each for each in need["below"] if each["kind"] == "measure"]
    assert (theme["target_groups"], kinds(theme["chain"])) == (
        ["young_adults"],
        ["proposed", "session", "session", "need"],
    )
    assert (need["number"], kinds(need["below"])) == ("B-2024-01", ["carried_on", "carried_on", "settled", "measure"])
    assert (of_need["number"], kinds(of_need["below"])[-1]) == ("M-2024-01", "done")
    assert [(each["kind"], each["number"], each.get("age")) for each in measure["came_from"]] == [
        ("from_need", "B-2024-01", 3),
        ("from_theme", "T1", None),
    ]


def test_the_chain_is_read_as_it_was_known_on_a_day(cycle: Any) -> None:
    three(cycle)

    then = answered(cycle, "need show 2024 B-2024-01 --as-of 2025-01-10T12:00")

    (measure,) = [each for each in then["chain"] if each["kind"] == "measure"]
    assert (then["age"], then["carry_count"], then["status"]) == (1, 0, "open")
    assert "carried_on" not in kinds(then["chain"])
    assert (measure["measure_status"], measure["percent"], kinds(measure["below"])) == (
        "running",
        20,
        ["owner", "due", "late", "money", "update"],
    )


def test_a_need_carried_twice_is_told_to_the_sponsor(cycle: Any) -> None:
    settle(cycle)
    name_everybody(cycle)
    stock = cycle.home / "bedarfe.csv"
    stock.write_text(STOCK, encoding="utf-8-sig")
    cycle(f"need import 2025 {stock}")
    assert [(n["number"], n["target_groups"], n["secured"]) for n in answered(cycle, "need list 2025")["needs"]] == [
        ("B-2024-01", ["families", "children"], "no")
    ]
    cycle('need settle 2025 B-2024-01 --as carried --to 2025 --reason "keine Mittel"')
    cycle("run --once")
    assert [each for each in mails(cycle) if "sponsor_note" in each["templates"]] == []

    cycle('need settle 2025 B-2024-01 --as carried --to 2026 --reason "immer noch keine"', at="2025-01-13T09:00:00+01:00")
    cycle("run --once")

    notes = [each for each in mails(cycle) if "sponsor_note" in each["templates"]]
    assert [(each["role"], each["level"], each["subject"]) for each in notes] == [
        ("sponsor", 4, "[IP-2025] Zum 2. Mal übertragen: Bedarf B-2024-01")
    ]


def test_the_list_for_the_budget_names_what_costs_money_and_for_which_it_is_not_there(cycle: Any) -> None:
    first_year(cycle)
    add = "need add 2024 {} --field housing --target-group families --source Bestandserhebung {}"
    cycle(add.format('"=Wohnungspool"', "--amount 4000"))
    cycle(add.format('"Sprachmittlung"', "--costs"))
    cycle(add.format('"Raum"', "--amount 0"))
    cycle(add.format('"Kurs"', "--amount 9000 --secured yes"))
    cycle(add.format('"Treffpunkt"', ""))
    file = cycle.home / "juni.csv"

    told = answered(cycle, f"need list 2024 --costs --csv {file}")
    said = cycle("need list 2024 --costs")

    assert [(n["number"], n["amount"], n["funded"], n["large"], n["measures"]) for n in told["needs"]] == [
        ("B-2024-01", 6000, False, True, ["M-2024-01"]),
        ("B-2024-02", 4000, False, False, []),
        ("B-2024-03", None, False, False, []),
        ("B-2024-05", 9000, True, True, []),
    ]
    assert {name: told[name] for name in ("edge", "total", "unfunded", "unknown", "large_unfunded")} == {
        "edge": 5000,
        "total": 19000,
        "unfunded": 10000,
        "unknown": ["B-2024-03"],
        "large_unfunded": ["B-2024-01"],
    }
    assert said.err.splitlines()[:4] == [
        "4 Bedarfe, zusammen 19000 Euro; davon nicht gesichert 10000 Euro.",
        "Betrag noch offen bei 1: B-2024-03.",
        "Weiter mit: cycle need cost 2024 B-2024-03 --amount … --reason …",
        "Über 5000 Euro und nicht gesichert: 1 (B-2024-01). Dafür reichen kleine Töpfe nicht; jetzt anmelden.",
    ]
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream, delimiter=";"))
    assert [row[:4] for row in rows[1:3]] == [
        ["B-2024-01", "Praktikumsplätze ohne B1-Nachweis", "6000", "nein"],
        ["B-2024-02", "'=Wohnungspool", "4000", "keine Angabe"],
    ]


def test_a_cost_that_becomes_known_later_is_added_and_puts_the_need_on_the_list(cycle: Any) -> None:
    begin(cycle)
    cycle('need add 2024 "Treffpunkt" --field housing --source Netzwerktreffen')
    cycle("need list 2024 --costs")

    cycle("need cost 2024 B-2024-01 --amount 7000", code=2)
    said = cycle('need cost 2024 b-2024-01 --amount 7000 --reason "Angebot liegt vor"')
    cycle('history correct 2024 need/B-2024-01 --field secured --value partly --reason "Spende"', login="admin")

    assert said.err.splitlines()[0] == "Der Bedarf B-2024-01 kostet 7000 Euro (vorher: –)."
    (need,) = answered(cycle, "need list 2024 --costs")["needs"]
    assert (need["amount"], need["secured"], need["large"]) == (7000, "partly", True)


def test_the_mail_before_the_budget_request_carries_that_list(cycle: Any) -> None:
    settle(cycle)
    name_everybody(cycle)
    cycle('need add 2025 "Wohnungspool" --field housing --source Netzwerktreffen --amount 9500')
    cycle('need add 2025 "Treffpunkt" --field housing --source Netzwerktreffen')

    cycle("run --once", at="2025-06-06T09:00:00+02:00")

    (mail,) = [each for each in mails(cycle) if "budget_ahead" in each["templates"]]
    text = cycle(f"mail show {mail['id']}").out
    assert "- B-2025-01: Wohnungspool, 9500 Euro" in text
    assert "Zusammen sind das 9500 Euro, davon nicht gesichert 9500 Euro." in text
    assert "Über 5000 Euro und nicht gesichert: B-2025-01." in text
    assert "Treffpunkt" not in text


def test_a_session_without_quorum_leaves_the_theme_open_and_names_the_day_of_the_second(cycle: Any) -> None:
    settle(cycle)
    confirm_dates(cycle)
    cycle('theme propose 2025 "Wohnen" --field housing --primary --valid-from 2025-01-01 --valid-to 2025-12-31')
    record = "decision record 2025 theme --theme T1 --body Integrationsausschuss --outcome failed_quorum"
    before = entries(cycle)

    cycle(f"{record} --present 12 --members 19 --needed 10", code=3)
    decide = 'theme decide 2025 T1 --body Integrationsausschuss --reference "Vorlage 1"'
    cycle(f"{decide} --present 8 --members 19 --needed 10", code=3)
    said = cycle(f"{record} --present 8 --members 19 --needed 10")
    cycle(f"{record} --present 8 --members 19 --needed 20", code=2)

    assert said.err.splitlines()[-1] == "Weiter mit: cycle date move 2025 theme_decision JJJJ-MM-TT --reason …"
    assert entries(cycle) == before + 3
    assert answered(cycle, "theme show 2025 T1")["status"] == "proposed"
    (decision,) = answered(cycle, "decision list 2025")["decisions"]
    assert (decision["outcome"], decision["present"], decision["members"], decision["needed"]) == ("failed_quorum", 8, 19, 10)
    cycle(f"{decide} --present 4 --members 19 --needed 3")
    assert answered(cycle, "theme show 2025 T1")["status"] == "decided"


def test_side_themes_stand_beside_the_one_primary_theme(cycle: Any) -> None:
    settle(cycle)
    span = "--field housing --valid-from 2025-01-01 --valid-to 2026-12-31"
    cycle(f'theme propose 2025 "Wohnen" --primary {span}')
    cycle(f'theme propose 2025 "Nachbarschaft" {span}')
    cycle(f'theme propose 2025 "Mieten" {span}')

    said = cycle(f'theme propose 2025 "Quartier" --primary {span}', code=3)

    assert "Lassen Sie --primary weg, wenn ein Nebenthema gemeint ist." in said.err
    assert [(t["number"], t["primary"], t["holds"]) for t in answered(cycle, "theme list 2025")["themes"]] == [
        ("T1", True, True),
        ("T2", False, False),
        ("T3", False, False),
    ]
    cycle('theme end 2025 T1 --body Gemeinderat --reason "zurückgezogen"', code=2)


def test_themes_are_suggested_from_the_recorded_gaps_and_the_needs_and_nothing_is_written(cycle: Any) -> None:
    settle(cycle)
    before = entries(cycle)
    said = cycle("theme suggest 2025", code=5)
    assert said.err.strip().endswith("Zuerst: cycle gap 2025 --record")

    file = cycle.home / "projekte.csv"
    lines = [
        "Nr;Projekttitel;Träger Nr;Handlungsfelder;Zielgruppen;Richtung;Beginn;Ende;Status;Finanzvolumen EUR;Erhebungsjahr"
    ]
    lines += [f"{n};Projekt {n};2;Bildung;Frauen;Zugewanderte;01.01.2025;;laufend;3000;2025" for n in range(1, 20)]
    lines += ["20;Projekt 20;2;Wohnen;Senioren;Zugewanderte;01.01.2025;;laufend;;2025"]
    file.write_text("\n".join(lines), encoding="utf-8-sig")
    cycle(f"project import 2025 {file}")
    cycle("gap 2025 --record")
    cycle('need add 2025 "Kurs" --field education --target-group women --source Netzwerktreffen')
    cycle('need add 2025 "Treffpunkt" --field work --target-group seniors --source Netzwerktreffen')
    written = entries(cycle)

    found = answered(cycle, "theme suggest 2025")["suggestions"]

    assert (before + 4, entries(cycle)) == (written, written)
    assert [(each["field"], each["status"], each["weight"]) for each in found[:2]] == [
        ("work", "gap", 6),
        ("culture_sport", "gap", 3),
    ]
    assert found[0]["reason"] == (
        "Im Handlungsfeld Arbeit liegen 0,0 % der Projekte (Lücke). Offen ist dort der Bedarf B-2025-02 „Treffpunkt“, "
        "Alter in Zyklen: 1. Betroffen: Senioren mit 5,0 % (ausbaufähig)."
    )
    assert found[0]["command"] == (
        'cycle theme propose 2025 "Arbeit" --field work --primary --valid-from 2025-01-01 --valid-to 2025-12-31'
        " --target-group seniors --need B-2025-02 --reason …"
    )
    gap = [each for each in answered(cycle, "need show 2025 B-2025-02")["chain"] if each["kind"] in ("gap", "cell")]
    assert [(each["fields"], each["target_groups"], each.get("gap_status"), each.get("count")) for each in gap] == [
        ("work", None, "gap", None),
        (None, "seniors", "expandable", None),
        ("work", "seniors", None, 0),
    ]


def test_a_need_shows_how_its_gap_stood_when_it_was_reported_and_how_it_stands_now(cycle: Any) -> None:
    settle(cycle)
    record_gaps(cycle, 2025)
    cycle('need add 2025 "Praktikum" --field work --source Netzwerktreffen')
    cycle("start 2026", at="2026-01-12T09:00:00+01:00")
    record_gaps(cycle, 2026, work=5)

    gaps = [each for each in answered(cycle, "need show 2026 B-2025-01")["chain"] if each["kind"] == "gap"]
    then = [each for each in answered(cycle, "need show 2025 B-2025-01")["chain"] if each["kind"] == "gap"]

    assert [(each["year"], each["share"], each["gap_status"]) for each in gaps] == [(2025, 0, "gap"), (2026, 2000, "covered")]
    assert then == gaps[:1]


def test_a_new_year_offers_what_the_last_left_and_takes_it_only_by_command(cycle: Any) -> None:
    into_the_second(first_year(cycle))
    end_the_first(cycle)
    cycle.at(DECEMBER)
    before = entries(cycle)

    told = answered(cycle, "start 2026 --dry-run")["takeover"]

    assert entries(cycle) == before
    assert told["needs"] == [
        {
            "number": "B-2024-01",
            "title": "Praktikumsplätze ohne B1-Nachweis",
            "way": "offered",
            "age": 3,
            "carry_count": 1,
            "command": "cycle need settle 2025 B-2024-01 --as carried --to 2026 --reason …",
        }
    ]
    (measure,) = told["measures"]
    assert (measure["owner"], measure["due"], measure["command"]) == (
        "ALBA",
        "2025-12-31",
        "cycle measure carry 2025 M-2024-01 --to 2026 --due 2026-12-31 --reason …",
    )
    assert (told["themes"], told["last_theme"]["number"], told["suggest"]) == ([], "T1", "cycle theme suggest 2026")

    cycle("start 2026")
    for each in (*told["needs"], *told["measures"]):
        cycle(each["command"].removeprefix("cycle ").replace("…", "Wohnungsmarkt"))

    then = answered(cycle, "status 2026 --takeover")
    assert [
        (each["number"], each["way"], each["carry_count"], each["command"]) for each in (*then["needs"], *then["measures"])
    ] == [
        ("B-2024-01", "carried", 2, None),
        ("M-2024-01", "carried", 2, None),
    ]


def test_what_a_cancelled_year_left_is_offered_to_the_next(cycle: Any) -> None:
    first_year(cycle)
    cycle("approve 2024 cancel", login="s.stell")
    said = cycle('cancel 2024 --yes --reason "Krisenjahr"', login="d.dez")
    assert said.err.splitlines()[-1] == "Weiter mit: cycle start 2025 --dry-run"

    out = cycle("start 2025", at="2025-01-13T09:00:00+01:00").out
    told = answered(cycle, "status 2025 --takeover")

    assert "2024 ist abgebrochen; seine Bedarfe und Maßnahmen werden hier angeboten." in out.splitlines()
    commands = [each["command"] for each in (*told["needs"], *told["measures"], *told["themes"])]
    assert commands == [
        "cycle need settle 2025 B-2024-01 --as carried --to 2025 --reason …",
        "cycle measure carry 2025 M-2024-01 --to 2025 --due 2025-12-31 --reason …",
        "cycle theme confirm 2025 T1",
    ]
    for command in commands:
        cycle(command.removeprefix("cycle ").replace("…", "Krisenjahr"))
    assert answered(cycle, "need list 2025 --open")["needs"][0]["number"] == "B-2024-01"


def test_nothing_goes_to_partners_before_the_day_that_the_picture_names_is_confirmed(cycle: Any) -> None:
    out = open_year(cycle)("status 2025 --takeover").out
    told = answered(cycle, "status 2025 --takeover")
    assert [(each["template"], each["day"], each["phase"], each["unconfirmed"]) for each in told["mails"]] == [
        ("save_the_date_spring", "2025-02-18", None, "spring_meeting"),
        ("survey_invitation", "2025-02-25", "status_analysis", "spring_meeting"),
        ("invitation_spring", "2025-03-25", None, "spring_meeting"),
    ]
    assert out.partition("Schreiben an Partner: ")[2].splitlines() == [
        "das erste frühestens am 18.02.2025. Die nächsten:",
        "  18.02.2025 Save the Date Netzwerktreffen: wartet, bis „Netzwerktreffen",
        "    Frühjahr“ bestätigt ist",
        "  25.02.2025 Bestandserhebung Versand: erst ab der Phase Statusanalyse",
        "  25.03.2025 Einladung Netzwerktreffen: wartet, bis „Netzwerktreffen Frühjahr“",
        "    bestätigt ist",
        "    → cycle date confirm 2025 spring_meeting",
    ]

    cycle("run --once", at="2025-02-18T09:00:00+01:00")
    before = [each for each in mails(cycle) if each["partner"] is not None]
    cycle("date confirm 2025 spring_meeting")
    cycle("run --once")

    assert before == []
    assert [each["partner"] for each in mails(cycle) if each["partner"] is not None] == [2, 3, 4]


def test_a_need_that_goes_on_is_told_with_its_state_and_its_year(cycle: Any) -> None:
    first_year(cycle)
    before = cycle("need show 2024 B-2024-01").out.splitlines()[0]
    cycle('need settle 2024 B-2024-01 --as partly_covered --to 2025 --reason "erste Plätze"')

    after = cycle("need show 2024 B-2024-01").out.splitlines()[0]
    of_theme = [line.strip() for line in cycle("theme show 2024 T1").out.splitlines() if "Bedarf" in line]

    named = "Bedarf B-2024-01: Praktikumsplätze ohne B1-Nachweis (Arbeit, Junge Erwachsene, Jugendliche; "
    assert (before, after) == (f"{named}offen)", f"{named}teilweise gedeckt, weiter in 2025)")
    assert of_theme == [after]


def test_a_doubtful_contact_and_an_empty_role_are_in_the_picture(cycle: Any) -> None:
    begin(cycle)
    cycle('mail bounce --partner 3 --reason "550 unbekannt"')

    told = answered(cycle, "status 2024 --takeover")

    assert told["doubtful"] == [{"number": 3, "name": "Verein Birke", "bounced": True}]
    assert [each["role"] for each in told["roles"]][:3] == ["coordinator", "head", "sponsor"]
    empty = [(each["role"], each["command"]) for each in told["roles"] if not each["persons"]]
    assert empty == [
        ("auditor", "cycle people add LOGIN --name … --role auditor"),
        ("speaker", "cycle people add LOGIN --name … --role speaker"),
    ]


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("need show 2024 B-2024-99", 4, "Den Bedarf B-2024-99 gibt es in diesem Jahr nicht."),
        ("need list 2024 --csv juni.csv", 2, "--csv gibt es hier nur für die Liste mit Kosten."),
        ("need list 2024 --costs --csv /nirgends/juni.csv", 2, "Die Datei /nirgends/juni.csv lässt sich nicht schreiben"),
        ("need add 2024 Kurs --field work --source Netzwerktreffen --costs --amount 0", 2, "zugleich 0 Euro"),
        ("need add 2024 Kurs --field work --source Netzwerktreffen --theme T9", 4, "Das Thema T9 gibt es nicht."),
        ("need add 2024 Kurs --field work --source Netzwerktreffen --target-group riesen", 2, "riesen"),
        ("need add 2024 Kurs --field work --source Netzwerktreffen --secured vielleicht", 2, "vielleicht"),
        ("document file 2024 evidence --of B-2024-77 --file partners.csv", 4, "B-2024-77 gibt es nicht."),
        ("status --takeover", 2, "Zu --takeover fehlt das Jahr."),
        ("theme show 2024 T7", 4, "Das Thema T7 gibt es nicht."),
    ],
)
def test_wrong_input_is_told_in_a_sentence_and_changes_nothing(cycle: Any, line: str, code: int, said: str) -> None:
    begin(cycle)
    before = entries(cycle)

    told = cycle(line.replace("partners.csv", str(cycle.home / "partners.csv")), code=code)

    assert said in told.err
    assert entries(cycle) == before
