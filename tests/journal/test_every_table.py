"""A command loads the tables it asks; the journal, which needs them all, has them all."""

import subprocess
import sys
from typing import Any

from sqlalchemy import inspect

from cycle.service.records import Pulse

TABLES = """
import sys
from pathlib import Path
from cycle.app.opening import open_site
from sqlmodel import SQLModel
site = open_site(Path(sys.argv[1]))
print(*sorted(SQLModel.metadata.tables))
from cycle.journal.records import every_table
print(*sorted(every_table()))
"""


def test_the_journal_knows_every_table_in_a_process_that_needed_few(cycle: Any) -> None:
    told = subprocess.run([sys.executable, "-c", TABLES, str(cycle.home)], check=True, capture_output=True, text=True)
    few, every = (set(line.split()) for line in told.stdout.splitlines())

    there = set(inspect(cycle.site.database.reader).get_table_names())
    assert every == there - {"alembic_version", Pulse.__tablename__}
    assert "measure" not in few
    assert few < every
