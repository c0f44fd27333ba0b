"""Who is written to for partners: read some at a time, every person once, and found again among them."""

from collections.abc import Iterator
from typing import Any

import pytest
from small_town import PARTNERS, mail, partner, settle
from sqlmodel import Session

from cycle.partners.records import Rank
from cycle.partners.records.recipients import READ_AT_ONCE, recipients

FAR, FARTHER = 10 * READ_AT_ONCE, 1000 * READ_AT_ONCE + 7


@pytest.fixture
def session(cycle: Any) -> Iterator[Session]:
    """Alba's contact speaks for two more partners, with numbers far apart."""
    more = [partner(number, "alba", **{"Kürzel": f"A{number}", "Name": f"Verein {number}"}) for number in (FAR, FARTHER)]
    town = settle(cycle, [*PARTNERS, *more])
    with town.site.journal.reading() as session:
        yield session


def test_the_contacts_of_partners_come_by_number_whatever_lies_between(session: Session) -> None:
    found = recipients(session, [FARTHER, 3, 4711, 2, FAR, 3], Rank.PRIMARY)

    assert [(one.partner, one.mail) for one in found] == [
        (2, mail("alba")),
        (3, mail("birke")),
        (FAR, mail("alba")),
        (FARTHER, mail("alba")),
    ]
    assert (len(found), found[1].organisation, bool(recipients(session, [4711], Rank.PRIMARY))) == (4, "Verein Birke", False)


def test_who_speaks_for_several_is_one_person_for_the_last_of_them(session: Session) -> None:
    all_of_them = recipients(session, [2, 3, FAR, FARTHER], Rank.PRIMARY)
    without_the_last = recipients(session, [2, 3, FAR], Rank.PRIMARY)
    alone = recipients(session, [2, 3], Rank.PRIMARY)

    assert [[one.partner for one in each.each_once()] for each in (all_of_them, without_the_last, alone)] == [
        [3, FARTHER],
        [3, FAR],
        [2, 3],
    ]


def test_a_person_is_found_among_them_as_it_is_written_to(session: Session) -> None:
    alba, birke = (one.person for one in recipients(session, [2, 3], Rank.PRIMARY))
    among = recipients(session, [2, FAR], Rank.PRIMARY)

    found = [among.find(alba, partner) for partner in (2, FARTHER, None)]

    assert [one.partner for one in found if one is not None] == [FAR, FAR, FAR]
    assert [among.find(birke, partner) for partner in (3, 2, None)] == [None, None, None]


def test_deputies_are_written_to_in_their_role(session: Session) -> None:
    found = recipients(session, [2, 3], Rank.DEPUTY, role="deputy of a partner")

    assert [(one.partner, one.mail, one.role) for one in found] == [(3, mail("birke.vertretung"), "deputy of a partner")]
    assert found.find(found[0].person, 3) == found[0]
