"""What mails follow of the plan: owners newly named, measures without one, second carries; and the days of measures, of
the search for their owners, and of promises."""

from collections.abc import Mapping, Sequence
from typing import Any

from cycle.cycles.records import Year, running
from cycle.partners.records import Rank, resolve
from cycle.partners.records.recipients import recipients
from cycle.plan.records import MeasureStatus, measure_of, open_measures
from cycle.plan.records.followups import followups_all
from cycle.plan.rules.measures import home, home_year
from cycle.vocabulary import DatedItem, Fact, Recipient

_TOLD = frozenset({"measure.added", "measure.updated"})
_CARRIED = frozenset({"measure.carried", "need.settled"})
_NOTEWORTHY = 2  # carried twice: somebody above should know


def measure_owner(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The first contact of the partner that owns the fact's measure today."""
    number = fact.get("measure")
    owner = measure_of(year.session, number).owner if number else None
    return recipients(year.session, (resolve(year.session, owner),), Rank.PRIMARY) if owner is not None else ()


def each_measure_due(year: Year) -> list[DatedItem]:
    """Every open measure that this cycle reminds of, with its due day; of two running cycles only one does."""
    years = [cycle.year for cycle in running(year.session, year.cycle.plan)]
    return [
        DatedItem(
            subject=f"measure/{measure.number}",
            label=f"{measure.number} {measure.title}",
            day=measure.due,
            since=measure.due_since or measure.due,
            fact={"measure": measure.number, "owner": measure.owner},
        )
        for measure in open_measures(year.session, year.cycle.plan)
        if measure.due is not None and home(measure, years) == year.cycle.year
    ]


def each_search_due(year: Year) -> list[DatedItem]:
    """Every open measure without an owner, with the day until which one is sought."""
    years = [cycle.year for cycle in running(year.session, year.cycle.plan)]
    return [
        DatedItem(
            subject=f"search/{measure.number}",
            label=f"{measure.number} {measure.title}",
            day=measure.search_until,
            since=measure.updated_on or measure.search_until,
            fact={"measure": measure.number},
        )
        for measure in open_measures(year.session, year.cycle.plan)
        if measure.status == MeasureStatus.UNOWNED
        and measure.search_until is not None
        and home(measure, years) == year.cycle.year
    ]


def each_followup_due(year: Year) -> list[DatedItem]:
    """Every promise not kept yet that this cycle reminds of, with its due day; of two running cycles only one does."""
    years = [cycle.year for cycle in running(year.session, year.cycle.plan)]
    return [
        DatedItem(
            subject=f"followup/{followup.number}",
            label=f"{followup.number} {followup.title}",
            day=followup.due,
            since=followup.due_since,
            fact={"followup": followup.number},
        )
        for followup in followups_all(year.session, year.cycle.plan)
        if followup.done_on is None and home_year(followup.year, years) == year.cycle.year
    ]


def _any(_data: Mapping[str, Any], _narrow: Mapping[str, str]) -> bool:
    return True


def _assigned(data: Mapping[str, Any], _narrow: Mapping[str, str]) -> bool:
    return data.get("assigned") is True


def _unowned(data: Mapping[str, Any], _narrow: Mapping[str, str]) -> bool:
    return data.get("unowned") is True


def _second_carry(data: Mapping[str, Any], _narrow: Mapping[str, str]) -> bool:
    return (data.get("count") or 0) >= _NOTEWORTHY


FACTS = {
    "theme_decided": Fact(frozenset({"theme.decided"}), _any),
    "measure_assigned": Fact(_TOLD, _assigned),
    "measure_unowned": Fact(_TOLD, _unowned),
    "second_carry": Fact(_CARRIED, _second_carry),
}
