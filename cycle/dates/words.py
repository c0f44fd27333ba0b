"""What dates lend: the check that anchors are confirmed, and the end of a date that nothing has to end."""

from datetime import date
from typing import Literal

from cycle.cycles.records import Year
from cycle.dates.records import DateStatus, deadlines
from cycle.vocabulary import DateKey, Finding, Lent


def dates_confirmed(year: Year, *, dates: Literal["anchors"] | list[DateKey]) -> Finding:
    """Every anchor (or every date of a list) is confirmed; those that ended or were skipped need it no more."""
    asked = [key for key, rule in year.workflow.dates.items() if rule.anchor] if dates == "anchors" else list(dates)
    missing = [
        row
        for row in deadlines(year.session, year.cycle_id)
        if row.key in asked and row.confirmed_on is None and row.status == DateStatus.OPEN and row.actual is None
    ]
    return Finding(
        "dates_confirmed",
        met=not missing,
        facts={"missing": [row.key for row in missing]},
        owed_by=year.workflow.escalation[0],
        command=f"cycle date confirm {year.cycle.year} {missing[0].key}" if missing else None,
    )


def passed(year: Year) -> date | None:
    """Nothing ends such a date but its own day: no actual day is stored, it is over when it is past."""
    return None


LENT = Lent(checks={"dates_confirmed": dates_confirmed}, ends={"passed": passed})
