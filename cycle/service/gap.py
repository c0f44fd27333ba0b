"""The time a service was off: from the last heartbeat to its start, so that auditors see when nobody looked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from cycle.app.site import Site
from cycle.journal.history import entries
from cycle.service.records import Pulse

# Less is a restart.
LEAST = timedelta(minutes=10)


@dataclass(frozen=True)
class Gap:
    """`clean` is whether the service was stopped, and did not just fall silent."""

    since: datetime
    until: datetime
    clean: bool


def gap_before(site: Site) -> Gap | None:
    """The gap that ends now; None if a service or a `cycle run --once` was here in the last ten minutes, or never."""
    now = site.now()
    with site.journal.reading() as session:
        beat = session.exec(select(Pulse.beat_at)).first()
        if beat is None or now - beat <= LEAST:
            return None
        last = next(iter(entries(session, types=["service.started", "service.stopped"], newest_first=True)), None)
    return Gap(beat, now, last is not None and last.type == "service.stopped")
