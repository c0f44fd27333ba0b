"""Two plans of another kind, climate and inclusion, run a whole cycle by their files alone."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

PARTNERS = """\
Nr;Kürzel;Name;Art;Anrede;Vorname;Nachname;E-Mail;Versandform;Status
1;KLI;Klimaschutzmanagement;Städtische Stelle;Frau;Jana;Weißenburger;jana@stadt.example.de;E-Mail;aktiv
2;HBA;Hochbauamt;Städtische Stelle;Herr;Nikos;Papadakis;nikos@hochbau.example.de;E-Mail;aktiv
3;SWM;Stadtwerke;Städtische Stelle;Frau;Samira;Aziz;samira@werke.example.de;E-Mail;aktiv
"""
CLIMATE_AREAS = ("planning", "buildings", "supply_disposal", "mobility", "internal_organisation", "communication_cooperation")


def site_of(cycle: Any, plan: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CYCLE_PLAN", plan)
    cycle(f"init {home} --sandbox", at="2026-01-02T09:00:00+01:00")
    monkeypatch.setenv("CYCLE_HOME", str(home))
    partners = home / "partner.csv"
    partners.write_text(PARTNERS, encoding="utf-8")
    cycle(f"partner import {partners}")
    return cycle


def answered(cycle: Any, line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cycle(f"{line} --json").out)
    return found


def phase(cycle: Any, year: int) -> str:
    (told,) = answered(cycle, f"status {year}")["cycles"]
    phase: str = told["phase"]
    return phase


def test_the_climate_plan_runs_its_year_with_the_external_audit(
    cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    climate = site_of(cycle, "climate_eea", tmp_path / "climate", monkeypatch)
    to_implementation(climate, 2026, tmp_path)
    assert phase(climate, 2026) == "external_audit"

    said = climate("advance 2026", code=3).err
    assert [check for check in ("X1", "X2", "X3") if check in said] == ["X1", "X2", "X3"]
    climate('people add e.ext --name "Erika Extern" --mail audit@example.org --role external_auditor')
    climate(f"document file 2026 audit_report --file {tmp_path / 'paper.txt'}", at="2026-09-23T17:00:00+02:00")
    climate("number record 2026 points_external 301")
    climate("meeting held 2026 external_audit --on-site 6")
    climate("advance 2026")
    closed(climate, 2026)

    assert {d["key"]: d["actual"] for d in answered(climate, "date list 2026")["deadlines"]} == {
        "cycle_open": "2026-01-09",
        "data_request": "2026-01-27",
        "data_due": "2026-02-10",
        "team_meeting": "2026-03-18",
        "internal_audit": "2026-05-20",
        "programme_council": "2026-07-09",
        "documents_due": "2026-03-01",
        "external_audit": "2026-09-23",
        "year_end": "2026-12-15",
    }
    (points,) = [c for c in findings_of(climate, 2026, "advanced") if c["check"] == "X3"]
    assert points["met"] is True


def test_the_climate_plan_has_no_external_audit_in_the_year_after(
    cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    climate = site_of(cycle, "climate_eea", tmp_path / "climate", monkeypatch)
    to_implementation(climate, 2027, tmp_path)

    assert phase(climate, 2027) == "implementation"
    assert "external_audit" not in {d["key"] for d in answered(climate, "date list 2027")["deadlines"]}
    closed(climate, 2027)


def test_the_external_audit_comes_every_third_year(cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    climate = site_of(cycle, "climate_eea", tmp_path / "climate", monkeypatch)
    climate.at("2026-01-09T09:00:00+01:00")

    shown = {year: climate(f"start {year} --dry-run --json").out for year in range(2026, 2031)}

    assert [year for year, out in shown.items() if "external_audit" in dates_of(out)] == [2026, 2029]


def test_the_inclusion_plan_runs_its_two_years_and_every_measure_is_rated_twice(
    cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = site_of(cycle, "inclusion", tmp_path / "inclusion", monkeypatch)
    paper = tmp_path / "paper.txt"
    paper.write_text("Protokoll", encoding="utf-8")
    town('people add d.frey --name "Dana Frey" --mail d.frey@stadt.example.de --role deputy', at="2026-01-09T09:00:00+01:00")
    town("start 2026")
    (told,) = answered(town, "status 2026")["cycles"]
    assert told["label"] == "2026/2027"
    for anchor in ("status_request", "workshop", "theme_decision", "forum", "council"):
        town(f"date confirm 2026 {anchor}")
    town("measure add 2026 'Rampe am Rathaus' --field construction --owner 2 --due 2027-11-30")
    town("measure add 2026 'Leitsystem im Bad' --field leisure --owner 3 --due 2027-12-10")
    town("advance 2026", at="2026-02-02T09:00:00+01:00")
    town("run --once", at=f"{answered_day(town, 2026, 'status_request')}T08:00:00+01:00")
    assert sorted(m["partner"] for m in answered(town, "mail list")["mails"] if m["templates"] == ["status_letter"]) == [2, 3]
    for number in (1, 2):
        town(f"measure update 2026 M-2026-0{number} --status running --percent 30", at="2026-03-10T09:00:00+01:00")
    town("advance 2026")
    assert phase(town, 2026) == "assessment"

    town("meeting held 2026 workshop --on-site 25", at=f"{answered_day(town, 2026, 'workshop')}T18:00:00+02:00")
    for role, views in (("administration", ("on_track", "on_track")), ("advisory_board", ("at_risk", "on_track"))):
        said = town("advance 2026", code=3).err
        assert "W2" in said
        for number, view in enumerate(views, start=1):
            town(f"measure assess 2026 M-2026-0{number} --by-role {role} --as {view}")
    town("advance 2026")
    assert phase(town, 2026) == "focus_theme"

    town(
        "theme propose 2026 'Arbeit' --field work --primary --valid-from 2026-01-01 --valid-to 2027-12-31",
        at="2026-07-01T09:00:00+02:00",
    )
    town("theme decide 2026 T1 --body Sozialausschuss --reference 'SozA 7'", at="2026-07-09T18:00:00+02:00")
    town("advance 2026")
    for month in (9, 10, 11):
        day = f"2026-{month:02}-15"
        town(f"meeting add 2026 expert_talk --on {day}", at=f"2026-{month:02}-01T09:00:00+01:00")
        town("meeting held 2026 expert_talk --on-site 8", at=f"{day}T18:00:00+01:00")
    town("advance 2026")
    assert phase(town, 2026) == "forum"

    assert "P1" in town("advance 2026", code=3).err
    town(f"document file 2026 draft_easy_read --file {paper}", at="2027-02-01T09:00:00+01:00")
    forum = answered_day(town, 2026, "forum")
    town("meeting held 2026 forum --on-site 60 --online '>=20'", at=f"{forum}T18:00:00+01:00")
    town(f"document file 2026 minutes --of forum --file {paper}", at="2027-04-01T09:00:00+02:00")
    town("advance 2026")
    town(f"document file 2026 council_paper --file {paper}", at="2027-05-20T09:00:00+02:00")
    council = answered_day(town, 2026, "council")
    town("decision record 2026 plan --body Gemeinderat --outcome adopted --reference 'GR 30'", at=f"{council}T18:00:00+02:00")
    town("advance 2026")

    assert phase(town, 2026) == "closed"
    assert council.startswith("2027-07-")
    town("history verify")
    rated = json.loads(town("measure show 2026 M-2026-01 --json").out)
    assert {each["assessor"]: each["rating"] for each in rated["assessments"]} == {
        "administration": "on_track",
        "advisory_board": "at_risk",
    }


def to_implementation(climate: Any, year: int, folder: Path) -> None:
    """A year of the climate plan up to the phase after the council's programme."""
    paper = folder / "paper.txt"
    paper.write_text("Unterlage", encoding="utf-8")
    climate(
        'people add d.frey --name "Dana Frey" --mail d.frey@stadt.example.de --role deputy', at=f"{year}-01-09T09:00:00+01:00"
    )
    climate(f"start {year}")
    climate(f"date confirm {year} data_request")
    climate(f"advance {year}", at=f"{year}-01-25T09:00:00+01:00")
    climate("run --once", at=f"{answered_day(climate, year, 'data_request')}T08:00:00+01:00")
    asked = [mail["partner"] for mail in answered(climate, "mail list")["mails"] if mail["templates"] == ["data_letter"]]
    assert sorted(asked) == [2, 3]
    climate(f"survey answer {year} --partner 2", at=f"{year}-02-10T09:00:00+01:00")
    climate(f"survey answer {year} --partner 3")
    climate(f"advance {year}", code=3)
    for area in CLIMATE_AREAS:
        climate(f"document file {year} data_sheet --of {area} --file {paper}")
    if "documents_due" in {d["key"] for d in answered(climate, f"date list {year}")["deadlines"]}:
        climate(f"document file {year} audit_file --file {paper}", at=f"{year}-03-01T10:00:00+01:00")
    climate(f"meeting held {year} team --on-site 5", at=f"{answered_day(climate, year, 'team_meeting')}T18:00:00+01:00")
    climate(f"advance {year}")
    assert phase(climate, year) == "internal_audit"
    audit = answered_day(climate, year, "internal_audit")
    climate(f"meeting held {year} internal_audit --on-site 3", at=f"{audit}T18:00:00+02:00")
    climate(f"number record {year} points_possible 400")
    climate(f"number record {year} points_internal 212")
    assert "P2" in climate(f"advance {year}", code=3).err
    climate(f"history correct {year} meeting/internal_audit --field on_site --value 4 --reason 'Eine Person vergessen'")
    day = f"{date.fromisoformat(audit):%d.%m.%Y}"
    assert climate(f"number list {year}").out.splitlines()[1:] == [
        f"{day}\tMögliche Punkte\t400\t\t",
        f"{day}\tPunkte im internen Audit\t212\t53 %\teea-Auszeichnung",
    ]
    climate(f"advance {year}")
    assert phase(climate, year) == "work_programme"
    climate(f"measure add {year} 'Dächer mit Photovoltaik' --field buildings --owner 2 --due {year}-11-30")
    climate(
        f"decision record {year} programme --body Gemeinderat --outcome adopted --reference 'GR 12'",
        at=f"{answered_day(climate, year, 'programme_council')}T18:00:00+02:00",
    )
    climate(f"advance {year}")


def closed(climate: Any, year: int) -> None:
    """The end of the year: the measure is done."""
    assert phase(climate, year) == "implementation"
    climate(f"measure update {year} M-{year}-01 --status done --percent 100", at=f"{year}-11-20T09:00:00+01:00")
    climate(f"advance {year}", at=f"{year}-12-15T09:00:00+01:00")
    assert phase(climate, year) == "closed"
    climate("history verify")


def dates_of(started: str) -> list[str]:
    """The keys of the dates that a start would add."""
    (added,) = [change for change in json.loads(started)["changes"] if change.get("add") == "deadline"]
    key = added["fields"].index("key")
    return [row[key] for row in added["rows"]]


def answered_day(cycle: Any, year: int, key: str) -> str:
    """The planned day of a date."""
    (planned,) = [d["planned"] for d in answered(cycle, f"date list {year}")["deadlines"] if d["key"] == key]
    day: str = planned
    return day


def findings_of(cycle: Any, year: int, step: str) -> list[dict[str, Any]]:
    """What all steps of that kind found of the checks."""
    told = answered(cycle, f"history list {year} --type phase.{step}")["entries"]
    return [finding for entry in told for finding in entry["data"]["checks"]]
