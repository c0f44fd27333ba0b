"""Documents and numbers on the command line: copied, named by their SHA-256, superseded, asked for by checks."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from played import played_once

from cycle.vocabulary import Finding

TEXT = b"Ergebnisprotokoll\n"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """A site with an open year."""
    cycle("start 2025")
    return cycle


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    file = tmp_path / "protokoll.txt"
    file.write_bytes(TEXT)
    return file


def filed(town: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(town("document list 2025 --json").out)["documents"]
    return found


def kept(town: Any) -> list[str]:
    folder = town.home / "documents"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def check(town: Any, name: str, **parameters: Any) -> Finding:
    with town.site.reading(2025) as (_, about):
        found: Finding = about.lent.checks[name](about, **parameters)
        return found


def test_a_document_is_copied_and_its_hash_stands_in_the_journal(town: Any, paper: Path) -> None:
    digest = hashlib.sha256(TEXT).hexdigest()

    town(f"document file 2025 minutes --of spring --file '{paper}' --note 'ohne Anlagen'")

    (document,) = filed(town)
    assert (document["kind"], document["of"], document["sha256"], document["size"], document["filed_on"]) == (
        "minutes",
        "spring",
        digest,
        len(TEXT),
        "2025-01-10",
    )
    assert kept(town) == [f"ip-2025/{digest[:16]}-protokoll.txt"]
    assert (town.home / "documents" / document["path"]).read_bytes() == TEXT
    entry = json.loads(town("history list 2025 --json").out)["entries"][-1]
    assert entry["basis"] == [{"kind": "document", "ref": "minutes", "sha256": digest}]
    assert (entry["data"]["kind"], entry["data"]["of"]) == ("minutes", "spring")


def test_the_same_file_again_is_told_and_another_supersedes_it(town: Any, paper: Path) -> None:
    town(f"document file 2025 minutes --of spring --file '{paper}'")
    town(f"document file 2025 minutes --of spring --file '{paper}'", code=2)
    town(f"document file 2025 minutes --of round_table --file '{paper}'")
    paper.write_bytes(b"berichtigt\n")
    town(f"document file 2025 minutes --of spring --file '{paper}'")

    assert [(d["of"], d["superseded"]) for d in filed(town)] == [("spring", True), ("round_table", False), ("spring", False)]


def test_a_dry_run_keeps_no_file(town: Any, paper: Path) -> None:
    town(f"document file 2025 minutes --of spring --file '{paper}' --dry-run")

    assert (filed(town), kept(town)) == ([], [])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("document file 2025 minutes --file fehlt.txt", 4),
        ("document file 2025 minutes --file .", 2),
        ("document file 2025 minutes --file leer.txt", 2),
        ("document file 2025 quittung --file da.txt", 2),
        ("document file 2025 minutes --of sommerfest --file da.txt", 4),
        ("number record 2025 points_internal 12", 2),
    ],
)
def test_what_cannot_be_filed_is_told_and_nothing_is_kept(
    town: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leer.txt").touch()
    (tmp_path / "da.txt").write_text("da", encoding="utf-8")

    said = town(line, code=code)

    assert said.err.strip() != ""
    assert (filed(town), kept(town)) == ([], [])


def test_the_check_asks_for_the_document_and_names_the_command(town: Any, paper: Path) -> None:
    missing = check(town, "document_filed", kind="report_final")
    assert (missing.met, missing.owed_by, missing.command) == (
        False,
        "coordinator",
        "cycle document file 2025 report_final --file FILE",
    )

    town(f"document file 2025 report_final --file '{paper}'")

    assert check(town, "document_filed", kind="report_final").met is True


def test_the_check_can_ask_for_one_of_each_field(town: Any, paper: Path) -> None:
    town(f"document file 2025 evidence --of language --file '{paper}'")

    found = check(town, "document_filed", kind="evidence", each="fields")

    assert (found.key, found.met, found.facts["count"], found.command) == (
        "document_filed_for_each",
        False,
        7,
        "cycle document file 2025 evidence --of culture_sport --file FILE",
    )


def test_the_date_ends_on_the_day_the_document_was_filed(town: Any, paper: Path) -> None:
    town(f"document file 2025 theme_paper --file '{paper}' --on 2025-01-09")

    with town.site.reading(2025) as (_, about):
        end = about.lent.ends["document"]
        assert (str(end(about, "theme_paper")), end(about, "minutes", of="spring")) == ("2025-01-09", None)


def test_the_fact_is_narrowed_by_kind_and_meeting(town: Any) -> None:
    with town.site.reading(2025) as (_, about):
        fact = about.lent.facts["document_filed"]
    told = {"document": 1, "kind": "minutes", "of": "spring"}
    narrows: list[dict[str, str]] = [{}, {"kind": "minutes", "of": "spring"}, {"of": "round_table"}]

    assert [fact.matches(told, narrow) for narrow in narrows] == [True, True, False]


def test_a_number_is_measured_against_another(cycle: Any) -> None:
    file = cycle.home / "workflows" / "integration.yaml"
    numbers = '  numbers: {points: {de: "Punkte", en: "Points"}, possible: {de: "Mögliche Punkte", en: "Possible points"}}\n'
    text = file.read_text(encoding="utf-8").replace("\nvocab:\n", f"\nvocab:\n{numbers}")
    file.write_text(text, encoding="utf-8")
    cycle("start 2025")
    asked: dict[str, Any] = {"number": "points", "of": "possible", "thresholds": {"award": 50, "gold": 75}}
    missing = check(cycle, "number_recorded", **asked)

    cycle("number record 2025 possible 400")
    cycle("number record 2025 points 190")
    cycle("number record 2025 points 212")

    found = check(cycle, "number_recorded", **asked)
    assert (missing.met, missing.facts["missing"], missing.command) == (
        False,
        ["points", "possible"],
        "cycle number record 2025 points N",
    )
    assert (found.met, found.facts["value"], found.facts["percent"], found.facts["state"]) == (True, 212, 53, "award")
    assert [each["value"] for each in json.loads(cycle("number list 2025 --json").out)["numbers"]] == [400, 190, 212]
