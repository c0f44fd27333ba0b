"""What changes for who comes: SEQUENCE, one mail on a change, and nothing for who never heard of the meeting."""

import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from icalendar import Calendar
from played import played_once
from small_town import SAVE_THE_DATE, confirm_dates, mailed, partner, run, settle, write_partners

ALBA = "alba@verein.example.org"
EVERYBODY = ["alba@verein.example.org", "birke@verein.example.org", "cassia@verein.example.org"]
RULE = 'rule: "nth_weekday(7, Tue, 3)",            avoid: [public, school, religious], shift: plus_week, anchor: true'


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """The town with 2025 open, and the save the date for spring sent."""
    settle(cycle)
    run(cycle, SAVE_THE_DATE)
    return cycle


def with_round_table_after(cycle: Any, key: str, days: int, announced: int = 56) -> Any:
    """A town whose round table follows another date, its save the date so many days before."""
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(RULE) == 1
    assert text.count('"round_table - 56d"') == 1
    text = text.replace('"round_table - 56d"', f'"round_table - {announced}d"')
    file.write_text(text.replace(RULE, f'rule: "{key} + {days}d"'), encoding="utf-8")
    return settle(cycle)


def box(town: Any, template: str, to: str = ALBA) -> list[EmailMessage]:
    """The mails of a template to one address, in the order made."""
    wanted = [m for m in json.loads(town("mail list --json").out)["mails"] if m["to"] == to and template in m["templates"]]
    read = [message_from_bytes(file.read_bytes(), policy=default) for file in (town.home / "mail" / "new").iterdir()]
    found = {message["Message-ID"]: message for message in read}
    return [found[each["message_id"]] for each in wanted if each["message_id"] in found]


def events(message: EmailMessage) -> list[tuple[str, ...]]:
    """Method, UID before the @, SEQUENCE, place and begin of every meeting in a mail."""
    found = []
    for part in message.walk():
        if part.get_content_type() == "application/ics":
            calendar = Calendar.from_ical(part.get_content())
            (event,) = calendar.walk("VEVENT")
            uid = str(event["UID"]).partition("@")[0]
            begin = event["DTSTART"].to_ical().decode()
            found.append((str(calendar["METHOD"]), uid, str(event["SEQUENCE"]), str(event.get("LOCATION", "")), begin))
    return found


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def sequence(town: Any, name: str) -> int:
    return next(m["sequence"] for m in json.loads(town("meeting list 2025 --json").out)["meetings"] if m["name"] == name)


# What counts SEQUENCE up


def test_sequence_grows_with_what_an_attendee_must_see_and_with_nothing_else(town: Any) -> None:
    lines = {
        "meeting edit 2025 spring --venue Rathaus": 1,
        "meeting edit 2025 spring --at 15:00": 1,
        "meeting edit 2025 spring --until 19:00": 1,
        "meeting edit 2025 spring --mode on_site": 1,
        "meeting edit 2025 spring --link https://konferenz.example.org/n": 1,
        "meeting agenda add 2025 spring Vortrag": 0,
        "meeting register 2025 spring --partner 2 --on-site 1": 0,
        "date move 2025 gap_analysis_due 2025-04-10 --reason 'mehr Zeit'": 0,
        "date confirm 2025 round_table": 0,
        "meeting move 2025 spring 2025-05-06 --reason 'Halle belegt'": 1,
        "date move 2025 spring_meeting 2025-05-08 --reason 'Halle belegt'": 1,
        "meeting cancel 2025 spring --reason Unwetter": 1,
    }

    grown = {}
    for line in lines:
        before = sequence(town, "spring")
        town(line)
        grown[line] = sequence(town, "spring") - before

    assert (grown, sequence(town, "round_table")) == (lines, 0)


def test_a_meeting_that_moves_along_with_another_counts_too_and_is_told_in_the_same_mail(cycle: Any) -> None:
    town = with_round_table_after(cycle, "spring_meeting", 77, announced=150)
    run(town, "2025-02-14T09:00:00+01:00")
    run(town, SAVE_THE_DATE)

    moved = town("meeting move 2025 spring 2025-05-06 --reason 'Halle belegt' --json", at="2025-02-19T08:30:00+01:00")
    run(town, "2025-02-19T09:00:00+01:00")

    assert [each["meeting"] for each in json.loads(moved.out)["meetings"]] == ["round_table"]
    (mail,) = box(town, "meeting_rescheduled")
    assert events(mail) == [
        ("REQUEST", "ip-2025-spring", "1", "Stadthalle, online", "20250506T120000Z"),
        ("REQUEST", "ip-2025-round_table", "1", "Rathaus, online", "20250722T143000Z"),
    ]
    assert "am Dienstag, 15. Juli 2025 stattfinden" in text(mail)
    assert "am Dienstag, 29. April 2025 stattfinden" in text(mail)


