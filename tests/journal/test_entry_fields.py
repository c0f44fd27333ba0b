"""Fields are checked before any SQL: what a column cannot hold, or what was set by hand, is our bug and writes nothing."""

from datetime import datetime
from typing import Any

import pytest
from small_log import NOON, Log, mail, person

from cycle.journal.form import OutsideProfile
from cycle.journal.records import Row
from cycle.outbox.records import Mail
from cycle.partners.records import Partner
from cycle.people.records import Person


@pytest.mark.parametrize(
    ("model", "fields", "error"),
    [
        (Person, {"nickname": "J"}, "person.nickname cannot be changed by an entry"),
        (Person, {"id": 7}, "person.id cannot be changed by an entry"),
        (Person, {"version": 7}, "person.version cannot be changed by an entry"),
        (Mail, {"lease": "mine"}, "mail.lease cannot be changed by an entry"),
        (Person, {"ref": None}, "person.ref must not be empty"),
        (Person, {"ref": 5}, "person.ref: 5 is no text"),
        (Person, {"ref": "a\u0308"}, "person.ref: .* is not NFC"),
        (Person, {"name": "a\u0308"}, "person.name: .* is not NFC"),
        (Person, {"name": 5}, "person.name: 5 is no text"),
        (Mail, {"level": 1.5}, "mail.level: 1.5 is no whole number"),
        (Mail, {"level": True}, "mail.level: True is no whole number"),
        (Mail, {"day": NOON}, "is no day"),
        (Mail, {"sent_at": datetime(2025, 1, 10)}, "has no time zone"),  # noqa: DTZ001 - naive is the point
        (Mail, {"sent_at": "2025-01-10"}, "mail.sent_at: '2025-01-10' is no time"),
        (Mail, {"templates": ["a", 1.5]}, "has no place in the journal"),
    ],
)
def test_field_that_cannot_be_is_our_bug_and_writes_nothing(
    log: Log, model: type[Row], fields: dict[str, Any], error: str
) -> None:
    before = log.told()

    with pytest.raises(TypeError, match=error), log.entry() as entry:  # noqa: PT012 - the entry's end is part of it
        entry.add(person("a"))
        entry.change(entry.session.get_one(model, 1), **fields)

    assert log.told() == before
    assert log.rows("SELECT count(*) FROM person") == [(2,)]


@pytest.mark.parametrize(
    "row",
    [
        person("a", name="a\u0308"),
        Person(ref=None, login="a"),
        Mail(**mail("<2@example.de>").model_dump() | {"queued_at": datetime(2025, 1, 1)}),  # noqa: DTZ001
        Mail(**mail("<2@example.de>").model_dump() | {"level": 0.5}),
    ],
)
def test_row_that_cannot_be_is_our_bug_and_writes_nothing(any_log: Log, row: Row) -> None:
    before = any_log.told()

    with pytest.raises(OutsideProfile), any_log.entry() as entry:
        entry.add(row)

    assert any_log.told() == before
    assert any_log.rows("SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM mail)") == [(2, 1)]


@pytest.mark.parametrize("facts", [{"share": 0.5}, {"when": datetime(2025, 1, 1)}, {"name": "\ud800"}])  # noqa: DTZ001
def test_fact_outside_the_profile_is_our_bug(log: Log, facts: dict[str, Any]) -> None:
    with pytest.raises(OutsideProfile), log.entry() as entry:
        entry.tell(**facts)


def test_basis_reason_and_cycle_outside_the_profile_write_nothing(log: Log) -> None:
    before = log.told()

    with pytest.raises(OutsideProfile), log.entry() as entry:
        entry.rest_on("resolution", "a\u0308")
    with pytest.raises(OutsideProfile), log.entry(reason="a\rb"):
        pass
    with pytest.raises(OutsideProfile), log.entry(cycle="\x1b"):
        pass

    assert log.told() == before


def test_field_set_by_hand_on_a_loaded_row_is_refused(log: Log) -> None:
    before = log.told()

    with pytest.raises(TypeError, match="set by hand"), log.entry() as entry:  # noqa: PT012 - the entry's end is part of it
        row = entry.session.get_one(Person, 1)
        row.name = "by hand"
        entry.change(row, ref="p:new")
    with pytest.raises(TypeError, match="past the entry"), log.entry() as entry:
        entry.session.get_one(Person, 1).name = "by hand"

    assert log.told() == before


def test_field_set_by_hand_on_an_added_row_is_refused(log: Log) -> None:
    with pytest.raises(TypeError, match="past the entry"), log.entry() as entry:
        entry.add(person("a")).name = "by hand"
    with pytest.raises(TypeError, match="set by hand"), log.entry() as entry:  # noqa: PT012 - the entry's end is part of it
        row = entry.add(person("a"))
        row.name = "by hand"
        entry.change(row, ref="p:new")


def test_row_is_made_with_defaults_of_its_own_and_no_field_that_its_table_has_not() -> None:
    one, other = (Partner(number=n, short="V", name="Verein", kind="association") for n in (1, 2))
    one.languages.append("de")

    assert (one.id, one.version, one.languages, other.languages) == (None, 1, ["de"], [])
    with pytest.raises(TypeError, match="Partner has no field nmae"):
        Partner(number=3, nmae="Verein")


def test_field_set_by_hand_before_the_row_is_added_is_kept_and_the_row_may_be_changed(log: Log) -> None:
    partner = Partner(number=1, short="V", name="Verein", kind="association")
    partner.name = "Verein Nord"
    with log.entry() as entry:
        entry.add(partner)
        entry.change(partner, short="VN")
        assert entry.session.get_one(Partner, partner.id) is partner

    with log.journal.reading() as session:
        row = session.get_one(Partner, partner.id)
        assert (row.name, row.short, row.version) == ("Verein Nord", "VN", 2)
