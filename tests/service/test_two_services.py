"""Two services on one database, one of them killed in the middle: nothing is lost, nothing goes twice."""

import json
import signal
from collections import Counter
from typing import Any

import pytest
from small_town import PARTNERS, SAVE_THE_DATE, mail, mails, partner, post_office, run, settle
from test_service import start_service

from cycle.cli import shell
from cycle.journal.history import entries
from cycle.service.relay import BATCH

MANY = 80
POOL = 2
NAMES = [f"Verein{number:02}" for number in range(10, 10 + MANY)]
EVERYBODY = sorted(mail(name.lower()) for name in NAMES)
LEASE_IS_OVER = "2025-02-18T10:00:00+01:00"


def test_two_services_of_which_one_is_killed_lose_nothing_and_send_nothing_twice(
    cycle_anywhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners = [PARTNERS[0], *(partner(number, name) for number, name in enumerate(NAMES, start=10))]
    town = settle(cycle_anywhere, partners)
    monkeypatch.setenv("CYCLE_SMTP__POOL", str(POOL))
    with post_office(monkeypatch) as office:
        shell.close()
        one, other = start_service(SAVE_THE_DATE), start_service(SAVE_THE_DATE)
        for _ in range(MANY // 8):
            assert office.arrived.acquire(timeout=60)
        one.send_signal(signal.SIGKILL)
        _, killed = one.communicate(timeout=60)
        for _ in range(MANY // 8):
            assert office.arrived.acquire(timeout=60)
        other.send_signal(signal.SIGTERM)
        _, survived = other.communicate(timeout=60)
        run(town, SAVE_THE_DATE, code=None)
        after = run(town, LEASE_IS_OVER, code=None)

    states = Counter(each["state"] for each in mails(town))
    assert states.keys() <= {"sent", "unclear"}
    assert states.total() == MANY
    assert after["sent"] < BATCH + POOL  # what the dead one had claimed and not begun: more are claimed below a pool
    assert states["unclear"] <= POOL
    assert {to: count for to, count in Counter(office.to).items() if count > 1} == {}
    unclear = {each["to"] for each in mails(town) if each["state"] == "unclear"}
    assert set(EVERYBODY) - set(office.to) <= unclear
    tried = [
        {line["mail"] for line in map(json.loads, said.splitlines()) if line["event"].startswith("mail_")}
        for said in (killed, survived)
    ]
    assert tried[0] & tried[1] == set()  # each mail was one service's
    with town.site.journal.reading() as session:
        marked = Counter(each.data["mail"] for each in entries(session, types=["mail.sent", "mail.unclear"]))
    assert (len(marked), set(marked.values())) == (MANY, {1})
