"""Forgetting a person: afterwards neither the database nor its files hold a name, an address, a number or a mail's words,
and the history still verifies."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from small_town import PARTNERS, SAVE_THE_DATE, confirm_dates, mails, name_everybody, partner, run, settle, write_partners
from sqlalchemy import text
from sqlmodel import SQLModel

from cycle.cli import shell
from cycle.journal.verify import verify

LAW = '--reason "auf eigenen Wunsch" --legal-basis "Art. 17 Abs. 1 lit. b DSGVO"'
XENIA = partner(
    6,
    "Kolibri",
    **{
        "Vorname": "Xenia",
        "Nachname": "Quastenflosser",
        "Funktion": "Schatzmeisterin",
        "E-Mail": "x.quast@kolibri.example.org",
        "Telefon": "0711 98765",
    },
)
SAYS = ("Quastenflosser", "x.quast@", "xq-neu@", "0711 98765", "Schatzmeisterin")
LAST_REMINDER = "2025-03-26T09:00:00+01:00"
OVERDUE = "2025-04-02T09:00:00+02:00"


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def played(empty_site: Path, tmp_path_factory: pytest.TempPathFactory, command_line: Any) -> Path:
    """The site of the town in which Xenia was written to, to be copied."""
    home = tmp_path_factory.mktemp("played") / "home"
    shutil.copytree(empty_site, home)
    with pytest.MonkeyPatch.context() as monkeypatch:
        mailed(command_line(home, monkeypatch))
        shell.close()
    return home


@pytest.fixture
def town(played: Path, cycle: Any) -> Any:
    """A copy of that town."""
    shell.close()
    shutil.copyfile(played / "cycle.db", cycle.home / "cycle.db")
    cycle.at(OVERDUE)
    return cycle


def mailed(cycle: Any) -> Any:
    """The town after the survey and its reminders went out, Xenia among the silent; her address has changed once."""
    settle(cycle, [*PARTNERS, XENIA])
    name_everybody(cycle)
    confirm_dates(cycle)
    cycle("advance 2025", at="2025-02-24T09:00:00+01:00")
    run(cycle)
    run(cycle, "2025-02-25T09:00:00+01:00")
    cycle('partner edit 6 --mail xq-neu@kolibri.example.org --reason "Frau Quastenflosser hat geschrieben"')
    for day in ("2025-03-11T09:00:00+01:00", "2025-03-20T09:00:00+01:00", LAST_REMINDER, OVERDUE):
        run(cycle, day)
    return cycle


def kept(cycle: Any) -> bytes:
    """Every byte that the database keeps: its files, or on PostgreSQL every row of every table."""
    database = cycle.site.database
    if database.kind == "sqlite":
        file = cycle.home / "cycle.db"
        return b"".join(each.read_bytes() for each in sorted(file.parent.glob("cycle.db*")))
    with database.reader.connect() as connection:
        names = [*SQLModel.metadata.tables, "alembic_version"]
        rows = [connection.execute(text(f'SELECT t::text FROM "{name}" t')).scalars().all() for name in names]
    return "\n".join(row for found in rows for row in found).encode()


def found_in(cycle: Any) -> set[str]:
    return {word for word in SAYS if word.encode() in kept(cycle)}


def test_nothing_of_a_forgotten_person_is_left_in_any_byte(cycle_anywhere: Any) -> None:
    cycle = mailed(cycle_anywhere)
    own = [each["id"] for each in mails(cycle) if each["partner"] == 6]
    with cycle.site.journal.reading() as session:
        words = [row for (row,) in session.execute(text("SELECT text FROM mail WHERE partner = 6 AND text IS NOT NULL"))]
    assert found_in(cycle) == set(SAYS)
    assert len(words) >= 4

    told = json.loads(cycle(f"partner forget 6 {LAW} --json").out)

    assert found_in(cycle) == set()
    greeting = words[0].splitlines()[0].encode()
    assert b"Xenia" in greeting or b"Quastenflosser" in greeting
    assert greeting not in kept(cycle)
    assert verify(cycle.site.database).problems == ()
    assert {f"mail:{number}" for number in own} <= set(told["subjects"])
    assert (told["scrubbed"], told["noted"], told["named_in"]) == (True, True, [])


def test_the_entry_names_references_numbers_and_the_law_and_the_deliveries_keep_theirs(town: Any) -> None:
    ref = json.loads(town("partner show 6 --json").out)["contacts"][0]["ref"]
    before = [(each["id"], each["day"], each["state"], each["mime_sha256"]) for each in deliveries(town)]

    town(f"partner forget 6 {LAW}")

    body = last_entry(town)
    data = body["data"]
    assert (body["type"], body["actor"]["role"]) == ("subject.erased", "coordinator")
    assert (data["refs"], data["partner"], data["legal_basis"]) == ([ref], 6, "Art. 17 Abs. 1 lit. b DSGVO")
    assert data["count"] >= len(data["subjects"]) > 4
    assert [(each["id"], each["day"], each["state"], each["mime_sha256"]) for each in deliveries(town)] == before
    assert {each["to"] for each in deliveries(town)} == {None}
    assert json.loads(town("partner show 6 --json").out)["contacts"] == []
    assert verify(town.site.database).problems == ()


def test_of_other_people_nothing_is_lost(town: Any) -> None:
    town(f"partner forget 6 {LAW}")

    assert b"alba@verein.example.org" in kept(town)
    assert {each["to"] for each in mails(town) if each["partner"] == 2} == {"alba@verein.example.org"}


def test_a_mail_to_somebody_of_the_same_family_name_stays_and_is_told(cycle: Any) -> None:
    namesakes = [*PARTNERS[:3], partner(4, "Cassia", Vorname="Berta", Nachname="Alba"), PARTNERS[4]]
    settle(cycle, namesakes)
    name_everybody(cycle)
    run(cycle, SAVE_THE_DATE)
    to_her, to_the_other = (each["id"] for partner_no in (2, 4) for each in mails(cycle) if each["partner"] == partner_no)
    cycle("privacy offer 2")

    told = json.loads(cycle(f"partner forget 2 {LAW} --json").out)

    assert told["subjects"] == ["contact:2", f"mail:{to_her}"]
    assert told["named_in"] == [f"mail:{to_the_other}"]
    assert "Sehr geehrte Frau Alba" in json.loads(cycle(f"mail show {to_the_other} --json").out)["text"]


def test_a_dry_run_and_a_refusal_leave_everything(town: Any) -> None:
    told = json.loads(town(f"partner forget 6 {LAW} --dry-run --json").out)
    said = [
        town("partner forget 6 --reason Wunsch", code=2).err,
        town('partner forget 6 --reason Wunsch --legal-basis "weil Frau Quastenflosser es will"', code=2).err,
        town('partner forget 6 --legal-basis "Art. 17 DSGVO"', code=2).err,
        town('partner forget 6 --reason "Quastenflosser bat darum" --legal-basis "Art. 17 DSGVO"', code=2).err,
        town(f"partner forget 6 --contact 99 {LAW}", code=4).err,
        town(f"partner forget 66 {LAW}", code=4).err,
        town(f"partner forget 6 --also need:1 {LAW}", code=4).err,
        town(f"partner forget 6 --also person:1 {LAW}", code=4).err,
        town(f"partner forget 6 {LAW}", login="s.stell", code=6).err,
    ]

    assert len(told["subjects"]) > 4
    assert found_in(town) == set(SAYS)
    assert all(len(each.splitlines()) >= 1 and "Traceback" not in each for each in said)
    assert said[0].startswith("Die Rechtsgrundlage der Löschung fehlt.")
    assert said[3].startswith("Die Begründung nennt die Person")


def test_forgotten_twice_there_is_nothing_to_forget(town: Any) -> None:
    town(f"partner forget 6 {LAW}")

    said = town(f"partner forget 6 {LAW}", code=2).err

    assert said.startswith("Zum Partner 6 ist nichts Personenbezogenes (mehr) gespeichert")


def test_a_free_text_that_names_the_person_is_told_and_goes_with_also(town: Any) -> None:
    town('history comment 2025 "Xenia Quastenflosser rief an"')

    told = json.loads(town(f"partner forget 6 {LAW} --json").out)

    (left,) = told["named_in"]
    assert re.fullmatch("event:[0-9a-f]{32}", left)
    assert found_in(town) == {"Quastenflosser"}
    town(f"partner forget 6 --also {left} {LAW}")
    assert found_in(town) == set()


def test_a_mail_that_waits_for_a_forgotten_person_does_not_go(cycle: Any) -> None:
    settle(cycle, [*PARTNERS, XENIA])
    name_everybody(cycle)
    confirm_dates(cycle)
    cycle("advance 2025", at="2025-02-24T09:00:00+01:00")
    run(cycle)
    cycle(f"partner forget 6 {LAW}", at="2025-02-24T20:00:00+01:00")

    run(cycle, "2025-02-25T09:00:00+01:00")
    run(cycle, "2025-03-11T09:00:00+01:00")

    assert [each["state"] for each in mails(cycle) if each["partner"] == 6 and each["to"]] == []
    assert found_in(cycle) == set()


def test_the_report_tells_everything_that_is_kept_about_a_person(town: Any) -> None:
    person = json.loads(town("privacy report 6 --json").out)["persons"][0]
    said = town("privacy report 6", login="admin")

    assert [each["last_name"] for each in person["contacts"]] == ["Quastenflosser"]
    assert {each["address"] for each in person["mails"]} == {"x.quast@kolibri.example.org", "xq-neu@kolibri.example.org"}
    assert {"partner.imported", "partner.edited", "mail.sent"} <= {each["type"] for each in person["entries"]}
    assert "Frau Quastenflosser hat geschrieben" in [each["reason"] for each in person["entries"]]
    assert len(person["named_in"]) > 0  # the coordinator was told who is silent
    assert "Quastenflosser" in said.out


def test_after_forgetting_the_report_knows_only_references(town: Any) -> None:
    town(f"partner forget 6 {LAW}")

    said = town("privacy report 6 --json").out

    assert not [word for word in SAYS if word in said]
    assert json.loads(said)["persons"][0]["named_in"] == []


def deliveries(cycle: Any) -> list[dict[str, Any]]:
    return list(json.loads(cycle("mail log --partner 6 --json").out)["deliveries"])


def last_entry(cycle: Any) -> dict[str, Any]:
    return dict(json.loads(cycle("history list --json").out)["entries"][-1])


def test_of_several_contacts_each_named_one_goes_and_each_is_counted_once(cycle: Any) -> None:
    settle(cycle)
    cycle("partner edit 4 --first-name Zoe --last-name Zander --mail zoe@verein.example.org")
    cycle("partner edit 4 --first-name Yara --last-name Yilmaz --mail yara@verein.example.org")
    rows = [each["contacts"][0]["id"] for each in json.loads(cycle("privacy report 4 --json").out)["persons"]]
    first, second, third = rows

    one = cycle(f"partner forget 4 --contact {first} {LAW}").err
    two = cycle(f"partner forget 4 --contact {first} --contact {second} --contact {second} {LAW}").err

    assert "die Angaben zu 1 Ansprechperson sind gelöscht (1 Stelle)." in one
    assert "die Angaben zu 1 Ansprechperson sind gelöscht (1 Stelle)." in two  # the first was gone already
    left = json.loads(cycle("privacy report 4 --json").out)["persons"]
    assert [(each["contacts"][0]["id"], each["contacts"][0]["last_name"]) for each in left] == [
        (first, None),
        (second, None),
        (third, "Yilmaz"),
    ]
    assert "Bekannt sind: " in cycle(f"partner forget 4 --contact {third} --contact 999 {LAW}", code=4).err


def test_of_what_was_due_everything_that_went_is_counted(town: Any) -> None:
    town('partner leave 6 --reason "aufgelöst"')
    town.at("2026-05-01T09:00:00+02:00")

    told = town("privacy due --erase")

    assert re.search(r"zu 1 Ansprechperson und der Wortlaut von [1-9]\d* Nachrichten\.", told.err)


def test_an_import_brings_a_forgotten_contact_back_only_when_asked(cycle: Any) -> None:
    settle(cycle, [*PARTNERS, XENIA])
    cycle(f"partner forget 6 {LAW}")
    file = write_partners(cycle.home / "partners.csv", [*PARTNERS, XENIA | {"Name": "Kolibri e. V."}])

    said = cycle(f"partner import {file}")
    told = json.loads(cycle(f"partner import {file} --json").out)

    assert "! Nicht eingetragen ist die Ansprechperson bei Partner 6: dort wurde sie" in said.err
    assert (told["forgotten"], told["changed"], b"Quastenflosser" in kept(cycle)) == ([6], 0, False)
    assert json.loads(cycle("partner show 6 --json").out)["name"] == "Kolibri e. V."  # the organisation's own data are taken
    again = json.loads(cycle(f"partner import {file} --again --json").out)
    assert (again["forgotten"], again["changed"], b"Quastenflosser" in kept(cycle)) == ([], 1, True)
    assert json.loads(cycle(f"partner import {file} --json").out)["forgotten"] == []


def test_what_one_person_needs_at_a_meeting_is_told_and_goes_also_what_was_said_before(cycle_anywhere: Any) -> None:
    cycle = cycle_anywhere
    settle(cycle, [*PARTNERS, XENIA])
    cycle("meeting register 2025 spring --partner 6 --on-site 1 --need Gebärdensprache=1")
    cycle("meeting register 2025 round_table --partner 6 --on-site 1 --need Rollstuhl=1")
    cycle("meeting excuse 2025 round_table --partner 6")
    cycle("meeting register 2025 spring --partner 2 --on-site 1 --need Vegetarisch=1")

    told = json.loads(cycle("privacy report 6 --json").out)["persons"][0]["at_meetings"]
    assert [(each["meeting"], each["needs"]) for each in told] == [("spring", {"sign_language": 1}), ("round_table", {})]
    assert b"sign_language" in _private(cycle)
    assert b"step_free" in _private(cycle)  # the history still opens what was taken back

    subjects = json.loads(cycle(f"partner forget 6 {LAW} --json").out)["subjects"]

    assert {each for each in subjects if each.startswith("participation:")} == {"participation:1", "participation:2"}
    assert {word for word in (b"sign_language", b"step_free", b"vegetarian") if word in _private(cycle)} == {b"vegetarian"}
    assert verify(cycle.site.database).problems == ()


def _private(cycle: Any) -> bytes:
    """What can still be opened, and what stands in the rows: the workflow file names every need, too."""
    with cycle.site.journal.reading() as session:
        rows = [row for (row,) in session.execute(text("SELECT value FROM opening"))]
        rows += [row for (row,) in session.execute(text("SELECT needs FROM participation WHERE needs IS NOT NULL"))]
    return "\n".join(rows).encode()
