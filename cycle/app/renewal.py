"""Upgrading a site: who may, where its backup goes, and the entry `migration.applied` in the transaction of the migrations."""

from datetime import UTC
from pathlib import Path

from sqlalchemy import Connection, text

from cycle import __version__
from cycle.adapters.clock import SystemClock
from cycle.adapters.database import connect
from cycle.app.backup import Backup
from cycle.app.furnishing import database_url, last_seen_of
from cycle.app.opening import is_sandbox
from cycle.app.site import Site
from cycle.app.upgrade import Upgraded, bring_up, missing_in
from cycle.cycles.records import workflows_of
from cycle.journal.journal import Together
from cycle.settings import Settings
from cycle.vocabulary import Right

BACKUPS = "backups"


def renew(home: Path, settings: Settings) -> Upgraded:
    """Bring a site's database to this version, by somebody who may change people; on SQLite its backup lies in `backups/`.

    Raises:
        NotReady, Broken: as `upgrade.bring_up`.
        Forbidden: if who asks may not.
    """
    url = database_url(home, settings)
    found, missing = missing_in(url)
    if not missing:
        return Upgraded([])
    database = connect(url, settings.database.journal)
    try:
        with database.reader.connect() as connection:
            first = connection.execute(text("SELECT body FROM event WHERE seq = 1")).scalar()
        sandbox = first is not None and is_sandbox(first)
        site = Site(home, settings, database, sandbox=sandbox, last_seen=last_seen_of(url, settings))

        def tell(connection: Connection, found: str, applied: list[str], backup: Backup | None) -> None:
            _tell(site, connection, found, applied, backup)

        return bring_up(url, backup=_file(home, found), tell=tell if first is not None else None)
    finally:
        database.dispose()


def _tell(site: Site, connection: Connection, found: str, applied: list[str], backup: Backup | None) -> None:
    site.database.head_lock(connection)
    together = Together(site.journal, connection)
    kept = workflows_of(together.session)
    actor = site.actor(together.session, kept[-1] if kept else site.workflow(), Right.PEOPLE, site.today())
    with together.entry("migration.applied", by=actor, now=site.now()) as entry:
        entry.tell(before=found, revisions=applied, software=__version__)
        if backup is not None:
            entry.rest_on("backup", backup.file.name, backup.sha256)


def _file(home: Path, found: str) -> Path:
    folder = home / BACKUPS
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"cycle-{found}-{SystemClock().now().astimezone(UTC):%Y%m%dT%H%M%SZ}.db"
