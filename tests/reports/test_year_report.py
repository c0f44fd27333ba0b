"""The reports for the council: of a year just begun, of hostile titles, of another plan; their words and their formulas."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_town import partner, write_partners
from test_dossier import HOSTILE, LONG, Outline

from cycle.app.places import data_root
from cycle.reports.actions.forms import escaped, in_a_cell
from cycle.reports.rules.bars import Value, chart
from cycle.reports.rules.figures import Better, closure, cooperation, measure_figures, need_figures
from cycle.reports.rules.paper import apart
from cycle.reports.rules.plan import Change, Mark, marked

ROOT = data_root()
HEBREW = "שלום עולם"
TURNING = "\u202etxt.exe"


@pytest.fixture
def town(cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A year that has just begun."""
    monkeypatch.chdir(tmp_path)
    cycle(f"partner import {write_partners(tmp_path / 'partners.csv', [partner(1, 'Amt'), partner(2, 'Boote')])}")
    cycle("start 2025")
    return cycle


def test_a_year_just_begun_says_honestly_what_is_not_yet(town: Any) -> None:
    shown = town("report year 2025").out

    for sentence in (
        "**Entwurf, Daten vom",
        "Ein Schwerpunktthema gibt es noch nicht.",
        "Auf die Bestandserhebung ist noch keine Antwort eingegangen.",
        "Eine Lückenanalyse liegt noch nicht vor.",
        "Was die Projekte kosten, ist noch nicht bekannt.",
        "Bedarfe sind noch nicht erfasst.",
        "Maßnahmen sind noch nicht erfasst.",
        "Ein Treffen hat noch nicht stattgefunden.",
        "Ein Gremium hat in diesem Jahr noch nichts entschieden.",
        "Offene Zusagen an den Rat sind nicht festgehalten.",
    ):
        assert sentence in shown, sentence
    assert Outline(town("report year 2025 --format html --to -").out).open == []
    assert "Zum Bestand ist noch nichts erhoben." in town("report plan").out


def test_a_year_that_declared_it_has_none_says_so(town: Any) -> None:
    town("need none 2025")
    town("measure none 2025")

    shown = town("report year 2025").out

    assert "Offene Bedarfe gab es nach ausdrücklicher Erklärung keine." in shown
    assert "Neue Maßnahmen waren nach ausdrücklicher Erklärung nicht nötig." in shown


def test_who_was_noted_as_present_was_there_and_who_only_registered_was_not(town: Any) -> None:
    town("meeting register 2025 spring --partner 1 --on-site 2")
    town("meeting register 2025 spring --partner 2 --online 1")
    town("meeting held 2025 spring --on-site 5 --online 0 --present 2", at="2025-04-29T19:00:00+02:00")

    shown = town("report year 2025").out

    assert "Als anwesend festgehalten ist eine Organisation; 100,0 % der aktiven Partner waren" in shown
    assert "anwesend eine Organisation, aktiv ein Partner; festgehalten bei 1 von 1 Treffen" in shown


