"""A private copy of a database's tables in memory: what would come of them can be tried out there, as if it were real.

The openings stay behind: a copy is written on and thrown away, and nobody's words are proved by it.
"""

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from cycle.adapters.database import Database, in_memory
from cycle.journal.records import Opening, every_table


def copied(session: Session) -> Database:
    """All tables as the session sees them, in a database of their own that ends with `dispose()`."""
    database = in_memory()
    try:
        with database.writer.begin() as connection:
            every_table()
            SQLModel.metadata.create_all(connection)
            for table in SQLModel.metadata.sorted_tables:
                if table.name == Opening.__tablename__:
                    continue
                rows = session.connection().execute(select(table)).mappings().all()
                if rows:
                    connection.execute(table.insert(), [dict(row) for row in rows])
    except BaseException:
        database.dispose()
        raise
    return database
