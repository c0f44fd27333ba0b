"""Erasing at its root: what an entry erases, what it says of it, and that no byte of it is left in the files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_log import BERLIN, NOON, Log, fill, mail, open_log, tampered
from sqlalchemy import text

from cycle.adapters import database as door
from cycle.adapters.database import connect
from cycle.app.upgrade import upgrade
from cycle.journal.erasure import erase, erasures, scrub, still_open
from cycle.journal.journal import Journal
from cycle.journal.verify import verify
from cycle.outbox.records import Mail

MANY = 600
EVERY_MAIL = [f"mail:{number}" for number in range(1, MANY + 1)]


def test_erased_are_the_openings_and_the_private_columns_of_the_row_and_nothing_else(any_log: Log) -> None:
    with any_log.entry("subject.erased", minutes=9) as entry:
        count = erase(entry, ["person:2", "mail:1"])
        assert entry.session.get_one(Mail, 1).address is None

    assert count == 3  # two of the person, as added and as changed
    data = any_log.last()["data"]
    assert (data["changes"], data["count"], data["subjects"]) == ([], 3, ["mail:1", "person:2"])
    assert any_log.rows("SELECT login, name, mail, version FROM person ORDER BY id") == [
        ("j.w", "Jana Weiß", None, 1),
        (None, None, None, 2),
    ]
    assert any_log.rows("SELECT address, subject, text, state FROM mail") == [(None, None, None, "queued")]
    assert len(any_log.rows("SELECT subject FROM opening")) == 2  # the other person, and a reason


def test_what_a_server_answered_goes_too(log: Log) -> None:
    with log.journal.machinery() as machinery:
        machinery.change(Mail, last_reply="550 jana@example.de is unknown")

    with log.entry("subject.erased", minutes=9) as entry:
        erase(entry, ["mail:1"])

    assert log.rows("SELECT last_reply FROM mail") == [(None,)]


def test_the_reason_of_an_entry_can_be_erased(log: Log) -> None:
    told = next(each for each in log.told() if each.body["private"].get("reason"))

    with log.entry("subject.erased", minutes=9) as entry:
        assert erase(entry, [f"event:{told.id}"]) == 1


def test_an_entry_of_another_type_erases_nothing(log: Log) -> None:
    with pytest.raises(TypeError, match="covers no erasure"), log.entry(minutes=9) as entry:
        erase(entry, ["person:2"])

    assert log.person(2).name == "Sabine Roth"


def test_a_dry_run_erases_nothing(log: Log) -> None:
    with log.entry("subject.erased", minutes=9, dry_run=True) as entry:
        assert erase(entry, ["person:2"]) == 2

    assert log.person(2).name == "Sabine Roth"


def test_what_is_written_about_a_row_after_its_erasure_verifies(log: Log) -> None:
    with log.entry("subject.erased", minutes=9) as entry:
        erase(entry, ["person:2"])
    with log.entry(minutes=10) as entry:
        entry.change(entry.session.get_one(type(log.person(2)), 2), name="Sabine Neu")

    assert log.person(2).name == "Sabine Neu"


def test_an_erasure_knows_its_commitments_and_which_of_them_can_be_opened(log: Log) -> None:
    before = {commitment for (commitment,) in log.rows("SELECT commitment FROM opening WHERE subject = 'person:2'")}
    with log.entry("subject.erased", minutes=9) as entry:
        erase(entry, ["person:2"])
        entry.tell(refs=["p:s.r"], legal_basis="Art. 17 DSGVO")

    with log.journal.reading() as session:
        (made,) = erasures(session)
        assert (set(made.subjects["person:2"]), made.refs, made.legal_basis) == (before, ("p:s.r",), "Art. 17 DSGVO")
        assert still_open(session, made) == []


@pytest.fixture(params=["wal", "delete"])
def many(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Log, Path]]:
    """A log of many mails with words of many lengths, written in another order than they were queued."""
    monkeypatch.setattr(door, "BUSY_MILLISECONDS", 50)
    file = tmp_path / "many.db"
    upgrade(f"sqlite:///{file}")
    database = connect(f"sqlite:///{file}", request.param)
    log = Log(database, Journal(database, BERLIN))
    open_log(database)
    fill(log)
    with log.entry("mail.queued", minutes=4) as entry:
        entry.add_all([mail(f"<many{number}@example.de>") for number in range(MANY - 1)])
    with log.entry("mail.sent", minutes=5) as entry:
        entry.tell(mail=1)
        for turn in range(MANY):
            words = "Quastenflosser " * (3 + turn * 7 % 110)
            entry.change(entry.session.get_one(Mail, turn * 167 % MANY + 1), text=words, state="sent", sent_at=NOON)
    yield log, file
    assert verify(database).problems == ()
    database.dispose()


def left(file: Path) -> int:
    return sum(each.read_bytes().count(b"Quastenflosser") for each in file.parent.glob(f"{file.name}*"))


def test_after_scrubbing_no_byte_of_what_was_erased_is_left(many: tuple[Log, Path]) -> None:
    """`secure_delete` alone leaves copies of cells in the unused space of pages that were split."""
    log, file = many
    with log.entry("subject.erased", minutes=9) as entry:
        assert erase(entry, EVERY_MAIL) == 2 * MANY
    assert left(file) > 0

    assert scrub(log.database)

    assert left(file) == 0


def test_who_holds_the_database_open_is_told_of(many: tuple[Log, Path]) -> None:
    log, file = many
    with log.entry("subject.erased", minutes=9) as entry:
        erase(entry, EVERY_MAIL)
    with log.database.reader.connect() as reader:
        reader.execute(text("SELECT count(*) FROM mail")).scalar()
        assert not scrub(log.database)

    assert scrub(log.database)
    assert left(file) == 0


def test_an_opening_put_back_after_its_erasure_is_found(file: Path) -> None:
    database = connect(f"sqlite:///{file}")
    log = Log(database, Journal(database, BERLIN))
    (row,) = log.rows("SELECT commitment, salt, value, subject FROM opening WHERE subject = 'mail:1'")
    with log.entry("subject.erased", minutes=9) as entry:
        erase(entry, ["mail:1"])
    assert verify(database).problems == ()

    tampered(file, "INSERT INTO opening (commitment, salt, value, subject) VALUES (?, ?, ?, ?)", values=row)

    assert [(each.key, each.seq) for each in verify(database).problems] == [("opening_not_erased", 6)]
    database.dispose()
