"""Mail that comes back: a report on standard input, or a mailbox full of them; told once, and nothing else understood."""

import io
import json
import mailbox
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from played import played_once
from small_town import SAVE_THE_DATE, mail, mails, run, settle, states

from cycle.journal.history import entries
from cycle.outbox.rules.dsn import Finality, Report, read_report

ALBA, BIRKE, CASSIA = mail("alba"), mail("birke"), mail("cassia")
BOUNDARY = "grenze"


def report(
    *, to: str = "plan@stadt.example", returned: str = "", action: str = "failed", status: str = "5.1.1", code: str = ""
) -> bytes:
    """A report as Postfix writes it."""
    lines = [
        "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{BOUNDARY}"',
        "",
        f"--{BOUNDARY}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        f"--{BOUNDARY}",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.org",
        "Arrival-Date: Tue, 18 Feb 2025 09:00:00 +0100 (CET)",
        "",
        "Final-Recipient: rfc822; somebody@verein.example.org",
        f"Action: {action}",
        *([f"Status: {status}"] if status else []),
        f"Diagnostic-Code: smtp; {code or f'550 {status} no such user'}",
        "",
        f"--{BOUNDARY}",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {returned or '<unknown@elsewhere.example>'}",
        "Subject: Terminankündigung",
        "",
        f"--{BOUNDARY}--",
        "",
    ]
    return "\r\n".join(lines).encode()


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """The town with three mails sent."""
    settle(cycle)
    assert run(cycle, SAVE_THE_DATE)["sent"] == 3
    return cycle


