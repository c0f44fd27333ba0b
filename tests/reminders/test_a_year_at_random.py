"""Whatever happens in a year, and however often the service is off: what the ledger says holds the policy."""

from collections import Counter
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

import pytest
from a_year_at_random import ZONE, RandomYear
from sqlmodel import col, select

from cycle.journal.history import Told, entries
from cycle.outbox.records import Mail
from cycle.partners.records import Contact, Partner
from cycle.reminders.records import LedgerItem

ARRIVED = ("sent", "bounced")
Sent = tuple[LedgerItem, Mail]


class Ledger:
    """What a year has left: every item with its mail, and the entries of the journal."""

    def __init__(self, cycle: Any) -> None:
        site = cycle.site
        with site.journal.reading() as session:
            query = select(LedgerItem, Mail).join(Mail, isouter=True).order_by(col(LedgerItem.id))
            self.items: list[tuple[LedgerItem, Mail | None]] = list(session.exec(query))
            self.mails = list(session.exec(select(Mail).order_by(col(Mail.id))))
            numbers = session.exec(select(Contact.ref, Partner.number).where(Contact.partner_id == Partner.id))
            self.numbers: dict[str, int] = dict(numbers.all())
            self.told: list[Told] = list(entries(session))
            session.expunge_all()
        calendars = site.files.calendars(site.workflow())
        self.public, self.quiet = calendars["public"], calendars["quiet"]

    @property
    def sent(self) -> list[Sent]:
        """The items that went, each with its mail."""
        return [(item, mail) for item, mail in self.items if mail and mail.state in ARRIVED and item.state == "in_mail"]

    def entries(self, *types: str) -> list[Told]:
        return [told for told in self.told if told.type in types]

    def first_answers(self) -> dict[int, datetime]:
        """When each partner's first answer to the survey was entered."""
        found: dict[int, datetime] = {}
        for told in self.entries("survey.answered"):
            for number in told.data["partners"]:
                found.setdefault(int(number), told.recorded_at)
        return found


def local(mail: Mail) -> datetime:
    assert mail.sent_at is not None
    return mail.sent_at.astimezone(ZONE)


def every_item_has_an_end(ledger: Ledger) -> None:
    ends = Counter(
        "sent"
        if mail and mail.state in ARRIVED and item.state == "in_mail"
        else item.state
        if item.why or item.state == "letter"
        else f"{item.state} without an end"
        for item, mail in ledger.items
    )
    assert set(ends) <= {"sent", "letter", "cancelled", "missed"}, ends
    assert [(mail.id, mail.state) for mail in ledger.mails if mail.state not in ("sent", "bounced") and not mail.why] == []


def nobody_has_two_mails_a_day(ledger: Ledger) -> None:
    days = Counter((mail.person, local(mail).date()) for mail in ledger.mails if mail.state in ARRIVED)
    assert [pair for pair, count in days.items() if count > 1] == []


def nothing_goes_outside_the_window(ledger: Ledger) -> None:
    moments = [local(mail) for mail in ledger.mails if mail.state in ARRIVED]
    assert [m for m in moments if not time(8) <= m.time() < time(16) or m.weekday() > 4 or ledger.public.reason(m.date())] == []
    asking = [(item.template, local(mail)) for item, mail in ledger.sent if item.kind in ("request", "reminder")]
    assert [(template, moment) for template, moment in asking if ledger.quiet.reason(moment.date())] == []


def nobody_is_asked_after_having_answered(ledger: Ledger) -> None:
    answers = ledger.first_answers()
    asking = [(item, mail) for item, mail in ledger.sent if item.template in SURVEY and item.partner in answers]
    assert [(item.partner, item.template) for item, mail in asking if local(mail) > answers[item.partner or 0]] == []


def nobody_is_asked_for_a_review_after_having_given_it(ledger: Ledger, reviewed: dict[int, datetime]) -> None:
    asking = [(item, mail) for item, mail in ledger.sent if item.template in REVIEW and item.partner in reviewed]
    assert [(item.partner, item.template) for item, mail in asking if local(mail) > reviewed[item.partner or 0]] == []


def reminders_are_few_and_far_between(ledger: Ledger) -> None:
    days: dict[tuple[str, str], list[date]] = {}
    for item, _ in ledger.items:
        if item.kind == "reminder" and item.state in ("in_mail", "letter"):
            days.setdefault((item.subject, item.person), []).append(item.made_on)
    assert [key for key, found in days.items() if len(found) > 3] == []
    assert [key for key, found in days.items() if any((b - a).days < 5 for a, b in pairwise(sorted(found)))] == []


def nothing_is_told_twice(ledger: Ledger) -> None:
    told = Counter((item.cycle_id, item.subject, item.day, item.step, item.person) for item, _ in ledger.items)
    assert [key for key, count in told.items() if count > 1] == []


def what_comes_before_a_day_does_not_come_after_it(ledger: Ledger) -> None:
    ahead = [(item, mail) for item, mail in ledger.sent if item.step.startswith("-")]
    assert [(item.step, item.day) for item, mail in ahead if local(mail).date() > item.day] == []


def nothing_goes_while_the_year_is_suspended(ledger: Ledger) -> None:
    spans: list[tuple[datetime, datetime]] = []
    begun: datetime | None = None
    for told in ledger.entries("phase.held", "phase.resumed"):
        if told.type == "phase.held":
            begun = told.recorded_at
        elif begun is not None:
            spans.append((begun, told.recorded_at))
            begun = None
    moments = [local(mail) for mail in ledger.mails if mail.state in ARRIVED]
    assert [moment for moment in moments if any(first < moment < last for first, last in spans)] == []


def nobody_who_objects_or_wants_a_call_is_written_to(ledger: Ledger) -> None:
    wishes = ledger.entries("partner.edited")
    for item, mail in ledger.sent:
        number = ledger.numbers.get(item.person)
        rank = "deputy" if mail.role == "partner_deputy" else None
        of_person = [t for t in wishes if t.data.get("partner") == number and t.data.get("rank") == rank and "wish" in t.data]
        before = [told.data["wish"] for told in of_person if told.recorded_at < local(mail)]
        assert number is None or not before or before[-1] == "none", (item.template, number, before)


SURVEY = ("survey_invitation", "survey_reminder_1", "survey_reminder_2", "survey_overdue")
REVIEW = ("autumn_review_request", "autumn_review_reminder", "autumn_review_overdue")
PROMISES = [
    every_item_has_an_end,
    nobody_has_two_mails_a_day,
    nothing_goes_outside_the_window,
    nobody_is_asked_after_having_answered,
    reminders_are_few_and_far_between,
    nothing_is_told_twice,
    what_comes_before_a_day_does_not_come_after_it,
    nothing_goes_while_the_year_is_suspended,
    nobody_who_objects_or_wants_a_call_is_written_to,
]


@pytest.mark.parametrize("seed", [4, *(pytest.param(seed, marks=pytest.mark.long) for seed in (5, 6, 7))])
def test_a_year_at_random_keeps_every_promise(cycle: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    year = RandomYear(cycle, seed, monkeypatch)

    year.play()

    ledger = Ledger(cycle)
    for promise in PROMISES:
        promise(ledger)
    nobody_is_asked_for_a_review_after_having_given_it(ledger, year.reviewed)
    assert len(ledger.sent) > 100
