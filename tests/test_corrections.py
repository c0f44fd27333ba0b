"""`history correct` takes only what the command that first set the value would have taken."""

import json
from typing import Any

import pytest
from played import played_once

from cycle.app.places import data_root

DEMO = data_root() / "config" / "demo"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """A year with a meeting held, a document with an amount, a need, a measure and a theme."""
    cycle("people add d.admin --name 'Dana Admin' --role admin")
    cycle("start 2025")
    cycle("meeting held 2025 spring --on-site 62 --online '>=100' --mode hybrid", at="2025-04-29T19:00:00+02:00")
    cycle(f"document file 2025 budget_request --file {DEMO / 'documents_2025' / 'report_final.txt'} --amount 5000")
    cycle('need add 2025 "Sprachkurse" --field education --source Netzwerktreffen --amount 100')
    cycle('measure add 2025 "Sprachkurse anbieten" --cost 100 --secured partly')
    cycle('theme propose 2025 "Sprache" --field education --valid-from 2025-01-01 --valid-to 2025-12-31')
    cycle.login("d.admin")
    return cycle


def seq(town: Any) -> int:
    return int(json.loads(town("history list --json --last 1").out)["entries"][-1]["seq"])


@pytest.mark.parametrize(
    ("thing", "field", "value"),
    [
        ("meeting/spring", "on_site", "-5"),
        ("meeting/spring", "on_site", ">=5"),
        ("meeting/spring", "on_site", ""),
        ("meeting/spring", "online", "99999999999"),
        ("meeting/spring", "mode", "banana"),
        ("meeting/spring", "mode", "online"),
        ("document/budget_request", "amount", "-1"),
        ("document/budget_request", "amount", str(2**31)),
        ("document/budget_request", "amount", "viel"),
        ("need/B-2025-01", "title", ""),
        ("need/B-2025-01", "title", "  "),
        ("need/B-2025-01", "amount", "-1"),
        ("need/B-2025-01", "priority", "x"),
        ("measure/M-2025-01", "title", ""),
        ("measure/M-2025-01", "cost", str(2**31)),
        ("measure/M-2025-01", "secured", "maybe"),
        ("theme/T1", "title", ""),
        ("theme/T1", "reference", ""),
    ],
)
def test_a_value_against_the_rules_of_its_house_is_refused(town: Any, thing: str, field: str, value: str) -> None:
    before = seq(town)

    said = town(f"history correct 2025 {thing} --field {field} --value='{value}' --reason Tippfehler", code=2)

    assert said.err.strip() != ""
    assert seq(town) == before


@pytest.mark.parametrize(
    ("thing", "field", "value", "kept"),
    [
        ("meeting/spring", "on_site", "60", 60),
        ("meeting/spring", "venue", " Rathaus ", "Rathaus"),
        ("document/budget_request", "amount", "0", 0),
        ("need/B-2025-01", "priority", "hoch", "high"),
        ("measure/M-2025-01", "secured", "ja", "yes"),
        ("measure/m-2025-01", "cost", "2147483647", 2**31 - 1),
        ("theme/T1", "title", " Sprache und Bildung", "Sprache und Bildung"),
        ("theme/T1", "reference", "GR 1", "GR 1"),
    ],
)
def test_a_right_value_is_kept_as_its_house_keeps_it(town: Any, thing: str, field: str, value: str, kept: Any) -> None:
    town(f"history correct 2025 {thing} --field {field} --value='{value}' --reason Tippfehler")

    data = json.loads(town("history list --json --last 1").out)["entries"][-1]["data"]
    assert (data["field"], data["now"]) == (field, kept)


def test_an_exact_number_online_is_no_lower_bound_any_more(town: Any) -> None:
    town("history correct 2025 meeting/spring --field online --value 100 --reason 'gezählt'")

    told = json.loads(town("meeting show 2025 spring --json").out)
    assert (told["online"], told["online_at_least"]) == (100, False)


@pytest.mark.parametrize(("field", "value"), [("on_site", "12"), ("online", "3"), ("present", "2")])
def test_who_was_there_is_not_put_right_of_a_meeting_that_was_not_held(town: Any, field: str, value: str) -> None:
    before = seq(town)

    said = town(f"history correct 2025 meeting/round_table --field {field} --value {value} --reason Tippfehler", code=2).err

    assert said == (
        "„Runder Tisch“ hat noch nicht stattgefunden. Wer da war, halten Sie danach fest mit: "
        "cycle meeting held 2025 round_table --present N,N\n"
    )
    assert seq(town) == before
