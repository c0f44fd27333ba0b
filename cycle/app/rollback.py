"""The rollback guard of a site: is the database what was seen of it before, and how a restored one is accepted."""

from sqlalchemy.exc import DatabaseError

from cycle.app.site import Site
from cycle.cycles.rules import WAIVER_REASON, need_reason
from cycle.errors import NotReady
from cycle.journal.entry import Entry
from cycle.journal.lastseen import RESTORED, Behind, Seen
from cycle.vocabulary import Right


def behind(site: Site) -> Behind | None:
    """What was seen before and is not there any more, None if all is; what cannot be read at all is for others to tell."""
    if site.journal.last_seen is None:
        return None
    try:
        with site.database.reader.connect() as connection:
            return site.journal.last_seen.look(connection)
    except (DatabaseError, UnicodeDecodeError, NotReady):
        return None


def demand_current(site: Site) -> None:
    """Before mails go out, or anything else that is done before it is entered.

    Raises:
        NotReady: if the database is behind what was seen of it, or another one.
    """
    found = behind(site)
    if found is not None:
        raise found.refusal()


def accept_restore(site: Site, reason: str | None, *, dry_run: bool = False) -> tuple[Entry, Behind, Seen]:
    """Go on from this state of the database: an entry says so, with what had been seen, and holds for everybody.

    Raises:
        NotReady: if nothing is amiss, or nobody knows what was seen.
        WrongInput: without a reason of weight.
        Forbidden: for who may not manage people and the database.
    """
    given = need_reason(reason, WAIVER_REASON)
    found = behind(site)
    with site.entry(RESTORED, Right.PEOPLE, reason=given, dry_run=dry_run) as (entry, _):
        if found is None:
            raise NotReady("nothing_restored")
        if found.seen is None:
            raise found.refusal()
        entry.tell(entries=found.entries, seen=found.seen.seq, seen_hash=found.seen.hash, seen_log=found.seen.log)
    if not dry_run:
        behind(site)  # what was seen is from now on this
    return entry, found, found.seen
