"""Machinery: columns that the programme needs to run, written without an entry, and no others."""

from typing import Any

import pytest
from small_log import Log
from sqlmodel import col

from cycle.outbox.records import Mail, MailState
from cycle.people.records import Person
from cycle.service.records import Pulse


def test_machinery_changes_its_columns_and_leaves_no_entry(any_log: Log) -> None:
    before = any_log.told()

    with any_log.journal.machinery() as running:
        taken = running.change(Mail, col(Mail.id) == 1, returning=[Mail.message_id], lease="mine", attempts=1)
        counted = running.change(Mail, col(Mail.id) == 99, lease="mine")
        running.add(Pulse, {"id": 1, "seen": 3})

    assert [tuple(row) for row in taken] == [("<1@example.de>",)]
    assert counted == [0]
    assert any_log.rows("SELECT lease, attempts, version FROM mail") == [("mine", 1, 1)]
    assert any_log.told() == before


@pytest.mark.parametrize("fields", [{"state": MailState.SENT}, {"lease": "mine", "version": 2}, {"address": None}])
def test_machinery_refuses_any_other_column(log: Log, fields: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="is no machinery"), log.journal.machinery() as running:
        running.change(Mail, col(Mail.id) == 1, **fields)
    with pytest.raises(TypeError, match="person is journalled"), log.journal.machinery() as running:
        running.add(Person, {"id": 9, "ref": "p:9"})

    assert log.rows("SELECT state, lease, version FROM mail") == [("queued", None, 1)]
