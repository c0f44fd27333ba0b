"""How a measure is seen by those who judge it: the office and an advisory board may differ, and both views stay."""

from datetime import date

from sqlmodel import Field, Session

from cycle.cycles.records import Year
from cycle.journal.questions import rows_of_cycle, rows_where
from cycle.journal.records import Row, private
from cycle.plan.rules.assessments import latest


class Assessment(Row, table=True):
    """One judgement of a measure in one cycle. `assessor` is a role of the workflow or one of its deciding bodies, `told_by`
    the person who recorded it; `rating` a word of the workflow's list, `percent` how far the assessor sees it."""

    __tablename__ = "assessment"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    measure: str
    assessor: str
    assessed_on: date
    rating: str | None = None
    percent: int | None = None
    told_by: str
    note: str | None = private()


def assessments_of(session: Session, number: str) -> list[Assessment]:
    """Every assessment of a measure, of all years, in the order recorded."""
    return rows_where(session, Assessment, measure=number)


def assessed_in(year: Year) -> dict[str, list[Assessment]]:
    """What holds in the cycle, by measure: the last assessment of each assessor, in the order they first spoke."""
    by_measure: dict[str, list[Assessment]] = {}
    for row in rows_of_cycle(year.session, Assessment, year.cycle_id):
        by_measure.setdefault(row.measure, []).append(row)
    return {number: latest(rows) for number, rows in by_measure.items()}
