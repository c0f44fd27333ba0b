"""The partners of Musterstadt on the command line: imported, edited, merged, gone; and who is written to."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from played import played_once

from cycle.partners.records import Contact, Rank, contact_of, contacts_of, network, partner_of, resolve
from cycle.partners.records.recipients import recipients

DEMO = Path(__file__).parents[2] / "config" / "demo"
HEAD = "Nr;Kürzel;Name;Art;E-Mail;Versandform;Netzwerkgruppen;Status\n"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """A site with the groups and the partners of January 2025."""
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle(f"partner import {DEMO / 'partners_2025.csv'}")
    return cycle


def entries_of(town: Any) -> int:
    return len(json.loads(town("history list --json").out)["entries"])


def contact(town: Any, number: int, rank: Rank = Rank.PRIMARY) -> Contact:
    with town.site.journal.reading() as session:
        found = contact_of(session, partner_of(session, number).id or 0, rank)
        assert found is not None
        return found


def people_of(town: Any, number: int) -> list[tuple[str | None, str | None]]:
    """Name and last day of each contact a partner ever had."""
    with town.site.journal.reading() as session:
        rows = contacts_of(session, partner_of(session, number).id or 0)
        return [(row.last_name, str(row.valid_to) if row.valid_to else None) for row in rows if row.rank == Rank.PRIMARY]


def test_all_sixty_partners_are_taken_with_ids_for_words(town: Any) -> None:
    with town.site.journal.reading() as session:
        women = partner_of(session, 28)
        rum = partner_of(session, 36)

    told = json.loads(town("partner list --json").out)["partners"]
    assert Counter(each["status"] for each in told) == {"active": 58, "dormant": 2}
    assert (women.kind, women.channel, women.language, women.groups, women.fields) == (
        "migrant_org",
        "mail",
        "leicht",
        ["NG4"],
        ["education", "health"],
    )
    assert (rum.channel, rum.status, contact(town, 36).mail, contact(town, 36).salutation) == ("post", "dormant", None, "ms")


def test_the_same_address_is_the_same_person_everywhere(cycle: Any) -> None:
    cycle("people add s.reinhardt --name 'Sabine Reinhardt' --mail Vertretung@stadt-musterstadt.example.de --role deputy")
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle(f"partner import {DEMO / 'partners_2025.csv'}")

    people = json.loads(cycle("people list --json").out)["people"]
    deputy = next(each["ref"] for each in people if each["login"] == "s.reinhardt")
    assert [contact(cycle, number, Rank.DEPUTY).ref for number in (1, 2, 4)] == [deputy, deputy, deputy]
    assert contact(cycle, 56, Rank.DEPUTY).ref != deputy


def test_a_second_import_of_the_same_file_changes_nothing(town: Any) -> None:
    before = entries_of(town)

    told = json.loads(town(f"partner import {DEMO / 'partners_2025.csv'} --json").out)

    assert (told["added"], told["changed"], told["entry"]) == (0, 0, None)
    assert entries_of(town) == before


def test_an_import_brings_changed_values_and_leaves_other_columns_alone(town: Any, tmp_path: Path) -> None:
    file = tmp_path / "partners.csv"
    file.write_text("Nr;Kürzel;Name;Art;Telefon\n58;WIFO;Wirtschaftsforum neu;Wirtschaft;030 1\n", encoding="utf-8")

    told = json.loads(town(f"partner import {file} --json").out)

    with town.site.journal.reading() as session:
        partner = partner_of(session, 58)
    assert (told["added"], told["changed"]) == (0, 1)
    assert (partner.name, partner.groups, contact(town, 58).phone, contact(town, 58).last_name) == (
        "Wirtschaftsforum neu",
        ["NG2"],
        "030 1",
        "Hübner",
    )


def test_an_older_file_does_not_take_back_a_newer_contact(town: Any) -> None:
    town("partner edit 23 --first-name Zeynep --last-name Koçak --mail zeynep.kocak@alevi-kreis.example.org")
    town("partner leave 30 --reason 'Verein aufgelöst'")

    told = json.loads(town(f"partner import {DEMO / 'partners_2025.csv'} --json").out)

    assert (told["changed"], told["older"], told["gone"]) == (0, 1, 1)
    assert contact(town, 23).last_name == "Koçak"


def test_every_wrong_cell_is_named_with_its_line_and_only_those_records_are_left_out(town: Any, tmp_path: Path) -> None:
    file = tmp_path / "partners.csv"
    rows = [
        "61;A;Verein A;Verband;a@x.example.org;E-Mail;NG1;aktiv",
        "62;B;Verein B;Wirtschaft;a(at)x.example.org;E-Mail;NG9;evtl. aktiv",
        "62;C;Verein C;Wirtschaft;;E-Mail;NG1;aktiv",
        "63;D;Verein D;Wirtschaft;d@x.example.org;E-Mail;NG1;aktiv",
    ]
    file.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")

    told = json.loads(town(f"partner import {file} --json", code=2).out)

    assert (told["schema"], told["added"], told["counts"]["taken"], told["counts"]["error"]) == ("cycle/import/1", 1, 1, 3)
    assert [(each["line"], note["column"], note["key"]) for each in told["records"] for note in each["notes"]] == [
        (2, "Art", "unknown_word"),
        (3, "E-Mail", "partner_address_meant"),
        (3, "Netzwerkgruppen", "partner_group_unknown"),
        (3, "Status", "unknown_word"),
        (4, "E-Mail", "partner_without_mail"),
        (4, "Nr", "partner_twice"),
    ]
    with town.site.journal.reading() as session:
        assert {61, 62, 63} & set(network(session, None)) == {63}


def test_another_name_and_address_are_another_person(town: Any) -> None:
    old = contact(town, 23)

    town(
        "partner edit 23 --salutation Frau --first-name Zeynep --last-name Koçak --function Vorstand"
        " --mail zeynep.kocak@alevi-kreis.example.org --reason 'Vorstandswahl'",
        at="2025-02-20T09:20:00+01:00",
    )

    new = contact(town, 23)
    assert (new.ref != old.ref, new.first_name, new.salutation, new.phone) == (True, "Zeynep", "ms", old.phone)
    assert people_of(town, 23) == [(old.last_name, "2025-02-19"), ("Koçak", None)]


def test_a_new_address_ends_a_bounce(town: Any) -> None:
    person = contact(town, 7).ref
    town("mail bounce --partner 7 --reason '550 mailbox unavailable'")
    with town.site.journal.reading() as session:
        (called,) = recipients(session, [7], Rank.PRIMARY)
    assert (called.mail, called.channel) == (None, "phone")

    town("partner edit 7 --mail m.gruenewald@vhs-musterstadt.example.de --reason 'neue Adresse'")

    with town.site.journal.reading() as session:
        (written,) = recipients(session, [7], Rank.PRIMARY)
    assert (written.person, written.mail) == (person, "m.gruenewald@vhs-musterstadt.example.de")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("partner edit 23", 2),
        ("partner edit 23 --mail keine-adresse", 2),
        ("partner edit 23 --salutation Graf", 2),
        ("partner edit 23 --channel Brieftaube", 2),
        ("partner edit 99 --phone 1", 4),
        ("partner leave 30", 2),
        ("partner merge 54 --into 54 --reason x", 2),
        ("partner merge 54 --into 99 --reason x", 4),
        ("group edit NG9 --speaker 3", 4),
        ("group edit NG1 --speaker 2", 2),
    ],
)
def test_a_wrong_command_says_why_and_changes_nothing(town: Any, line: str, code: int) -> None:
    before = entries_of(town)

    said = town(line, code=code)

    assert said.err.strip() != ""
    assert entries_of(town) == before


def test_who_left_or_was_merged_is_written_to_no_more(town: Any) -> None:
    town("partner leave 30 --on 2024-12-31 --reason 'Verein zum 31.12.2024 aufgelöst'")
    town("partner merge 54 --into 53 --reason Zusammenschluss")

    with town.site.journal.reading() as session:
        numbers = [one.partner for one in recipients(session, [30, 53, 54, 31], Rank.PRIMARY)]
        left = partner_of(session, 30)
        asked = network(session, 1)
        assert (resolve(session, 54), resolve(session, 30)) == (53, 30)
    assert (numbers, str(left.left_on)) == ([31, 53], "2024-12-31")
    assert (len(asked), {1, 30, 54} & set(asked)) == (57, set())
    town("partner leave 54 --reason 'noch einmal'", code=2)
    town("partner merge 53 --into 54 --reason zurück", code=2)


def test_a_speaker_who_is_no_partner_yet_is_kept_with_a_note(cycle: Any) -> None:
    said = cycle(f"group import {DEMO / 'network_groups.csv'}")

    told = json.loads(cycle("group list --json").out)["groups"]
    assert [(each["code"], each["speaker"]) for each in told] == [("NG1", 2), ("NG2", 7), ("NG3", 4), ("NG4", 5), ("NG5", 3)]
    assert "2, 3, 4, 5, 7" in said.err


def test_every_active_partner_can_be_reached_until_a_mail_comes_back(town: Any) -> None:
    town("start 2025")
    with town.site.reading(2025) as (_, about):
        found = about.lent.checks["partners_reachable"](about)
        assert (found.met, found.facts["missing"]) == (True, [])
        assert len(about.lent.audiences["partners"](about, {})) == 59
        assert len(about.lent.audiences["active_partners"](about, {})) == 57
        members = about.lent.audiences["group_members"](about, {"group": "NG3"})
        assert all("NG3" in partner_of(about.session, one.partner or 0).groups for one in members)
        assert 1 not in [one.partner for one in members]

    town("mail bounce --partner 12 --reason '550'")

    with town.site.reading(2025) as (_, about):
        found = about.lent.checks["partners_reachable"](about)
        assert (found.met, found.facts["missing"], found.command) == (
            False,
            [12],
            "cycle partner edit 12 --mail … --reason …",
        )


def test_a_partner_is_shown_in_the_words_of_the_plan(town: Any) -> None:
    shown = dict(line.split("\t", 1) for line in town("partner show 28").out.splitlines())

    assert [shown[name] for name in ("Art", "Status", "Versand", "Handlungsfelder")] == [
        "Migrantenorganisation",
        "aktiv",
        "E-Mail",
        "Bildung, Gesundheit",
    ]
