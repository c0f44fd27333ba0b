"""What was known at a moment and what held on a day: three corrections and two late records, both axes, every day."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from played import played_once

from cycle import __version__
from cycle.journal.questions import rows_where
from cycle.meetings.records import meetings_of
from cycle.plan.records import Measure, Need

FIRST, LAST = date(2025, 4, 27), date(2025, 6, 8)


@pytest.fixture
def told(cycle: Any) -> Any:
    """The spring of that script."""
    return tell(cycle)


@played_once
def tell(cycle: Any) -> Any:
    """Spring: a meeting counted wrong twice, a need and a measure entered late, the need's amount put right."""
    cycle("people add d.admin --name 'Dana Admin' --role admin")
    cycle("start 2025")
    cycle("meeting held 2025 spring --on-site 62 --online 10", at="2025-04-29T19:00:00+02:00")
    cycle(
        'need add 2025 "Sprachkurse" --field education --source Netzwerktreffen --amount 100 --on 2025-05-06',
        at="2025-05-08T09:00:00+02:00",
    )
    cycle('measure add 2025 "Kurse anbieten" --cost 700 --on 2025-05-05', at="2025-05-12T09:00:00+02:00")
    correct(cycle, "meeting/spring", "on_site", 64, "2025-05-20T10:00:00+02:00")
    correct(cycle, "need/B-2025-01", "amount", 150, "2025-05-22T10:00:00+02:00")
    correct(cycle, "meeting/spring", "on_site", 65, "2025-06-04T10:00:00+02:00")
    cycle.at("2025-06-10T09:00:00+02:00")
    return cycle


def correct(cycle: Any, thing: str, field: str, value: int, at: str) -> None:
    line = f"history correct 2025 {thing} --field {field} --value {value} --reason 'Liste nachgereicht'"
    cycle(line, at=at, login="d.admin")


def days() -> Iterator[date]:
    for number in range((LAST - FIRST).days + 1):
        yield FIRST + timedelta(days=number)


def state(cycle: Any, moment: datetime, held_on: date | None = None) -> tuple[int | None, int | None, int | None]:
    """The people on site, the need's amount and the measure's cost, by the tables of that moment or day."""
    with cycle.site.past(moment, held_on) as session:
        (spring,) = [each for each in meetings_of(session, 1) if each.name == "spring"] or [None]
        needs, measures = rows_where(session, Need), rows_where(session, Measure)
        return (
            spring.on_site if spring else None,
            needs[0].amount if needs else None,
            measures[0].cost if measures else None,
        )


def since(day: date, *steps: tuple[str, int]) -> int | None:
    """The last value that began on that day or earlier."""
    return next((value for begins, value in reversed(steps) if date.fromisoformat(begins) <= day), None)


def test_what_was_known_at_the_end_of_every_day(told: Any) -> None:
    zone = told.site.zone

    known = {day: state(told, datetime.combine(day, time(23, 59), zone)) for day in days()}

    assert known == {
        day: (
            since(day, ("2025-04-29", 62), ("2025-05-20", 64), ("2025-06-04", 65)),
            since(day, ("2025-05-08", 100), ("2025-05-22", 150)),
            since(day, ("2025-05-12", 700)),
        )
        for day in days()
    }


def test_what_held_on_every_day_by_all_that_is_known_now(told: Any) -> None:
    held = {day: state(told, told.site.now(), day) for day in days()}

    assert held == {
        day: (since(day, ("2025-04-29", 65)), since(day, ("2025-05-06", 150)), since(day, ("2025-05-05", 700)))
        for day in days()
    }


def test_both_clocks_together_give_what_was_believed_then_of_an_earlier_day(cycle_anywhere: Any) -> None:
    told = tell(cycle_anywhere)
    line = "meeting show 2025 spring --json"

    believed = [
        json.loads(told(f"{line} --as-of {known} --effective 2025-05-01").out)["on_site"]
        for known in ("2025-05-02T12:00", "2025-05-20T09:59", "2025-05-20T10:00", "2025-06-05T00:00")
    ]

    assert believed == [62, 62, 64, 65]
    corrected = json.loads(told("report exceptions 2025 --as-of 2025-05-21 --json").out)["corrections"]
    assert [(each["was"], each["now"], each["reason"]) for each in corrected] == [(62, 64, "Liste nachgereicht")]
    told("need show 2025 B-2025-01 --as-of 2025-05-07", code=4)
    assert json.loads(told("need show 2025 B-2025-01 --effective 2025-05-07 --json").out)["amount"] == 150


def test_nobody_knows_what_will_be(told: Any) -> None:
    commands = ("status", "date list 2025", "history list", "report lateness 2025", "meeting list 2025")
    lines = [f"{command} {asked} --json" for command in commands for asked in ("--as-of 2025-06-11", "--effective 2025-06-11")]

    answers = {line: json.loads(told(line, code=2).out)["error"] for line in lines}

    assert answers == dict.fromkeys(lines, "as_of_in_future")


