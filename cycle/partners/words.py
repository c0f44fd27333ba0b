"""What partners lend: whether all can be reached, and who is written to."""

from collections.abc import Mapping, Sequence
from typing import Any

from cycle.adapters.addresses import valid_address
from cycle.cycles.records import Year
from cycle.partners.records import PartnerStatus, Rank, Wish, contact_of, groups_all, network, partner_of, recipients
from cycle.partners.rules import Reach, is_reachable
from cycle.vocabulary import Channel, Finding, Lent, Recipient


def partners_reachable(year: Year) -> Finding:
    """Every active partner can be reached its own way: by mail that did not bounce, by post, by telephone; who objects is
    left in peace."""
    active = network(year.session, year.organiser, statuses=(PartnerStatus.ACTIVE,))
    missing = [number for number in active if not is_reachable(_reach(year, number)) and not _objects(year, number)]
    return Finding(
        "partners_reachable",
        met=not missing,
        facts={"missing": missing, "count": len(missing), "partners": len(active)},
        owed_by=year.workflow.escalation[0],
        command=f"cycle partner edit {missing[0]} --mail … --reason …" if missing else None,
    )


def partners(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The first contacts of all active and dormant partners, without the organiser."""
    return recipients(year.session, network(year.session, year.organiser), Rank.PRIMARY)


def active_partners(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The first contacts of the active partners, without the organiser."""
    return recipients(year.session, network(year.session, year.organiser, statuses=(PartnerStatus.ACTIVE,)), Rank.PRIMARY)


def group_members(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The first contacts of the partners in the fact's group, or in any group if it names none."""
    groups = [str(fact["group"])] if fact.get("group") else [group.code for group in groups_all(year.session)]
    return recipients(year.session, network(year.session, year.organiser, groups=groups), Rank.PRIMARY)


def _objects(year: Year, number: int) -> bool:
    """Whether a partner's first contact does not want to be reached: then there is nothing to mend."""
    return any(one.objects for one in recipients(year.session, [number], Rank.PRIMARY))


def _reach(year: Year, number: int) -> Reach:
    partner = partner_of(year.session, number)
    contact = contact_of(year.session, partner.id or 0, Rank.PRIMARY)
    mail = contact.mail if contact and contact.bounced_on is None else None
    return Reach(
        channel=Channel.PHONE if contact and contact.wish == Wish.CALL else partner.channel,
        mail=valid_address(mail) if mail else None,
        phone=contact.phone if contact else None,
        address=bool(partner.street and partner.postcode and partner.city),
    )


LENT = Lent(
    checks={"partners_reachable": partners_reachable},
    audiences={"partners": partners, "active_partners": active_partners, "group_members": group_members},
)
