"""A second process that writes the letters where very many wait: the same letters, and nothing lost whatever becomes of it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from small_town import in_hand, mail, queued_town
from sqlmodel import col

from cycle.adapters.outcome import Outcome, OutcomeKind, Phase
from cycle.app.places import data_root
from cycle.errors import WrongInput
from cycle.journal.questions import rows_where
from cycle.outbox.records import Mail
from cycle.service import clerk, deliver, lot, stock
from cycle.service.clerk import Clerk, Gone, start_clerk
from cycle.service.deliver import deliver_all
from cycle.service.desk import Desk
from cycle.service.loop import DRAIN_SECONDS
from cycle.service.lot import Lot
from cycle.service.write import composer_of

PEOPLE = 12
ALL = [mail(f"p{number:03}") for number in range(2, PEOPLE + 2)]
BY_HAND = 2  # what the first process writes at a time, of which it writes two lots while the clerk is on its way
SECONDS = 20


class Taken:
    """A server that takes everything: the messages by their reader."""

    def __init__(self, meanwhile: Callable[[str], object] = str) -> None:
        self.messages: dict[str, list[bytes]] = {}
        self._meanwhile = meanwhile

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        self._meanwhile(recipient)
        await asyncio.sleep(0.001)
        self.messages.setdefault(recipient, []).append(message)
        return Outcome(OutcomeKind.SENT, 250, "2.0.0 taken", Phase.DOT)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def town(cycle_anywhere: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Twelve partners whose mails are queued, enough for a clerk here, who is asked for five letters at a time."""
    monkeypatch.setattr(deliver, "MANY", 10)
    monkeypatch.setattr(deliver, "processors", lambda: 2)
    monkeypatch.setattr(stock, "LOT", 5)
    monkeypatch.setattr(stock, "batch_of", lambda site: BY_HAND)
    return queued_town(cycle_anywhere, monkeypatch, PEOPLE)


