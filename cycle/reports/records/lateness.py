"""The deadlines of a year: first plan, plan, actual, how late and why."""

from collections.abc import Mapping

from cycle.cycles.records import Year
from cycle.dates.records import Deadline, deadlines, ended
from cycle.dates.rules import Calendar
from cycle.plan.records import decisions_of
from cycle.plan.rules.status import COUNTING
from cycle.reports.records.acts import acts_of
from cycle.reports.rules.lateness import Attempt, DateAsked, Lateness, lateness_of


def lateness(about: Year, public: Calendar | None) -> Lateness:
    """Every deadline of the cycle as the session sees it; working days by the `public` calendar.

    Raises:
        NotReady: if the calendar does not cover a day that is needed.
    """
    attempts = _attempts(about)
    asked = [_asked(about, row, attempts) for row in deadlines(about.session, about.cycle_id)]
    return lateness_of(about.cycle.year, asked, acts_of(about), about.today, public)


def _asked(about: Year, row: Deadline, attempts: Mapping[str, tuple[Attempt, ...]]) -> DateAsked:
    rule = about.workflow.dates[row.key]
    decides = rule.done.value if rule.done.word == "decided" else None
    return DateAsked(
        id=row.id or 0,
        key=row.key,
        phase=rule.phase,
        anchor=rule.anchor,
        first_planned=row.first_planned,
        planned=row.planned,
        actual=ended(row, rule, about.today),
        status=row.status,
        shift_reason=row.shift_reason,
        overdue_on=row.overdue_on,
        done=rule.done.word,
        done_value=rule.done.value,
        attempts=attempts.get(decides, ()) if decides else (),
    )


def _attempts(about: Year) -> dict[str, tuple[Attempt, ...]]:
    """By subject, the decisions that came to no result."""
    found: dict[str, tuple[Attempt, ...]] = {}
    for each in decisions_of(about.session, about.cycle_id):
        if each.outcome not in COUNTING:
            attempt = Attempt(each.decided_on, each.body, each.outcome, each.reference)
            found[each.subject] = (*found.get(each.subject, ()), attempt)
    return found
