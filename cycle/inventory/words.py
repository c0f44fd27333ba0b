"""What the inventory lends to a workflow file: checks on survey, gaps and review, who is still silent, when they ended."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from cycle.cycles.records import Year
from cycle.inventory.records import (
    all_answers,
    carriers_silent,
    counts_for,
    coverage,
    invited_numbers,
    left_partners,
    response,
    review_carriers,
    reviews_of,
    silent_numbers,
    snapshot_of,
    survey_of,
)
from cycle.inventory.rules.response import Count, all_answered_on
from cycle.inventory.rules.review import all_reviewed_on
from cycle.inventory.rules.shares import whole_percent
from cycle.partners.records import Rank, resolve
from cycle.partners.records.recipients import recipients
from cycle.vocabulary import Fact, Finding, Lent, Recipient


def survey_closed(year: Year) -> Finding:
    """The survey of the cycle was closed."""
    survey = survey_of(year.session, year.cycle_id)
    closed_on = survey.closed_on if survey else None
    numbers = response(year)
    return Finding(
        "survey_closed",
        met=closed_on is not None,
        facts={"closed_on": closed_on, "answered": numbers.answered, "invited": numbers.invited},
        owed_by=year.workflow.escalation[0],
        command=f"cycle survey close {year.cycle.year}",
    )


def response_rate(year: Year, *, count: Count, at_least_percent: int) -> Finding:
    """So many percent of those asked have answered, by gross or net count."""
    numbers = response(year)
    net = count == Count.NET
    return Finding(
        "response_rate",
        met=numbers.reaches(Count(count), at_least_percent),
        facts={
            "count": Count(count).value,
            "percent": whole_percent(numbers.net if net else numbers.gross),
            "at_least_percent": at_least_percent,
            "answered": numbers.usable if net else numbers.answered,
            "asked": numbers.invited - numbers.neutral if net else numbers.invited,
            "silent": len(silent_numbers(year)),
        },
        owed_by=year.workflow.escalation[0],
        command=f"cycle survey status {year.cycle.year}",
    )


def gap_recorded(year: Year) -> Finding:
    """A gap analysis of the cycle was recorded."""
    snapshot = snapshot_of(year.session, year.cycle_id)
    return Finding(
        "gap_recorded",
        met=snapshot is not None,
        facts={"recorded_on": snapshot.recorded_on if snapshot else None, "projects": snapshot.projects if snapshot else 0},
        owed_by=year.workflow.escalation[0],
        command=f"cycle gap {year.cycle.year} --record",
    )


def projects_reviewed(year: Year, *, at_least_percent: int) -> Finding:
    """So many percent of the projects that ran in the year were reported back."""
    found = coverage(year)
    missing = sorted(carriers_silent(year))
    return Finding(
        "projects_reviewed",
        met=found.reaches(at_least_percent),
        facts={
            "reviewed": found.reviewed,
            "projects": found.projects,
            "percent": whole_percent(found.share),
            "at_least_percent": at_least_percent,
            "silent": missing,
        },
        owed_by=year.workflow.escalation[0],
        command=f"cycle project review {year.cycle.year} --file FILE --until {year.today.isoformat()}",
    )


def survey_silent(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The first contacts of the partners who were asked and have not answered."""
    return recipients(year.session, silent_numbers(year), Rank.PRIMARY)


def answering_partner(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The first contacts of the partners whose answers the fact tells of."""
    numbers = dict.fromkeys(resolve(year.session, number) for number in fact.get("partners", ()))
    return recipients(year.session, tuple(numbers), Rank.PRIMARY)


def answered(year: Year, value: Literal["survey", "review"]) -> date | None:
    """The day on which the last of those asked answered; a survey ends at the latest when it is closed."""
    if value == "review":
        days = {number: row.answered_on for number, row in reviews_of(year.session, year.cycle_id).items()}
        return all_reviewed_on(review_carriers(year), days)
    invited = frozenset(invited_numbers(year))
    first: dict[int, date] = {}
    for answer in all_answers(year.session, year.cycle_id):
        if not answer.after_close:
            first.setdefault(counts_for(year.session, answer.partner, invited), answer.answered_on)
    left = {number for number, _ in left_partners(year.session)}
    return all_answered_on(invited - left, first) or closed(year, "survey")


def closed(year: Year, value: Literal["survey"]) -> date | None:
    """The day on which the survey was closed."""
    survey = survey_of(year.session, year.cycle_id)
    return survey.closed_on if survey else None


def recorded(year: Year, value: Literal["gap"]) -> date | None:
    """The day on which a gap analysis was last recorded."""
    snapshot = snapshot_of(year.session, year.cycle_id)
    return snapshot.recorded_on if snapshot else None


def _always(data: Mapping[str, Any], narrow: Mapping[str, str]) -> bool:
    return True


LENT = Lent(
    checks={
        "survey_closed": survey_closed,
        "response_rate": response_rate,
        "gap_recorded": gap_recorded,
        "projects_reviewed": projects_reviewed,
    },
    audiences={"survey_silent": survey_silent, "answering_partner": answering_partner},
    ends={"answered": answered, "closed": closed, "recorded": recorded},
    facts={"survey_answered": Fact(frozenset({"survey.answered"}), _always)},
)
