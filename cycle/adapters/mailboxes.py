"""The mailbox that returned mail lands in: a Maildir or an mbox file. What was understood is marked as read."""

import mailbox
from collections.abc import Callable
from pathlib import Path

from cycle.errors import NotReady, WrongInput

LARGEST_MESSAGE = 20_000_000


def each_new(folder: Path, understood: Callable[[str, bytes], bool], *, keep: bool = False) -> None:
    """Show each new message with its name; what was understood is moved to `cur` or, in an mbox, marked as read.

    With `keep` nothing is moved or marked. Of a larger message only the beginning is shown.

    Raises:
        WrongInput: `no_mailbox`, or `mailbox_unreadable` with the problem.
        NotReady: `mailbox_busy`, when another programme holds an mbox.
    """
    try:
        if (folder / "new").is_dir():
            _maildir(folder, understood, keep=keep)
        elif folder.is_file():
            _mbox(folder, understood, keep=keep)
        else:
            raise WrongInput("no_mailbox", folder=folder)
    except mailbox.ExternalClashError as error:
        raise NotReady("mailbox_busy", folder=folder) from error
    except (OSError, mailbox.Error) as error:
        raise WrongInput("mailbox_unreadable", folder=folder, problem=error) from error


def _maildir(folder: Path, understood: Callable[[str, bytes], bool], *, keep: bool) -> None:
    for file in sorted(path for path in (folder / "new").iterdir() if path.is_file()):
        with file.open("rb") as stream:
            message = stream.read(LARGEST_MESSAGE)
        if understood(file.name, message) and not keep:
            (folder / "cur").mkdir(mode=0o700, exist_ok=True)
            file.rename(folder / "cur" / f"{file.name.partition(':')[0]}:2,S")


def _mbox(file: Path, understood: Callable[[str, bytes], bool], *, keep: bool) -> None:
    box = mailbox.mbox(file, create=False)
    try:
        box.lock()
        keys = box.keys()
        if not keys and file.stat().st_size:
            raise WrongInput("no_mailbox", folder=file)
        for position, key in enumerate(keys, start=1):
            message = box[key]
            if "R" in message.get_flags() or "O" in message.get_flags():
                continue
            if understood(str(position), box.get_bytes(key)[:LARGEST_MESSAGE]) and not keep:
                message.add_flag("RO")
                box[key] = message
        box.flush()
    finally:
        box.close()
