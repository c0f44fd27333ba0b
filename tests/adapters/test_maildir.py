"""Mails written into a Maildir: each once, durably, under a name of its own."""

import asyncio
import errno
import os
import stat
from pathlib import Path

import pytest

from cycle.adapters.maildir import MaildirTransport
from cycle.adapters.outcome import Outcome, OutcomeKind

SENDER = "plan@stadt.example.org"
PARTNER = "vorstand@verein.example.org"
MESSAGE = b"Subject: Hallo\r\nMessage-ID: <t0k3n@plan.example.org>\r\n\r\nGuten Tag\r\n.\r\n.. bis bald\r\n"


def sent_all(maildir: MaildirTransport, *mails: bytes) -> list[OutcomeKind]:
    async def send() -> list[OutcomeKind]:
        outcomes = [await maildir.send(SENDER, PARTNER, mail) for mail in mails]
        await maildir.close()
        return [each.kind for each in outcomes]

    return asyncio.run(send())


def test_a_maildir_keeps_a_mail_once_however_often_it_is_written(tmp_path: Path) -> None:
    outcomes = sent_all(MaildirTransport(tmp_path / "mails"), MESSAGE, MESSAGE)

    files = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert (outcomes, files) == ([OutcomeKind.SENT, OutcomeKind.SENT], {"mails/new/t0k3n.eml": MESSAGE})


def test_a_mail_read_in_the_maildir_does_not_come_again(tmp_path: Path) -> None:
    sent_all(MaildirTransport(tmp_path), MESSAGE)
    (tmp_path / "new" / "t0k3n.eml").rename(tmp_path / "cur" / "t0k3n.eml:2,S")

    outcomes = sent_all(MaildirTransport(tmp_path), MESSAGE)

    assert (outcomes, list((tmp_path / "new").iterdir())) == ([OutcomeKind.SENT], [])


def test_a_maildir_that_cannot_be_written_is_the_relays_trouble(tmp_path: Path) -> None:
    (tmp_path / "mails").write_text("a file, not a folder")

    outcomes = sent_all(MaildirTransport(tmp_path / "mails"), MESSAGE)

    assert outcomes == [OutcomeKind.RELAY]


def test_mails_written_together_are_there_when_any_of_them_counts_as_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that keeps their names is synced once for all of them, after the last."""
    synced: list[int] = []
    fsync = os.fsync

    def watched(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            synced.append(len(list((tmp_path / "new").iterdir())))
        fsync(number)

    monkeypatch.setattr(os, "fsync", watched)
    maildir = MaildirTransport(tmp_path)
    mails = [f"Message-ID: <{number}@x.org>\r\n\r\nText\r\n".encode() for number in range(3)]

    async def send_all() -> list[Outcome]:
        first = await asyncio.gather(*(maildir.send(SENDER, PARTNER, mail) for mail in mails[:2]))
        return [*first, await maildir.send(SENDER, PARTNER, mails[2])]

    outcomes = asyncio.run(send_all())

    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT] * 3
    assert synced == [2, 3]


def test_a_folder_that_cannot_be_synced_is_trouble_for_each_mail_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def failing(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(number)

    monkeypatch.setattr(os, "fsync", failing)
    maildir = MaildirTransport(tmp_path)
    mails = [f"Message-ID: <{number}@x.org>\r\n\r\nText\r\n".encode() for number in range(2)]

    async def send_all() -> list[Outcome]:
        return await asyncio.gather(*(maildir.send(SENDER, PARTNER, mail) for mail in mails))

    assert [outcome.kind for outcome in asyncio.run(send_all())] == [OutcomeKind.RELAY] * 2


def test_a_message_id_never_leaves_the_maildir(tmp_path: Path) -> None:
    message = MESSAGE.replace(b"t0k3n", b"../../t0k3n")

    asyncio.run(MaildirTransport(tmp_path).send(SENDER, PARTNER, message))

    files = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert files == ["new/_.._t0k3n.eml"]
