"""The gap analysis of a second city: in JSON, as a table, as a page; recorded once, compared with the year before."""

import json
import re
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from browser import faults, found, measured, violations
from second_city import FIELDS, GROUPS, HOSTILE, LONG, ROWS, city, projects, workflow

from cycle.adapters.templates import Letters
from cycle.app.places import data_root
from cycle.inventory.records import snapshot_of
from cycle.inventory.rules.gap import Scope
from cycle.reports.actions.gap_page import drawn
from cycle.reports.actions.gap_words import GapWords, labels_of
from cycle.reports.records.gap import counted_gap
from cycle.reports.rules.gap import told as read
from cycle.wording import read as words_of

__all__ = ["city"]

NOTHING_NEW = {"closed": [], "kept": [], "gone": [], "new": []}


def told(city: Any, options: str = "", year: int = 2025) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(city(f"gap {year} {options} --json").out)
    return answer


def page(city: Any, options: str = "", year: int = 2025) -> str:
    city(f"gap {year} --html page.html {options}")
    return Path("page.html").read_text(encoding="utf-8")


def test_another_city_is_rated_by_its_own_words_thresholds_and_bands(city: Any) -> None:
    answer = told(city)

    assert answer["target_group_share"] == {"crew": 0.6, "old": 0.2, "anyone": 0.1, "guests": 0.1, "young": 0.0}
    assert answer["target_group_status"] == {
        "crew": "covered", "old": "covered", "anyone": "not_monitored", "guests": "expandable", "young": "gap",
    }  # fmt: skip
    assert answer["field_status"] == {"sea": "covered", "land": "covered", "sky": "expandable", "river": "gap"}
    assert (answer["target_group_focus"], answer["field_focus"]) == (["crew"], ["sea"])
    assert answer["funding_bands"] == {"none": 1, "b1": 1, "b2": 1, "b3": 1, "unknown": 1}
    assert answer["matrix_full_count"]["crew"] == {"sea": 4, "land": 0, "sky": 1, "river": 0}
    assert len(answer["matrix_empty"]) == 14
    assert answer["labels"] == {"target_groups": GROUPS, "fields": FIELDS}
    assert (answer["caution"], answer["recorded"], answer["as_of"]) == (True, None, "2025-03-17")


def test_what_was_recorded_is_shown_until_counting_now_is_asked_for(city: Any) -> None:
    city("gap 2025 --record")
    kept = told(city)
    city.at("2025-03-20T09:00:00+01:00")
    city(f"project import 2025 {projects(Path('more.csv'), [*ROWS, ('river', 'young', 'laufend', '', '')])}")

    assert told(city) == kept
    assert (kept["recorded"], kept["projects"]) == ("2025-03-17", 5)
    assert [told(city, "--now")[name] for name in ("recorded", "projects", "as_of")] == [None, 6, "2025-03-20"]
    assert told(city, "--scope active")["recorded"] is None
    assert told(city, "--as-of 2025-03-17T08:00")["recorded"] is None


def test_what_was_known_on_an_earlier_day_can_be_recorded_with_that_day_as_its_date(city: Any) -> None:
    city.at("2025-03-20T09:00:00+01:00")
    city(f"project import 2025 {projects(Path('more.csv'), [*ROWS, ('river', 'young', 'laufend', '', '')])}")

    city("gap 2025 --record --as-of 2025-03-18")

    answer = told(city)
    assert (answer["recorded"], answer["as_of"], answer["projects"]) == ("2025-03-20", "2025-03-18", 5)


def test_a_dry_run_shows_it_and_leaves_nothing(city: Any) -> None:
    before = city("history list --json").out

    city("gap 2025 --record --dry-run")

    assert (city("history list --json").out, told(city)["recorded"]) == (before, None)


