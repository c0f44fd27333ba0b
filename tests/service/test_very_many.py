"""Very many due items at once: made once, and the second time none."""

import sys
import time
from typing import Any

import pytest
from small_town import PARTNERS, partner, write_partners
from sqlalchemy import func
from sqlmodel import col, select

from cycle.app.places import data_root
from cycle.cli import shell
from cycle.outbox.records import Mail
from cycle.reminders.records import LedgerItem
from cycle.service.records import Pulse
from cycle.service.tick import tick

INVITED = "2025-04-16T09:00:00+02:00"  # four weeks before the talk


def many_talks(cycle: Any, people: int, plans: int) -> None:
    """A city with so many partners and so many plans, each of which invites everybody on the same day."""
    file = write_partners(
        cycle.home / "partners.csv", [PARTNERS[0], *(partner(number, f"verein{number}") for number in range(2, people + 2))]
    )
    talk = (data_root() / "workflows" / "toy.yaml").read_text(encoding="utf-8")
    talk = talk.replace("  host: {", "  coordinator: {").replace("[host]", "[coordinator]")
    cycle(f"partner import {file}")
    for number in range(plans):
        own = talk.replace("id: toy, ref: OG", f"id: talk{number}, ref: T{number}")
        (cycle.home / "workflows" / f"talk{number}.yaml").write_text(own, encoding="utf-8")
        cycle(f"start 2025 --plan talk{number}")
        cycle(f"date confirm 2025 talk --plan talk{number}")


@pytest.mark.parametrize(
    ("people", "plans"),
    [(20, 15), pytest.param(1000, 150, marks=(pytest.mark.long, pytest.mark.timeout(3600)))],
    ids=["300", "150,000"],
)
def test_very_many_due_items_are_made_once_and_the_second_time_none(
    cycle_anywhere: Any, people: int, plans: int, capsys: pytest.CaptureFixture[str]
) -> None:
    many_talks(cycle_anywhere, people, plans)
    cycle_anywhere.at(INVITED)
    shell.close()
    site = cycle_anywhere.site

    begun = time.perf_counter()
    first = tick(site)
    made_in = time.perf_counter() - begun
    with site.journal.machinery() as machinery:  # as if the service had forgotten that it has looked
        machinery.change(Pulse, seen=0)
    begun = time.perf_counter()
    again = tick(site)
    asked_in = time.perf_counter() - begun

    with capsys.disabled():
        sys.stdout.write(f"\n{people * plans:,} due items made in {made_in:.1f} s, asked for again in {asked_in:.1f} s\n")
    assert (sum(first.queued.values()), first.troubles) == (people * plans, {})
    assert (sum(again.queued.values()), again.looked, again.troubles) == (0, plans, {})
    with site.journal.reading() as session:
        items = session.exec(select(func.count(col(LedgerItem.id)))).one()
        mails = session.exec(select(func.count(col(Mail.id)))).one()
    assert (items, mails) == (people * plans, people)  # one mail a person, whatever it is made of
