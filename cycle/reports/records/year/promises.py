"""What was promised to a body, and whether it was kept."""

from cycle.cycles.records import Year
from cycle.plan.records.followups import followups_of_year
from cycle.reports.rules.year import Promise


def promises(about: Year) -> tuple[Promise, ...]:
    """Each promise that the year has to do with, by number; none where none was given."""
    return tuple(
        Promise(number=each.number, title=each.title, body=each.body, due=each.due, done_on=each.done_on)
        for each in followups_of_year(about)
    )
