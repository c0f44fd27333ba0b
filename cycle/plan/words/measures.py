"""Checks on the measures of all years that are still open in a cycle."""

from collections.abc import Iterable

from cycle.cycles.records import Year
from cycle.dates.records import deadlines
from cycle.plan.records import Measure, closing_day, declared_none, dropped_in, measures_all, open_measures
from cycle.plan.records.owning import owners
from cycle.plan.rules.measures import AtClose, Part, at_close, missing
from cycle.plan.rules.status import MEASURES
from cycle.vocabulary import DateKey, Finding

_OPTION = {
    Part.FIELD: "--field",
    Part.TARGET_GROUP: "--target-group",
    Part.DUE: "--due",
    Part.OWNER_OR_INTERIM: "--owner",
}


def measures_updated_since(year: Year, *, date: DateKey, at_least_percent: int = 100) -> Finding:
    """So many percent of the open measures of all years were told of on or after the planned day of a date."""
    planned = {row.key: row.planned for row in deadlines(year.session, year.cycle_id)}
    since = planned.get(date, year.first_day)
    open_ones = open_measures(year.session, year.cycle.plan, year.cycle.year)
    silent = [each for each in open_ones if each.updated_on is None or each.updated_on < since]
    told = len(open_ones) - len(silent)
    return Finding(
        "measures_updated",
        met=told * 100 >= at_least_percent * len(open_ones),
        facts={
            "numbers": [each.number for each in silent],
            "count": len(silent),
            "total": len(open_ones),
            "since": since,
            "at_least_percent": at_least_percent,
        },
        owed_by=_owed_by(year, silent),
        command=_update(year, silent),
    )


def measures_complete(year: Year, *, needs: list[Part]) -> Finding:
    """The cycle has a measure of its own or says it has none, and every open one of all years has what is asked for.

    `owner_or_interim` is met by an owner who still belongs to the network, or by a role that stands in while one is sought.
    """
    measures = measures_all(year.session, year.cycle.plan)
    own = [each for each in measures if each.year == year.cycle.year]
    if not own and not declared_none(year.session, year.cycle_id, MEASURES):
        return Finding(
            "measures_missing",
            facts={"year": year.cycle.year},
            owed_by=year.workflow.escalation[0],
            command=f"cycle measure none {year.cycle.year}",
        )
    open_ones = open_measures(year.session, year.cycle.plan, year.cycle.year)
    owned = owners(year.session, open_ones)
    lacking = [(each, missing(each, needs, owned=each.owner in owned)) for each in open_ones]
    wanting = [(each, parts) for each, parts in lacking if parts]
    return Finding(
        "measures_complete",
        met=not wanting,
        facts={
            "missing": [f"{each.number} ({', '.join(_OPTION[part] for part in parts)})" for each, parts in wanting],
            "numbers": [each.number for each, _ in wanting],
            "count": len(wanting),
            "own": len(own),
        },
        owed_by=year.workflow.escalation[0],
        command=_complete(year, wanting),
    )


def unfinished_measures_decided(year: Year) -> Finding:
    """Each unfinished measure goes on beyond the close, was carried, or was dropped."""
    found = measures_at_close(year)
    first = found.undecided[0] if found.undecided else None
    command = f"cycle measure carry {year.cycle.year} {first} --to {year.last_day.year + 1} --due … --reason …"
    return Finding(
        "measures_decided",
        met=first is None,
        facts={
            "numbers": found.undecided,
            "count": len(found.undecided),
            "close": closing_day(year),
            "continues": len(found.continues),
            "carried": len(found.carried),
            "dropped": len(found.dropped),
        },
        owed_by=year.workflow.escalation[0],
        command=command if first else None,
    )


def measures_at_close(year: Year) -> AtClose:
    """What becomes of the measures when the cycle closes on its planned day, as it looks now."""
    measures = measures_all(year.session, year.cycle.plan)
    return at_close(measures, year.cycle.year, closing_day(year), dropped_in(year.session, year.cycle_id))


def _owed_by(year: Year, measures: Iterable[Measure]) -> str:
    """The owners' short names; whoever is first in the escalation for those without."""
    wanted = list(measures)
    found = owners(year.session, wanted)
    names = [found[each.owner].short if each.owner in found else year.workflow.escalation[0] for each in wanted]
    return ", ".join(dict.fromkeys(names)) or year.workflow.escalation[0]


def _update(year: Year, measures: list[Measure]) -> str | None:
    if not measures:
        return None
    return f"cycle measure update {year.cycle.year} {measures[0].number} --status … --percent …"


def _complete(year: Year, wanting: list[tuple[Measure, list[Part]]]) -> str | None:
    for measure, parts in wanting:
        options = " ".join(f"{_OPTION[part]} …" for part in parts)
        return f"cycle measure update {year.cycle.year} {measure.number} {options}"
    return None
