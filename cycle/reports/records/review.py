"""The review list of a cycle: what the inventory counts and what the plan has open, with who answers for it today."""

from cycle.cycles.records import Year
from cycle.dates.rules import Calendar, working_days_late
from cycle.inventory.records import counted_projects, due_day, projects_all, reviews_of
from cycle.partners.records import Partner, group_of, groups_all, partner_of, partners_all, resolve
from cycle.plan.records import open_measures
from cycle.plan.records.choosing import groups_of
from cycle.plan.records.owning import owners
from cycle.plan.rules.measures import days_late
from cycle.reports.rules.review import MeasureToReview, ProjectToReview, ReviewList, by_group, of_carrier


def review_list(year: Year, public: Calendar | None, *, group: str | None = None, partner: int | None = None) -> ReviewList:
    """The lists of every network group, or of the one, or of one carrier.

    Raises:
        NotFound: for an unknown group or partner.
    """
    session = year.session
    projects, measures = _projects(year, public), _measures(year, public)
    if partner is not None:
        today = partner_of(session, resolve(session, partner_of(session, partner).number))
        parts = of_carrier(today.number, today.name, projects, measures)
    else:
        groups = [group_of(session, group)] if group is not None else groups_all(session)
        parts = by_group({each.code: each.name for each in groups}, projects, measures)
        parts = tuple(part for part in parts if group is None or part.code == group)
    return ReviewList(year.cycle.plan, year.cycle.year, year.cycle.label, year.today, due_day(year, "review"), parts)


def _projects(year: Year, public: Calendar | None) -> list[ProjectToReview]:
    rows = {row.number: row for row in projects_all(year.session)}
    partners = {partner.number: partner for partner in partners_all(year.session)}
    reviews, due = reviews_of(year.session, year.cycle_id), due_day(year, "review")
    found = []
    for counted in counted_projects(year):
        row, review = rows[counted.number], reviews.get(counted.number)
        carrier = partners.get(counted.carrier) if counted.carrier is not None else None
        found.append(
            ProjectToReview(
                number=row.number,
                title=row.title,
                carrier=counted.carrier,
                carrier_name=_name(carrier),
                groups=tuple(carrier.groups) if carrier else (),
                status=row.status,
                reviewed_on=review.answered_on if review else None,
                days_late=working_days_late(due, review.answered_on if review else year.today, public) if due else 0,
                reached=review.reached if review else None,
            )
        )
    return found


def _measures(year: Year, public: Calendar | None) -> list[MeasureToReview]:
    rows = open_measures(year.session, year.cycle.plan, year.cycle.year)
    owned, groups = owners(year.session, rows), groups_of(year, rows)
    found = []
    for row in rows:
        owner = owned.get(row.owner) if row.owner is not None else None
        found.append(
            MeasureToReview(
                number=row.number,
                title=row.title,
                owner=owner.number if owner else None,
                owner_name=_name(owner),
                interim=row.interim,
                search_until=row.search_until,
                groups=tuple(groups[row.number]),
                due_first=row.due_first,
                due=row.due,
                days_late=days_late(row, year.today, public),
                carry_count=row.carry_count,
                status=row.status,
                percent=row.percent,
                updated_on=row.updated_on,
            )
        )
    return found


def _name(partner: Partner | None) -> str | None:
    return partner.name if partner is not None else None