def test_a_second_year_owes_what_was_carried_into_it_and_confirms_what_a_body_decided_before(town: Any) -> None:
    town('need add 2025 "Wohnungen" --field housing --source Netzwerktreffen')
    town('theme propose 2025 "Wohnen" --field housing --primary --valid-from 2025-01-01 --valid-to 2026-12-31 --need B-2025-01')
    town('theme decide 2025 T1 --body Gemeinderat --reference "GR 1" --on 2025-07-17', at="2025-07-18T09:00:00+02:00")
    town('need settle 2025 B-2025-01 --as carried --to 2026 --reason "Mittel fehlen"', at="2025-12-01T09:00:00+01:00")
    town("start 2026", at="2026-01-12T09:00:00+01:00")
    town("theme confirm 2026 T1")

    shown = town("report year 2026").out

    assert "Ein Bedarf stand an: einer ist noch offen." in shown
    assert "| 12.01.2026 | – | Wohnen | für dieses Jahr bestätigt; beschlossen am 17.07.2025 (Gemeinderat) | GR 1 |" in shown
    plan = town("report plan 2026").out
    assert "Gemeinderat, 17.07.2025, GR 1, Thema „Wohnen“ (am 12.01.2026 für dieses Jahr bestätigt)." in plan
    assert "für dieses Jahr bestätigt; beschlossen am 17.07.2025" in town("report decisions 2026").out
    town("report dossier 2026 --out dossier.html")
    assert "für dieses Jahr bestätigt; beschlossen am 17.07.2025" in Path("dossier.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["report year 2025", "report plan 2025"])
def test_titles_that_mean_no_good_stay_text_in_both_forms(town: Any, command: str) -> None:
    titles = [HOSTILE.replace('"', ""), "a | b || c", LONG, HEBREW, TURNING, "# Titel *fett* [hier](http://x) ~~weg~~"]
    for title in titles:
        town(f'measure add 2025 "{title}" --field housing --target-group families --owner 2 --due 2025-12-31')

    html = town(f"{command} --format html --to -").out
    text = town(command).out

    outline = Outline(html)
    assert (outline.open, outline.bare_headers, outline.fetched) == ([], 0, [])
    assert "<script" not in html
    assert "<script" not in text.replace("\\<script", "")
    assert "\u202e" not in html + text
    assert f"\u2068{HEBREW}\u2069" in html
    tables = re.findall(r"(?m)(?:^\|.*\n)+", text)
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1, table
    assert "a \\| b \\|\\| c" in text


def test_another_plan_has_its_reports_too(cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_PLAN", "toy")
    monkeypatch.chdir(tmp_path)
    cycle(f"init {tmp_path / 'toy'} --sandbox", at="2025-01-02T09:00:00+01:00")
    monkeypatch.setenv("CYCLE_HOME", str(tmp_path / "toy"))
    cycle("report plan", code=4)
    cycle("start 2025")

    assert Outline(cycle("report year 2025 --format html --to - --language en").out).open == []
    assert "There is no gap analysis yet." in cycle("report plan --language en").out


def test_a_report_goes_into_a_file_by_its_ending_and_over_nothing_but_an_earlier_one(town: Any) -> None:
    town("report year 2025 --to bericht.html")
    town("report year 2025 --to bericht.html")
    town("report year 2025 --format html")
    said = town("report year 2025 --to partners.csv --format md", code=2)

    assert Path("bericht.html").read_bytes() == Path("jahresbericht-integration-2025.html").read_bytes()
    assert "partners.csv" in said.err


def test_a_site_may_word_a_sentence_itself_and_a_mistake_in_it_is_named(town: Any) -> None:
    own = town.home / "templates" / "report" / "year" / "de" / "sentences.txt.j2"
    own.parent.mkdir(parents=True)
    shipped = (ROOT / "templates" / "report" / "year" / "de" / "sentences.txt.j2").read_text(encoding="utf-8")
    own.write_text(shipped.replace("Auf einen Blick", "Kurz gesagt"), encoding="utf-8")
    assert "## Kurz gesagt" in town("report year 2025").out

    own.write_text(shipped.replace("y.asked.answered", "y.asked.ansered", 1), encoding="utf-8")
    said = town("report year 2025", code=2)

    line = shipped[: shipped.index("y.asked.answered")].count("\n") + 1
    assert (str(own) in said.err, f"Zeile {line}" in said.err, "ansered" in said.err) == (True, True, True)


@pytest.mark.parametrize("report", ["year", "plan"])
def test_both_languages_have_every_sentence_and_label_that_is_asked_for(report: str) -> None:
    texts = {each: _template(report, each) for each in ("de", "en")}
    macros = {each: set(re.findall(r"macro (\w+)\(", text)) for each, text in texts.items()}
    labels = {each: set(re.findall(r'"(\w+)":', text)) for each, text in texts.items()}
    asked = _asked(ROOT / "cycle" / "reports" / "actions" / ("year" if report == "year" else "version.py"))

    assert macros["de"] == macros["en"]
    assert labels["de"] == labels["en"]
    assert {each for each in asked if each not in macros["de"] | labels["de"]} - {"target_groups", "fields"} == set()


def _template(report: str, language: str) -> str:
    return (ROOT / "templates" / "report" / report / language / "sentences.txt.j2").read_text(encoding="utf-8")


def _asked(place: Path) -> set[str]:
    """The names of sentences and labels that the code writes out."""
    found = set()
    for file in [place] if place.is_file() else sorted(place.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if (
                    node.func.attr in ("tell", "text", "label", "table")
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    found.add(str(node.args[0].value))
                if node.func.attr == "columns":
                    found |= {str(keyword.arg) for keyword in node.keywords if keyword.arg}
    return found


def measure(**values: Any) -> Any:
    told = {"year": 2025, "status": "running", "late": 0, "carry_count": 0, "owner": "A", "secured": "yes", "theme": None}
    return SimpleNamespace(**(told | {"needs": ()} | values))


def test_measures_are_counted_by_what_became_of_them() -> None:
    found = measure_figures(
        [
            measure(status="done"),
            measure(status="done", late=3, year=2024, theme="T1", needs=("B-1",)),
            measure(late=8, secured="no", carry_count=1),
            measure(status="dropped", owner=None, late=9),
            measure(status="unowned", owner=None, carry_count=2, secured=None),
        ],
        2025,
    )

    assert (found.all, found.new, found.done_on_time, found.done_late, found.late) == (5, 4, 1, 1, 1)
    assert (found.carried_once, found.carried_more, found.dropped, found.unowned) == (1, 1, 1, 1)
    assert (found.median_days_late, found.secured, found.linked_to_theme, found.linked_to_need) == (5, 6000, 2000, 2000)


def test_no_measures_give_no_shares() -> None:
    found = measure_figures([], 2025)

    assert (found.all, found.median_days_late, found.secured) == (0, None, None)


def test_the_parts_of_the_needs_make_up_all_of_them() -> None:
    needs = [
        SimpleNamespace(year=2025, status="open", carried_to=2026),
        SimpleNamespace(year=2024, status="open", carried_to=2025),
        SimpleNamespace(year=2025, status="partly_covered", carried_to=2026),
        SimpleNamespace(year=2025, status="rejected", carried_to=None),
    ]
    found = need_figures(needs, 2025)

    assert found.covered + found.partly_covered + found.carried + found.rejected + found.open == found.all == 4
    assert (found.carried, found.carried_on, found.open, found.age) == (1, 2, 1, {0: 3, 1: 1})


def test_a_gap_is_closed_when_it_is_rated_better_and_not_when_nobody_rates_it_any_more() -> None:
    before = {"field": {"work": "gap", "housing": "gap", "health": "expandable"}, "target_group": {"youth": "gap"}}
    now = {"field": {"work": "expandable", "housing": "gap", "health": "gap"}, "target_group": {"youth": "not_monitored"}}

    assert closure(2024, before, now).better == (Better("field", "work", "expandable"),)
    assert (closure(2024, before, now).gaps_before, closure(2024, before, now).share) == (3, 3333)
    assert closure(2024, {"field": {}}, now).share is None


def test_a_pair_is_new_when_nobody_knew_it_before() -> None:
    known = {frozenset({1, 2})}

    assert cooperation([{1, 2}, {3}], [{1, 2, 3}], known).new_pairs == 2
    assert cooperation([{1, 2}, {3}], [{1, 2, 3}], None).new_pairs is None
    assert cooperation([{1, 2}, {3}], [{1, 2, 3}], known).share == 6667
    assert cooperation([], [], None).share is None


def test_what_was_over_before_is_left_out_of_a_version() -> None:
    def need(status: str, title: str = "x") -> Any:
        return SimpleNamespace(status=status, title=title, carried_to=None, field="work")

    before: Any = {"1": need("covered"), "2": need("open"), "3": need("open"), "4": need("open")}
    now: Any = {"1": need("covered"), "2": need("covered"), "3": need("open"), "4": need("open", "y"), "5": need("open")}
    found = marked("needs", now, before)

    assert [each.mark for each in found] == [Mark.ENDED, None, Mark.CHANGED, Mark.NEW]
    assert found[2].changes == (Change("title", "x", "y"),)


def test_a_bar_keeps_within_the_picture_and_its_number_clear_of_the_edges() -> None:
    drawn = chart([("", [Value("a" * 40, 300, "3 %"), Value("b", 0, "0 %")])], [(500, "5 %"), (800, "8 %")])
    (group,) = drawn.groups

    assert [len(bar.label) for bar in group.bars] == [22, 1]
    assert all(bar.note_x > group.edges[-1].x for bar in group.bars)
    assert (group.bars[1].width, chart([("", [])]).groups[0].bars) == (0.0, ())


def test_text_of_others_turns_no_words_around_it_and_means_nothing_in_markdown() -> None:
    assert apart(TURNING) == "txt.exe"
    assert apart(HEBREW) == f"\u2068{HEBREW}\u2069"
    assert escaped("1. *a*\n# b") == "1\\. \\*a\\* \\# b"
    assert (escaped("- a"), in_a_cell("a|b")) == ("\\- a", "a\\|b")
