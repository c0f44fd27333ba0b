"""Questions that go to the driver answer as the session's own queries do, and their rows are the session's objects."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small_log import NOON, Log, person
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from sqlmodel import select as select_rows

from cycle.journal.questions import asked, asked_once, row_of, rows_where
from cycle.outbox.records import Mail
from cycle.partners.records import Partner
from cycle.people.records import Person

QUEUED_ON = select(col(Mail.id), col(Mail.day)).where(col(Mail.day) == bindparam("day"))


def values(row: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


@pytest.mark.parametrize("model", [Mail, Person])
def test_rows_are_as_a_query_of_the_session_reads_them(any_log: Log, model: type[Any]) -> None:
    with any_log.journal.reading() as session:
        found = [values(row) for row in rows_where(session, model)]
    with any_log.journal.reading() as session:
        queried = [values(row) for row in session.exec(select_rows(model).order_by(col(model.id)))]

    assert found == queried
    assert found


def test_dates_lists_and_times_come_back_as_they_were_written(any_log: Log) -> None:
    with any_log.entry("partner.imported") as entry:
        entry.add(Partner(number=7, short="TSV", name="Turnverein", kind="association", groups=["NG1"], since=date(1901, 5, 1)))

    with any_log.journal.reading() as session:
        (partner,) = rows_where(session, Partner, number=7)
        (mail,) = rows_where(session, Mail)

    assert (partner.groups, partner.since, partner.left_on) == (["NG1"], date(1901, 5, 1), None)
    assert mail.queued_at == NOON


def test_a_list_read_twice_is_each_readers_own(any_log: Log) -> None:
    with any_log.entry("partner.imported") as entry:
        entry.add(Partner(number=7, short="TSV", name="Turnverein", kind="association", groups=["NG1"]))

    for _ in range(2):
        with any_log.journal.reading() as session:
            (partner,) = rows_where(session, Partner, number=7)
            assert partner.groups == ["NG1"]
            partner.groups.append("of this reader alone")


def test_a_row_read_both_ways_is_one_object(any_log: Log) -> None:
    with any_log.journal.reading() as session:
        queried = session.get_one(Person, 1)

        assert row_of(session, Person, 1) is queried
        (other,) = rows_where(session, Person, id=2)
        assert session.get_one(Person, 2) is other


def test_an_empty_column_is_asked_for_by_none(any_log: Log) -> None:
    with any_log.journal.reading() as session:
        assert [row.id for row in rows_where(session, Person, phone=None)] == [1, 2]
        assert rows_where(session, Person, phone="0") == []


def test_a_field_set_by_hand_on_such_a_row_is_refused(any_log: Log) -> None:
    before = any_log.told()

    with pytest.raises(TypeError, match="past the entry"), any_log.entry() as entry:
        row_of(entry.session, Person, 1).name = "past the journal"

    assert any_log.told() == before


def test_an_answer_is_kept_until_an_entry_touches_one_of_its_tables(any_log: Log) -> None:
    times: list[int] = []

    def count() -> int:
        times.append(1)
        return len(times)

    with any_log.entry() as entry:
        assert asked_once(entry.session, (Person, Mail), "how often", count) == 1
        assert asked_once(entry.session, (Person, Mail), "how often", count) == 1
        assert asked_once(entry.session, Partner, "how often", count) == 2
        entry.change(row_of(entry.session, Person, 1), name="Jana Neu")
        assert asked_once(entry.session, (Person, Mail), "how often", count) == 3
        assert asked_once(entry.session, Partner, "how often", count) == 2


def test_a_value_is_written_as_the_database_wants_it(any_log: Log) -> None:
    with any_log.journal.reading() as session:
        (mail,) = rows_where(session, Mail)
        assert [list(row) for row in asked(session, QUEUED_ON, day=mail.day)] == [[mail.id, mail.day]]


def test_what_the_driver_raises_is_told_as_sqlalchemy_would(any_log: Log) -> None:
    before = any_log.told()

    with pytest.raises(IntegrityError) as error, any_log.entry() as entry:
        entry.add(person("j.w"))  # the reference is taken

    assert "INSERT INTO person" in (error.value.statement or "")
    assert any_log.told() == before


def test_a_row_can_be_the_first_thing_a_process_reads(file: Path) -> None:
    """An ORM query would make the mappers ready; here no query has been."""
    programme = (
        "import sys\n"
        "from zoneinfo import ZoneInfo\n"
        "from cycle.adapters.database import connect\n"
        "from cycle.journal.journal import Journal\n"
        "from cycle.journal.questions import row_of\n"
        "from cycle.people.records import Person\n"
        "with Journal(connect(sys.argv[1]), ZoneInfo('UTC')).reading() as session:\n"
        "    print(row_of(session, Person, 1).login)\n"
    )

    told = subprocess.run([sys.executable, "-c", programme, f"sqlite:///{file}"], check=True, capture_output=True, text=True)

    assert told.stdout == "j.w\n"


def test_a_row_that_is_not_there_is_named(any_log: Log) -> None:
    with any_log.journal.reading() as session, pytest.raises(LookupError, match="person has no row 77"):
        row_of(session, Person, 77)


def test_a_list_in_a_kept_question_is_refused(any_log: Log) -> None:
    question = select(col(Person.id)).where(col(Person.id).in_([1, 2]))

    with any_log.journal.reading() as session, pytest.raises(TypeError, match="a list in IN"):
        asked(session, question)
