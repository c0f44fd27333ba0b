"""Was every mail that was sent queued before: told from the journal's changes of the outbox alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from cycle.journal.replay import Problem

OUTBOX = "mail"
QUEUEING = frozenset({"mail.queued", "mail.held"})
WAITING = frozenset({"queued", "held"})
SENT = "sent"


class SentMails:
    """The mails that were queued so far; what is sent must be one of them."""

    def __init__(self) -> None:
        self._queued: set[int] = set()

    def entry(self, seq: int, body: Mapping[str, Any]) -> Iterator[Problem]:
        """One entry after the other, in their order."""
        unknown: set[Any] = set()
        for change in body["data"].get("changes", ()):
            if change.get("add") == OUTBOX:
                unknown |= self._added(body["type"], change)
            elif change.get("change") == OUTBOX and change["fields"].get("state", ("", ""))[1] == SENT:
                unknown |= {change["id"]} - self._queued
        if body["type"] == "mail.sent":
            unknown |= {body["data"].get("mail")} - self._queued
        for number in sorted(unknown, key=str):
            yield Problem("sent_not_queued", seq, {"mail": number})

    def _added(self, type: str, change: Mapping[str, Any]) -> set[Any]:
        """Take note of mails that wait from now on; those that are added as sent were never queued."""
        place = change["fields"].index("state")
        states = {number: row[place] for number, row in zip(change["ids"], change["rows"], strict=True)}
        if type in QUEUEING:
            self._queued |= {number for number, state in states.items() if state in WAITING}
        return {number for number, state in states.items() if state == SENT}
