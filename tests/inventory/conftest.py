"""A new city for each test, in a SQLite file whose history is verified afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from inventory_of_musterstadt import BERLIN, City, begin, integration
from sqlmodel import SQLModel

from cycle.adapters.database import connect
from cycle.journal.guards import install
from cycle.journal.journal import Journal
from cycle.journal.records import every_table
from cycle.journal.verify import verify
from cycle.workflow.model import Workflow


@pytest.fixture(scope="session")
def workflow() -> Workflow:
    return integration()


@pytest.fixture
def city(tmp_path: Path, workflow: Workflow) -> Iterator[City]:
    database = connect(f"sqlite:///{tmp_path / 'cycle.db'}")
    with database.writer.begin() as connection:
        every_table()
        SQLModel.metadata.create_all(connection)
        install(connection)
    city = City(database, Journal(database, BERLIN), workflow)
    begin(city)

    yield city

    problems = verify(database).problems
    database.dispose()
    assert problems == ()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a table of the given lines."""

    def write(text: str) -> Path:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write
