"""A meeting as iCalendar: read back by the library, and line by line by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from cycle.adapters.calendar import Appointment, method_of, written

SPRING = Appointment(
    uid="ip-2026-spring@plan.example.org",
    sequence=2,
    stamp=datetime(2026, 2, 10, 8, 30, 12, 345, tzinfo=UTC),
    summary="Netzwerktreffen (Integrationsplan 2026)",
    description="Integrationsplan 2026\nJana Weißenburger",
    location="Stadthalle, online",
    day=date(2026, 4, 21),
    opens="14:00",
    closes="18:00",
    zone=ZoneInfo("Europe/Berlin"),
    organizer="integration@stadt.example.org",
    organizer_name='Jana "JW" Weißenburger; Referat, Stadt',
)


def by_hand(text: str) -> dict[str, str]:
    """The properties of the event, unfolded; a property's parameters belong to its value."""
    lines = text.replace("\r\n ", "").split("\r\n")
    inside = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    return {line[: min(line.index(sign) for sign in ":;" if sign in line)]: line.partition(":")[2] for line in inside}


def event(text: str) -> dict[str, object]:
    (found,) = Calendar.from_ical(text).walk("VEVENT")
    return {name: found.decoded(name) for name in ("dtstart", "dtend", "sequence") if name in found}


def test_a_meeting_is_written_with_its_times_in_utc() -> None:
    assert by_hand(written(SPRING)) == {
        "SUMMARY": "Netzwerktreffen (Integrationsplan 2026)",
        "DTSTART": "20260421T120000Z",
        "DTEND": "20260421T160000Z",
        "DTSTAMP": "20260210T083012Z",
        "UID": "ip-2026-spring@plan.example.org",
        "SEQUENCE": "2",
        "STATUS": "CONFIRMED",
        "DESCRIPTION": "Integrationsplan 2026\\nJana Weißenburger",
        "LOCATION": "Stadthalle\\, online",
        "ORGANIZER": "mailto:integration@stadt.example.org",
        "TRANSP": "OPAQUE",
    }


def test_the_frame_names_the_method_and_the_version() -> None:
    found = Calendar.from_ical(written(SPRING))

    assert (found["METHOD"], found["VERSION"], found["PRODID"]) == ("REQUEST", "2.0", "-//cycle//yearly plan update//EN")


def test_in_winter_the_same_hour_is_another_in_utc() -> None:
    assert event(written(replace(SPRING, day=date(2026, 11, 5)))) == {
        "dtstart": datetime(2026, 11, 5, 13, tzinfo=UTC),
        "dtend": datetime(2026, 11, 5, 17, tzinfo=UTC),
        "sequence": 2,
    }


def test_without_an_hour_it_is_a_whole_day_that_blocks_nothing() -> None:
    told = written(replace(SPRING, opens=None, closes=None))

    assert "DTSTART;VALUE=DATE:20260421\r\n" in told
    assert event(told) == {"dtstart": date(2026, 4, 21), "dtend": date(2026, 4, 22), "sequence": 2}
    assert by_hand(told)["TRANSP"] == "TRANSPARENT"


def test_where_nobody_said_when_it_ends_there_is_no_end() -> None:
    assert event(written(replace(SPRING, closes=None))) == {"dtstart": datetime(2026, 4, 21, 12, tzinfo=UTC), "sequence": 2}


def test_a_meeting_that_goes_on_after_midnight_ends_on_the_next_day() -> None:
    told = event(written(replace(SPRING, opens="20:00", closes="00:30")))

    assert told["dtend"] == datetime(2026, 4, 21, 22, 30, tzinfo=UTC)


def test_a_cancelled_meeting_is_struck_out_under_the_same_name() -> None:
    cancelled = replace(SPRING, sequence=3, cancelled=True)

    told = by_hand(written(cancelled))

    assert (method_of(cancelled), told["STATUS"], told["SEQUENCE"], told["UID"]) == ("CANCEL", "CANCELLED", "3", SPRING.uid)
    assert Calendar.from_ical(written(cancelled))["METHOD"] == "CANCEL"


@pytest.mark.parametrize("broken", ["\r\nEND:VEVENT\r\nBEGIN:VEVENT", "\nATTENDEE:mailto:all@example.org", 'a;b,c\\d:e"f'])
@pytest.mark.parametrize("field", ["summary", "description", "location", "organizer_name"])
def test_what_people_write_stays_inside_its_line(field: str, broken: str) -> None:
    told = written(replace(SPRING, **{field: f"vorher{broken}"}))  # type: ignore[arg-type]

    assert set(by_hand(told)) == set(by_hand(written(SPRING)))
    assert told.split("\r\n").count("BEGIN:VEVENT") == 1


def test_it_is_the_same_text_each_time_with_lines_of_75_octets() -> None:
    long = replace(SPRING, location="Straße des Übergangs " * 20)

    assert written(long) == written.__wrapped__(long)
    assert max(len(line.encode("utf-8")) for line in written(long).split("\r\n")) <= 75
    assert "\n" not in written(long).replace("\r\n", "")
