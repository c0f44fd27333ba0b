"""Mails to very many on one day: an entry of the journal tells of a thousand at most, and all are made or none."""

import sqlite3
from typing import Any

from small_town import PARTNERS, SAVE_THE_DATE, mail, partner, settle
from sqlmodel import select

from cycle.cli import shell
from cycle.journal import history
from cycle.outbox.records import Mail
from cycle.reminders.actions.queue import AT_ONCE
from cycle.reminders.records import LedgerItem
from cycle.service.records import Pulse
from cycle.service.tick import tick

PEOPLE = AT_ONCE + 200
REFUSAL = "CREATE TRIGGER full BEFORE INSERT ON mail WHEN NEW.partner = {} BEGIN SELECT RAISE(ABORT, 'no room'); END"


def whole_city(cycle: Any) -> Any:
    """So many partners; who speaks for the first of them speaks for the last one too."""
    members = [partner(number, f"verein{number}") for number in range(2, PEOPLE + 1)]
    settle(cycle, [PARTNERS[0], *members, partner(PEOPLE + 1, "verein2", **{"Kürzel": "ZWEI", "Name": "Verein zwei"})])
    cycle.at(SAVE_THE_DATE)
    shell.close()
    return cycle


def entries(cycle: Any) -> list[int]:
    """How many mails each entry of the journal has queued."""
    with cycle.site.journal.reading() as session:
        return [len(told.data["mails"]) for told in history.entries(session, types=["mail.queued"])]


def test_a_mail_to_very_many_is_made_in_entries_of_a_thousand_and_once(cycle: Any) -> None:
    city = whole_city(cycle)

    first = tick(city.site)
    with city.site.journal.machinery() as machinery:  # as if the service had forgotten that it has looked
        machinery.change(Pulse, seen=0)
    again = tick(city.site)

    assert (first.queued, first.troubles, again.queued, again.looked) == ({"ip-2025": PEOPLE - 1}, {}, {}, 1)
    with city.site.journal.reading() as session:
        mails = session.exec(select(Mail)).all()
        items = session.exec(select(LedgerItem)).all()
    both = next(one for one in mails if one.address == mail("verein2"))
    assert [one.address for one in mails].count(both.address) == 1
    assert both.partner == PEOPLE + 1  # as if there were no entries: for the last of those she speaks for
    assert sorted(one.mail_id for one in items) == [one.id for one in mails]
    assert sorted(entries(city)) == [PEOPLE - 1 - AT_ONCE, AT_ONCE]


def test_where_one_of_very_many_cannot_be_made_none_is_and_later_all(cycle: Any) -> None:
    city = whole_city(cycle)
    with sqlite3.connect(city.home / "cycle.db") as database:
        database.execute(REFUSAL.format(PEOPLE))  # in the second entry
    database.close()

    refused = tick(city.site)
    with city.site.journal.reading() as session:
        left = session.exec(select(Mail)).all()
    told = entries(city)
    with sqlite3.connect(city.home / "cycle.db") as database:
        database.execute("DROP TRIGGER full")
    database.close()
    made = tick(city.site)

    assert ([*refused.troubles], left, told) == (["ip-2025"], [], [])
    assert (made.queued, made.troubles) == ({"ip-2025": PEOPLE - 1}, {})
