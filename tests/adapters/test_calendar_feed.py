"""A file of many appointments: read back by the library's strict parser, and octet by octet by hand; time zones over DST."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from cycle.adapters.calendar import Appointment, feed
from cycle.adapters.zones import described

MEETING = Appointment(
    uid="ip-2026-spring@plan.example.org",
    sequence=2,
    stamp=datetime(2026, 2, 10, 8, 30, 12, 345, tzinfo=UTC),
    summary="Netzwerktreffen (Integrationsplan 2026)",
    description="Integrationsplan 2026\nStatusanalyse",
    location="Stadthalle, online",
    day=date(2026, 4, 21),
    opens="14:00",
    closes="18:00",
    zone=ZoneInfo("Europe/Berlin"),
)
DEADLINE = replace(MEETING, uid="ip-2026-date-survey_due@plan.example.org", opens=None, closes=None, location="")


def read(data: bytes) -> Calendar:
    """The file by the strict parser: what it cannot read is an error, not a note."""
    found = Calendar.from_ical(data)
    assert [each.errors for each in found.walk()] == [[] for _ in found.walk()]
    assert isinstance(found, Calendar)
    return found


@pytest.mark.parametrize(
    ("day", "line", "in_utc"),
    [
        (date(2026, 3, 28), "DTSTART;TZID=Europe/Berlin:20260328T140000", 13),  # the day before summer time
        (date(2026, 3, 29), "DTSTART;TZID=Europe/Berlin:20260329T140000", 12),  # its first
        (date(2026, 10, 24), "DTSTART;TZID=Europe/Berlin:20261024T140000", 12),  # the day before winter time
        (date(2026, 10, 25), "DTSTART;TZID=Europe/Berlin:20261025T140000", 13),
    ],
)
def test_two_in_the_afternoon_stays_two_over_summer_time(day: date, line: str, in_utc: int) -> None:
    data = feed([replace(MEETING, day=day)], "Plan")

    assert f"\r\n{line}\r\n".encode() in data
    (event,) = read(data).walk("VEVENT")
    assert event["DTSTART"].dt.astimezone(UTC) == datetime(day.year, day.month, day.day, in_utc, tzinfo=UTC)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=4)


def test_the_zone_is_described_once_by_a_rule_for_each_half_of_the_year() -> None:
    data = feed([MEETING, replace(MEETING, uid="b", day=date(2027, 11, 2))], "Plan")

    lines = data.decode().split("\r\n")
    assert lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE") + 1] == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]
    assert data.count(b"BEGIN:VTIMEZONE") == 1


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Europe/London", "Asia/Tokyo"])
def test_a_described_zone_is_the_zone_itself_hour_by_hour(name: str) -> None:
    zone = ZoneInfo(name)
    rule = described(zone, range(2025, 2027))
    assert rule is not None
    by_rule = rule.to_tz()

    moments = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours) for hours in range(0, 2 * 365 * 24, 5)]
    wrong = [m for m in moments if m.astimezone(zone).utcoffset() != _offset(by_rule, m.astimezone(zone))]

    assert wrong == []


def _offset(zone: object, local: datetime) -> timedelta | None:
    return local.replace(tzinfo=zone, fold=local.fold).utcoffset()  # type: ignore[arg-type]


def test_a_zone_without_one_rule_a_half_goes_out_in_utc() -> None:
    data = feed([replace(MEETING, zone=ZoneInfo("Africa/Casablanca"))], "Plan")

    assert (b"VTIMEZONE" in data, b"\r\nDTSTART:20260421T130000Z\r\n" in data) == (False, True)


def test_a_deadline_is_a_whole_day_that_takes_nobodys_time() -> None:
    data = feed([DEADLINE], "Plan")

    (event,) = read(data).walk("VEVENT")
    assert (event["DTSTART"].dt, event["DTEND"].dt, str(event["TRANSP"])) == (
        date(2026, 4, 21),
        date(2026, 4, 22),
        "TRANSPARENT",
    )
    assert (b"DTSTART;VALUE=DATE:20260421\r\n" in data, b"VTIMEZONE" in data) == (True, False)


def test_it_names_nobody_and_asks_nobody() -> None:
    data = feed([MEETING, DEADLINE], "Plan")

    assert [word for word in (b"ORGANIZER", b"ATTENDEE", b"METHOD") if word in data] == []


def test_what_is_off_is_there_as_cancelled_and_does_not_remind() -> None:
    data = feed([replace(MEETING, cancelled=True, sequence=3), DEADLINE], "Plan", alarm_days=3)

    first, second = read(data).walk("VEVENT")
    assert (str(first["STATUS"]), first["SEQUENCE"], first.walk("VALARM")) == ("CANCELLED", 3, [])
    (alarm,) = second.walk("VALARM")
    assert (str(alarm["ACTION"]), alarm["TRIGGER"].dt, str(second["STATUS"])) == ("DISPLAY", timedelta(days=-3), "CONFIRMED")


def test_lines_end_with_crlf_and_have_at_most_75_octets() -> None:
    long = replace(MEETING, summary="Straße des Übergangs, größere Räume; " * 9, location="Ä" * 200)

    data = feed([long, DEADLINE], "Plan mit einem sehr langen Namen, der über mehr als eine Zeile geht: größtmöglich")

    assert data.endswith(b"END:VCALENDAR\r\n")
    assert data.replace(b"\r\n", b"").count(b"\n") == data.replace(b"\r\n", b"").count(b"\r") == 0
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode("utf-8")  # no letter is torn apart by a fold
    (event, _) = read(data).walk("VEVENT")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (long.summary, long.location)


def test_the_same_appointments_are_the_same_bytes() -> None:
    assert feed([MEETING, DEADLINE], "Plan") == feed([MEETING, DEADLINE], "Plan")
