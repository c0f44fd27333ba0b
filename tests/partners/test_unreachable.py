"""Who cannot be reached any more: counted in the status, listed with the reason and the remedy."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from played import played_once
from small_town import PARTNERS, partner, settle, write_partners

from cycle.journal.actor import SERVICE
from cycle.partners.records import Rank, contact_of, partner_of

TOWN = (
    *PARTNERS[:4],
    partner(5, "Distel", Versandform="Post", PLZ=""),
    partner(6, "Erle", Versandform="Telefon", Telefon=""),
    partner(7, "Fichte", Status="ausgeschieden", **{"E-Mail": ""}),
)
LIST = "cycle partner list --unreachable"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """2 and the deputy of 3 have lost their address, 5 has no postcode, 6 no telephone, 4 wants nothing and 7 has left."""
    settle(cycle, TOWN)
    cycle('mail bounce --partner 2 --reason "550 unbekannt"')
    with cycle.site.journal.entry("mail.bounced", by=SERVICE, now=cycle.site.now()) as entry:
        deputy = contact_of(entry.session, partner_of(entry.session, 3).id or 0, Rank.DEPUTY)
        entry.change(deputy, bounced_on=date(2025, 1, 10))
    cycle('mail bounce --partner 4 --reason "550 unbekannt"')
    cycle('partner edit 4 --wish objects --reason "möchte nichts mehr hören"')
    return cycle


def test_the_status_counts_whom_nothing_reaches_and_names_the_list(town: Any) -> None:
    assert json.loads(town("status --json").out)["unreachable"] == {"count": 4, "command": LIST}
    assert f"Nicht mehr zu erreichen: 4 Ansprechpersonen ({LIST})" in town("status").out.splitlines()


def test_a_network_that_can_be_reached_is_not_spoken_of(cycle: Any) -> None:
    settle(cycle)

    assert json.loads(cycle("status --json").out)["unreachable"] == {"count": 0, "command": None}
    assert "Nicht mehr zu erreichen" not in cycle("status").out


def test_the_list_tells_the_reason_and_the_remedy_of_each(town: Any) -> None:
    told = json.loads(town("partner list --unreachable --json").out)

    assert told["schema"] == "cycle/partners-unreachable/1"
    shown = [(each["number"], each["rank"], each["obstacle"], each["bounced_on"], each["command"]) for each in told["contacts"]]
    assert shown == [
        (2, "primary", "bounced", "2025-01-10", "cycle partner edit 2 --mail … --reason …"),
        (3, "deputy", "bounced", "2025-01-10", "cycle partner edit 3 --deputy --mail … --reason …"),
        (5, "primary", "no_address", None, "cycle partner edit 5 --street … --postcode … --city …"),
        (6, "primary", "no_phone", None, "cycle partner edit 6 --phone … --reason …"),
    ]
    assert town("partner list --unreachable").out.splitlines()[-4:] == [
        "2\tVerein Alba\tAnsprechperson\tMails kommen zurück, seit 10.01.2025\t030 23125 002",
        "3\tVerein Birke\tVertretung\tMails kommen zurück, seit 10.01.2025\t030 23125 003",
        "5\tVerein Distel\tAnsprechperson\tkeine Anschrift\t030 23125 005",
        "6\tVerein Erle\tAnsprechperson\tkeine Telefonnummer\t",
    ]


def test_a_new_address_takes_a_contact_off_the_list(town: Any, tmp_path: Path) -> None:
    town('partner edit 2 --mail neu@verein.example.org --reason "neue Adresse"')
    town(f"partner import {write_partners(tmp_path / 'neu.csv', [partner(5, 'Distel', Versandform='Post')])}")

    told = json.loads(town("partner list --unreachable --json").out)["contacts"]
    assert [each["number"] for each in told] == [3, 6]


def test_a_postal_address_is_edited_by_command_and_takes_a_partner_off_the_list(town: Any) -> None:
    town('partner edit 5 --street "Marktstraße 1" --postcode 73033 --city Musterstadt')

    shown = json.loads(town("partner show 5 --json").out)
    assert (shown["street"], shown["postcode"], shown["city"]) == ("Marktstraße 1", "73033", "Musterstadt")
    told = json.loads(town("partner list --unreachable --json").out)["contacts"]
    assert [each["number"] for each in told] == [2, 3, 6]
    last = json.loads(town("history list --json").out)["entries"][-1]
    assert (last["type"], last["data"]["fields"]) == ("partner.edited", ["city", "postcode", "street"])
