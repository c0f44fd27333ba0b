"""The check that everybody asked has said how the open measures stand."""

from typing import Literal

from cycle.cycles.records import Year
from cycle.plan.records import open_measures
from cycle.plan.records.assessments import assessed_in
from cycle.plan.rules.assessments import not_heard
from cycle.vocabulary import Finding, RoleId


def assessments_recorded(year: Year, *, of: Literal["open_measures"], roles: list[RoleId]) -> Finding:
    """Each of these roles has assessed every open measure of all years in this cycle; they may differ."""
    known = assessed_in(year)
    measures = open_measures(year.session, year.cycle.plan, year.cycle.year)
    lacking = {each.number: not_heard(known.get(each.number, ()), roles) for each in measures}
    wanting = [(number, missing) for number, missing in lacking.items() if missing]
    first = wanting[0] if wanting else None
    return Finding(
        "assessments_recorded",
        met=first is None,
        facts={
            "numbers": [number for number, _ in wanting],
            "count": len(wanting),
            "total": len(measures),
            "roles": list(roles),
        },
        owed_by=year.workflow.escalation[0],
        command=f"cycle measure assess {year.cycle.year} {first[0]} --by-role {first[1][0]} --as …" if first else None,
    )
