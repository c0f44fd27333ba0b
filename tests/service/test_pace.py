"""At most so many mails a minute, whatever the pool; and who waits for a turn ends when the service does."""

import asyncio
from typing import Any

import pytest
from crooked import crooked
from small_town import SAVE_THE_DATE, mail, mails, run, settle

from cycle.adapters.outcome import Outcome, OutcomeKind, Phase
from cycle.cli import shell
from cycle.journal.questions import rows_where
from cycle.outbox.records import Mail, MailState
from cycle.outbox.rules.envelope import envelope_sender, tokens_in
from cycle.service.deliver import deliver
from cycle.service.memory import Breaker, Pace
from cycle.service.tick import tick

EVERYBODY = [mail("alba"), mail("birke"), mail("cassia")]


def seconds_for(pace: Pace, turns: int) -> float:
    async def wait() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert await asyncio.gather(*(pace.turn(bool) for _ in range(turns))) == [True] * turns
        return loop.time() - began

    return asyncio.run(wait())


def test_mails_that_are_ready_at_once_go_evenly() -> None:
    assert 0.4 <= seconds_for(Pace(600), 5) < 2
    assert seconds_for(Pace(0), 5) < 0.1


def test_who_waits_for_a_turn_is_let_go_when_the_service_stops() -> None:
    async def wait() -> list[bool]:
        pace, stop = Pace(1), asyncio.Event()
        waiting = [asyncio.ensure_future(pace.turn(stop.is_set)) for _ in range(2)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        return list(await asyncio.gather(*waiting))

    assert asyncio.run(wait()) == [True, False]


class Slow:
    """A connection that notes which mails are in the hands of any connection while it sends."""

    def __init__(self, town: Any, seen: list[int]) -> None:
        self._town = town
        self._seen = seen

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        with self._town.site.journal.reading() as session:
            self._seen.append(
                len([each for each in rows_where(session, Mail, state=MailState.QUEUED) if each.lease and not each.ahead])
            )
        return Outcome(OutcomeKind.SENT, 250, "2.0.0 taken", Phase.DOT)

    async def close(self) -> None:
        """Nothing is held open."""


def test_a_mail_that_waits_for_its_turn_is_in_nobodys_hands(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_MAIL__TRANSPORT", "smtp")
    monkeypatch.setenv("CYCLE_SMTP__HOST", "127.0.0.1")
    monkeypatch.setenv("CYCLE_SMTP__PER_MINUTE", "600")
    town = settle(cycle)
    town.at(SAVE_THE_DATE)
    shell.close()
    tick(town.site)
    seen: list[int] = []

    delivered = asyncio.run(deliver(town.site, [Slow(town, seen) for _ in range(3)]))

    assert (delivered.sent, seen) == (3, [1, 1, 1])


def test_the_envelope_names_the_mail_that_would_come_back(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_MAIL__BOUNCE_DOMAIN", "zurueck.musterstadt.example.de")
    monkeypatch.setenv("CYCLE_SMTP__PER_MINUTE", "6000")
    town = settle(cycle)
    with crooked(monkeypatch, {}) as server:
        shell.close()
        told = run(town, SAVE_THE_DATE)

    tokens = [each["message_id"].strip("<>").partition("@")[0] for each in mails(town)]
    assert (told["sent"], server.to) == (3, EVERYBODY)
    assert server.senders == [f"bounce+{token}@zurueck.musterstadt.example.de" for token in tokens]
    assert tokens_in(" ".join(server.senders).upper()) == tokens


def test_without_a_domain_for_what_comes_back_the_sender_stands_on_the_envelope() -> None:
    assert envelope_sender("<abc@x.example>", "plan@stadt.example", "") == "plan@stadt.example"


def test_what_fails_rests_until_its_time_and_one_success_makes_up_for_all() -> None:
    breaker = Breaker()

    rests = [breaker.failed(0.0) for _ in range(3)]
    resting = (breaker.open(239.9), breaker.open(240.0))
    breaker.worked()

    assert (rests, resting) == ([60.0, 120.0, 240.0], (True, False))
    assert (breaker, breaker.failed(1000.0)) == (Breaker(1, 1060.0), 60.0)
