"""What the mails of one run share is kept from one batch to the next, unless something happens that a letter may speak of."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from small_town import SAVE_THE_DATE, mail, mails, post_office, settle

from cycle.cli import shell
from cycle.outbox.records import mail_of
from cycle.reminders.actions.compose import Composed
from cycle.service.deliver import deliver
from cycle.service.desk import Desk
from cycle.service.tick import tick

ALBA, BIRKE, CASSIA = mail("alba"), mail("birke"), mail("cassia")


@pytest.fixture
def town(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three mails are queued; each is a batch of its own."""
    monkeypatch.setenv("CYCLE_SMTP__POOL", "1")
    settle(cycle)
    cycle.at(SAVE_THE_DATE)
    shell.close()
    tick(cycle.site)
    return cycle


def test_an_address_that_changes_while_the_mails_go_out_is_the_one_that_is_written_to(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed: list[str] = []
    with post_office(monkeypatch) as office:
        shell.close()

        def meanwhile() -> bool:
            if office.to == [ALBA] and not changed:
                changed.append("partner 4")
                name = "--salutation Frau --first-name Anna --last-name Neu --function Vorstand"
                town(f'partner edit 4 {name} --mail neu@verein.example.org --reason "Vorstandswahl"')
            return False

        delivered = asyncio.run(deliver(town.site, stop=meanwhile))

    assert delivered.sent + delivered.cancelled == 3
    assert changed == ["partner 4"]
    assert [to for to, _ in office.got if to == CASSIA] == []


def test_a_desk_keeps_its_composer_while_only_mails_go_out_and_for_no_longer_than_the_day(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.fromisoformat(SAVE_THE_DATE)
    desk = Desk(town.site)

    def composer(at: datetime) -> Any:
        with town.site.journal.reading() as session:
            return desk.composer(session, at)

    first = composer(now)
    with post_office(monkeypatch):
        asyncio.run(deliver(town.site))
    after_mails = composer(now)
    tomorrow = composer(now + timedelta(days=1))
    town('partner leave 4 --on 2025-02-18 --reason "Verein aufgelöst"')
    after_a_change = composer(now + timedelta(days=1))

    assert {each["state"] for each in mails(town)} == {"sent"}
    assert after_mails is first
    assert tomorrow is not first
    assert after_a_change is not tomorrow


def test_a_composer_that_was_kept_knows_a_year_that_no_mail_before_was_of(town: Any) -> None:
    now = datetime.fromisoformat(SAVE_THE_DATE)
    desk = Desk(town.site)
    with town.site.journal.reading() as session:
        first = desk.composer(session, now)

    with town.site.journal.reading() as session:
        later = desk.composer(session, now + timedelta(minutes=1))
        written = later.compose(mail_of(session, 1))

    assert later is first
    assert isinstance(written, Composed)
    assert written.address == ALBA
