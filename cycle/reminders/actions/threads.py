"""Which earlier mails a mail goes on from: those the same person got about the same thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cycle.outbox.records import Mail, MailState
from cycle.reminders.records import LedgerItem

# What has, or may have, reached its reader's mailbox.
ARRIVED = (MailState.SENT, MailState.UNCLEAR)
# A mail program needs the first one and the last ones; a header is no archive.
MOST = 10

Key = tuple[int | None, str, str]


@dataclass(frozen=True)
class Earlier:
    """The mails that arrived, by cycle, thing and person: (number, Message-ID), oldest first."""

    found: Mapping[Key, Sequence[tuple[int, str]]]

    def references(self, mail_id: int, items: Iterable[LedgerItem]) -> tuple[str, ...]:
        """The Message-IDs that a mail of these items refers to, oldest first: the first and the last few."""
        before = {one for item in items for one in self.found.get(_key(item), ()) if one[0] < mail_id}
        ids = tuple(message_id for _, message_id in sorted(before))
        return ids if len(ids) <= MOST else (ids[0], *ids[1 - MOST :])


def earlier(session: Session, items: Sequence[LedgerItem]) -> Earlier:
    """What the readers of these items got before about the same things: one question for a whole batch."""
    if not items:
        return Earlier({})
    query = (
        select(LedgerItem, Mail.id, Mail.message_id)
        .join(Mail, col(Mail.id) == col(LedgerItem.mail_id))
        .where(
            col(LedgerItem.person).in_({item.person for item in items}),
            col(LedgerItem.subject).in_({item.subject for item in items}),
            col(Mail.state).in_(ARRIVED),
        )
    )
    found: dict[Key, list[tuple[int, str]]] = {}
    for item, number, message_id in session.exec(query):
        found.setdefault(_key(item), []).append((number or 0, message_id))
    return Earlier(found)


def _key(item: LedgerItem) -> Key:
    """A date and an entry belong to their cycle; other things (measures) go on from one cycle to the next."""
    own = item.subject.startswith(("date/", "event/"))
    return (item.cycle_id if own else None, item.subject, item.person)
