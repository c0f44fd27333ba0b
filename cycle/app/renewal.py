"""Upgrading a site: who may, where its backup goes, and the entry `migration.applied` in the transaction of the migrations."""

from datetime import UTC
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url, text

from cycle import __version__
from cycle.adapters.clock import SystemClock
from cycle.adapters.database import Database, connect, sqlite_file
from cycle.adapters.files import written_to
from cycle.app.backup import Backup
from cycle.app.bereft import bereft
from cycle.app.furnishing import database_url, last_seen_of
from cycle.app.opening import is_sandbox
from cycle.app.site import Site
from cycle.app.upgrade import Upgraded, bring_up, missing_in
from cycle.cycles.records import workflows_of
from cycle.journal.records import Event
from cycle.journal.together import Together
from cycle.settings import Settings
from cycle.vocabulary import Right

BACKUPS = "backups"


def renew(home: Path, settings: Settings, *, dry_run: bool = False) -> Upgraded:
    """Bring a site's database to this version, by somebody who may change people; on SQLite its backup lies in `backups/`.
    With `dry_run` it is tried, and nothing of it stays.

    Raises:
        NotReady, Broken: as `upgrade.bring_up`.
        Forbidden: if who asks may not.
    """
    url = database_url(home, settings)
    found, missing = missing_in(url)
    database = connect(url, settings.database.journal)
    try:
        first = _first_entry(database)
        if not missing:
            return Upgraded([])
        sandbox = is_sandbox(first)
        site = Site(home, settings, database, sandbox=sandbox, last_seen=last_seen_of(url, settings))

        def tell(connection: Connection, before: str, applied: list[str], backup: Backup | None) -> None:
            _tell(site, connection, before, applied, backup)

        return bring_up(url, backup=_file(home, found, dry_run), tell=tell, dry_run=dry_run)
    finally:
        database.dispose()


def _first_entry(database: Database) -> str:
    """The body of the first entry. Raises Broken where there is none any more."""
    with database.reader.connect() as connection:
        there = inspect(connection).has_table(Event.__tablename__)
        first = connection.execute(text("SELECT body FROM event WHERE seq = 1")).scalar() if there else None
        if first is None:
            raise bereft(connection, sqlite_file(database.url) or make_url(database.url).database or "")
    return str(first)


def _tell(site: Site, connection: Connection, found: str, applied: list[str], backup: Backup | None) -> None:
    site.database.head_lock(connection)
    together = Together(connection, site.database, site.zone, site.journal.last_seen)
    kept = workflows_of(together.session)
    actor = site.actor(together.session, kept[-1] if kept else site.workflow(), Right.PEOPLE, site.today())
    with together.entry("migration.applied", by=actor, now=site.now()) as entry:
        entry.tell(before=found, revisions=applied, software=__version__)
        if backup is not None:
            entry.rest_on("backup", backup.file.name, backup.sha256)


def _file(home: Path, found: str, dry_run: bool) -> Path:
    folder = home / BACKUPS
    if not dry_run:
        with written_to(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"cycle-{found}-{SystemClock().now().astimezone(UTC):%Y%m%dT%H%M%SZ}.db"