def test_a_correction_supersedes_the_entry_that_set_the_value_and_counts_from_its_day(told: Any) -> None:
    entries = json.loads(told("history list --json").out)["entries"]
    ids = {entry["id"]: entry["seq"] for entry in entries}
    by_type = {entry["seq"]: entry["type"] for entry in entries}

    corrected = [entry for entry in entries if entry["type"] == "entry.corrected"]

    assert [
        (by_type[ids[e["supersedes"]]], e["data"]["was"], e["data"]["now"], e["effective_on"], e["recorded_at"][:10])
        for e in corrected
    ] == [
        ("meeting.held", 62, 64, "2025-04-29", "2025-05-20"),
        ("need.added", 100, 150, "2025-05-06", "2025-05-22"),
        ("entry.corrected", 64, 65, "2025-04-29", "2025-06-04"),
    ]
    shown = json.loads(told(f"history show {corrected[-1]['seq']} --json").out)
    assert (shown["corrects"], shown["delay_days"]) == (corrected[0]["seq"], 36)


def test_the_late_records_are_listed_with_their_delay(told: Any) -> None:
    listed = json.loads(told("history list 2025 --backdated --json").out)["entries"]
    lines = list(csv.DictReader(io.StringIO(told("history list 2025 --backdated --csv").out.lstrip("\ufeff")), delimiter=";"))

    assert [(entry["type"], entry["effective_on"], entry["delay_days"]) for entry in listed] == [
        ("need.added", "2025-05-06", 2),
        ("measure.added", "2025-05-05", 7),
        ("entry.corrected", "2025-04-29", 21),
        ("entry.corrected", "2025-05-06", 16),
        ("entry.corrected", "2025-04-29", 36),
    ]
    assert [(line["Art"], line["Gilt ab"], line["Tage später"]) for line in lines] == [
        (entry["type"], f"{entry['effective_on'][8:]}.{entry['effective_on'][5:7]}.2025", str(entry["delay_days"]))
        for entry in listed
    ]
    assert "21" in told("history list 2025 --backdated").out


def test_the_history_of_a_moment_ends_there_and_that_of_a_day_holds_what_counts_by_then(told: Any) -> None:
    everything = json.loads(told("history list --json").out)["entries"]

    known = json.loads(told("history list --as-of 2025-05-20T09:00 --json").out)["entries"]
    held = json.loads(told("history list --effective 2025-05-05 --json").out)["entries"]

    assert known == [entry for entry in everything if entry["recorded_at"] < "2025-05-20T07:00:00.000001Z"]
    assert held == [entry for entry in everything if entry["effective_on"] <= "2025-05-05"]
    assert held[-1]["data"]["now"] == 65


def test_the_reasons_can_be_read_in_the_past_too(told: Any) -> None:
    listed = json.loads(told("history list 2025 --as-of 2025-05-21 --json").out)["entries"]

    assert [entry["reason"] for entry in listed if entry["type"] == "entry.corrected"] == ["Liste nachgereicht"]


def test_each_entry_says_which_version_of_the_programme_wrote_it(told: Any) -> None:
    entries = json.loads(told("history list --json").out)["entries"]

    assert {(entry["data"]["software"], entry["software"]) for entry in entries} == {(__version__, __version__)}


def test_a_correction_of_what_another_year_recorded_finds_its_entry(cycle: Any) -> None:
    cycle("people add d.admin --name 'Dana Admin' --role admin")
    cycle("start 2025")
    cycle('measure add 2025 "Kurse anbieten" --cost 700')
    cycle("start 2026")

    line = "history correct 2026 measure/M-2025-01 --field cost --value 800 --reason Tippfehler --on 2025-01-09"
    cycle(line, login="d.admin")

    entries = json.loads(cycle("history list --json").out)["entries"]
    (added,) = [entry for entry in entries if entry["type"] == "measure.added"]
    assert (entries[-1]["supersedes"], entries[-1]["effective_on"]) == (added["id"], "2025-01-09")


def test_a_look_back_before_everything_says_since_when_there_is_something(cycle: Any) -> None:
    cycle("start 2025", at="2025-01-10T09:00:00+01:00")
    cycle.at("2025-02-01T09:00:00+01:00")

    for line in ("status", "status 2025", "history list", "date list 2025", "people list"):
        assert cycle(f"{line} --as-of 2024-12-31", code=4).err == (
            "Bis 31.12.2024 00:00 war noch nichts festgehalten: der Verlauf beginnt am 09.01.2025 08:45.\n"
        )
    assert cycle("status --effective 2001-01-01", code=4).err.startswith("Bis 01.01.2001 war noch nichts festgehalten")
    for line in ("status 2025", "date list 2025", "report decisions 2025"):
        assert cycle(f"{line} --as-of 2025-01-09T12:00", code=4).err == (
            "Am 09.01.2025 12:00 war das Jahr 2025 noch nicht eröffnet: eröffnet wurde es am 10.01.2025 09:00.\n"
        )
    assert cycle("status --as-of 2025-01-09T12:00").err == (
        "Am 09.01.2025 12:00 lief kein Jahr. Was seither geschah, zeigt: cycle history list\n"
    )
    assert cycle("status 2031 --as-of 2025-01-09T12:00", code=4).err == "Das Jahr 2031 gibt es nicht. Eröffnet sind: 2025\n"
