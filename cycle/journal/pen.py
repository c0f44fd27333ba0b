"""The pen: a mark on a connection while the journal itself writes, so that every other write can be found."""

from sqlalchemy import Connection

MARK = "journal_writes"


class pen:  # noqa: N801 - it is said like the function that a class spares: `with pen(connection):`
    """While it is held, what is written on this connection is the journal's."""

    __slots__ = ("_info",)

    def __init__(self, connection: Connection) -> None:
        self._info = connection.info

    def __enter__(self) -> None:
        self._info[MARK] = True

    def __exit__(self, *_: object) -> None:
        self._info.pop(MARK, None)
