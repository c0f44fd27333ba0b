"""Was every mail that was sent queued before: told from the journal's changes of the outbox alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from cycle.journal.replay import Problem

OUTBOX = "mail"
QUEUEING = frozenset({"mail.queued", "mail.held"})
WAITING = frozenset({"queued", "held"})
SENT = "sent"
_PAGE = 1024


class SentMails:
    """The mails that were queued so far; what is sent must be one of them."""

    def __init__(self) -> None:
        self._queued = _Numbers()

    def entry(self, seq: int, body: Mapping[str, Any]) -> Iterator[Problem]:
        """One entry after the other, in their order."""
        unknown: set[Any] = set()
        for change in body["data"].get("changes", ()):
            if change.get("add") == OUTBOX:
                unknown |= self._added(body["type"], change)
            elif change.get("change") == OUTBOX and change["fields"].get("state", ("", ""))[1] == SENT:
                unknown |= {change["id"]} if change["id"] not in self._queued else set()
        if body["type"] == "mail.sent" and body["data"].get("mail") not in self._queued:
            unknown.add(body["data"].get("mail"))
        for number in sorted(unknown, key=str):
            yield Problem("sent_not_queued", seq, {"mail": number})

    def _added(self, type: str, change: Mapping[str, Any]) -> set[Any]:
        """Take note of mails that wait from now on; those that are added as sent were never queued."""
        place = change["fields"].index("state")
        states = {number: row[place] for number, row in zip(change["ids"], change["rows"], strict=True)}
        if type in QUEUEING:
            for number, state in states.items():
                if state in WAITING:
                    self._queued.add(number)
        return {number for number, state in states.items() if state == SENT}


class _Numbers:
    """A set of numbers that mostly follow each other: a bit each, where a set of Python would take fifty bytes."""

    def __init__(self) -> None:
        self._pages: dict[int, int] = {}

    def add(self, number: int) -> None:
        page, place = divmod(number, _PAGE)
        self._pages[page] = self._pages.get(page, 0) | 1 << place

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        page, place = divmod(number, _PAGE)
        return bool(self._pages.get(page, 0) >> place & 1)
