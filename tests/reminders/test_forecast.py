"""A forecast shows what then goes, bundled as it goes; it neither waits for the database nor leaves a trace in it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from small_town import SAVE_THE_DATE, mail, mails, name_everybody, run, settle
from survey_of_small_town import EVERYBODY, FIRST_REMINDER, LAST_REMINDER, SECOND_REMINDER
from test_terminal import on_terminal

from cycle.journal.history import head_seq
from cycle.reminders.records import LedgerItem, ledger_of
from cycle.service.foresee import What, foresee, until_of

BERLIN = ZoneInfo("Europe/Berlin")
Line = tuple[str, str, tuple[str, ...], tuple[int, ...], tuple[str, ...], int]


def told(cycle: Any, line: str) -> dict[str, Any]:
    return dict(json.loads(cycle(f"{line} --json").out))


def lines(document: dict[str, Any]) -> list[Line]:
    """Day, what, templates, partners, roles and how many, of every line of a forecast."""
    return [
        (day["day"], each["what"], tuple(each["templates"]), tuple(each["partners"]), tuple(each["roles"]), each["count"])
        for day in document["days"]
        for each in day["lines"]
    ]


def mornings(first: str, days: int) -> list[str]:
    begin = date.fromisoformat(first)
    return [
        datetime.combine(begin + timedelta(days=n), datetime.min.time().replace(hour=9), BERLIN).isoformat()
        for n in range(days)
    ]


def sent(cycle: Any, after: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """Day, address and templates of the mails sent since that one."""
    return sorted(
        (each["sent"][:10], each["to"], tuple(each["templates"]))
        for each in mails(cycle)
        if each["id"] > after and each["state"] == "sent"
    )


def letters(cycle: Any, after: int) -> list[tuple[str, str, int | None]]:
    with cycle.site.journal.reading() as session:
        rows: Sequence[LedgerItem] = ledger_of(session, 1)
        return sorted(
            (str(row.made_on), row.template, row.partner) for row in rows if (row.id or 0) > after and row.state == "letter"
        )


def test_what_is_foreseen_for_thirty_days_is_what_then_goes(asked: Any) -> None:
    asked("survey answer 2025 --partner 4", at="2025-03-10T10:00:00+01:00")
    before = max(each["id"] for each in mails(asked))
    with asked.site.journal.reading() as session:
        last_item = max(row.id or 0 for row in ledger_of(session, 1))

    found = foresee(asked.site, asked.site.today(), until_of(asked.site, 30))
    for morning in [None, *mornings("2025-03-11", 29)]:
        run(asked, morning)

    assert sorted((str(one.day), one.address, one.templates) for one in found.lines if one.what is What.MAIL) == sent(
        asked, before
    )
    assert sorted((str(one.day), one.templates[0], one.partner) for one in found.lines if one.what is What.LETTER) == letters(
        asked, last_item
    )
    assert len(sent(asked, before)) > 10


def test_the_table_has_one_line_for_each_template_of_a_day_and_fits_a_terminal(asked: Any) -> None:
    for owner in (2, 3):
        asked(f'measure add 2025 "Lesepaten" --owner {owner} --due 2025-04-08')
    document = told(asked, "mail forecast --days 32")

    said = asked("mail forecast --days 32")
    rows = [line.split("\t") for line in said.out.splitlines()[1:]]

    together = [each for each in lines(document) if len(set(each[2])) > 1]
    counted: Counter[tuple[str, str]] = Counter()
    for day, _, templates, _, _, count in lines(document):
        counted.update({(f"{day[8:]}.{day[5:7]}.{day[:4]}", template): count for template in set(templates)})
    assert together != []
    assert len({(row[0], *row[2:]) for row in rows}) == len(rows)
    assert sum((Counter({(row[0], row[3]): int(row[1])}) for row in rows), Counter()) == counted
    assert "Eine Zeile je Vorlage; mehrere an dieselbe Person am selben Tag gehen in einem Schreiben." in said.err
    columns = [
        ("col.day", "left"),
        ("col.count", "right"),
        ("col.what", "left"),
        ("col.template", "whole"),
        ("col.why", "left"),
    ]
    longest = [
        "01.01.2026",
        "114",
        "wartet auf Freigabe",
        "save_the_date_round_table",
        "wartet: „Runder Tisch“ ist nicht bestätigt",
    ]
    assert max(map(len, on_terminal(columns, [*(row[:5] for row in rows), longest]))) <= 80


def test_the_policy_between_one_day_and_the_next_is_foreseen_too(asked: Any) -> None:
    """Three reminders of one thing, none sooner than five days after the last, and each day's only after the one before."""
    reminders = [
        (day[:10], what, (template,), partners, (), len(partners))
        for day, template in (
            (FIRST_REMINDER, "survey_reminder_1"),
            (SECOND_REMINDER, "survey_reminder_2"),
            (LAST_REMINDER, "survey_overdue"),
        )
        for what, partners in (("mail", (2, 3, 4)), ("letter", (5,)))
    ]

    found = lines(told(asked, "mail forecast --days 32"))

    assert [each for each in found if each[2][0].startswith("survey")] == reminders
    assert told(asked, f"run --dry-run --from {LAST_REMINDER[:10]} --to {LAST_REMINDER[:10]}")["mails"] == 4


