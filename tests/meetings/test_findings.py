"""What meetings, dates, documents and phases find is told in either language, with ids that the command line names."""

from pathlib import Path
from typing import Any

import pytest
from played import played_once

from cycle.cli import shell, words
from cycle.cli.main import finding_sentence
from cycle.vocabulary import Finding

DEMO = Path(__file__).parents[2] / "config" / "demo"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """A site with groups, partners, a speaker of NG1, and the year 2025."""
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle(f"partner import {DEMO / 'partners_2025.csv'}")
    cycle("people add t.haeussermann --name 'Tilo Häußermann' --role speaker --group NG1")
    cycle("start 2025")
    return cycle


def found(town: Any, name: str, **parameters: Any) -> Finding:
    with town.site.reading(2025) as (_, about):
        finding: Finding = about.lent.checks[name](about, **parameters)
        return finding


@pytest.fixture
def in_english(town: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings = town.home / "config" / "cycle.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('language = "de"', 'language = "en"'), encoding="utf-8")
    monkeypatch.setenv("CYCLE_LANGUAGE", "en")
    _look_again()
    yield town
    monkeypatch.setenv("CYCLE_LANGUAGE", "de")
    _look_again()


def _look_again() -> None:
    words.language.cache_clear()
    words.wording.cache_clear()
    shell.close()


ASKED: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    (
        "meeting_held",
        {"meeting": "spring", "document": "minutes"},
        {"meeting": "spring", "document": "minutes"},
        "„Netzwerktreffen“ hat noch nicht stattgefunden; danach ist abzulegen: Protokoll.",
        "“Network meeting” has not been held yet; to be filed after that: Minutes.",
    ),
    (
        "meeting_held",
        {"meeting": "spring", "at_least": 3},
        {"held": 0, "at_least": 3},
        "„Netzwerktreffen“: gehalten 0 von mindestens 3.",
        "“Network meeting”: 0 held of at least 3.",
    ),
    (
        "dates_confirmed",
        {"dates": ["survey_open"]},
        {"missing": ["survey_open"]},
        "Noch nicht bestätigt: Bestandserhebung Versand.",
        "Not confirmed yet: Survey goes out.",
    ),
    (
        "document_filed",
        {"kind": "report_final"},
        {"document": "report_final"},
        "Noch nicht abgelegt: Sachstandsbericht.",
        "Not on file yet: Report.",
    ),
    (
        "roles_filled",
        {"roles": ["deputy"]},
        {"missing": ["deputy"]},
        "Nicht besetzt: Stellvertretung.",
        "Not filled: Deputy.",
    ),
    (
        "decision_recorded",
        {"subject": "report"},
        {"kind": "report"},
        "„Sachstandsbericht“ ist 2025 noch von keinem Gremium beschlossen oder zur Kenntnis genommen.",
        '"Report" was neither adopted nor noted by a body in 2025 yet.',
    ),
]


@pytest.mark.parametrize(("check", "parameters", "facts", "german", "english"), ASKED, ids=[each[0] for each in ASKED])
def test_a_finding_holds_ids_and_is_told_in_german(
    town: Any, check: str, parameters: dict[str, Any], facts: dict[str, Any], german: str, english: str
) -> None:
    finding = found(town, check, **parameters)

    assert {name: finding.facts[name] for name in facts} == facts
    assert finding_sentence(finding) == german


@pytest.mark.parametrize(("check", "parameters", "facts", "german", "english"), ASKED, ids=[each[0] for each in ASKED])
def test_a_finding_is_told_in_english(
    in_english: Any, check: str, parameters: dict[str, Any], facts: dict[str, Any], german: str, english: str
) -> None:
    assert finding_sentence(found(in_english, check, **parameters)) == english


@pytest.mark.parametrize(
    "line",
    [
        "meeting add 2025 spring --on 2025-04-29 --group NG1",
        "meeting held 2025 spring --on-site 62 --online 5 --group NG1",
        "meeting move 2025 spring 2025-05-06 --reason 'Raum belegt' --group NG1",
        "meeting edit 2025 spring --venue Rathaus --group NG1",
        "meeting cancel 2025 spring --reason 'Raum belegt' --group NG1",
        "meeting register 2025 spring --partner 4 --group NG1",
        "meeting excuse 2025 spring --partner 4 --group NG1",
        "meeting excuse 2025 spring --reason 'keine Zeit' --group NG1",
        "meeting show 2025 spring --group NG1",
    ],
)
@pytest.mark.parametrize("login", ["t.haeussermann", "j.weissenburger"])
def test_a_meeting_of_all_is_no_groups(town: Any, line: str, login: str) -> None:
    said = town(line, login=login, at="2025-04-29T19:00:00+02:00", code=2)

    assert said.err.splitlines()[0] == (
        "„Netzwerktreffen“ ist kein Treffen einer einzelnen Netzwerkgruppe. Lassen Sie --group weg. "
        "Die Treffen des Jahres zeigt: cycle meeting list 2025"
    )


def test_the_next_command_names_the_document_that_the_workflow_asks_for(town: Any) -> None:
    spring = town("meeting held 2025 spring --on-site 62", at="2025-04-29T19:00:00+02:00").err
    town("meeting add 2025 group_session --group NG1 --on 2025-04-29")
    session = town("meeting held 2025 group_session --group NG1 --on-site 3").err

    assert "cycle document file 2025 minutes --of spring --file FILE" in spring
    assert "cycle status 2025" in session
