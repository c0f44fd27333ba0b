"""The same on PostgreSQL: rows changed past the journal, tables that are gone."""

import pytest
from small_log import Log
from sqlalchemy import text

from cycle.journal.verify import verify


def test_postgresql_rows_changed_past_the_journal_are_named(postgres_log: Log) -> None:
    with postgres_log.database.writer.begin() as connection:
        connection.execute(text("UPDATE mail SET templates = '[\"other\"]', queued_at = queued_at + interval '1 hour'"))
        connection.execute(text("UPDATE person SET name = 'x' WHERE id = 1"))
        connection.execute(text("DELETE FROM opening WHERE subject LIKE 'event:%'"))

    found = [(problem.key, problem.seq, problem.facts.get("field")) for problem in verify(postgres_log.database).problems]
    assert found == [
        ("opening_missing", 5, None),
        ("table_differs", 6, "templates"),
        ("table_differs", 6, "queued_at"),
        ("private_differs", 2, None),
    ]


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE mail CASCADE", "ALTER TABLE mail DROP COLUMN why", "UPDATE mail SET day = 'infinity'", "DROP TABLE opening"],
)
def test_postgresql_table_that_is_gone_or_unreadable_is_a_problem_of_its_own(postgres_log: Log, statement: str) -> None:
    with postgres_log.database.writer.begin() as connection:
        connection.execute(text(statement))

    found = [problem for problem in verify(postgres_log.database).problems if problem.key == "table_unreadable"]
    assert [problem.facts["table"] for problem in found] == ["opening" if "opening" in statement else "mail"]
