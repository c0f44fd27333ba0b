"""Which projects the yearly review counts, who is asked for them, and how far it has come."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from cycle.adapters.prepared import Question
from cycle.cycles.records import Year
from cycle.inventory.records.rows import Project, reviews_of
from cycle.inventory.rules.review import Coverage, Reported, by_carrier, counted, silent
from cycle.journal.questions import asked, asked_once
from cycle.partners.records import ENDED, memberships, resolve


def counted_projects(year: Year) -> tuple[Reported, ...]:
    """The projects that the review of this cycle counts, as of today or, once the cycle's year is over, its last day."""
    rows = asked_once(year.session, Project, "runs", lambda: asked(year.session, _runs()))
    carriers = _answering(year.session, {carrier for _, carrier, *_ in rows if carrier is not None})
    projects = [
        Reported(number, None if carrier is None else carriers.get(carrier), starts, ends, status)
        for number, carrier, starts, ends, status in rows
    ]
    return counted(projects, on=min(year.today, year.last_day), first_day=year.first_day)


@cache
def _runs() -> Question:
    """What is asked of every project at every look: whose it is, and how long it runs."""
    columns = (col(Project.number), col(Project.carrier), col(Project.starts), col(Project.ends), col(Project.status))
    return sa_select(*columns).order_by(col(Project.number))


def review_carriers(year: Year) -> dict[int, tuple[int, ...]]:
    """Who is asked in the review, and for which projects: each carrier, through `merged_into`; one that has left is nobody."""
    return by_carrier(counted_projects(year))


def carriers_silent(year: Year) -> set[int]:
    """The carriers that have answered for none of their projects yet."""
    return silent(review_carriers(year), reviews_of(year.session, year.cycle_id))


def coverage(year: Year) -> Coverage:
    """How many of the counted projects were reviewed in this cycle."""
    reviewed = reviews_of(year.session, year.cycle_id)
    projects = counted_projects(year)
    return Coverage(len(projects), sum(project.number in reviewed for project in projects))


def _answering(session: Session, carriers: Collection[int]) -> dict[int, int]:
    # An organisation that is not known (yet) answers for itself.
    ended = {each.number for each in memberships(session) if each.status in ENDED}
    answering: dict[int, int] = {}
    for carrier in carriers:
        today = resolve(session, carrier) if carrier in ended else carrier
        if today not in ended:
            answering[carrier] = today
    return answering
