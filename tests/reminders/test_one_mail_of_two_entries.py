"""Whoever is in two entries of one look (two plans, or two parts of a whole city) has one mail, which is that of both."""

from datetime import date
from typing import Any

import pytest
from small_town import SAVE_THE_DATE, settle
from sqlmodel import select

from cycle.cycles.records import Cycle
from cycle.journal.actor import SERVICE
from cycle.outbox.records import Mail
from cycle.partners.records import Rank
from cycle.partners.records.recipients import recipients
from cycle.reminders.actions.queue import queue
from cycle.reminders.rules.ladder import Notice, addressed
from cycle.workflow.model import MailKind

TODAY, WEDNESDAY, FRIDAY = date(2025, 2, 18), date(2025, 2, 19), date(2025, 2, 21)
# What a step is about, by the day on which it makes no sense any more; None: that day never comes.
STEPS: dict[date | None, str] = {WEDNESDAY: "early", FRIDAY: "late", None: "always"}


@pytest.mark.parametrize(
    ("first", "second", "expires_on"),
    [(WEDNESDAY, FRIDAY, FRIDAY), (FRIDAY, WEDNESDAY, FRIDAY), (WEDNESDAY, None, None), (None, WEDNESDAY, None)],
)
def test_a_mail_made_by_two_entries_makes_sense_as_long_as_either_of_its_parts(
    cycle: Any, first: date | None, second: date | None, expires_on: date | None
) -> None:
    site = settle(cycle).site
    cycle.at(SAVE_THE_DATE)
    now = site.now()

    with site.journal.together() as together:
        for level, day in enumerate((first, second), start=1):
            with together.entry("mail.queued", by=SERVICE, now=now, cycle="ip-2025") as entry:
                about = site.year(entry.session, entry.session.exec(select(Cycle)).one(), now)
                (to,) = recipients(entry.session, [2], Rank.PRIMARY)
                step = STEPS[day]
                kind = MailKind.REMINDER
                notice = Notice(f"date/{step}", day or TODAY, step, "survey_reminder_1", kind, TODAY, 3 - level)
                queue(entry, about, [addressed(notice, to)], domain="stadt.example.org")

    with site.journal.reading() as session:
        (mail,) = session.exec(select(Mail)).all()
    assert (mail.templates, mail.expires_on, mail.level) == (["survey_reminder_1"] * 2, expires_on, 2)
