"""Which measures somebody wants to see: by state, owner, network group or field; and to which groups a measure belongs."""

from collections.abc import Iterable
from dataclasses import dataclass

from cycle.cycles.records import Year, running
from cycle.dates.rules import Calendar
from cycle.partners.records import group_of, partner_of, resolve
from cycle.plan.records import Measure, measures_all, needs_all, open_measures
from cycle.plan.records.owning import owners
from cycle.plan.rules.measures import days_late, home
from cycle.plan.rules.status import FINISHED
from cycle.workflow.words import word_of


@dataclass(frozen=True)
class Choice:
    """What to see: each thing given narrows. `owner` is a partner's number, `carried` how often at least."""

    open: bool = False
    late: bool = False
    unowned: bool = False
    group: str | None = None
    field: str | None = None
    owner: int | None = None
    carried: int = 0


def chosen(year: Year, choice: Choice, public: Calendar | None) -> list[Measure]:
    """The measures up to the cycle that the choice leaves, by number; late and unowned ones are open ones.

    Raises:
        NotFound: for an unknown group or owner.
        WrongInput: `unknown_word` for an unknown field.
    """
    session = year.session
    if choice.group is not None:
        group_of(session, choice.group)
    field = word_of(year.workflow, "fields", choice.field) if choice.field is not None else None
    asked = resolve(session, partner_of(session, choice.owner).number) if choice.owner is not None else None
    found = [each for each in measures_all(session, year.cycle.plan) if each.year <= year.cycle.year]
    owned, groups = owners(session, found), groups_of(year, found)

    def fits(measure: Measure) -> bool:
        is_open = measure.status not in FINISHED
        return (
            (is_open or not (choice.open or choice.late or choice.unowned))
            and (not choice.late or days_late(measure, year.today, public) > 0)
            and (not choice.unowned or measure.owner not in owned)
            and (choice.group is None or choice.group in groups[measure.number])
            and (field is None or measure.field == field)
            and (asked is None or (measure.owner in owned and owned[measure.owner].number == asked))
            and measure.carry_count >= choice.carried
        )

    return [each for each in found if fits(each)]


def unowned_here(year: Year) -> list[Measure]:
    """The open measures that nobody in the network owns, of which this one of the running cycles takes care."""
    years = [cycle.year for cycle in running(year.session, year.cycle.plan)] or [year.cycle.year]
    found = open_measures(year.session, year.cycle.plan, year.cycle.year)
    owned = owners(year.session, found)
    return [each for each in found if each.owner not in owned and home(each, years) == year.cycle.year]


def groups_of(year: Year, measures: Iterable[Measure]) -> dict[str, list[str]]:
    """The network groups of each measure by number: those of its owner today, without one those that reported its needs."""
    listed = list(measures)
    owned = owners(year.session, listed)
    reported = {need.number: need.source_group for need in needs_all(year.session, year.cycle.plan)}

    def groups(measure: Measure) -> list[str]:
        if measure.owner in owned:
            return list(owned[measure.owner].groups)
        return list(dict.fromkeys(group for need in measure.needs if (group := reported.get(need))))

    return {each.number: groups(each) for each in listed}
