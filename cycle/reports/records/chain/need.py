"""A need: where it came from, what was decided on it in each year, and the measures for it."""

from collections.abc import Sequence
from typing import Any

from cycle.cycles.records import Year, cycles_of
from cycle.dates.rules import Calendar
from cycle.inventory.records import GapSnapshot, snapshot_of
from cycle.journal.history import entries
from cycle.plan.records import Need, measures_all, theme_of
from cycle.plan.rules.needs import age, groups_of
from cycle.plan.rules.status import SETTLED
from cycle.reports.records.acts import as_acts
from cycle.reports.records.chain.evidence import evidence_links
from cycle.reports.records.chain.measure import measure_links
from cycle.reports.records.chain.theme import theme_link
from cycle.reports.rules.acts import Act
from cycle.reports.rules.chain import Link, LinkKind


def need_link(about: Year, need: Need, public: Calendar | None) -> Link:
    """A need as one line of a theme, with what was decided on it and the measures for it below."""
    below = (*settlements(about, need), *_measures(about, need, public))
    return Link(LinkKind.NEED, _head(about, need), below)


def need_links(about: Year, need: Need, public: Calendar | None) -> Link:
    """The whole way of a need: source, age, cost, gap, evidence, theme, what was decided in each year, measures, results."""
    cycles = [each for each in cycles_of(about.session, about.cycle.plan) if each.year <= about.cycle.year]
    snapshots = [(each.year, found) for each in cycles if (found := snapshot_of(about.session, each.id or 0))]
    then = [found for found in snapshots if found[0] <= need.year][-1:] or snapshots[:1]
    known = dict([*then, *snapshots[-1:]])  # how it stood when the need was reported, and how it stands now
    below = [
        Link(LinkKind.REPORTED, {"on": need.reported_on, "need_sources": need.source, "group": need.source_group}),
        Link(LinkKind.AGE, {"age": _age(about, need), "count": need.carry_count, "priorities": need.priority}),
        *_costs(need),
        *[link for year, snapshot in known.items() for link in gap_links(need, year, snapshot)],
        *evidence_links(about, need.number),
        *settlements(about, need),
        *([theme_link(about, theme_of(about.session, need.theme, about.cycle.plan))] if need.theme else []),
        *_measures(about, need, public),
    ]
    return Link(LinkKind.NEED, _head(about, need), tuple(below))


def gap_links(need: Need, year: int, snapshot: GapSnapshot) -> list[Link]:
    """How the need's field and target groups stood in a recorded analysis, and how many projects its cells hold."""
    result: dict[str, Any] = snapshot.result
    links = []
    for kind, words, chosen in (("field", "fields", [need.field]), ("target_group", "target_groups", groups_of(need))):
        shares, statuses = result[f"{kind}_share"], result[f"{kind}_status"]
        for word in chosen:
            if word in shares:
                named = {"fields": None, "target_groups": None, words: word}
                links.append(Link(LinkKind.GAP, {"year": year, **named, "share": shares[word], "gap_status": statuses[word]}))
    matrix = result["matrix_full_count"]
    cells = [
        Link(LinkKind.CELL, {"target_groups": group, "fields": need.field, "count": matrix[group][need.field]})
        for group in groups_of(need)
        if need.field in matrix.get(group, {})
    ]
    return links + cells


def settlements(about: Year, need: Need) -> list[Link]:
    """Every disposal of the need in the order recorded, with its reason as far as it may still be read."""
    told = entries(about.session, types=["need.settled"], mentioning=f'"{need.number}"')
    acts = as_acts(about.session, [each for each in told if each.data.get("need") == need.number], about.zone)
    return [_settled(act) for act in acts]


def _settled(act: Act) -> Link:
    kind = LinkKind.CARRIED_ON if act.data.get("carried_to") is not None else LinkKind.SETTLED
    facts = {"on": act.effective_on, "need_status": act.data["as"], "to": act.data.get("carried_to"), "who": act.who}
    return Link(kind, facts, (Link(LinkKind.WHY, {"reason": act.reason}),) if act.reason else ())


def _measures(about: Year, need: Need, public: Calendar | None) -> Sequence[Link]:
    numbers = [each.number for each in measures_all(about.session, about.cycle.plan) if need.number in each.needs]
    return measure_links(about, numbers, public) or [Link(LinkKind.NOTHING, {})]


def _head(about: Year, need: Need) -> dict[str, Any]:
    goes_on = need.carried_to is not None and need.carried_to > about.cycle.year and need.status not in SETTLED
    return {
        "number": need.number,
        "title": need.title,
        "fields": need.field,
        "target_groups": groups_of(need),
        "need_status": need.status,
        "to": need.carried_to if goes_on else None,
    }


def _age(about: Year, need: Need) -> int:
    return age(need, about.cycle.year, about.workflow.cycle.length_years)


def _costs(need: Need) -> list[Link]:
    if need.costs is None and need.secured is None:
        return []
    return [Link(LinkKind.COSTS, {"costs": need.costs, "amount": need.amount, "funding_secured": need.secured})]