def test_the_next_year_is_compared_word_by_word_and_says_which_came_and_went(city: Any) -> None:
    city("gap 2025 --record")
    fields = {word: label for word, label in FIELDS.items() if word != "river"} | {"moon": "Mond"}
    workflow(city.home, fields=fields, gap="gap: {gap_below_percent: 5, funding_bands_eur: []}")
    city("start 2026", at="2026-01-12T09:00:00+01:00")
    rows = [*ROWS, ("sky", "young | guests", "laufend", "", "4"), ("sky", "young | guests", "laufend", "", "")]
    city(f"project import 2026 {projects(Path('next.csv'), [(*row[:4], row[4].replace('4', '1')) for row in rows], 2026)}")

    city("gap 2026 --record")

    changed = told(city, year=2026)["compared"]
    assert changed["field"] == NOTHING_NEW | {
        "before": {"sea": 0.7, "land": 0.2, "sky": 0.1},
        "status_before": {"sea": "covered", "land": "covered", "sky": "expandable"},
        "added": ["moon"],
        "removed": ["river"],
        "gone": ["river"],
    }
    assert {name: changed["target_group"][name] for name in NOTHING_NEW} == NOTHING_NEW | {"closed": ["young"]}
    assert (changed["year"], changed["gap_closure"], changed["new_pairs"], changed["other_rule"]) == (2025, 1.0, 0, True)
    drawn = unescape(page(city, year=2026))
    for sentence in (
        f"Von den Lücken des Jahres 2025 ist 1 von 1 geschlossen (100,0\N{NO-BREAK SPACE}%): {HOSTILE}.",
        "Gegenüber 2025 neu in den Listen und deshalb ohne Vergleich: Mond.",
        f"Gegenüber 2025 nicht mehr in den Listen: {LONG}.",
        "Die Schwellen der Bewertung waren 2025 andere",
    ):
        assert sentence in drawn


def test_a_year_that_is_over_says_that_projects_may_have_moved_on(city: Any) -> None:
    city("gap 2025 --record", at="2026-01-12T09:00:00+01:00")

    (first, *_) = told(city)["notes"]

    assert first.startswith("Am 12.01.2026 war das Jahr vorbei")
    assert "--as-of" not in " ".join(told(city, "--as-of 2025-04-01")["notes"])


def test_needs_without_money_are_kept_with_the_snapshot(city: Any) -> None:
    for title, amount in (("Steg", 12_000), ("Boje", 5_000), ("Kran", 9_000)):
        city(f"need add 2025 {title} --field land --source Netzwerktreffen --amount {amount}")
    numbers = [need["number"] for need in json.loads(city("need list 2025 --json").out)["needs"]]
    city(f"measure add 2025 Kranbau --field land --need {numbers[2]} --secured yes")
    city("need add 2025 Damm --field land --source Netzwerktreffen --amount 8000 --secured yes")

    city("gap 2025 --record")

    assert told(city)["needs_unfunded"] == [{"number": numbers[0], "title": "Steg", "amount": 12_000}]
    assert "Für einen gemeldeten Bedarf von 12.000 Euro ist das Geld nicht gesichert." in told(city)["headlines"]
    assert ">Steg</td>" in page(city)


