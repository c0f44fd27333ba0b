"""A batch that waits for approval, as its readers would get it now; and a mail whose words have changed since its approval."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from hashlib import sha256

from cycle.cycles.records import Year
from cycle.errors import Conflict, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.history import entries
from cycle.journal.questions import row_of
from cycle.outbox.records import Mail, MailState
from cycle.reminders.actions.compose import Composed, Composer, Stale
from cycle.reminders.actions.queue import held_items
from cycle.reminders.records import ItemState, LedgerItem
from cycle.reminders.rules.approval import LEAST_DIGITS, batch_sha256, seen_before, words_sha256
from cycle.wording import LISTED

# What does not change a letter: the mails' own entries, the service's, and talk.
NO_CHANGE = ("mail.", "service.", "log.", "comment.", "command.")

# What of a composed mail its reader does not see: items that have dropped out, and the mails before it in its thread.
NO_WORDS = frozenset({"dropped", "references"})
_STAMP = re.compile(r"DTSTAMP:[^\r\n]*\r\n")


@dataclass(frozen=True)
class Waiting:
    """One letter of a batch: its item, the mail it would be (None by post), and its words or why it has none any more."""

    item: LedgerItem
    mail: Mail | None
    words: Composed | Stale | None
    sha256: str


@dataclass(frozen=True)
class Batch:
    """The letters of one template that wait for approval, in the order made."""

    template: str
    letters: tuple[Waiting, ...]

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Of each letter its reader and the hash of its words."""
        return [(each.item.person, each.sha256) for each in self.letters]

    @property
    def sha256(self) -> str:
        """The hash that an approval is bound to."""
        return batch_sha256(self.marks)


def batch_of(composer: Composer, about: Year, template: str) -> Batch:
    """What waits of a template in a cycle, put into words as of now.

    Raises:
        CycleError: for a letter that cannot be put into words.
    """
    found = []
    items = held_items(about, template)
    composer.read([item.mail_id for item in items if item.mail_id is not None])
    for item in items:
        mail = row_of(about.session, Mail, item.mail_id) if item.mail_id else None
        words = composer.compose(mail) if mail is not None else None
        found.append(Waiting(item, mail, words, digest_of(words)))
    return Batch(template, tuple(found))


def demand_seen(about: Year, batch: Batch, seen: str) -> None:
    """Be sure that a batch is still the one whose hash somebody has seen.

    Raises:
        WrongInput: for what is no hash.
        Conflict: with what has changed since.
    """
    if len(seen) < LEAST_DIGITS or any(digit not in "0123456789abcdefABCDEF" for digit in seen):
        raise WrongInput("no_batch_hash", seen=seen, least=LEAST_DIGITS)
    known = seen_before(batch.marks, seen)
    if known == len(batch.letters):
        return
    again = f"cycle mail preview {about.cycle.year} --held --template {batch.template}"
    if known is not None:
        added = batch.letters[known:]
        partners = [each.item.partner for each in added if each.item.partner is not None]
        raise Conflict("batch_has_grown", count=len(added), partners=partners[:LISTED], command=again)
    last = next(told for told in entries(about.session, newest_first=True) if not told.type.startswith(NO_CHANGE))
    raise Conflict("batch_has_changed", count=len(batch.letters), when=last.recorded_at, what=last.type, command=again)


def seal(entry: Entry, composer_on: Callable[[date], Composer], released: Sequence[LedgerItem]) -> None:
    """Keep of each released mail the hash of its words as they will be on the day it goes."""
    mails = [row_of(entry.session, Mail, item.mail_id) for item in released if item.mail_id is not None]
    for day in sorted({mail.day for mail in mails}):
        composer = composer_on(day)
        going = [mail for mail in mails if mail.day == day]
        composer.read([mail.id for mail in going if mail.id is not None])
        for mail in going:
            entry.change(mail, approved_sha256=digest_of(composer.compose(mail)))


def still_approved(mail: Mail, words: Composed | Stale) -> bool:
    """Whether a mail may go as far as approval is concerned: none was needed, or its words are those that were approved."""
    return mail.approved_sha256 is None or mail.approved_sha256 == digest_of(words)


def take_back(entry: Entry, mail: Mail, items: Sequence[LedgerItem]) -> None:
    """A mail that says something else than what was approved waits for approval again."""
    entry.change(mail, state=MailState.HELD, queued_at=None, approved_sha256=None)
    for item in items:
        if item.state == ItemState.IN_MAIL:
            entry.change(item, state=ItemState.HELD)
    entry.tell(mail=mail.id, templates=list(mail.templates), items=len(items), why="words_changed")


def digest_of(words: Composed | Stale | None) -> str:
    """The hash of a letter's words; a letter by post, or one that has lost its sense, has one too."""
    if words is None:
        return words_sha256({"letter": True})
    if isinstance(words, Stale):
        return words_sha256({"stale": words.why.value})
    told = {each.name: getattr(words, each.name) for each in fields(words) if each.name not in NO_WORDS}
    # When a meeting was last touched (DTSTAMP) is nothing that its reader sees.
    told["calendars"] = [(each.method, _STAMP.sub("", each.ics)) for each in words.calendars]
    told["files"] = [(each.name, sha256(each.content).hexdigest()) for each in words.files]
    if not words.files:
        del told["files"]  # a letter that encloses nothing has the hash that it always had
    return words_sha256(told)
