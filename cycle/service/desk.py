"""The desk of one run of deliveries: what the letters of all its mails share, kept while nothing happens that could change it.

A few mails are claimed at a time, so a run has many batches. Asking anew for each who is meant by a step, what is due and what
the texts say made a mail to all cost its square.
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
    """Gives each batch a composer that knows the present."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._composer: Composer | None = None
        self._seen = 0
        self._at: datetime | None = None

    def composer(self, session: Session, now: datetime) -> Composer:
        """A composer on this session: the last one where only mails went out since, on the same day, else a new one."""
        head = head_seq(session)
        if self._composer is None or not self._holds(session, now):
            self._composer = composer_of(self._site, session, now)
        else:
            self._composer.go_on(session, now)
        self._seen, self._at = head, now
        return self._composer

    def is_up_to_date(self) -> bool:
        """Whether what was written last still says what is true: a hold, an answer or an objection stops within one mail."""
        with self._site.journal.reading() as session:
            return self._only_mails_since(session)

    def _holds(self, session: Session, now: datetime) -> bool:
        zone = self._site.zone
        same_day = self._at is not None and self._at.astimezone(zone).date() == now.astimezone(zone).date()
        return same_day and self._only_mails_since(session)

    def _only_mails_since(self, session: Session) -> bool:
        return {kind for _, kind in touched_since(session, self._seen)} <= HARMLESS
