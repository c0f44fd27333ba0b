"""DELIVERY.md §2, one test a row: a mail server that really answers so, and what becomes of the mails."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from crooked import DROP, LATE, SILENT, crooked
from small_town import SAVE_THE_DATE, mail, mails, message_id, run, settle, states

from cycle.cli import shell
from cycle.outbox.records import mail_of
from cycle.outbox.rules.again import rest_after, retry_after

ALBA, BIRKE, CASSIA = mail("alba"), mail("birke"), mail("cassia")
EVERYBODY = [ALBA, BIRKE, CASSIA]
TEN = "2025-02-18T10:00:00+01:00"
FIRST = 1  # the number of Alba's mail


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


def machinery(cycle: Any, number: int = FIRST) -> tuple[int | None, datetime | None, str | None]:
    """How often a mail was tried in vain, when it may be tried again, and whether somebody holds it."""
    with cycle.site.journal.reading() as session:
        row = mail_of(session, number)
        return row.attempts, row.next_try_at, row.lease


def bounced(cycle: Any) -> list[Any]:
    """On which day the address of Alba's contact was found wrong."""
    return [each["bounced_on"] for each in json.loads(cycle("partner show 2 --json").out)["contacts"]]


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("greeting", "421 4.3.2 too many"),
        ("greeting", "554 5.3.2 not today"),
        ("greeting", DROP),
        ("greeting", SILENT),
        ("greeting", "what?"),
        ("ehlo", DROP),
        ("ehlo", SILENT),
        ("ehlo", "501 5.5.4 who?"),
        ("auth", "454 4.7.0 later"),
        ("auth", DROP),
        ("mail", "421 4.3.2 going down"),
        ("dot", "421 4.3.2 going down"),
    ],
)
def test_trouble_with_the_relay_costs_no_attempt_and_the_next_run_sends_all(
    town: Any, monkeypatch: pytest.MonkeyPatch, place: str, answer: str
) -> None:
    if place == "auth":
        monkeypatch.setenv("CYCLE_SMTP__USERNAME", "plan")
        monkeypatch.setenv("CYCLE_SMTP__PASSWORD", "geheim")
    with crooked(monkeypatch, {place: [answer]}):
        shell.close()
        first = run(town, SAVE_THE_DATE, code=8)
        after = (states(town), machinery(town))
        again = run(town, SAVE_THE_DATE)

    assert (first["sent"], first["later"], first["failed"], first["unclear"]) == (0, 0, 0, 0)
    assert first["trouble"]
    assert after == (dict.fromkeys(EVERYBODY, "queued"), (None, None, None))
    assert (again["sent"], again["trouble"]) == (3, None)


