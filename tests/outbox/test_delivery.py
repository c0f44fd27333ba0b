"""Delivery against a real mail server: what was written is what went, nothing is lost and nothing goes twice."""

import asyncio
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from small_town import DROP, HOLD, SAVE_THE_DATE, PostOffice, mail, mails, post_office, run, send_to, settle, states

from cycle.adapters.outcome import Outcome, OutcomeKind, Phase
from cycle.app.site import Site
from cycle.cli import shell
from cycle.journal.history import entries
from cycle.outbox.actions import begin, claim
from cycle.outbox.rules.again import retry_after
from cycle.service.deliver import deliver
from cycle.service.relay import CLAIM_LEASE
from cycle.service.tick import tick

NEXT_DAY = "2025-02-19T09:00:00+01:00"
ALBA, BIRKE, CASSIA = mail("alba"), mail("birke"), mail("cassia")
EVERYBODY = [ALBA, BIRKE, CASSIA]


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


def journal(cycle: Any, *types: str) -> list[dict[str, Any]]:
    """What entries of these types tell."""
    with cycle.site.journal.reading() as session:
        return [dict(told.data) for told in entries(session, types=types)]


def reopen() -> None:
    """Settings are read when the site is opened."""
    shell.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_run(at: str) -> subprocess.Popen[str]:
    """`cycle run --once` as a process of its own, on the same site."""
    return subprocess.Popen(
        [sys.executable, "-m", "cycle", "run", "--once", "--json"],
        env=os.environ | {"CYCLE_NOW": at},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_bytes_that_were_hashed_into_the_journal_reach_the_server(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch) as office:
        reopen()
        told = run(town, SAVE_THE_DATE)

    assert (told["sent"], told["failed"], told["unclear"], told["later"]) == (3, 0, 0, 0)
    assert office.to == EVERYBODY
    hashes = sorted(hashlib.sha256(message).hexdigest() for _, message in office.got)
    assert sorted(each["mime_sha256"] for each in journal(town, "mail.sent")) == hashes
    assert sorted(each["message_id"] for each in journal(town, "mail.sent")) == sorted(office.ids())


def test_a_second_run_sends_nothing(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch) as office:
        reopen()
        run(town, SAVE_THE_DATE)

        again = run(town, SAVE_THE_DATE)
        tomorrow = run(town, NEXT_DAY)

    assert (again["sent"], again["queued"], tomorrow["sent"], tomorrow["queued"]) == (0, 0, 0, 0)
    assert office.to == EVERYBODY


def test_an_unknown_mailbox_fails_and_is_asked_for_while_the_others_get_theirs(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with post_office(monkeypatch, PostOffice(refuse={BIRKE: "550 5.1.1 no such user"})) as office:
        reopen()
        told = run(town, SAVE_THE_DATE, code=8)
        again = run(town, SAVE_THE_DATE)

    assert (told["sent"], told["failed"]) == (2, 1)
    assert again["sent"] == 0
    assert office.to == [ALBA, CASSIA]
    assert states(town) == {ALBA: "sent", BIRKE: "failed", CASSIA: "sent"}
    partner = json.loads(town("partner show 3 --json").out)
    assert [c["bounced_on"] for c in partner["contacts"] if c["rank"] == "primary"] == ["2025-02-18"]


def test_a_mailbox_that_is_busy_gets_its_mail_when_the_time_has_come(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch, PostOffice(refuse={BIRKE: "450 4.2.1 greylisted"})) as office:
        reopen()
        first = run(town, SAVE_THE_DATE)
        office.refuse.clear()
        again = datetime.fromisoformat(SAVE_THE_DATE) + retry_after(2, 1)
        too_early = run(town, (again - timedelta(seconds=1)).isoformat())
        waiting = states(town)
        later = run(town, again.isoformat())

    assert (first["sent"], first["later"]) == (2, 1)
    assert waiting == {ALBA: "sent", BIRKE: "queued", CASSIA: "sent"}
    assert (too_early["sent"], later["sent"]) == (0, 1)
    assert office.to == EVERYBODY


def test_a_retry_waits_for_the_send_window(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch, PostOffice(refuse={BIRKE: "450 4.2.1 greylisted"})) as office:
        reopen()
        run(town, "2025-02-18T15:58:00+01:00")
        office.refuse.clear()
        evening = run(town, "2025-02-18T20:00:00+01:00")
        waiting = states(town)
        early = run(town, "2025-02-19T07:59:00+01:00")
        morning = run(town, "2025-02-19T08:00:00+01:00")

    assert (evening["sent"], early["sent"], morning["sent"]) == (0, 0, 1)
    assert waiting[BIRKE] == "queued"
    assert office.to == EVERYBODY


def test_a_busy_mailbox_is_given_up_when_its_time_is_over(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch, PostOffice(refuse={BIRKE: "450 4.2.1 greylisted"})):
        reopen()
        run(town, SAVE_THE_DATE)
        for day in range(19, 26):
            run(town, f"2025-02-{day}T09:00:00+01:00")

    assert states(town) == {ALBA: "sent", BIRKE: "missed", CASSIA: "sent"}
    assert [m["reason"] for m in mails(town) if m["to"] == BIRKE] == ["too_late"]


def test_a_server_that_is_down_loses_nothing(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    send_to(monkeypatch, port)
    reopen()

    said = town("run --once", at=SAVE_THE_DATE, code=8)
    waiting = states(town)
    with post_office(monkeypatch, port=port) as office:
        told = run(town, "2025-02-18T09:10:00+01:00")

    assert said.err.splitlines()[-1].startswith("Der Mailserver nimmt zurzeit nichts an:")
    assert waiting == dict.fromkeys(EVERYBODY, "queued")
    assert told["sent"] == 3
    assert office.to == EVERYBODY


def test_a_connection_lost_after_the_dot_is_unclear_and_a_retry_keeps_the_message_id(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with post_office(monkeypatch, PostOffice(at_the_dot={BIRKE: DROP})) as office:
        reopen()
        told = run(town, SAVE_THE_DATE, code=8)
        unclear = states(town)
        office.at_the_dot.clear()
        untouched = run(town, "2025-02-18T10:00:00+01:00")
        number = next(m["id"] for m in mails(town) if m["to"] == BIRKE)
        town(f"mail retry {number}")
        run(town, "2025-02-18T10:01:00+01:00")

    assert (told["sent"], told["unclear"]) == (2, 1)
    assert unclear == {ALBA: "sent", BIRKE: "unclear", CASSIA: "sent"}
    assert untouched["sent"] == 0
    assert office.to == [ALBA, BIRKE, BIRKE, CASSIA]
    of_birke = [name for name, (to, _) in zip(office.ids(), office.got, strict=True) if to == BIRKE]
    assert of_birke[0] == of_birke[1]
    assert states(town) == dict.fromkeys(EVERYBODY, "sent")


def test_a_process_killed_between_claim_and_mark_leaves_the_mail_unclear_and_it_never_goes_by_itself(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CYCLE_SMTP__POOL", "1")
    with post_office(monkeypatch, PostOffice(at_the_dot={BIRKE: HOLD})) as office:
        reopen()
        process = start_run(SAVE_THE_DATE)
        assert office.holding.wait(30)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        office.at_the_dot.clear()
        soon = run(town, "2025-02-18T09:22:00+01:00")
        before = dict(states(town))
        after = run(town, "2025-02-18T09:24:00+01:00", code=8)
        once_more = run(town, "2025-02-18T11:00:00+01:00")

    assert (soon["sent"], after["sent"], after["unclear"]) == (1, 0, 1)
    assert before == {ALBA: "sent", BIRKE: "queued", CASSIA: "sent"}
    assert once_more["sent"] + once_more["unclear"] == 0
    assert states(town) == {ALBA: "sent", BIRKE: "unclear", CASSIA: "sent"}
    assert office.to == EVERYBODY
    assert [each["mail"] for each in journal(town, "mail.unclear")] == [2]


def test_a_mail_refused_for_its_content_fails_alone_and_can_be_repeated(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch, PostOffice(at_the_dot={ALBA: "554 5.7.1 content refused"})) as office:
        reopen()
        told = run(town, SAVE_THE_DATE, code=8)
        after = states(town)
        office.at_the_dot.clear()
        failed = next(each for each in mails(town) if each["to"] == ALBA)
        town(f"mail retry {failed['id']}")
        again = run(town, "2025-02-18T10:00:00+01:00")

    assert (told["sent"], told["failed"], told["trouble"]) == (2, 1, None)
    assert after == {ALBA: "failed", BIRKE: "sent", CASSIA: "sent"}
    assert (failed["reason"], again["sent"]) == ("fault", 1)
    assert json.loads(town("partner show 2 --json").out)["contacts"][0]["bounced_on"] is None


def test_a_server_that_refuses_us_suppresses_nobody_and_is_told_without_a_name(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = {each: f"554 5.7.1 <{each}>: Relay access denied" for each in EVERYBODY}
    with post_office(monkeypatch, PostOffice(refuse=refuse)) as office:
        reopen()
        said = town("run --once --json", at=SAVE_THE_DATE, code=8)
        office.refuse.clear()
        again = run(town, "2025-02-18T10:00:00+01:00")

    assert "@" not in said.out + said.err
    assert json.JSONDecoder().raw_decode(said.out)[0]["trouble"] == "554 5.7.1 (rcpt)"
    assert again["sent"] == 3
    assert json.loads(town("partner show 3 --json").out)["contacts"][0]["bounced_on"] is None


def test_one_address_that_the_server_will_not_relay_to_does_not_stop_every_run(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CYCLE_SMTP__POOL", "1")
    with post_office(monkeypatch, PostOffice(refuse={ALBA: "554 5.7.1 no"})) as office:
        reopen()
        run(town, SAVE_THE_DATE, code=8)
        run(town, "2025-02-18T09:01:00+01:00")

    assert office.to == [BIRKE, CASSIA]
    assert states(town) == {ALBA: "queued", BIRKE: "sent", CASSIA: "sent"}


def test_the_default_writes_into_the_site_s_own_folder(town: Any) -> None:
    told = run(town, SAVE_THE_DATE)

    assert told["sent"] == 3
    written = sorted((town.home / "mail" / "new").iterdir())
    hashes = sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in written)
    assert sorted(each["mime_sha256"] for each in journal(town, "mail.sent")) == hashes


def test_a_mail_folder_that_cannot_be_written_loses_nothing(town: Any) -> None:
    folder: Path = town.home / "mail"
    folder.rmdir()
    folder.write_text("im Weg")

    said = town("run --once", at=SAVE_THE_DATE, code=8)
    waiting = states(town)
    folder.unlink()
    told = run(town, "2025-02-18T09:10:00+01:00")

    assert "Traceback" not in said.err
    assert waiting == dict.fromkeys(EVERYBODY, "queued")
    assert told["sent"] == 3


def test_two_runs_at_once_send_nothing_twice(cycle_anywhere: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town = settle(cycle_anywhere)
    with post_office(monkeypatch) as office:
        reopen()
        processes = [start_run(SAVE_THE_DATE) for _ in range(2)]
        said = [(*process.communicate(timeout=60), process.returncode) for process in processes]

    assert [code for _, _, code in said] == [0, 0], said
    assert office.to == EVERYBODY
    assert sum(json.loads(out)["sent"] for out, _, _ in said) == 3
    assert states(town) == dict.fromkeys(EVERYBODY, "sent")


def test_a_template_with_an_error_holds_its_own_mails_and_no_others(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    own = town.home / "templates" / "mail" / "de" / "save_the_date_spring.txt.j2"
    own.write_text("{% block subject %}Termin{% endblock %}\n{% block body %}\n{{ recipient.nobody }}\n{% endblock %}\n")

    with post_office(monkeypatch) as office:
        reopen()
        said = town("run --once", at=SAVE_THE_DATE, code=8)
        waiting = states(town)
        own.unlink()
        told = run(town, SAVE_THE_DATE)

    assert said.err.splitlines()[-1].startswith(
        f"3 Schreiben ließen sich nicht verfassen und bleiben eingereiht (gesendet wurden 0). Die Vorlage {own} hat in Zeile 3"
    )
    assert waiting == dict.fromkeys(EVERYBODY, "queued")
    assert told["sent"] == 3
    assert office.to == EVERYBODY


def test_a_sender_that_is_no_address_sends_nothing_and_loses_nothing(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_MAIL__SENDER", "kein Absender")
    reopen()
    said = town("run --once", at=SAVE_THE_DATE, code=2)
    monkeypatch.delenv("CYCLE_MAIL__SENDER")
    reopen()
    told = run(town, SAVE_THE_DATE)

    assert said.err.startswith("Der Absender „kein Absender“ (mail.sender) in ")
    assert told["sent"] == 3


def test_a_site_without_the_name_of_its_server_says_so(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    send_to(monkeypatch, 25)
    monkeypatch.delenv("CYCLE_SMTP__HOST")
    reopen()

    said = town("run --once", at=SAVE_THE_DATE, code=2)

    assert said.err.startswith("Es soll über einen Mailserver gesendet werden")
    assert states(town) == dict.fromkeys(EVERYBODY, "queued")


def claimed_by_the_dead(town: Any) -> list[int]:
    """All three mails are in the hands of a process that will not come back."""
    tick(_at(town, SAVE_THE_DATE))
    with town.site.journal.machinery() as machinery:
        site = town.site
        return claim(machinery, owner="dead", now=site.now(), today=site.today(), most=50, lease=CLAIM_LEASE)


def test_what_a_dead_process_had_only_claimed_goes_with_the_next_run(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch) as office:
        reopen()
        claimed = claimed_by_the_dead(town)
        at_once = run(town, "2025-02-18T09:00:30+01:00")
        later = run(town, "2025-02-18T09:01:30+01:00")

    assert len(claimed) == 3
    assert (at_once["sent"], later["sent"], later["unclear"]) == (0, 3, 0)
    assert office.to == EVERYBODY


def test_what_a_dead_process_had_handed_to_the_server_is_in_doubt_and_the_rest_goes(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with post_office(monkeypatch) as office:
        reopen()
        claimed = claimed_by_the_dead(town)
        with town.site.journal.machinery() as machinery:
            until = town.site.now() + timedelta(minutes=10)
            begun = begin(machinery, claimed[:1], owner="dead", until=until)
            not_its_own = begin(machinery, claimed[1:], owner="another", until=until)
        later = run(town, "2025-02-18T09:01:30+01:00")
        at_last = run(town, "2025-02-18T09:10:30+01:00", code=8)

    assert (begun, not_its_own) == ({claimed[0]}, frozenset())
    assert (later["sent"], later["unclear"]) == (2, 0)
    assert (at_last["sent"], at_last["unclear"]) == (0, 1)
    assert office.to == [BIRKE, CASSIA]
    assert states(town) == {ALBA: "unclear", BIRKE: "sent", CASSIA: "sent"}


def test_what_a_dead_process_had_begun_for_the_folder_is_written_again_without_asking_anybody(town: Any) -> None:
    claimed = claimed_by_the_dead(town)
    with town.site.journal.machinery() as machinery:
        begin(machinery, claimed, owner="dead", until=town.site.now() + timedelta(minutes=1))

    at_once = run(town, "2025-02-18T09:00:30+01:00")
    later = run(town, "2025-02-18T09:01:30+01:00")

    assert len(claimed) == 3
    assert (at_once["sent"], later["sent"], later["unclear"]) == (0, 3, 0)
    assert states(town) == dict.fromkeys(EVERYBODY, "sent")


class Interrupted:
    """Takes every mail; after the first something happens."""

    def __init__(self, happens: Callable[[], object]) -> None:
        self.to: list[str] = []
        self._happens = happens

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        self.to.append(recipient)
        if len(self.to) == 1:
            self._happens()
        return Outcome(OutcomeKind.SENT, 250, "2.0.0 taken", Phase.DOT)

    async def close(self) -> None:
        """Nothing is held open."""


def test_a_hold_stops_within_one_mail(town: Any) -> None:
    tick(_at(town, SAVE_THE_DATE))
    transport = Interrupted(lambda: town('hold 2025 --until 2025-03-03 --reason "Haushaltssperre im Rathaus"'))

    delivered = asyncio.run(deliver(town.site, [transport]))

    assert (delivered.sent, transport.to) == (1, [ALBA])
    assert states(town) == {ALBA: "sent", BIRKE: "queued", CASSIA: "queued"}


def test_who_objects_while_the_others_mails_go_gets_none(town: Any) -> None:
    tick(_at(town, SAVE_THE_DATE))
    transport = Interrupted(lambda: town('partner edit 4 --wish objects --reason "will keine Post mehr"'))

    asyncio.run(deliver(town.site, [transport]))

    assert transport.to == [ALBA, BIRKE]
    assert states(town) == {ALBA: "sent", BIRKE: "sent", CASSIA: "cancelled"}


def _at(town: Any, moment: str) -> Site:
    town.at(moment)
    return town.site


def test_a_mail_of_which_one_item_has_lost_its_sense_goes_with_the_others_and_the_run_ends(town: Any) -> None:
    town("start 2026")
    tick(_at(town, SAVE_THE_DATE))
    before = len(journal(town))
    town('meeting cancel 2025 spring --reason "Saal gesperrt"', at=SAVE_THE_DATE)

    asyncio.run(asyncio.wait_for(deliver(town.site, [Interrupted(lambda: None)]), timeout=30))

    assert len(journal(town)) < before + 20


def test_a_save_the_date_that_the_server_puts_off_goes_on_another_day(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which a mail is to go is no deadline of it."""
    with post_office(monkeypatch, PostOffice(at_the_dot=dict.fromkeys(EVERYBODY, "451 4.3.0 later"))) as office:
        reopen()
        put_off = run(town, SAVE_THE_DATE)
        office.at_the_dot.clear()
        told = run(town, "2025-02-20T09:00:00+01:00")

    assert (put_off["later"], put_off["missed"]) == (3, 0)
    assert (told["sent"], told["missed"]) == (3, 0)
    assert states(town) == dict.fromkeys(EVERYBODY, "sent")
