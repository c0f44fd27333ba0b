"""A mail that waited for the server: its reader still has one mail a day, and it still tells nothing that is over."""

from collections import Counter
from typing import Any

import pytest
from small_town import mailed, mails, run, send_to
from survey_of_small_town import ALBA, FIRST_REMINDER, ledger

from cycle.cli import shell


def without_server(cycle: Any, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(cycle, moment, code=8)
        shell.close()


def test_who_has_a_mail_that_waits_gets_the_next_thing_the_day_after(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    without_server(asked, monkeypatch, FIRST_REMINDER)
    asked(
        'measure add 2025 "Treff" --field language --target-group all --owner 2 --due 2025-09-19 --reason Treffen',
        at="2025-03-12T08:30:00+01:00",
    )

    for moment in ("2025-03-12T09:00:00+01:00", "2025-03-12T10:00:00+01:00", "2025-03-13T09:00:00+01:00"):
        run(asked, moment)

    assert mailed(asked, "survey_reminder_1").count(ALBA) == mailed(asked, "measure_assigned").count(ALBA) == 1
    days = Counter(str(each["sent"])[:10] for each in mails(asked) if each["to"] == ALBA and each["due"] >= "2025-03-11")
    assert days == {"2025-03-12": 1, "2025-03-13": 1}


def test_a_notice_before_a_day_that_waits_until_after_it_does_not_go(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(
        'measure add 2025 "Treff" --field language --target-group all --owner 2 --due 2025-03-07 --reason Treffen',
        at="2025-02-26T09:00:00+01:00",
    )
    run(asked)
    without_server(asked, monkeypatch, "2025-03-06T09:00:00+01:00")

    run(asked, "2025-03-10T09:00:00+01:00")

    assert mailed(asked, "measure_due") == []
    assert ledger(asked, "measure_due")[-1][1:] in (("missed", "too_late"), ("cancelled", "too_late"))
