"""The commands of measures, views, promises and review lists on both databases; replay gives every table again."""

import json
from typing import Any

from small_town import settle

from cycle.app.places import data_root


def answered(cycle: Any, line: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(cycle(f"{line} --json").out)
    return told


def test_measure_is_told_of_assessed_carried_and_its_promise_kept_on_both_databases(cycle_anywhere: Any) -> None:
    cycle = settle(cycle_anywhere)
    cycle("measure add 2025 Wegweiser --field work --owner 2 --partners 3 --due 2025-12-31 --cost 900 --secured applied")
    cycle("measure update 2025 M-2025-01 --indicator Besuche --target 40 --actual 12,5 --cost-actual 300 --obstacles Krankheit")
    cycle("measure assess 2025 M-2025-01 --as on_track --percent 60")
    cycle("measure assess 2025 M-2025-01 --as at_risk --by-role council --note Sorge")
    cycle('followup add 2025 "Zahlen nachreichen" --body Gemeinderat --due 2025-01-31 --measure M-2025-01 --details Näheres')
    cycle("followup done 2025 W-2025-01 --result Vorgelegt", at="2025-02-05T09:00:00+01:00")
    cycle('measure carry 2025 M-2025-01 --to 2026 --due 2026-06-30 --reason "Mittel fehlen"')

    told = answered(cycle, "measure show 2025 M-2025-01")
    (followup,) = answered(cycle, "followup list 2025")["followups"]
    (part,) = answered(cycle, "group review 2025")["parts"]
    assert (told["due_first"], told["due"], told["carry_count"], told["at_close"]) == ("2025-12-31", "2026-06-30", 1, "carried")
    assert (told["target"], told["actual"], told["reached"], told["cost_actual"]) == ("40", "12.5", 3125, 300)
    assert [(each["assessor"], each["rating"], each["percent"], each["note"]) for each in told["assessments"]] == [
        ("coordinator", "on_track", 60, None),
        ("council", "at_risk", None, "Sorge"),
    ]
    assert [each["obstacles"] for each in told["updates"]] == ["Krankheit"]
    assert (followup["days_late"], followup["result"], followup["details"]) == (3, "Vorgelegt", "Näheres")
    assert (part["code"], [(each["number"], each["carry_count"]) for each in part["measures"]]) == (None, [("M-2025-01", 1)])
    known = answered(cycle, "measure show 2025 M-2025-01 --as-of 2025-01-10T23:59")
    assert (known["due"], len(known["assessments"]), known["carry_count"]) == ("2025-12-31", 2, 0)


def test_dry_run_of_each_changes_nothing(cycle: Any) -> None:
    settle(cycle)
    cycle("measure add 2025 Wegweiser --owner 2 --due 2025-12-31")
    cycle('followup add 2025 "Zahlen" --body Gemeinderat --due 2025-01-31')
    before = answered(cycle, "history list")["entries"]

    for line in (
        "measure assess 2025 M-2025-01 --as on_track",
        "measure update 2025 M-2025-01 --cost-actual 300",
        'measure drop 2025 M-2025-01 --reason "zu teuer geworden"',
        'followup add 2025 "Bericht" --body Gemeinderat --due 2025-01-31',
        "followup done 2025 W-2025-01 --result Vorgelegt",
    ):
        cycle(f"{line} --dry-run")

    assert answered(cycle, "history list")["entries"] == before


def test_plan_that_asks_for_two_views_loads_and_names_who_has_not_spoken(cycle: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("CYCLE_PLAN", "inclusion")
    home = cycle.home / "inclusion"
    cycle(f"init {home} --sandbox", at="2026-01-02T09:00:00+01:00")
    monkeypatch.setenv("CYCLE_HOME", str(home))
    cycle(f"workflow check {data_root() / 'workflows' / 'inclusion.yaml'}")
    cycle('start 2026 --at assessment --reason "Umstieg auf dieses Programm"', at="2026-05-15T09:00:00+02:00")
    cycle("measure add 2026 Leitsystem --due 2026-12-31")

    def second_check() -> tuple[bool, str | None]:
        checks = answered(cycle, "status 2026")["cycles"][0]["checks"]
        return next((each["met"], each["command"]) for each in checks if each["check"] == "W2")

    nobody = second_check()
    cycle("measure assess 2026 M-2026-01 --as on_track --by-role Fachverwaltung")
    one = second_check()
    apart = cycle("measure assess 2026 M-2026-01 --as missed --by-role Behindertenbeirat").err

    assert nobody == (False, "cycle measure assess 2026 M-2026-01 --by-role administration --as …")
    assert one == (False, "cycle measure assess 2026 M-2026-01 --by-role advisory_board --as …")
    assert second_check() == (True, None)
    assert "Fachverwaltung: auf gutem Weg; Behindertenbeirat: nicht erreicht" in apart