@pytest.fixture
def lots(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The mails of each lot that a clerk wrote."""
    written: list[list[int]] = []
    write = Clerk.write

    async def counted(self: Clerk, numbers: Any, now: Any) -> Lot:
        lot = await write(self, numbers, now)
        written.append([job.written.mail_id for job in lot.jobs])
        return lot

    monkeypatch.setattr(Clerk, "write", counted)
    return written


def sent(town: Any) -> set[str]:
    return {to for to, (state, _) in in_hand(town).items() if state == "sent"}


def test_clerk_writes_what_the_first_process_would_have_written(town: Any, lots: list[list[int]]) -> None:
    server = Taken()

    delivered = asyncio.run(deliver_all(town.site, [server, server]))

    with town.site.journal.reading() as session:
        composer = composer_of(town.site, session, town.site.now())
        rows = rows_where(session, Mail)
        here = [composer.compose(row) for row in rows]
    assert delivered.sent == PEOPLE
    assert lots == [[3, 4, 5, 6, 7], [8, 9, 10, 11, 12]]
    assert {to: len(messages) for to, messages in server.messages.items()} == dict.fromkeys(ALL, 1)
    assert [(row.address, row.subject, row.text) for row in rows] == [(each.address, each.subject, each.text) for each in here]


def test_without_many_mails_or_a_free_processor_there_is_no_clerk(
    town: Any, lots: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "processors", lambda: 1)
    asyncio.run(deliver_all(town.site, [Taken()], stop=stopping_after(3)))
    monkeypatch.setattr(deliver, "processors", lambda: 2)
    asyncio.run(deliver_all(town.site, [Taken()]))

    assert lots == []
    assert sent(town) == set(ALL)


def stopping_after(mails: int) -> Callable[[], bool]:
    """Tells a delivery to stop when it asks for the so manyth time whether it goes on after a mail was handed out."""
    asked = [0]

    def stop() -> bool:
        asked[0] += 1
        return asked[0] > 4 * mails

    return stop


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_clerk_that_dies_costs_no_mail(town: Any, monkeypatch: pytest.MonkeyPatch, how: signal.Signals) -> None:
    told: list[str] = []

    async def doomed(site: Any) -> Clerk | None:
        started = await start_clerk(site)
        assert started is not None
        os.kill(started.pid, how)
        return started

    monkeypatch.setattr(deliver, "start_clerk", doomed)
    server = Taken()
    asyncio.run(deliver_all(town.site, [server, server], log=lambda event, **facts: told.append(event)))

    assert {to: len(messages) for to, messages in server.messages.items()} == dict.fromkeys(ALL, 1)
    assert in_hand(town) == dict.fromkeys(ALL, ("sent", False))
    assert told.count("clerk_gone") == 1


def test_letter_of_the_clerk_does_not_go_to_who_left_while_it_was_written(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write, left = Clerk.write, list[int]()

    async def meanwhile(self: Clerk, numbers: Any, now: Any) -> Lot:
        lot = await write(self, numbers, now)
        if 7 in numbers and not left:
            left.append(8)
            town('partner leave 8 --on 2025-02-18 --reason "Verein aufgelöst"')
        return lot

    monkeypatch.setattr(Clerk, "write", meanwhile)
    server = Taken()
    asyncio.run(deliver_all(town.site, [server, server]))

    assert sorted(server.messages) == [to for to in ALL if to != mail("p008")]
    assert in_hand(town)[mail("p008")][0] == "cancelled"


def test_letters_from_before_what_the_first_process_knows_are_written_anew(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write, asked = Clerk.write, list[list[int]]()

    async def late(self: Clerk, numbers: Any, now: Any) -> Lot:
        lot = await write(self, numbers, now)
        asked.append(numbers)
        if len(asked) == 1:  # as if it had been written before the first process read what it writes from
            lot.head, lot.jobs = 0, [replace(job, message=b"old") for job in lot.jobs]
        return lot

    monkeypatch.setattr(Clerk, "write", late)
    server = Taken()
    asyncio.run(deliver_all(town.site, [server, server]))

    assert asked[:2] == [[3, 4, 5, 6, 7], [8, 9, 10, 11, 12]]
    assert {to: len(messages) for to, messages in server.messages.items()} == dict.fromkeys(ALL, 1)
    assert [b"old"] not in server.messages.values()


def test_letters_that_the_clerk_wrote_before_the_machine_slept_are_written_anew(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asked = Clerk.write, list[list[int]]()

    async def late(self: Clerk, numbers: Any, now: Any) -> Lot:
        lot = await write(self, numbers, now)
        asked.append(numbers)
        if len(asked) == 1:
            lot.jobs = [replace(job, message=b"old") for job in lot.jobs]
            town.at("2025-02-18T09:05:00+01:00")
        return lot

    monkeypatch.setattr(Clerk, "write", late)
    server = Taken()
    asyncio.run(deliver_all(town.site, [server, server]))

    assert {to: len(messages) for to, messages in server.messages.items()} == dict.fromkeys(ALL, 1)
    assert [b"old"] not in server.messages.values()


def test_clerk_who_cannot_write_a_letter_says_so_and_the_others_go(town: Any, lots: list[list[int]]) -> None:
    own = town.home / "templates" / "mail" / "de" / "save_the_date_spring.txt.j2"
    text = (data_root() / "templates" / "mail" / "de" / own.name).read_text(encoding="utf-8")
    own.parent.mkdir(parents=True, exist_ok=True)
    wrong = "{% block body %}{% if org.name == 'Verein P009' %}{{ gone }}{% endif %}"
    own.write_text(text.replace("{% block body %}", wrong), encoding="utf-8")

    delivered = asyncio.run(deliver_all(town.site, [Taken()]))

    assert {number: type(error) for number, error in delivered.unwritten.items()} == {8: WrongInput}
    assert lots == [[3, 4, 5, 6, 7], [9, 10, 11, 12]]
    assert sent(town) == set(ALL) - {mail("p009")}
    assert in_hand(town)[mail("p009")] == ("queued", False)


def test_delivery_that_stops_gives_back_what_the_clerk_was_writing_and_sends_it_home(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, ordered, write = list[Clerk](), list[int](), Clerk.write

    async def asked(self: Clerk, numbers: Any, now: Any) -> Lot:
        started.append(self)
        ordered.extend(numbers)
        return await write(self, numbers, now)

    monkeypatch.setattr(Clerk, "write", asked)
    server = Taken()
    asyncio.run(deliver_all(town.site, [server, server, server], stop=lambda: bool(server.messages)))

    after = in_hand(town)
    assert ordered == [5, 6, 7, 8, 9, 10, 11, 12]
    assert after == {to: ("sent" if to in server.messages else "queued", False) for to in ALL}
    assert not alive(started[0].pid)


def another(code: str) -> Callable[[Any], Any]:
    """In place of the clerk a process that does something else when it is asked."""

    async def start(site: Any) -> Clerk:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-c", f"import os, pickle, sys, time\n{code}", str(site.home))
        return Clerk(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))

    return start


def says(content: str) -> str:
    return (
        f"sys.stdin.buffer.read(4); told = {content}; sys.stdout.buffer.write(len(told).to_bytes(4, 'big') + told); "
        "sys.stdout.flush(); sys.stdin.buffer.read()"
    )


@pytest.mark.parametrize(
    "code",
    [
        says("b'hello'"),
        says("pickle.dumps(None)"),
        says("pickle.dumps(([3, 4, 5, 6, 7], None))"),
        says("b'cno_such_module\\nX\\n.'"),
        "sys.stdin.buffer.read()",  # it says nothing at all
        "sys.stdin.buffer.read(4)\nwhile True: os.write(1, b'\\0\\0\\0\\1' * 1_000_000)",  # and never stops
    ],
    ids=["rubbish", "something else", "no lot", "of another version", "nothing", "no end"],
)
def test_clerk_that_talks_nonsense_or_not_at_all_costs_no_mail(town: Any, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(clerk, "LONGEST", 0.5)
    monkeypatch.setattr(deliver, "start_clerk", another(code))
    server, told = Taken(), list[str]()

    async def delivery() -> None:
        async with asyncio.timeout(SECONDS):
            await deliver_all(town.site, [server, server], log=lambda event, **facts: told.append(event))

    asyncio.run(delivery())

    assert {to: len(messages) for to, messages in server.messages.items()} == dict.fromkeys(ALL, 1)
    assert in_hand(town) == dict.fromkeys(ALL, ("sent", False))
    assert told.count("clerk_gone") == 1


def test_clerk_with_a_full_pipe_goes_home_too(town: Any) -> None:
    async def closed() -> None:
        found = await another("while True: os.write(1, b'x' * 1_000_000)")(town.site)
        async with asyncio.timeout(SECONDS):
            while not found._process.stdout._paused:
                await asyncio.sleep(0.01)
            await found.close()
        assert not alive(found.pid)

    asyncio.run(closed())


HEAVY = """
from pathlib import Path
from cycle.service import clerk, lot
lot.MOST_BYTES = 3
clerk.serve(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
"""


def test_what_is_too_much_for_one_lot_of_the_clerk_goes_with_another(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "start_clerk", another(HEAVY))
    server = Taken()

    asyncio.run(deliver_all(town.site, [server]))

    assert {to: len(messages) for to, messages in server.messages.items()} == dict.fromkeys(ALL, 1)


def test_lots_of_the_clerk_share_the_bytes_that_may_wait(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = list(range(1, PEOPLE + 1))
    whole = lot.write_lot(town.site, numbers, Desk(town.site), town.site.now())
    monkeypatch.setattr(lot, "MOST_BYTES", sum(len(job.message) for job in whole.jobs))

    third = lot.write_lot(town.site, numbers, Desk(town.site), town.site.now(), share=clerk.LOTS_AHEAD)

    assert (len(whole.jobs), whole.later) == (PEOPLE, [])
    assert [job.written.mail_id for job in third.jobs] + third.later == numbers
    assert len(third.jobs) == PEOPLE // clerk.LOTS_AHEAD


def test_who_is_told_to_stop_does_not_wait_for_a_clerk_that_is_silent_longer_than_a_service_may_take_to_end() -> None:
    assert clerk.LONGEST < DRAIN_SECONDS


def test_what_the_clerk_found_against_a_mail_counts_only_while_it_is_true(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write, found = Clerk.write, list[list[int]]()

    async def mistaken(self: Clerk, numbers: Any, now: Any) -> Lot:
        first = 7 in numbers and not found
        if first:
            town('partner edit 8 --wish objects --reason "verwechselt"')
        lot = await write(self, numbers, now)
        if first:
            found.append(list(lot.stale))
            town('partner edit 8 --wish none --reason "es war Partner 9"')
        return lot

    monkeypatch.setattr(Clerk, "write", mistaken)
    server = Taken()
    asyncio.run(deliver_all(town.site, [server, server]))

    assert found == [[7]]
    assert sent(town) == set(ALL)


def test_mails_that_may_not_go_yet_need_no_clerk(town: Any, lots: list[list[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    with town.site.journal.machinery() as machinery:
        machinery.change(Mail, col(Mail.id) > 0, next_try_at=town.site.now() + timedelta(hours=1))

    async def never(site: Any) -> Clerk:
        raise AssertionError

    monkeypatch.setattr(deliver, "start_clerk", never)
    asyncio.run(deliver_all(town.site, [Taken()]))

    assert sent(town) == set()


def test_processors_are_counted_where_the_system_does_not_say_which_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)

    assert clerk.processors() == 3


def test_nobody_takes_an_answer_for_other_mails_than_were_asked_for(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked_twice() -> None:
        found = await start_clerk(town.site)
        assert found is not None
        monkeypatch.setattr(clerk, "LONGEST", 0.0)
        with pytest.raises(Gone):
            await found.write([1, 2], town.site.now())
        monkeypatch.setattr(clerk, "LONGEST", SECONDS)
        with pytest.raises(Gone):
            await found.write([3, 4], town.site.now())
        await found.close()

    asyncio.run(asked_twice())


STARTS = """
import asyncio, os, sys
from pathlib import Path
from cycle.app.opening import open_site
from cycle.service.clerk import start_clerk
async def start():
    found = await start_clerk(open_site(Path(sys.argv[1])))
    print(found.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(start())
"""


def test_clerk_ends_with_its_parent_although_that_is_killed(town: Any) -> None:
    parent = subprocess.Popen([sys.executable, "-c", STARTS, str(town.home)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()

    async def gone() -> None:
        async with asyncio.timeout(SECONDS):
            while alive(pid):
                await asyncio.sleep(0.01)

    asyncio.run(gone())


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has asked after yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