def pipe(cycle: Any, monkeypatch: pytest.MonkeyPatch, message: bytes, line: str = "", code: int = 0) -> Any:
    """`cycle mail bounce < message`."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(message)))
        return cycle(f"mail bounce {line}", code=code)


def ids(cycle: Any) -> dict[str, str]:
    return {each["to"]: each["message_id"] for each in mails(cycle)}


def verp(message_id: str) -> str:
    return f"bounce+{message_id.strip('<>').partition('@')[0].upper()}@zurueck.musterstadt.example.de"


def bounced_on(cycle: Any, partner: int) -> Any:
    contacts = json.loads(cycle(f"partner show {partner} --json").out)["contacts"]
    return next(each["bounced_on"] for each in contacts if each["rank"] == "primary")


def journal(cycle: Any, *types: str) -> list[dict[str, Any]]:
    with cycle.site.journal.reading() as session:
        return [
            {n: v for n, v in told.data.items() if n not in ("changes", "software")} for told in entries(session, types=types)
        ]


@pytest.mark.parametrize("by", ["token", "message id"])
def test_a_permanent_report_finds_its_mail_and_the_address_is_not_used_again(
    town: Any, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    of_birke = ids(town)[BIRKE]
    said = report(to=verp(of_birke)) if by == "token" else report(returned=of_birke)

    told = json.loads(pipe(town, monkeypatch, said, "--json").out)

    assert {name: told[name] for name in ("result", "mail", "partner", "status", "suppressed")} == {
        "result": "bounced", "mail": 2, "partner": 3, "status": "5.1.1", "suppressed": True
    }  # fmt: skip
    assert states(town) == {ALBA: "sent", BIRKE: "bounced", CASSIA: "sent"}
    assert (bounced_on(town, 2), bounced_on(town, 3)) == (None, "2025-02-18")
    assert [(each["mail"], each["status"]) for each in journal(town, "mail.bounced")] == [(2, "5.1.1")]


def test_a_report_told_twice_is_written_once(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said = report(returned=ids(town)[BIRKE])

    first = pipe(town, monkeypatch, said)
    second = pipe(town, monkeypatch, said)

    assert first.err.startswith("Festgehalten: Nachricht 2 (Partner 3) ist zurückgekommen (5.1.1).")
    assert second.err.startswith("Das war schon bekannt: Nachricht 2 (Partner 3, 5.1.1).")
    assert len(journal(town, "mail.bounced")) == 1


def test_a_dry_run_changes_nothing(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(pipe(town, monkeypatch, report(returned=ids(town)[BIRKE]), "--dry-run --json").out)

    assert (told["result"], told["dry_run"]) == ("bounced", True)
    assert states(town)[BIRKE] == "sent"
    assert journal(town, "mail.bounced") == []


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.7"), ("failed", "4.4.7"), ("delayed", "5.1.1")])
def test_a_delay_is_noted_once_and_nothing_else_happens(
    town: Any, monkeypatch: pytest.MonkeyPatch, action: str, status: str
) -> None:
    said = report(returned=ids(town)[BIRKE], action=action, status=status)

    results = [json.loads(pipe(town, monkeypatch, said, "--json").out)["result"] for _ in range(2)]

    assert results == ["delayed", "known"]
    assert (states(town)[BIRKE], bounced_on(town, 3)) == ("sent", None)
    assert journal(town, "comment.added") == [{"mail": 2, "partner": 3, "status": status}]


def test_what_is_refused_because_of_us_came_back_but_the_address_stays(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(pipe(town, monkeypatch, report(returned=ids(town)[BIRKE], status="5.7.26"), "--json").out)

    assert (told["result"], told["suppressed"]) == ("bounced", False)
    assert (states(town)[BIRKE], bounced_on(town, 3)) == ("bounced", None)


def test_the_server_s_words_are_read_where_the_status_is_missing() -> None:
    told = read_report(report(to="bounce+0abc@zurueck.example", status="", code="550 5.1.10 RESOLVER.ADR.RecipientNotFound"))

    assert told == Report(Finality.PERMANENT, "5.1.10", ("0abc",), ("<unknown@elsewhere.example>",))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: Abwesend\r\n\r\nIch bin bis Montag nicht da.\r\n",
        report(action="delivered", status="2.1.5"),
        report(action="failed", status="2.0.0"),
        b"Content-Type: message/delivery-status\r\n\r\n",
        b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" * 3000,
    ],
)
def test_anything_else_is_one_sentence(town: Any, monkeypatch: pytest.MonkeyPatch, message: bytes) -> None:
    said = pipe(town, monkeypatch, message, code=2)

    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("Das ist keine Meldung über eine Nachricht, die nicht ankam (RFC 3464).")
    assert states(town) == dict.fromkeys([ALBA, BIRKE, CASSIA], "sent")


def test_a_report_about_somebody_else_s_mail_is_one_sentence(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said = pipe(town, monkeypatch, report(), code=2)

    assert said.err.startswith("Die Meldung nennt keine Nachricht von hier.")
    assert journal(town, "mail.bounced") == []


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_bytes_whatever_break_the_reading(data: st.DataObject) -> None:
    whole = report(to="bounce+0abc@zurueck.example", returned="<0abc@stadt.example>")
    where = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.integers(where, min(len(whole), where + 40)))
    message = whole[:where] + data.draw(st.binary(max_size=40)) + whole[until:]

    told = read_report(message)

    assert told is None or told.status[0] in "45"


def fill(folder: Path, messages: list[bytes]) -> Path:
    """A Maildir with these messages in `new`."""
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(parents=True)
    for number, message in enumerate(messages, start=1):
        (folder / "new" / f"{number}.mx").write_bytes(message)
    return folder


def names(folder: Path) -> dict[str, list[str]]:
    return {name: sorted(path.name for path in (folder / name).iterdir()) for name in ("new", "cur")}


def test_a_maildir_is_read_and_what_was_understood_is_moved(town: Any, tmp_path: Path) -> None:
    of = ids(town)
    reports = [report(returned=of[ALBA]), report(returned=of[BIRKE], action="delayed", status="4.2.2")]
    folder = fill(tmp_path / "maildir", [*reports, b"Subject: Gruss\r\n\r\nHallo\r\n", report(), reports[0]])

    tried = json.loads(town(f"mail bounce --folder {folder} --dry-run --json").out)
    before = names(folder)
    told = json.loads(town(f"mail bounce --folder {folder} --json").out)
    again = json.loads(town(f"mail bounce --folder {folder} --json").out)

    wanted = ["bounced", "delayed", "not_a_dsn", "dsn_of_no_mail", "known"]
    assert [each["result"] for each in tried["messages"]] == [*wanted[:-1], "bounced"]  # nothing was written yet
    assert before == {"new": [f"{number}.mx" for number in range(1, 6)], "cur": []}
    assert [each["result"] for each in told["messages"]] == wanted
    assert names(folder) == {"new": ["3.mx", "4.mx"], "cur": ["1.mx:2,S", "2.mx:2,S", "5.mx:2,S"]}
    assert [each["result"] for each in again["messages"]] == wanted[2:4]
    assert states(town) == {ALBA: "bounced", BIRKE: "sent", CASSIA: "sent"}


def test_an_mbox_is_read_and_what_was_understood_is_marked(town: Any, tmp_path: Path) -> None:
    file = tmp_path / "rueck.mbox"
    box = mailbox.mbox(file)
    for message in (report(returned=ids(town)[CASSIA]), b"Subject: Gruss\r\n\r\nHallo\r\n"):
        box.add(message)
    box.close()

    told = town(f"mail bounce --folder {file}")
    again = json.loads(town(f"mail bounce --folder {file} --json").out)

    assert told.err.splitlines()[:2] == [
        "Festgehalten: Nachricht 3 (Partner 4) ist zurückgekommen (5.1.1).",
        "Zurückgekommen: 1, verzögert: 0, schon bekannt: 0, kein Rückläufer von uns: 1.",
    ]
    assert [(each["message"], each["result"]) for each in again["messages"]] == [("2", "not_a_dsn")]
    assert states(town)[CASSIA] == "bounced"


@pytest.mark.parametrize("content", [None, "kein Postfach"])
def test_what_is_no_mailbox_is_one_sentence(town: Any, tmp_path: Path, content: str | None) -> None:
    folder = tmp_path / "hier"
    if content is not None:
        folder.write_text(content)

    said = town(f"mail bounce --folder {folder}", code=2)

    assert said.err == f"{folder} ist weder ein Maildir (mit dem Ordner „new“) noch eine mbox-Datei.\n"


def test_a_partner_and_a_folder_are_not_both_meant(town: Any, tmp_path: Path) -> None:
    assert town(f"mail bounce --partner 2 --folder {tmp_path}", code=2).err == (
        "Entweder --partner oder --folder, nicht beides.\n"
    )
