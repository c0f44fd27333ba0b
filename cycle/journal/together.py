"""Several entries and changes of machinery in one transaction: all are durable when it ends, or none."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import Session

from cycle.adapters.database import Database
from cycle.journal.actor import Actor
from cycle.journal.chain import Appended, append
from cycle.journal.entry import Entry
from cycle.journal.lastseen import LastSeen
from cycle.journal.machinery import Machinery


class Together:
    """Entries and changes of machinery in one transaction. An entry is appended when it closes."""

    def __init__(self, connection: Connection, database: Database, zone: ZoneInfo, last_seen: LastSeen | None) -> None:
        self._connection = connection
        self._database = database
        self._zone = zone
        self._last_seen = last_seen
        self.machinery = Machinery(connection, database.kind)
        self.appended: list[Appended] = []

    @property
    def session(self) -> Session:
        """Reads inside the transaction, what was appended before with it."""
        return self.machinery.session

    @contextmanager
    def entry(self, type: str, *, by: Actor, now: datetime, cycle: str | None = None) -> Iterator[Entry]:
        """One entry among the others. It may be left out while it has changed nothing.

        Raises:
            TypeError: if it is left out later (our bug).
        """
        today = now.astimezone(self._zone).date()
        entry = Entry(self._connection, type=type, actor=by, cycle=cycle, now=now, today=today, effective_on=None, reason=None)
        yield entry
        entry.nothing_by_hand()
        if not entry.left_out:
            cmd = secrets.token_hex(16)
            last = self.appended[-1] if self.appended else None
            self.appended.append(append(self._connection, entry, cmd, self._database, self._last_seen, last))
        elif entry.changes:
            raise TypeError(f"{type}: it has changed something already")
