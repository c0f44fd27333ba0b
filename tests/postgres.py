"""Databases of a PostgreSQL server, made and dropped for tests."""

from dataclasses import dataclass

from sqlalchemy import create_engine, make_url, text


def admin(url: str, statement: str) -> None:
    """Run one statement outside any transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def named(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@dataclass
class Copy:
    """A database to be copied from another when it is first needed: until then, it may become the copy of a third."""

    server: str
    name: str
    template: str
    made: bool = False

    @property
    def url(self) -> str:
        return named(self.server, self.name)

    def make(self) -> None:
        """Be sure that it is there."""
        if not self.made:
            admin(self.server, f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
            self.made = True

    def of(self, template: str) -> None:
        """Be a copy of another database from now on."""
        self.drop()
        self.template = template

    def drop(self) -> None:
        """Be sure that it is not there."""
        if self.made:
            admin(self.server, f"DROP DATABASE {self.name}")
            self.made = False