def test_a_meeting_that_follows_a_date_of_no_meeting_is_told_when_that_moves(cycle: Any) -> None:
    town = with_round_table_after(cycle, "theme_decision", 19)
    for key in ("theme_decision", "review_request", "report_committee"):
        town(f"date confirm 2025 {key}")
    run(town, "2025-05-20T09:00:00+02:00")

    town("date move 2025 theme_decision 2025-07-03 --reason 'Sitzung verlegt'", at="2025-05-21T08:30:00+02:00")
    run(town, "2025-05-21T09:00:00+02:00")

    assert mailed(town, "meeting_rescheduled") == EVERYBODY
    assert events(box(town, "meeting_rescheduled")[0]) == [
        ("REQUEST", "ip-2025-round_table", "1", "Rathaus, online", "20250722T143000Z")
    ]


def test_a_day_given_anew_after_a_back_step_counts_sequence_up(town: Any) -> None:
    confirm_dates(town)
    before = sequence(town, "round_table")

    with town.site.entry("date.moved", _right("run"), year=2025, reason="Tag neu gegeben") as (entry, about):
        from cycle.dates.actions import give_anew  # noqa: PLC0415 - the action under test
        from cycle.meetings.actions import given_anew  # noqa: PLC0415

        give_anew(entry, about, "round_table", about.today.replace(month=7, day=22))
        given_anew(entry, about, ["round_table"])

    assert (before, sequence(town, "round_table")) == (0, 1)


def _right(name: str) -> Any:
    from cycle.vocabulary import Right  # noqa: PLC0415

    return Right(name)


# A mail on a change, and none too many


def test_edits_of_a_day_are_told_together_on_the_next_to_those_who_had_heard_of_the_meeting(town: Any) -> None:
    town("meeting edit 2025 spring --venue Bürgerhaus", at="2025-03-05T09:00:00+01:00")
    run(town)
    town("meeting edit 2025 spring --at 15:00", at="2025-03-05T11:00:00+01:00")
    run(town)
    assert mailed(town, "meeting_changed") == []

    for morning in ("2025-03-06T08:00:00+01:00", "2025-03-07T08:00:00+01:00", "2025-03-10T08:00:00+01:00"):
        run(town, morning)

    assert mailed(town, "meeting_changed") == EVERYBODY
    (mail,) = box(town, "meeting_changed")
    assert "Dienstag, 29. April 2025, 15:00 bis 18:00 Uhr\nOrt: Bürgerhaus und online" in text(mail)
    assert events(mail) == [("REQUEST", "ip-2025-spring", "2", "Bürgerhaus, online", "20250429T130000Z")]


def test_an_edit_is_not_told_where_nobody_had_heard_of_the_meeting(town: Any) -> None:
    town("meeting edit 2025 round_table --venue Bürgerhaus", at="2025-03-05T09:00:00+01:00")

    run(town, "2025-03-06T08:00:00+01:00")

    assert mailed(town, "meeting_changed") == []


def test_who_hears_of_the_meeting_as_it_is_now_is_told_of_no_change(cycle: Any) -> None:
    town = settle(cycle)
    town("meeting edit 2025 spring --venue Bürgerhaus", at="2025-02-17T09:00:00+01:00")
    for morning in (SAVE_THE_DATE, "2025-02-19T08:00:00+01:00", "2025-02-20T08:00:00+01:00"):
        run(town, morning)

    assert (mailed(town, "save_the_date_spring"), mailed(town, "meeting_changed")) == (EVERYBODY, [])


def test_an_edit_shortly_before_the_meeting_is_told_at_once(town: Any) -> None:
    town("meeting edit 2025 spring --venue Bürgerhaus", at="2025-04-28T09:00:00+02:00")

    run(town)

    assert mailed(town, "meeting_changed") == EVERYBODY


def test_a_move_after_an_edit_says_both_in_one_mail(town: Any) -> None:
    town("meeting edit 2025 spring --venue Bürgerhaus", at="2025-03-05T09:00:00+01:00")
    town("meeting move 2025 spring 2025-05-06 --reason 'Halle belegt'", at="2025-03-05T09:10:00+01:00")
    for morning in ("2025-03-05T09:20:00+01:00", "2025-03-06T08:00:00+01:00", "2025-03-07T08:00:00+01:00"):
        run(town, morning)

    assert (mailed(town, "meeting_rescheduled"), mailed(town, "meeting_changed")) == (EVERYBODY, [])
    assert events(box(town, "meeting_rescheduled")[0])[0][2:4] == ("2", "Bürgerhaus, online")


def test_the_programme_and_who_was_there_are_told_to_nobody(town: Any) -> None:
    town("meeting agenda add 2025 spring Vortrag", at="2025-03-05T09:00:00+01:00")

    run(town, "2025-03-06T08:00:00+01:00")

    assert mailed(town, "meeting_changed") == []


