"""Whose measures are: the partner that owns one today, what a partner owes, the group that one belongs to."""

from collections.abc import Iterable

from sqlmodel import Session

from cycle.cycles.records import Year
from cycle.journal.questions import rows_where
from cycle.partners.records import Partner, PartnerStatus, partner_of, resolve
from cycle.people.records import person_by_login, spans_of
from cycle.plan.records import Measure, measure_of, need_of, open_measures
from cycle.plan.rules.measures import unfinished


def owners(session: Session, measures: Iterable[Measure]) -> dict[int, Partner]:
    """By the number that a measure names as its owner: the partner it is today, merged or not; those that left are missing."""
    named = sorted({measure.owner for measure in measures if measure.owner is not None})
    found = {number: partner_of(session, resolve(session, number)) for number in named}
    return {number: partner for number, partner in found.items() if partner.status != PartnerStatus.LEFT}


def owned_by(session: Session, number: int) -> list[Measure]:
    """The open measures of every plan that a partner owns today, in the order added: what it leaves without an owner."""
    found = unfinished(rows_where(session, Measure))
    return [each for each in found if each.owner is not None and resolve(session, each.owner) == number]


def measures_owed_by(year: Year) -> dict[int, list[Measure]]:
    """The open measures of all years by the partner that owns them today, in the order of their numbers."""
    open_ones = open_measures(year.session, year.cycle.plan, year.cycle.year)
    today = owners(year.session, open_ones)
    owed: dict[int, list[Measure]] = {}
    for measure in open_ones:
        if measure.owner in today:
            owed.setdefault(today[measure.owner].number, []).append(measure)
    return owed


def group_for(year: Year, number: str, login: str) -> str | None:
    """The network group a measure belongs to (its owner's, without one that which reported its needs), None for no group.

    Of several it is the one that the person behind `login` speaks for: a speaker tells of the own group's measures only.
    """
    measure = measure_of(year.session, number, year.cycle.plan)
    today = owners(year.session, [measure])
    reported = [need_of(year.session, need).source_group for need in measure.needs]
    groups = today[measure.owner].groups if measure.owner in today else [group for group in reported if group]
    person = person_by_login(year.session, login)
    own = {span.group for span in spans_of(year.session, person, year.today)} if person else set()
    return next((group for group in groups if group in own), groups[0] if groups else None)