def test_a_year_without_a_project_is_told_in_a_sentence(cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cycle("start 2025")

    answer = told(cycle)

    assert answer["headlines"] == ["Es ist kein Projekt erfasst, das gezählt werden könnte (alle Projekte)."]
    assert "Es ist kein Projekt erfasst" in cycle("gap 2025").out
    assert "Es ist kein Projekt erfasst" in page(cycle)
    assert "gap 2025" not in cycle("gap 2025 --record", code=2).out


def test_a_snapshot_of_an_earlier_release_is_still_told(city: Any) -> None:
    city("gap 2025 --record")
    old = {
        "target_group_focus",
        "field_focus",
        "carriers",
        "project_status",
        "funding_le_5000",
        "cooperation",
        "other",
        "as_of",
    }
    old |= {"cooperation_pairs", "survey", "compared", "needs_unfunded"}
    site = city.site
    with site.reading(2025) as (session, about):
        row = snapshot_of(session, about.cycle_id)
        result = {name: value for name, value in row.result.items() if name not in old}
        found = read(result, about.workflow.gap, response=row.response_net, recorded_on=row.recorded_on)

    assert (found.as_of, found.changed, found.carriers, found.differing, found.unfunded) == (
        row.recorded_on, None, None, (), None,
    )  # fmt: skip
    assert [line.status for line in found.groups] == ["covered", "covered", "not_monitored", "expandable", "gap"]


def test_the_same_snapshot_gives_the_same_bytes_on_a_later_day_and_fetches_nothing(city: Any) -> None:
    city("gap 2025 --record")
    first = page(city)
    city.at("2025-06-02T09:00:00+02:00")

    assert page(city) == first
    assert re.findall(r"(?:src|href)=\"(?!#)", first) == []


def test_labels_that_mean_no_good_stay_text(city: Any) -> None:
    drawn = page(city)

    assert "<b>alt" not in drawn
    assert "49" not in re.findall(r"zusammen\S* (\S+)", drawn)
    assert escape(f"Hafen {HOSTILE}", quote=False) in unescape(drawn).replace("&", "&amp;").replace("<", "&lt;").replace(
        ">", "&gt;"
    )


def test_every_word_of_the_templates_is_in_both_languages() -> None:
    root = data_root() / "templates"
    texts = "".join(file.read_text(encoding="utf-8") for file in sorted((root / "report").glob("gap*/*.j2")))
    texts += (root / "report" / "gap.html.j2").read_text(encoding="utf-8")
    asked = set(re.findall(r"[\"'](gap\.[a-z0-9_.]+)[\"']", texts))
    beginnings = {key for key in asked if key.endswith(".")}
    for language in ("de", "en"):
        known = {key for file in (root / "wording" / language).glob("*.yaml") for key in words_of(file)}

        assert {key for key in asked - beginnings if key not in known} == set()
        assert {start for start in beginnings if not any(key.startswith(start) for key in known)} == set()
    assert len(asked) > 30


def test_its_pieces_can_be_set_into_another_report(city: Any) -> None:
    folder = city.home / "templates" / "report"
    folder.mkdir(parents=True, exist_ok=True)
    pieces = '{% import "report/gap/parts.html.j2" as gap with context %}{{ gap.headlines(g) }}{{ gap.bars(g, "field") }}'
    (folder / "other.html.j2").write_text(f"{pieces}{{{{ gap.heat(g) }}}}", encoding="utf-8")
    site = city.site
    with site.reading(2025) as (_, about):
        words = GapWords(labels_of(about.workflow, None, "de"), site.wording)
        g = drawn(counted_gap(about, Scope.ALL)[0], words)

    context = {"g": g, "say": site.wording.sentence, "show": site.wording.value}
    text = Letters(site.files.folders("templates"), ("de",)).text("report/other.html.j2", context)

    assert (text.count("<svg class="), text.count("<li>")) == (2, len(g.headlines))


def test_it_speaks_the_language_asked_for(city: Any) -> None:
    german, english = page(city), page(city, "--language en")

    assert ('<html lang="de">' in german, "Wo Angebote fehlen" in german) == (True, True)
    assert ('<html lang="en">' in english, "Where offers are missing" in english, "Lücke" in english) == (True, True, False)


def test_the_auditor_reads_it_and_it_leaves_no_entry(city: Any) -> None:
    city("gap 2025 --record")
    city("people add a.kraut --name 'Albrecht Kraut' --mail a.k@stadt.example.de --role auditor")
    before = json.loads(city("history verify --json").out)

    city("gap 2025 --html seen.html", login="a.kraut")
    city("gap 2025", login="a.kraut")

    anchor = f"cycle-log/1 {before['log'][:16]} {before['entries']} {before['head']}"
    assert Path("seen.html").read_text(encoding="utf-8").count(anchor) == 2
    assert json.loads(city("history verify --json").out)["entries"] == before["entries"]
    city("gap 2025 --record", login="a.kraut", code=6)


def test_what_does_not_fit_together_is_said_in_one_sentence_and_leaves_no_file(city: Any) -> None:
    before = sorted(Path.cwd().iterdir())
    for options, code, named in (
        ("2025 --record --html x.html", 2, "--html"),
        ("2025 --record --now", 2, "--now"),
        ("2025 --now --as-of 2025-03-17", 2, "--as-of"),
        ("2025 --language en", 2, "--html"),
        ("2025 --html x.html --language fr", 2, "fr"),
        ("2025 --html missing/x.html", 2, "missing/x.html"),
        ("2025 --html projects.csv", 2, "projects.csv"),
        ("2025 --scope some", 2, "some"),
        ("2025 --as-of 2031-01-01", 2, "2031"),
        ("2031", 4, "2031"),
    ):
        said = city(f"gap {options}", code=code)

        assert (named in said.err, len(said.err.splitlines())) == (True, 1), options
    assert sorted(Path.cwd().iterdir()) == before


def test_it_fits_a_telephone_a_desk_and_paper_and_axe_finds_nothing(city: Any, tmp_path: Path) -> None:
    city("gap 2025 --record")
    drawn = page(city)
    frames = [(f"{width} {scheme}", width, scheme, drawn) for width in (360, 800) for scheme in ("light", "dark")]

    told = measured(found(), tmp_path, [*frames, ("672 paper", 672, "light", drawn)])  # A4 within its margins

    assert faults(told, least_size=9) == {}
    assert violations(found(), tmp_path, drawn) == []
