"""The desk of one run of deliveries: what the letters of all its mails share, kept while nothing happens that could change it.

Mails are written a few dozen at a time. Asking anew for each lot who is meant by a step, what is due and what the texts say
made a mail to all cost its square.
"""

from datetime import datetime

from sqlmodel import Session

from cycle.app.site import Site
from cycle.journal.history import head_seq, touched_since
from cycle.reminders.actions.compose import Composer
from cycle.service.write import composer_of

# Entries that change nothing a letter speaks of, and nobody it is for. A failure is none: its address is suppressed.
HARMLESS = frozenset({"mail.sent", "mail.unclear", "mail.cancelled", "mail.missed", "mail.held"})


class Desk:
    """Gives each batch a composer that knows the present; `edition` counts how often that had to be a new one.

    `since` is the last entry of the journal when the newest edition began, `seen` the one up to which only mails went out after
    that.
    """

    def __init__(self, site: Site) -> None:
        self.edition = 0
        self.seen = 0
        self.since = 0
        self._site = site
        self._composer: Composer | None = None
        self._at: datetime | None = None

    def composer(self, session: Session, now: datetime) -> Composer:
        """A composer on this session: the last one where only mails went out since, on the same day, else a new one."""
        head = head_seq(session)
        if self._composer is None or not self._holds(session, now):
            self._composer = composer_of(self._site, session, now)
            self.edition += 1
            self.since = head
        else:
            self._composer.go_on(session, now)
        self.seen, self._at = head, now
        return self._composer

    def still_true(self, session: Session) -> int | None:
        """The journal's head while what was written last still says what is true, else None: a hold, an answer or an
        objection stops within one mail. Once that is durable the head has been `saw`n."""
        return head_seq(session) if _only_mails_since(session, self.seen) else None

    def saw(self, head: int) -> None:
        """Up to this entry only mails went out."""
        self.seen = head

    def vouches_for(self, session: Session, head: int) -> bool:
        """Whether what was written as of an entry still says what is true: it was not before what this desk writes from, and
        only mails went out since."""
        return head >= self.since and _only_mails_since(session, head)

    def _holds(self, session: Session, now: datetime) -> bool:
        zone = self._site.zone
        same_day = self._at is not None and self._at.astimezone(zone).date() == now.astimezone(zone).date()
        return same_day and _only_mails_since(session, self.seen)


def _only_mails_since(session: Session, head: int) -> bool:
    return {kind for _, kind in touched_since(session, head)} <= HARMLESS
