from datetime import date
from pathlib import Path

import pytest
from plan_of_musterstadt import City

from cycle.errors import WrongInput
from cycle.plan.actions.imports import Imported, import_measures, import_needs
from cycle.plan.records import dropped_in, measure_of, measures_all, need_of, needs_all

NEEDS = """Nr;Zyklus;Bedarf;Handlungsfeld;Zielgruppe;Quelle;Priorität;Status;Schwerpunktthema;Gemeldet am;Übertragungen
B-2024-01;2024;Praktikumsplätze;Arbeit;Junge Erwachsene;Netzwerkgruppe NG2;hoch;offen;;02.04.2024;
B-2024-02;2024;Schulung;Werte, Regeln und Normen;;Stadtseniorenrat;;übertragen;T1;16.04.2024;1
"""
MEASURES = (
    "Nr;Zyklus;Maßnahme;Handlungsfeld;Zielgruppe;Federführung Nr;Beteiligte Nr;Frist;Neue Frist;Status;Umsetzungsgrad %;"
    "Kosten EUR;Finanzierung gesichert;Abgeschlossen am;Übertragungen;Übertragen in Zyklus;Grund;Stand\n"
    "M-2024-01;2024;Wohnungspaten;Wohnen;Familien | Kinder;4;5, 6;31.10.2024;31.12.2025;läuft;20;"
    "8.500;ja;;1;2025;Wohnungsmarkt;10.01.2025\n"
    "M-2024-02;2024;Vereinsraum;Zusammenleben;Zugewanderte allgemein;;;31.12.2024;;entfallen;;"
    ";nein;;;;Ausschuss hat abgelehnt;10.01.2025\n"
)


def take(city: City, folder: Path, text: str, kind: str) -> Imported:
    file = folder / f"{kind}.csv"
    file.write_text(text, encoding="utf-8-sig")
    with city.entry(f"{kind}.imported", "2025-01-10") as (entry, about):
        return (import_needs if kind == "need" else import_measures)(entry, about, file)


def test_needs_are_taken_in_the_words_of_the_workflow(city: City, tmp_path: Path) -> None:
    found = take(city, tmp_path, NEEDS, "need")

    with city.reading("2025-01-10") as about:
        first, second = need_of(about.session, "B-2024-01"), need_of(about.session, "B-2024-02")
    assert found == Imported(("B-2024-01", "B-2024-02"), ())
    assert (first.source, first.source_group, first.status, first.target_group) == ("group", "NG2", "open", "young_adults")
    assert (first.reported_on, first.carried_to, first.carry_count) == (date(2024, 4, 2), None, 0)
    assert (second.source, second.status, second.priority, second.theme) == ("partner", "open", "medium", "T1")
    assert (second.carried_to, second.carry_count) == (2025, 1)


def test_measures_keep_first_and_new_date(city: City, tmp_path: Path) -> None:
    take(city, tmp_path, MEASURES, "measure")

    with city.reading("2025-01-10") as about:
        first, second = measure_of(about.session, "M-2024-01"), measure_of(about.session, "M-2024-02")
        gone_here = dropped_in(about.session, about.cycle_id)
    assert (first.due_first, first.due, first.due_since) == (date(2024, 10, 31), date(2025, 12, 31), date(2025, 1, 10))
    assert (first.target_groups, first.owner, first.partners, first.cost) == (["families", "children"], 4, [5, 6], 8500)
    assert (first.carry_count, first.carried_to, first.reason) == (1, [2025], "Wohnungsmarkt")
    assert (second.owner, second.status, second.percent, second.cost, second.secured) == (None, "dropped", 0, None, "no")
    assert gone_here == frozenset()


def test_second_import_adds_nothing(city: City, tmp_path: Path) -> None:
    take(city, tmp_path, NEEDS, "need")

    assert take(city, tmp_path, NEEDS, "need") == Imported((), ("B-2024-01", "B-2024-02"))


def test_every_wrong_cell_is_told_and_nothing_taken(city: City, tmp_path: Path) -> None:
    wrong = NEEDS.replace("Arbeit", "Freizeit").replace("02.04.2024", "31.02.2024").replace("B-2024-02", "2024-02")

    with pytest.raises(WrongInput) as error:
        take(city, tmp_path, wrong, "need")

    assert [(problem.line, problem.column, problem.key) for problem in error.value.problems] == [
        (2, "Handlungsfeld", "unknown_word"),
        (2, "Gemeldet am", "cell_no_day"),
        (3, "Nr", "cell_no_plan_number"),
    ]
    with city.reading("2025-01-10") as about:
        assert needs_all(about.session, "integration") == []


def test_wrong_measures_are_told_with_their_place(city: City, tmp_path: Path) -> None:
    wrong = MEASURES.replace(";4;5, 6;", ";4;5, 99;").replace(";20;", ";120;").replace("M-2024-02;2024", "M-2024-01;2026")

    with pytest.raises(WrongInput) as error:
        take(city, tmp_path, wrong, "measure")

    assert [(problem.line, problem.column, problem.key) for problem in error.value.problems] == [
        (2, "Beteiligte Nr", "cell_partner_unknown"),
        (2, "Umsetzungsgrad %", "cell_no_percent"),
        (3, "Nr", "cell_plan_number_twice"),
        (3, "Zyklus", "cell_later_year"),
    ]
    with city.reading("2025-01-10") as about:
        assert measures_all(about.session, "integration") == []


def test_money_and_indicator_of_a_measure_are_taken(city: City, tmp_path: Path) -> None:
    money, goal = "Kosten geplant EUR;Kosten bisher EUR;Finanzierung gesichert;Geldgeber", "Indikator;Einheit;Ziel;Ist"
    head = f"Nr;Zyklus;Maßnahme;Status;{money};{goal}"
    take(city, tmp_path, f"{head}\nM-2024-01;2024;Paten;läuft;8.500;900;beantragt;Stiftung;Paare;Paare;12;2,5\n", "measure")

    with city.reading("2025-01-10") as about:
        found = measure_of(about.session, "M-2024-01")
    assert (found.cost, found.cost_actual, found.secured, found.funding_source) == (8500, 900, "applied", "foundation")
    assert (found.indicator, found.indicator_unit, found.target, found.actual) == ("Paare", "Paare", "12", "2.5")


def test_target_that_is_no_number_is_told_with_its_place(city: City, tmp_path: Path) -> None:
    with pytest.raises(WrongInput) as error:
        take(city, tmp_path, "Nr;Zyklus;Maßnahme;Status;Indikator;Ziel\nM-2024-01;2024;Paten;läuft;Paare;viele\n", "measure")

    assert [(each.line, each.column, each.key) for each in error.value.problems] == [(2, "Ziel", "not_decimal")]
