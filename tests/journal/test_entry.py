"""What an entry does while it is open, what it says when it closes, and what it will not take."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from small_log import BERLIN, JANA, NOON, SABINE, Log, person
from sqlalchemy import select as sa_select
from sqlmodel import col, select

from cycle import __version__
from cycle.errors import Conflict, NotReady, Refused
from cycle.journal.history import opened, reason
from cycle.journal.journal import Journal
from cycle.journal.questions import asked
from cycle.people.records import Person, RoleSpan
from cycle.vocabulary import Finding

NAMES = sa_select(col(Person.name)).order_by(col(Person.id))


def test_ids_are_handed_out_so_that_rows_of_one_entry_refer_to_each_other(any_log: Log) -> None:
    with any_log.entry() as entry:
        first, second = entry.add_all([person("a"), person("b")])
        span = entry.add(RoleSpan(person_id=second.id or 0, role="deputy", valid_from=date(2025, 1, 10)))

    assert (first.id, second.id, span.id) == (3, 4, 1)
    assert (first.version, span.person_id) == (1, 4)
    assert any_log.rows("SELECT id, person_id, version FROM role_span") == [(1, 4, 1)]


def test_one_entry_says_all_its_changes_in_the_order_done(any_log: Log) -> None:
    before = len(any_log.told())

    with any_log.entry("people.changed", minutes=9) as entry:
        entry.tell(role="deputy")
        entry.rest_on("resolution", "GR-DS 2025/001")
        added = entry.add(person("a", name="Ada"))
        entry.change(added, ref="p:other")
        entry.add(RoleSpan(person_id=added.id or 0, role="deputy", valid_from=date(2025, 1, 10)))

    body = any_log.last()
    assert len(any_log.told()) == before + 1
    assert body["data"] == {
        "software": __version__,
        "role": "deputy",
        "changes": [
            {"add": "person", "ids": [3], "fields": ["ref"], "rows": [["p:a"]], "private": ["p1"]},
            {"change": "person", "id": 3, "fields": {"ref": ["p:a", "p:other"]}},
            {
                "add": "role_span",
                "ids": [1],
                "fields": ["person_id", "role", "group", "valid_from", "valid_to"],
                "rows": [[3, "deputy", None, "2025-01-10", None]],
            },
        ],
    }
    assert body["basis"] == [{"kind": "resolution", "ref": "GR-DS 2025/001", "sha256": None}]
    assert (body["type"], body["cycle"], body["cseq"]) == ("people.changed", None, None)
    assert (body["recorded_at"], body["effective_on"]) == ("2025-01-10T11:09:00.000000Z", "2025-01-10")
    assert body["actor"] == {"ref": JANA.ref, "role": "coordinator", "via": "cli"}


def test_what_is_looked_at_in_a_turn_is_of_before_the_lock_and_the_entry_sees_what_came_between(any_log: Log) -> None:
    with any_log.journal.turn() as turn:
        looked = asked(turn, NAMES)
        between = Log(any_log.database, Journal(any_log.database, BERLIN))  # another process
        with between.entry("people.changed", minutes=9) as entry:
            entry.change(entry.session.get_one(Person, 1), name="Jana Weißer")
        with any_log.entry("people.changed", minutes=10, turn=turn) as entry:
            seen = asked(entry.session, NAMES)

    assert [tuple(row) for row in looked] == [("Jana Weiß",), ("Sabine Roth",)]
    assert [tuple(row) for row in seen] == [("Jana Weißer",), ("Sabine Roth",)]
    assert [told.type for told in any_log.told()][-2:] == ["people.changed", "people.changed"]


def test_turn_in_which_nothing_is_written_leaves_nothing_behind(any_log: Log) -> None:
    before = len(any_log.told())

    with any_log.journal.turn() as turn:
        asked(turn, NAMES)
    with any_log.entry("people.changed", minutes=9):
        pass

    assert len(any_log.told()) == before + 1


def test_turn_is_not_taken_while_a_reading_or_another_entry_is_open(any_log: Log) -> None:
    with any_log.journal.reading(), pytest.raises(RuntimeError, match="a reading is still open"), any_log.journal.turn():
        pass
    with any_log.entry(), pytest.raises(RuntimeError, match="already open"), any_log.journal.turn():
        pass


def test_entries_of_a_cycle_are_counted_in_it(any_log: Log) -> None:
    for kind in ("comment.added", "comment.added"):
        with any_log.entry(kind, cycle="ip-2025", reason="ja"):
            pass

    assert [told.body["cseq"] for told in any_log.told() if told.cycle == "ip-2025"] == [1, 2, 3, 4, 5]


def test_effective_day_is_the_sites_day_and_not_that_of_utc(log: Log) -> None:
    late = datetime(2025, 1, 10, 23, 30, tzinfo=UTC)

    with log.journal.entry("people.changed", by=JANA, now=late) as entry:
        entry.add(person("a"))

    assert log.last()["effective_on"] == "2025-01-11"


def test_private_values_are_not_in_the_chain_but_in_openings(any_log: Log) -> None:
    with any_log.entry(reason="Nachfolge") as entry:
        entry.change(entry.session.get_one(Person, 2), phone="0711 1")

    body = any_log.last()
    with any_log.journal.reading() as session:
        told = any_log.told()[-1]
        assert reason(session, told) == "Nachfolge"
        value = {"login": "s.r", "name": "Sabine Roth", "mail": "roth@example.de", "phone": "0711 1"}
        assert opened(session, body["private"]["p1"]) == value
    assert sorted(body["private"]) == ["p1", "reason"]
    assert body["data"]["changes"] == [{"change": "person", "id": 2, "fields": {}, "private": "p1"}]
    assert not any(word in json.dumps(body) for word in ("0711 1", "Roth", "Nachfolge"))


def test_changed_row_shows_the_result_and_what_stays_drops_out(log: Log) -> None:
    with log.entry() as entry:
        row = entry.session.get_one(Person, 1)
        entry.change(row, ref="p:new", name="Jana Weiß")
        assert (row.ref, row.version) == ("p:new", 2)
        entry.change(row, ref="p:new")
        assert row.version == 2

    assert log.last()["data"]["changes"] == [{"change": "person", "id": 1, "fields": {"ref": ["p:j.w", "p:new"]}}]


def test_stale_row_is_a_conflict_that_tells_who_when_and_what(any_log: Log) -> None:
    mine = any_log.person(1)
    with any_log.entry("people.changed", by=SABINE, minutes=5) as entry:
        entry.change(entry.session.get_one(Person, 1), name="Jana Neu")
    with any_log.entry("comment.added", minutes=6, reason="later, and of something else"):
        pass
    before = any_log.told()

    with pytest.raises(Conflict) as expected, any_log.entry() as entry:
        entry.expect(mine)
    with pytest.raises(Conflict) as changed, any_log.entry() as entry:
        entry.change(mine, name="Jana Alt")

    winner = {"who": SABINE.ref, "role": "deputy", "when": NOON + timedelta(minutes=5), "what": "people.changed"}
    facts = {"table": "person", "expected": 1, "found": 2, **winner}
    assert (expected.value.key, expected.value.facts) == ("somebody_was_first", facts)
    assert changed.value.facts == facts
    assert any_log.told() == before
    assert any_log.person(1).name == "Jana Neu"


def test_expected_version_of_a_script_is_compared_too(log: Log) -> None:
    with log.entry() as entry:
        entry.expect(entry.session.get_one(Person, 2), 2)
        entry.change(entry.session.get_one(Person, 2), name="Sabine R.")

    with pytest.raises(Conflict), log.entry() as entry:
        entry.expect(entry.session.get_one(Person, 2), 2)


def test_added_row_and_the_row_that_a_query_finds_are_one(any_log: Log) -> None:
    with any_log.entry() as entry:
        row = entry.add(person("a"))
        assert entry.session.exec(select(Person).where(col(Person.ref) == "p:a")).one() is row
        entry.change(row, name="Ada")

    assert (row.name, row.version) == ("Ada", 2)


def test_reading_must_be_closed_before_anything_is_written(log: Log) -> None:
    with log.journal.reading():
        with pytest.raises(RuntimeError, match="a reading is still open"), log.entry():
            pass
        with pytest.raises(RuntimeError, match="a reading is still open"), log.journal.machinery():
            pass

    with log.entry("comment.added"):
        pass


def test_a_thread_has_one_entry_open_at_most(log: Log) -> None:
    with log.entry("comment.added"):
        with pytest.raises(RuntimeError, match="already open"), log.entry():
            pass
        with pytest.raises(RuntimeError, match="already open"), log.journal.machinery():
            pass


@pytest.mark.parametrize(
    ("attempted", "written"), [("phase.advanced", "phase.refused"), ("survey.answered", "command.refused")]
)
def test_refusal_undoes_the_changes_and_is_an_entry_with_its_findings(any_log: Log, attempted: str, written: str) -> None:
    found = Finding("dates_unconfirmed", facts={"missing": ["talk"], "until": date(2025, 2, 1)}, check="P1")
    before = len(any_log.told())

    how: dict[str, Any] = {"cycle": "ip-2025", "reason": "eilig", "minutes": 5}

    with pytest.raises(Refused) as refused, any_log.entry(attempted, **how) as entry:  # noqa: PT012 - the entry's end is part of it
        entry.tell(to="closed")
        entry.rest_on("resolution", "GR")
        entry.add(person("a", name="Ada"))
        entry.change(entry.session.get_one(Person, 1), name="Jana Neu")
        raise Refused([found])

    told = any_log.told()
    body = told[-1].body
    assert refused.value.findings == (found,)
    assert len(told) == before + 1
    assert body["type"] == written
    assert body["data"] == {
        "software": __version__,
        "attempted": attempted,
        "findings": [
            {"check": "P1", "key": "dates_unconfirmed", "facts": {"missing": ["talk"], "until": "2025-02-01"}},
        ],
        "changes": [],
    }
    assert (body["basis"], body["cseq"], sorted(body["private"])) == ([], 4, ["reason"])
    assert any_log.rows("SELECT count(*) FROM person") == [(2,)]
    assert any_log.person(1).name == "Jana Weiß"


def test_refusal_after_something_was_left_out_is_still_an_entry(log: Log) -> None:
    with pytest.raises(Refused), log.entry("survey.answered") as entry:  # noqa: PT012 - the entry's end is part of it
        entry.leave_out()
        raise Refused([])

    assert log.last()["type"] == "command.refused"


def test_any_other_error_writes_nothing(any_log: Log) -> None:
    before = any_log.told()

    with pytest.raises(ZeroDivisionError), any_log.entry() as entry:  # noqa: PT012 - the entry's end is part of it
        entry.add(person("a"))
        raise ZeroDivisionError

    assert any_log.told() == before
    assert any_log.rows("SELECT count(*) FROM person") == [(2,)]


def test_dry_run_and_what_is_left_out_write_nothing(any_log: Log) -> None:
    before = any_log.told()

    with any_log.entry(dry_run=True) as entry:
        entry.add(person("a"))
        assert entry.session.exec(select(Person.login).order_by(col(Person.id))).all() == ["j.w", "s.r", "a"]
    with pytest.raises(Refused), any_log.entry(dry_run=True) as entry:  # noqa: PT012 - the entry's end is part of it
        entry.add(person("a"))
        raise Refused([])
    with any_log.entry() as entry:
        entry.add(person("a"))
        entry.leave_out()

    assert any_log.told() == before
    assert any_log.rows("SELECT count(*) FROM person") == [(2,)]


def test_clock_that_is_behind_does_not_turn_the_record_back(any_log: Log) -> None:
    with any_log.entry("comment.added", minutes=60):
        pass
    with any_log.entry("comment.added", minutes=58.5):
        pass
    with any_log.entry("comment.added", minutes=61):
        pass

    bodies = [told.body for told in any_log.told()[-3:]]
    assert [body["recorded_at"][11:19] for body in bodies] == ["12:00:00", "12:00:00", "12:01:00"]
    assert [body["data"].get("clock_behind_seconds") for body in bodies] == [None, 90, None]


def test_key_of_a_command_is_taken_once(any_log: Log) -> None:
    with any_log.entry("comment.added", cmd="1" * 32):
        pass
    before = any_log.told()

    with pytest.raises(Exception, match="takes only its next entry"), any_log.entry("comment.added", cmd="1" * 32) as entry:
        entry.add(person("a"))

    assert before[-1].body["cmd"] == "1" * 32
    assert any_log.told() == before


def test_thousand_rows_of_one_entry_keep_their_order(log: Log) -> None:
    with log.entry() as entry:
        rows = entry.add_all([person(f"n{number}") for number in range(1000)])
        assert entry.add_all([]) == []

    assert [row.id for row in rows] == list(range(3, 1003))
    assert log.rows("SELECT count(*), max(id) FROM person") == [(1002, 1002)]


def test_first_entry_of_an_empty_journal_opens_it(empty_log: Log) -> None:
    with pytest.raises(NotReady) as error, empty_log.entry() as entry:
        entry.add(person("a"))

    assert error.value.key == "database_empty"
    assert empty_log.told() == []


def test_reading_sessions_give_rows_that_may_be_kept(log: Log) -> None:
    with log.journal.reading() as session:
        row = session.get_one(Person, 1)

    assert (row.name, row.version) == ("Jana Weiß", 1)


def test_journal_is_opened_once(log: Log) -> None:
    before = log.told()

    with pytest.raises(NotReady), log.entry("log.opened") as entry:
        entry.tell(log="1" * 32)

    assert log.told() == before
