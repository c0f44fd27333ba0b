"""What was promised to a council or committee, by when, and what became of it."""

from datetime import date

from sqlmodel import Field, Session, select

from cycle.cycles.records import Year
from cycle.errors import NotFound
from cycle.journal.questions import asked_once, rows_where
from cycle.journal.records import Row, private
from cycle.plan.rules.followups import of_year


class FollowUp(Row, table=True):
    """A promise under the number it keeps. `body` is a deciding body of the workflow, `measure` the one it is about;
    `due_since` the day it was recorded, `done_in` the year in which it was kept."""

    __tablename__ = "followup"

    number: str = Field(unique=True)
    plan: str
    year: int
    title: str
    body: str
    reference: str | None = None
    measure: str | None = None
    promised_on: date
    due: date
    due_since: date
    done_on: date | None = None
    done_in: int | None = None
    details: str | None = private()
    result: str | None = private()


def followup_of(session: Session, number: str, plan: str | None = None) -> FollowUp:
    """One promise by number, of that plan if one is named. Raises NotFound."""
    row = next(iter(rows_where(session, FollowUp, number=number.upper())), None)
    if row is None or (plan is not None and row.plan != plan):
        raise NotFound("unknown_followup", followup=number)
    return row


def followups_all(session: Session, plan: str) -> list[FollowUp]:
    """Every promise of a plan by number."""

    def found() -> list[FollowUp]:
        return sorted(rows_where(session, FollowUp, plan=plan), key=lambda row: row.number)

    return list(asked_once(session, FollowUp, plan, found))


def followups_of_year(year: Year) -> list[FollowUp]:
    """The promises the cycle has to do with: given or kept in it, and every earlier one that is still open."""
    return of_year(followups_all(year.session, year.cycle.plan), year.cycle.year)


def numbers_of_followups(session: Session) -> list[str]:
    """Every number given, of all plans: numbers are unique in a site."""
    return list(session.exec(select(FollowUp.number)))
