"""What partners lend: whether all can be reached, and who is written to."""

from collections.abc import Mapping, Sequence
from typing import Any

from cycle.cycles.records import Year
from cycle.partners.records import PartnerStatus, Rank, groups_all, network
from cycle.partners.records.reach import unreachable
from cycle.partners.records.recipients import recipients
from cycle.vocabulary import Finding, Lent, Recipient


def partners_reachable(year: Year) -> Finding:
    """Every active partner can be reached its own way: by mail that did not bounce, by post, by telephone; who objects is
    left in peace."""
    active = network(year.session, year.organiser, statuses=(PartnerStatus.ACTIVE,))
    missing = [one.number for one in unreachable(year.session, active) if one.rank == Rank.PRIMARY]
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


LENT = Lent(
    checks={"partners_reachable": partners_reachable},
    audiences={"partners": partners, "active_partners": active_partners, "group_members": group_members},
)
