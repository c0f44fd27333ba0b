"""Where mergers lead, what stands against one, and whether new data mean another person."""

import pytest

from cycle.errors import WrongInput
from cycle.partners.rules import Named, Obstacle, Reach, is_another_person, leads_to, may_merge, obstacle, same_address


@pytest.mark.parametrize(("number", "today"), [(1, 1), (54, 53), (60, 53), (7, 7)])
def test_a_number_leads_to_the_end_of_its_mergers(number: int, today: int) -> None:
    assert leads_to(number, {54: 53, 60: 54}) == today


def test_a_broken_circle_of_mergers_ends() -> None:
    assert leads_to(1, {1: 2, 2: 1}) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("A@x.de", "a@X.DE ", True), ("a@x.de", "b@x.de", False), (None, "", True), (None, "a@x.de", False)],
)
def test_addresses_are_compared_without_case(one: str | None, other: str | None, same: bool) -> None:
    assert same_address(one, other) is same


ANNA = Named("Anna", "Alt", "vorstand@verein.example.org")


@pytest.mark.parametrize(
    ("after", "owner", "shared", "another"),
    [
        (Named("Anna", "Alt", "Vorstand@Verein.example.org"), None, False, False),
        (Named("Berta", "Neu", "vorstand@verein.example.org"), None, False, False),  # the role mailbox stays
        (Named("Anna", "Alt", "anna@verein.example.org"), None, False, False),  # she has another address
        (Named("Berta", "Neu", "berta@verein.example.org"), None, False, True),
        (Named("Anna", "Alt", "anna@verein.example.org"), "p:anna", False, False),
        (Named("Anna", "Alt", "anna@verein.example.org"), "p:somebody", False, True),  # somebody has it already
        (Named("Anna", "Alt", "anna@verein.example.org"), None, True, True),  # she stays elsewhere under the old one
    ],
)
def test_the_address_tells_who_a_contact_is(after: Named, owner: str | None, shared: bool, another: bool) -> None:
    assert is_another_person(ANNA, after, owner=owner, ref="p:anna", shared=shared) is another


def test_who_has_no_address_is_the_same_person_under_another_name() -> None:
    before, after = Named("Elena", "Popescu", None), Named("Elena", "Popescu-Rau", "elena@treff.example.org")

    assert is_another_person(before, after, owner=None, ref="p:elena", shared=False) is False


@pytest.mark.parametrize(
    ("reach", "against"),
    [
        (Reach("mail", "a@x.de", None, False), None),
        (Reach("mail", None, "030 1", True), Obstacle.NO_MAIL),
        (Reach("mail", None, "030 1", True, bounced=True), Obstacle.BOUNCED),
        (Reach("post", None, None, True, bounced=True), None),
        (Reach("post", "a@x.de", "030 1", False), Obstacle.NO_ADDRESS),
        (Reach("phone", None, "030 1", False), None),
        (Reach("phone", "a@x.de", None, True), Obstacle.NO_PHONE),
    ],
)
def test_a_partner_is_reached_its_own_way(reach: Reach, against: Obstacle | None) -> None:
    assert obstacle(reach) is against


@pytest.mark.parametrize(
    ("number", "into", "status", "into_status", "key"),
    [
        (54, 54, "active", "active", "merge_into_itself"),
        (54, 53, "left", "active", "partner_has_left"),
        (54, 53, "merged", "active", "partner_was_merged"),
        (54, 30, "active", "left", "merge_into_gone"),
        (53, 54, "active", "merged", "merge_into_gone"),
    ],
)
def test_what_stands_against_a_merger(number: int, into: int, status: str, into_status: str, key: str) -> None:
    with pytest.raises(WrongInput) as refused:
        may_merge(number, into, status, into_status)

    assert refused.value.key == key
