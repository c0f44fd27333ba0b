"""What every test would pay for again though it is no part of what it looks at: waiting for a disk, compiling what is known.

The databases stay real, each test's own, and the statements those that the product asks.
"""

import os
import shutil
from pathlib import Path

from sqlalchemy import Connection, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

MEMORY = Path("/dev/shm")
ROOM = 4_000_000_000  # bytes; the tests use a quarter
STATEMENTS = 5_000


def in_memory() -> None:
    """Let the folders of the tests lie where no write waits for a disk, if there is such a place with room for them and nobody
    has said another."""
    if {"PYTEST_DEBUG_TEMPROOT", "TMPDIR"} & set(os.environ):
        return
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


def compiling_once() -> None:
    """Let every database of a kind know the statements that were compiled for another: SQLAlchemy keeps them by dialect, and
    each engine has one of its own that is like any other of its kind."""
    known: dict[str, LRUCache[object, object]] = {}
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
        kind.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]
        known[kind.name] = LRUCache(STATEMENTS)

    @event.listens_for(Engine, "engine_connect")
    def _knows(connection: Connection) -> None:
        connection.execution_options(compiled_cache=known[connection.dialect.name])
