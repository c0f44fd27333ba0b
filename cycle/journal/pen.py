"""The pen: a mark on a connection while the journal itself writes, so that every other write can be found."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

MARK = "journal_writes"


@contextmanager
def pen(connection: Connection) -> Iterator[None]:
    """While it is held, what is written on this connection is the journal's."""
    info = connection.info
    info[MARK] = True
    try:
        yield
    finally:
        info.pop(MARK, None)