def test_a_relay_in_trouble_rests_longer_and_longer_up_to_half_an_hour() -> None:
    minutes = [rest_after(failures) // timedelta(minutes=1) for failures in range(1, 9)]

    assert minutes == [1, 2, 4, 8, 16, 30, 30, 30]
    assert rest_after(10_000) == timedelta(minutes=30)


@pytest.mark.parametrize("place", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", [DROP, "what?"])
def test_what_broke_before_the_content_goes_at_once_on_a_new_connection(
    town: Any, monkeypatch: pytest.MonkeyPatch, place: str, answer: str
) -> None:
    with crooked(monkeypatch, {place: [answer, answer]}) as server:
        shell.close()
        told = run(town, SAVE_THE_DATE)

    assert (told["sent"], told["later"]) == (3, 0)
    assert (server.to, server.connections) == (EVERYBODY, 3)


@pytest.mark.parametrize(("place", "answer"), [("mail", DROP), ("rcpt", SILENT), ("data", SILENT), ("data", DROP)])
def test_what_broke_three_times_waits_like_a_temporary_refusal(
    town: Any, monkeypatch: pytest.MonkeyPatch, place: str, answer: str
) -> None:
    with crooked(monkeypatch, {place: [answer] * 3}) as server:
        shell.close()
        told = run(town, SAVE_THE_DATE)
        after = (states(town), machinery(town))
        at = datetime.fromisoformat(SAVE_THE_DATE) + retry_after(FIRST, 1)
        early = run(town, (at - timedelta(seconds=1)).isoformat())
        again = run(town, at.isoformat())

    assert (told["sent"], told["later"], told["trouble"]) == (2, 1, None)
    assert after == ({ALBA: "queued", BIRKE: "sent", CASSIA: "sent"}, (1, at, None))
    assert (early["sent"], again["sent"]) == (0, 1)
    assert (server.to, server.connections) == (EVERYBODY, 5)


@pytest.mark.parametrize("place", ["mail", "rcpt", "data", "dot"])
def test_a_temporary_refusal_waits_5_10_20_40_minutes_and_a_little_more(
    town: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    at = datetime.fromisoformat(SAVE_THE_DATE)
    waits = []
    wrong: dict[str, str | list[str]] = {}
    with crooked(monkeypatch, wrong) as server:
        shell.close()
        for attempt in range(1, 5):
            wrong[place] = ["450 4.2.0 grey"]
            told = run(town, at.isoformat())
            assert (told["later"], told["failed"], told["trouble"]) == (1, 0, None)
            attempts, next_try_at, lease = machinery(town)
            assert (attempts, next_try_at, lease) == (attempt, at + retry_after(FIRST, attempt), None)
            waits.append(retry_after(FIRST, attempt))
            at = next_try_at
        last = run(town, at.isoformat())

    assert last["sent"] == 1
    assert server.to == (sorted([*EVERYBODY, *[ALBA] * 4]) if place == "dot" else EVERYBODY)  # refused after it came whole
    least = [timedelta(minutes=minutes) for minutes in (5, 10, 20, 40)]
    assert all(low <= wait <= low * 1.2 for low, wait in zip(least, waits, strict=True))


def test_two_mails_refused_together_do_not_come_back_together_and_none_waits_longer_than_a_day_and_a_fifth() -> None:
    assert len({retry_after(mail_id, 1) for mail_id in range(1, 31)}) > 15
    assert retry_after(7, 3) == retry_after(7, 3)
    assert timedelta(days=1) <= retry_after(1, 1000) <= timedelta(days=1.2)


def test_a_mail_tried_for_four_days_is_not_tried_again_even_if_the_server_would_take_it_now(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crooked(monkeypatch, {"rcpt": ["450 4.2.0 grey"]}) as server:
        shell.close()
        run(town, SAVE_THE_DATE)
        run(town, "2025-02-24T09:00:00+01:00")

    assert server.to == [BIRKE, CASSIA]
    assert states(town) == {ALBA: "missed", BIRKE: "sent", CASSIA: "sent"}
    assert [each["reason"] for each in mails(town) if each["to"] == ALBA] == ["too_late"]


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "553 5.1.3 bad address", "552 5.2.2 mailbox full", "550 who?"])
def test_an_address_that_does_not_exist_fails_for_good_is_not_used_again_and_is_the_coordinator_s_task(
    town: Any, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    with crooked(monkeypatch, {"rcpt": [answer]}) as server:
        shell.close()
        told = run(town, SAVE_THE_DATE, code=8)
        doctor = town("doctor").out

    assert (told["sent"], told["failed"], told["trouble"]) == (2, 1, None)
    assert server.to == [BIRKE, CASSIA]
    assert states(town) == {ALBA: "failed", BIRKE: "sent", CASSIA: "sent"}
    assert bounced(town) == ["2025-02-18"]
    assert "1 Nachricht ist fehlgeschlagen: cycle mail list --state failed" in doctor
    assert "Unter ihrer Adresse nicht mehr zu erreichen: Partner 2. Wen es trifft" in doctor


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("auth", "535 5.7.8 wrong password"),
        ("mail", "550 5.7.1 sender not allowed"),
        ("mail", "553 no"),
        ("rcpt", "554 5.7.1 relay access denied"),
        ("rcpt", "550 5.7.1 blocked"),
        ("data", "554 5.7.1 no"),
    ],
)
def test_what_is_our_fault_holds_every_mail_back_and_suppresses_nobody(
    town: Any, monkeypatch: pytest.MonkeyPatch, place: str, answer: str
) -> None:
    if place == "auth":
        monkeypatch.setenv("CYCLE_SMTP__USERNAME", "plan")
        monkeypatch.setenv("CYCLE_SMTP__PASSWORD", "geheim")
    wrong: dict[str, str | list[str]] = {place: answer}
    with crooked(monkeypatch, wrong) as server:
        shell.close()
        told = run(town, SAVE_THE_DATE, code=8)
        after = states(town)
        asked = server.connections
        del wrong[place]
        again = run(town, TEN)

    assert (told["sent"], told["failed"], told["later"]) == (0, 0, 0)
    assert told["trouble"].startswith(answer[:3])
    assert (after, bounced(town), asked) == (dict.fromkeys(EVERYBODY, "queued"), [None], 1)
    assert (again["sent"], server.to) == (3, EVERYBODY)


def test_a_template_whose_content_is_refused_is_held_after_the_first_mail_and_suppresses_nobody(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crooked(monkeypatch, {"dot": ["554 5.7.1 looks like spam"]}):
        shell.close()
        told = run(town, SAVE_THE_DATE, code=8)
        after = states(town)
        soon = run(town, "2025-02-18T09:00:59+01:00")
        rested = run(town, "2025-02-18T09:01:00+01:00")

    assert (told["sent"], told["failed"]) == (0, 1)
    assert after == {ALBA: "failed", BIRKE: "queued", CASSIA: "queued"}
    assert (soon["sent"], rested["sent"]) == (0, 2)
    assert bounced(town) == [None]


@pytest.mark.parametrize("answer", [DROP, SILENT, LATE, "what?", "999 eh", "199 no"])
def test_no_answer_or_nonsense_after_the_dot_is_unclear_and_only_a_person_repeats_it(
    town: Any, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    with crooked(monkeypatch, {"dot": [answer]}) as server:
        shell.close()
        told = run(town, SAVE_THE_DATE, code=8)
        after = states(town)
        later = run(town, TEN)
        town(f"mail retry {FIRST}")
        again = run(town, TEN)

    assert (told["sent"], told["unclear"], told["trouble"]) == (2, 1, None)
    assert after == {ALBA: "unclear", BIRKE: "sent", CASSIA: "sent"}
    assert (later["sent"], again["sent"]) == (0, 1)
    of_alba = [message_id(content) for to, content in server.got if to == ALBA]
    assert (server.to, len(set(of_alba))) == (sorted([ALBA, *EVERYBODY]), 1)


def test_a_connection_dropped_in_the_middle_of_a_short_mail_is_unclear_as_the_server_may_have_it_whole(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with crooked(monkeypatch, {"content": [DROP]}) as server:
        shell.close()
        told = run(town, SAVE_THE_DATE, code=None)

    assert (told["sent"] + told["unclear"], told["failed"], told["trouble"]) == (3, 0, None)
    assert [each for each in server.to if each != ALBA] == [BIRKE, CASSIA]
    assert states(town)[ALBA] == ("unclear" if told["unclear"] else "sent")