def test_nothing_is_written_and_nobody_is_waited_for(asked: Any) -> None:
    before = (asked("mail list --json").out, asked("history list --json").out)
    other = sqlite3.connect(asked.home / "cycle.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    found = told(asked, "mail forecast --days 30")
    other.execute("ROLLBACK")
    other.close()

    assert found["mails"] > 0
    assert (asked("mail list --json").out, asked("history list --json").out) == before


def test_in_a_quiet_time_no_request_and_no_reminder_goes_but_each_once_on_the_first_day_after(town: Any) -> None:
    name_everybody(town)
    town('measure add 2025 "Lesepaten" --owner 2 --due 2026-01-09', at="2025-12-01T09:00:00+01:00")  # reminders 08.12., 30.12.
    town('measure add 2025 "Sprachcafe" --owner 3 --due 2026-01-12')  # 09.12., 02.01.
    for morning in mornings("2025-12-01", 22):
        run(town, morning)

    quiet = lines(told(town, "run --dry-run --from 2025-12-23 --to 2026-01-06"))
    after = lines(told(town, "run --dry-run --from 2026-01-07 --to 2026-01-09"))

    assert [each for each in quiet if each[3]] == []
    assert [each for each in after if each[3]] == [("2026-01-07", "mail", ("measure_due",), (2, 3), (), 2)]


def test_a_forecast_holds_on_both_databases(cycle_anywhere: Any) -> None:
    cycle = settle(cycle_anywhere)
    name_everybody(cycle)
    cycle.at("2025-02-17T09:00:00+01:00")

    found = lines(told(cycle, "mail forecast 2025 --days 2"))
    steps = told(cycle, "mail explain 2 5 1 --on 2025-02-18")["steps"]

    assert [(each["partner"], each["state"], each["on"], each["reason"]) for each in steps] == [
        (2, "will_go", "2025-02-18", None),
        (5, "will_be_letter", "2025-02-18", None),
        (1, "not", None, "not_in_audience"),
    ]
    assert found == [
        (SAVE_THE_DATE[:10], "mail", ("save_the_date_spring",), (2, 3, 4), (), 3),
        (SAVE_THE_DATE[:10], "letter", ("save_the_date_spring",), (5,), (), 1),
    ]


def test_what_will_not_go_is_told_with_its_reason(asked: Any) -> None:
    asked('mail bounce --partner 4 --reason "550 unbekannt"', at="2025-03-10T09:00:00+01:00")

    found = told(asked, "run --dry-run --from 2025-03-11")

    assert [(each["what"], each["reason"], each["partners"]) for day in found["days"] for each in day["lines"]] == [
        ("mail", None, [2, 3]),
        ("letter", None, [5]),
        ("missed", "no_address", [4]),
    ]


def test_the_forecast_as_a_calendar_has_one_day_event_a_day_and_template(asked: Any) -> None:
    file = asked.home / "voraus.ics"

    asked(f"mail forecast --days 15 --ics {file}", at="2025-03-10T09:00:00+01:00")

    calendar = Calendar.from_ical(file.read_bytes())
    assert [(str(e["summary"]), e.decoded("dtstart"), str(e["uid"])) for e in calendar.walk("VEVENT")] == [
        ("4 × survey_reminder_1", date(2025, 3, 11), "2025-03-11-survey_reminder_1@musterstadt.example.de"),
        ("4 × survey_reminder_2", date(2025, 3, 20), "2025-03-20-survey_reminder_2@musterstadt.example.de"),
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("run --dry-run --from 2025-02-24", "Der 24.02.2025 ist vorbei"),
        ("mail preview --on 2025-02-24", "Der 24.02.2025 ist vorbei"),
        ("run --dry-run --from 2025-03-11 --to 2025-03-10", "liegt vor dem ersten"),
        ("run --once --from 2025-03-11", "--from und --to gelten nur zusammen mit --dry-run"),
        ("mail forecast --ics /nirgends/voraus.ics", "/nirgends/voraus.ics lässt sich nicht schreiben"),
    ],
)
def test_a_span_that_cannot_be_foreseen_is_a_sentence(asked: Any, line: str, sentence: str) -> None:
    with asked.site.journal.reading() as session:
        before = head_seq(session)

    said = asked(line, code=2)

    assert sentence in said.err
    with asked.site.journal.reading() as session:
        assert head_seq(session) == before


def test_the_preview_of_a_later_day_knows_what_went_before(asked: Any) -> None:
    asked('measure add 2025 "Lesepaten" --owner 2 --due 2025-04-07', at="2025-03-10T09:00:00+01:00")  # reminder 10.03.

    today = told(asked, "mail preview")["mails"]
    tomorrow = told(asked, "mail preview --on 2025-03-11")["mails"]

    assert [(each["to"], each["templates"]) for each in tomorrow if each["channel"] == "mail"] == [
        (to, ["survey_reminder_1"]) for to in EVERYBODY
    ]
    assert [(each["to"], each["templates"]) for each in today] == [(mail("alba"), ["measure_due", "measure_assigned"])]
