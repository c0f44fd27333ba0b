"""What one delivery does when something of its own goes wrong in the middle: nothing that was sent is forgotten, nothing that
may not go goes, and nobody waits for ever."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from small_town import in_hand, mail, queued_town

import cycle.adapters.database as database
from cycle.adapters.outcome import Outcome, OutcomeKind, Phase
from cycle.errors import Conflict
from cycle.journal.questions import rows_where
from cycle.outbox.records import Mail
from cycle.service import deliver as delivering
from cycle.service import dispatch, lot, stock
from cycle.service import settle as settling
from cycle.service.deliver import deliver_all
from cycle.service.memory import Memory, Pace

Sent = list[str]


class Connection:
    """Takes every mail in its time; `meanwhile` happens with each of them."""

    def __init__(self, sent: Sent, seconds: float = 0.02, meanwhile: Callable[[str], object] = str) -> None:
        self.closed = False
        self._sent = sent
        self._seconds = seconds
        self._meanwhile = meanwhile

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        self._meanwhile(recipient)
        await asyncio.sleep(self._seconds)
        self._sent.append(recipient)
        return Outcome(OutcomeKind.SENT, 250, "2.0.0 taken", Phase.DOT)

    async def close(self) -> None:
        self.closed = True


def name(number: int) -> str:
    return mail(f"p{number:03}")


def failing_once(real: Callable[..., Any], at_call: int, error: Exception) -> Callable[..., Any]:
    calls = [0]

    def called(*given: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == at_call:
            raise error
        return real(*given, **named)

    return called


def test_letters_that_cannot_be_written_ahead_end_the_delivery_and_what_is_under_way_comes_back(
    cycle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = queued_town(cycle, monkeypatch, 6)
    monkeypatch.setattr(stock, "batch_of", lambda site: 2)
    write, written, sent = delivering._compose, list[int](), Sent()

    def only_the_first(run: Any, numbers: Any, owner: str, desk: Any) -> Any:
        written.extend(numbers)
        if len(written) > 2:
            raise RuntimeError("a bug in one letter")
        return write(run, numbers, owner, desk)

    monkeypatch.setattr(delivering, "_compose", only_the_first)
    with pytest.raises(RuntimeError, match="a bug in one letter"):
        asyncio.run(deliver_all(town.site, [Connection(sent), Connection(sent, 0.3)]))

    assert written == [1, 2, 3, 4]  # tried once
    assert sent == [name(2), name(3)]
    assert set(in_hand(town).values()) == {("sent", False), ("queued", False)}


def test_one_outcome_that_cannot_be_written_down_costs_no_other_mail(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = queued_town(cycle, monkeypatch, 8)
    settle_one, sent = dispatch.settle, Sent()

    def all_but_the_second(run: Any, together: Any, job: Any, *rest: Any) -> bool:
        if job.mail.id == 2:
            raise RuntimeError("cannot be written down")
        return settle_one(run, together, job, *rest)

    monkeypatch.setattr(dispatch, "settle", all_but_the_second)
    with pytest.raises(RuntimeError, match="cannot be written down"):
        asyncio.run(deliver_all(town.site, [Connection(sent) for _ in range(3)]))

    after = in_hand(town)
    assert after.pop(name(3)) == ("queued", True)  # in doubt, until its lease is over
    assert set(after.values()) <= {("sent", False), ("queued", False)}
    assert {to for to, (state, _) in after.items() if state == "sent"} == set(sent) - {name(3)}


def test_what_was_sent_is_marked_although_the_next_one_cannot_be_begun(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = queued_town(cycle, monkeypatch, 4)
    monkeypatch.setattr(dispatch, "begin", failing_once(dispatch.begin, 2, Conflict("database_busy")))
    sent = Sent()

    with pytest.raises(Conflict):
        asyncio.run(deliver_all(town.site, [Connection(sent)]))

    assert sent == [name(2)]
    assert in_hand(town) == {name(2): ("sent", False)} | {name(number): ("queued", False) for number in range(3, 6)}


def test_mails_that_another_service_took_are_left_to_it_and_the_rest_goes(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = queued_town(cycle, monkeypatch, 8)

    def take_two(recipient: str) -> None:
        if recipient == name(2):
            with town.site.journal.machinery() as machinery:
                for number in (2, 3):
                    machinery.change_row(Mail, number, holding={}, lease="another")

    sent = Sent()
    delivered = asyncio.run(deliver_all(town.site, [Connection(sent, meanwhile=take_two)]))

    assert sent == [name(number) for number in (2, 5, 6, 7, 8, 9)]
    assert delivered.sent == 6


def test_who_left_gets_nothing_although_the_letters_after_could_not_be_written(
    cycle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = queued_town(cycle, monkeypatch, 8)
    monkeypatch.setattr(stock, "batch_of", lambda site: 4)
    monkeypatch.setattr(settling, "cancel", failing_once(settling.cancel, 1, Conflict("database_busy")))
    write, left, sent = delivering._compose, list[int](), Sent()

    def two_leave(run: Any, numbers: Any, owner: str, desk: Any) -> Any:
        if 5 in numbers and not left:
            for number in (5, 6):
                left.append(number)
                town(f'partner leave {number} --on 2025-02-18 --reason "Verein aufgelöst"')
        return write(run, numbers, owner, desk)

    monkeypatch.setattr(delivering, "_compose", two_leave)
    with pytest.raises(Conflict):
        asyncio.run(deliver_all(town.site, [Connection(sent) for _ in range(3)]))

    assert left == [5, 6]
    assert {name(5), name(6)} & set(sent) == set()


class Counted(Pace):
    """A pace that counts its turns."""

    turns = 0

    async def turn(self, stop: Callable[[], bool]) -> bool:
        self.turns += 1
        return await super().turn(stop)


def test_with_a_pace_a_mail_costs_one_turn_and_no_mail_none(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_SMTP__PER_MINUTE", "3000")
    town = queued_town(cycle, monkeypatch, 1)
    pace = Counted(3000)
    memory = Memory(pace)
    turns = []
    for _ in range(2):
        asyncio.run(deliver_all(town.site, [Connection(Sent()) for _ in range(4)], memory=memory))
        turns.append(pace.turns)

    assert turns == [1, 1]


def test_what_a_server_answered_stays_when_a_claimed_mail_is_given_back(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = queued_town(cycle, monkeypatch, 3)
    with town.site.journal.machinery() as machinery:
        machinery.change_row(Mail, 3, holding={}, last_reply="450 4.2.1 (rcpt)", attempts=1)
    sent = Sent()

    asyncio.run(deliver_all(town.site, [Connection(sent)], stop=lambda: len(sent) > 0))

    with town.site.journal.reading() as session:
        assert [row.last_reply for row in rows_where(session, Mail)] == [None, None, "450 4.2.1 (rcpt)"]
    assert sent == [name(2)]


def test_the_connections_are_closed_although_giving_back_fails(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = queued_town(cycle, monkeypatch, 2)
    own = [Connection(Sent())]
    monkeypatch.setattr(delivering, "transports", lambda site: own)

    def busy(self: Any) -> None:
        raise Conflict("database_busy")

    monkeypatch.setattr(dispatch.Dispatch, "end", busy)
    with pytest.raises(Conflict):
        asyncio.run(deliver_all(town.site))

    assert own[0].closed


def test_letters_written_before_the_machine_slept_do_not_go_in_the_night(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = queued_town(cycle, monkeypatch, 30)
    sent = Sent()

    def sleep(recipient: str) -> None:
        if recipient == name(3):
            town.at("2025-02-18T23:30:00+01:00")

    delivered = asyncio.run(deliver_all(town.site, [Connection(sent, 0, sleep)]))

    assert (sent, delivered.sent) == ([name(2), name(3)], 2)


def test_no_more_bytes_wait_to_be_handed_out_than_memory_should_hold(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = queued_town(cycle, monkeypatch, 10)
    monkeypatch.setattr(lot, "MOST_BYTES", 1)  # one letter is more
    sent: Sent = []
    in_hands: list[int] = []

    def look(_recipient: str) -> None:
        in_hands.append(sum(taken for _, taken in in_hand(town).values()))

    delivered = asyncio.run(deliver_all(town.site, [Connection(sent, 0, look)]))

    assert (delivered.sent, sorted(sent)) == (10, [name(number) for number in range(2, 12)])
    assert max(in_hands) <= 2  # of ten: the one that is under way, and the one after it


def durable_after(town: Any, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[int]:
    """The disk takes so long to make a transaction durable; gives the number of mails that each of them told of."""
    dialect, told = town.site.database.writer.dialect, list[int]()
    commit, in_one = dialect.do_commit, dispatch.Dispatch._in_one

    def slowly(connection: Any) -> None:
        threading.Event().wait(seconds)
        commit(connection)

    def counted(self: Any, done: Any, wanted: int) -> Any:
        told.append(len(done))
        return in_one(self, done, wanted)

    monkeypatch.setattr(dialect, "do_commit", slowly)
    monkeypatch.setattr(dispatch.Dispatch, "_in_one", counted)
    return told


def test_what_comes_back_while_a_transaction_takes_its_time_shares_the_next_one(
    cycle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = queued_town(cycle, monkeypatch, 20)
    told, sent = durable_after(town, monkeypatch, 0.1), Sent()

    asyncio.run(deliver_all(town.site, [Connection(sent, 0.001 * number) for number in range(1, 6)]))

    assert told == [0, 5, 5, 5, 5]
    assert set(in_hand(town).values()) == {("sent", False)}


def test_what_came_back_is_written_down_although_the_delivery_is_broken_off_before_the_others_are_back(
    cycle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = queued_town(cycle, monkeypatch, 3)
    told, sent = durable_after(town, monkeypatch, 0.1), Sent()

    async def broken_off() -> None:
        delivery = asyncio.ensure_future(deliver_all(town.site, [Connection(sent), Connection(sent, 60)]))
        while not sent:
            await asyncio.sleep(0.001)
        delivery.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivery
        assert told == [0, 1]
        await asyncio.sleep(0.2)  # nothing comes after it

    asyncio.run(broken_off())

    assert told == [0, 1]
    assert in_hand(town) == {name(2): ("sent", False), name(3): ("queued", True), name(4): ("queued", False)}


def test_mails_of_yesterday_go_today(cycle_anywhere: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = queued_town(cycle_anywhere, monkeypatch, 2)
    town.at("2025-02-19T10:00:00+01:00")
    sent = Sent()

    asyncio.run(deliver_all(town.site, [Connection(sent)]))

    assert sent == [name(2), name(3)]


def test_a_commit_that_a_long_reading_kept_waiting_leaves_no_lock_behind(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 100)
    town = queued_town(cycle, monkeypatch, 1)
    reader = database.connect(town.site.database.url).reader.connect()
    transaction = reader.begin()
    reader.exec_driver_sql("SELECT count(*) FROM mail").fetchall()
    if town.site.database.journal_mode == "delete":
        with pytest.raises(Conflict), town.site.journal.machinery() as machinery:
            machinery.change_row(Mail, 1, holding={}, attempts=1)
    transaction.rollback()
    reader.close()

    with town.site.journal.machinery() as machinery:
        assert machinery.change_row(Mail, 1, holding={}, attempts=2)
