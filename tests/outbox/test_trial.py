"""`cycle mail test`: the real mail with its real data, to one address and nobody else; nothing is written."""

import json
from email import message_from_bytes
from email.policy import SMTP as POLICY
from typing import Any

import pytest
from small_town import SAVE_THE_DATE, PostOffice, mails, post_office, run, settle

from cycle.cli import shell
from cycle.journal.history import head_seq

SELF = "koordination@stadt.example.org"


@pytest.fixture
def town(cycle: Any) -> Any:
    return settle(cycle)


def trace(cycle: Any) -> tuple[int, list[dict[str, Any]]]:
    """What a trial must leave as it is: the journal's head and the outbox."""
    with cycle.site.journal.reading() as session:
        seq = head_seq(session)
    return seq, mails(cycle)


def words(message: bytes) -> tuple[str, str]:
    """Subject and text of a mail."""
    read = message_from_bytes(message, policy=POLICY)
    body = read.get_body(("plain",))
    assert body is not None
    return str(read["Subject"]), body.get_content()


def test_a_waiting_mail_goes_to_oneself_with_the_words_its_reader_will_get(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (town.home / "mail").rmdir()
    (town.home / "mail").write_text("im Weg")
    run(town, SAVE_THE_DATE, code=8)  # three mails are queued, and cannot go
    (town.home / "mail").unlink()
    before = trace(town)

    with post_office(monkeypatch) as office:
        shell.close()
        told = json.loads(town(f"mail test {SELF} --json").out)
        after = trace(town)
        sent = run(town, SAVE_THE_DATE)

    assert (told["mail"], told["partner"], told["result"], told["answer"]) == (1, 2, "sent", "250 2.0.0 accepted")
    assert after == before
    assert (office.got[0][0], sent["sent"]) == (SELF, 3)
    real = next(message for to, message in office.got if to == before[1][0]["to"])
    assert words(office.got[0][1]) == words(real)
    assert office.ids()[0] not in office.ids()[1:]


def test_what_will_be_due_next_is_made_undone_and_sent(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trace(town)
    with post_office(monkeypatch) as office:
        shell.close()
        said = town(f"mail test {SELF} --template save_the_date_spring")
        after = trace(town)
        run(town, SAVE_THE_DATE)

    subject, _ = words(office.got[0][1])
    assert (
        said.err.splitlines()[0] == f"Zur Probe an {SELF} gesendet: „{subject}“. Der Mailserver antwortete: 250 2.0.0 accepted"
    )
    assert after == before
    assert words(office.got[0][1]) in [words(message) for _, message in office.got[1:]]


def test_a_mail_of_a_number_is_sent_again_to_oneself(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch) as office:
        shell.close()
        run(town, SAVE_THE_DATE)
        told = json.loads(town(f"mail test {SELF} --mail 3 --json").out)

    assert (told["mail"], told["partner"], told["to"]) == (3, 4, SELF)
    assert [to for to, _ in office.got].count(SELF) == 1


def test_a_trial_that_is_refused_says_the_server_s_answer(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with post_office(monkeypatch, PostOffice(refuse={SELF: "550 5.1.1 no such user"})):
        shell.close()
        before = trace(town)
        said = town(f"mail test {SELF}", code=8)

        assert said.err == (
            f"Die Probe an {SELF} wurde nicht angenommen (rcpt): 550 5.1.1 no such user. Einstellungen prüfen: cycle doctor\n"
        )
        assert trace(town) == before


def test_without_a_server_it_lies_in_the_folder_and_a_dry_run_sends_nothing(town: Any) -> None:
    tried = json.loads(town(f"mail test {SELF} --dry-run --json").out)
    nothing = list((town.home / "mail").rglob("*.eml"))
    said = town(f"mail test {SELF}")

    (file,) = (town.home / "mail" / "new").iterdir()
    assert (tried["dry_run"], nothing) == (True, [])
    assert said.err.startswith(f"Zur Probe in den Ordner {town.home / 'mail'} gelegt")
    assert f"<{SELF}>" in str(message_from_bytes(file.read_bytes(), policy=POLICY)["To"])


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("mail test niemand", 2, "„niemand“ ist keine E-Mail-Adresse, an die gesendet werden kann."),
        (f"mail test {SELF} --mail 1 --template x", 2, "Entweder --mail oder --template, nicht beides."),
        (f"mail test {SELF} --mail 77", 4, "Die Nachricht 77 gibt es nicht. Siehe: cycle mail list"),
        (f"mail test {SELF} --template nichts", 2, "--template nichts gibt es nicht. Bekannt sind: "),
    ],
)
def test_what_cannot_be_tried_is_one_sentence(town: Any, line: str, code: int, sentence: str) -> None:
    said = town(line, code=code)

    assert said.err.startswith(sentence)
    assert said.err.count("\n") == 1


def test_only_who_may_send_mail_may_try_it(town: Any) -> None:
    town("people add p.pruef --name Prüfung --mail p@stadt.example.org --role auditor")

    said = town(f"mail test {SELF}", login="p.pruef", code=6)

    assert said.out == ""