def test_a_cancelled_meeting_is_struck_out_for_those_who_had_it_and_for_nobody_else(town: Any) -> None:
    more = write_partners(town.home / "more.csv", [partner(6, "Efeu")])
    town(f"partner import {more}", at="2025-02-19T09:00:00+01:00")
    town("meeting cancel 2025 spring --reason Unwetter", at="2025-02-20T08:30:00+01:00")
    run(town, "2025-02-20T09:00:00+01:00")

    assert mailed(town, "meeting_cancelled") == EVERYBODY
    assert events(box(town, "meeting_cancelled")[0]) == [
        ("CANCEL", "ip-2025-spring", "1", "Stadthalle, online", "20250429T120000Z")
    ]


# The programme and the way to dial in


def test_the_invitation_and_its_meeting_tell_programme_and_link(town: Any) -> None:
    town(
        "meeting agenda add 2025 spring 'Schule und Herkunft' --kind Vortrag --speaker 'Prof. Dr. Mara Lindqvist' --minutes 60"
    )
    town("meeting edit 2025 spring --link https://konferenz.example.org/netzwerk")
    run(town, "2025-03-25T09:00:00+01:00")

    (mail,) = box(town, "invitation_spring")
    assert "Das haben wir vor:\n1. 14:00 Uhr: Vortrag: Schule und Herkunft (Prof. Dr. Mara Lindqvist)\n" in text(mail)
    assert "Online nehmen Sie hier teil: https://konferenz.example.org/netzwerk\n" in text(mail)
    assert "an oder ab" in text(mail)
    assert "bis Dienstag, 22. April 2025" in text(mail)
    (file,) = [part for part in mail.walk() if part.get_content_type() == "application/ics"]
    (event,) = Calendar.from_ical(file.get_content()).walk("VEVENT")
    assert str(event["DESCRIPTION"]).splitlines()[:3] == [
        "Integrationsplan 2025",
        "14:00 Schule und Herkunft (Prof. Dr. Mara Lindqvist)",
        "https://konferenz.example.org/netzwerk",
    ]


# What a person should know of a day


def test_a_session_too_soon_on_a_holiday_or_too_late_is_warned_of(town: Any) -> None:
    groups = town.home / "groups.csv"
    groups.write_text("Nr;Name;Sprecher Partner-Nr;Mitglieder\nNG1;Sprache;2;2\nNG2;Arbeit;3;2\n", encoding="utf-8-sig")
    town(f"group import {groups}", at="2025-10-29T09:00:00+01:00")

    soon = town("meeting add 2025 group_session --group NG1 --on 2025-11-01").err
    late = town("meeting move 2025 group_session 2025-11-25 --group NG1 --reason 'Raum belegt'").err
    town("meeting move 2025 group_session 2025-10-01 --group NG1 --reason 'Raum belegt'", code=2)

    assert [line for line in soon.splitlines() if line.startswith("!")] == [
        "! Sitzung der Netzwerkgruppe NG1 am 01.11.2025: Bis dahin sind es nur 2 Arbeitstage; "
        "manche können sich das nicht mehr einrichten.",
        "! Sitzung der Netzwerkgruppe NG1 liegt mit dem 01.11.2025 auf einem Tag, an dem wenige kommen (Wochenende).",
    ]
    assert [line for line in late.splitlines() if line.startswith("!")] == [
        "! Sitzung der Netzwerkgruppe NG1 am 25.11.2025 liegt nach dem Tag, bis zu dem getagt werden soll (14.11.2025)."
    ]


def test_only_groups_that_have_not_met_and_are_not_excused_are_invited(cycle: Any) -> None:
    groups = cycle.home / "groups.csv"
    names = ["NG1;Sprache;2;2", "NG2;Arbeit;3;2", "NG3;Wohnen;4;2"]
    groups.write_text("\n".join(["Nr;Name;Sprecher Partner-Nr;Mitglieder", *names, ""]), encoding="utf-8-sig")
    belongs = {2: "NG1", 3: "NG2", 4: "NG1, NG3"}
    members = [
        partner(number, name, **{"Netzwerkgruppen": belongs.get(number, "")})
        for number, name in enumerate(["Referat", "Alba", "Birke", "Cassia"], start=1)
    ]
    cycle(f"group import {groups}", at="2025-01-10T08:00:00+01:00")
    town = settle(cycle, members)
    town("meeting add 2025 group_session --group NG1 --on 2025-10-15", at="2025-10-01T09:00:00+02:00")
    town("meeting add 2025 group_session --group NG3 --on 2025-11-12 --at 17:30")
    town("meeting held 2025 group_session --group NG1 --on-site 5", at="2025-10-15T20:00:00+02:00")
    town("meeting excuse 2025 group_session --group NG2 --reason 'keine Vorhaben'")

    run(town, "2025-10-31T09:00:00+01:00")
    unreleased = mailed(town, "group_session_invitation")
    confirm_dates(town)
    run(town)

    assert unreleased == []
    assert mailed(town, "group_session_invitation") == ["cassia@verein.example.org"]
    (mail,) = box(town, "group_session_invitation", "cassia@verein.example.org")
    assert "Netzwerkgruppe „Wohnen“" in text(mail)
    assert events(mail)[0][1] == "ip-2025-group_session/NG3"
