"""Who is asked in a survey, who has answered, and what it came to."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from cycle.adapters.prepared import Question
from cycle.cycles.records import Year
from cycle.dates.records import Deadline, deadlines
from cycle.inventory.records.rows import Answer, Survey, answers_of, survey_of
from cycle.inventory.rules.response import Given, Response
from cycle.inventory.rules.response import response as counted_response
from cycle.journal.questions import asked, asked_once
from cycle.partners.records import Contact, Partner, PartnerStatus, Rank, network, resolve
from cycle.vocabulary import Channel


def due_day(year: Year, value: str = "survey") -> date | None:
    """The day by which answers to the survey (or the review) are due: the planned day of the date that they end."""
    keys = survey_keys(year, value)
    return max((row.planned for row in deadlines(year.session, year.cycle_id) if row.key in keys), default=None)


def asked_since(year: Year) -> date | None:
    """The day on which the request went out that the survey's answers answer; None while none did."""
    dates, mails = year.workflow.dates, year.workflow.mails
    phases = {dates[key].phase for key in survey_keys(year)}
    asking = {
        key
        for key, rule in dates.items()
        if rule.phase in phases and rule.done.word == "sent" and (rule.done.value or "") in mails.request
    }
    return min((row.actual for row in deadlines(year.session, year.cycle_id) if row.key in asking and row.actual), default=None)


def invited_numbers(year: Year) -> tuple[int, ...]:
    """The numbers of the partners who are asked: frozen when the survey closes, before that the active and dormant of today
    and those that have left since they were asked."""
    survey = survey_of(year.session, year.cycle_id)
    if survey is not None and survey.invited is not None:
        return tuple(survey.invited)
    return tuple(sorted({*network(year.session, year.organiser), *_left_since_asked(year)}))


def response(year: Year) -> Response:
    """The survey's numbers as they stand; after the close they stay, as later answers and bounces do not count. Asked once:
    every letter of a batch tells them."""

    def counted() -> Response:
        return counted_response(invited_numbers(year), given_answers(year), neutral_numbers(year))

    return asked_once(year.session, _COUNTED, ("response", year.cycle_id, year.today, year.organiser), counted)


# What the survey's numbers rest on.
_COUNTED = (Survey, Answer, Deadline, Partner, Contact)


def neutral_numbers(year: Year) -> set[int]:
    """Those asked who could not answer through no choice of theirs: mail came back, or the organisation has left (dissolved,
    moved away), by the day that the survey counts (source: DOMAIN.md §4.4)."""
    invited = invited_numbers(year)
    survey = survey_of(year.session, year.cycle_id)
    day = survey.closed_on if survey is not None and survey.closed_on else year.today
    left = {number for number, left_on in left_partners(year.session) if left_on is not None and left_on <= day}
    return (_unreachable(year.session, invited, day) | left) & set(invited)


def given_answers(year: Year) -> dict[int, Given]:
    """The answers that count, by the partner who is asked: that of a merged partner counts for the one it went into."""
    invited = frozenset(invited_numbers(year))
    given: dict[int, Given] = {}
    for origin, answer in answers_of(year.session, year.cycle_id).items():
        number = counts_for(year.session, origin, invited)
        if not answer.after_close and (number == origin or number not in given):
            given[number] = Given(answer.answered_on, answer.usable, answer.late)
    return given


def silent_numbers(year: Year) -> tuple[int, ...]:
    """The numbers of the partners who are asked and have not answered; who answered after the close is not asked again, and
    who has left is nobody to ask."""
    left = {number for number, _ in left_partners(year.session)}
    invited = [number for number in invited_numbers(year) if number not in left]
    answered = answers_of(year.session, year.cycle_id)
    heard = {counts_for(year.session, origin, frozenset(invited)) for origin in answered}
    return tuple(number for number in invited if number not in heard)


def left_partners(session: Session) -> Sequence[tuple[int, date | None]]:
    """The numbers of the partners that have left, with the day; asked once."""
    return asked_once(session, Partner, "left", lambda: [(number, on) for number, on in asked(session, _left_ones())])


def survey_keys(year: Year, value: str = "survey") -> frozenset[str]:
    """The dates that end with the answers to the survey (or the review)."""
    return frozenset(
        key for key, rule in year.workflow.dates.items() if (rule.done.word, rule.done.value) == ("answered", value)
    )


def counts_for(session: Session, origin: int, invited: Collection[int]) -> int:
    """Whose answer it is: the partner's own, if it is asked, else that of the partner it was merged into."""
    return origin if origin in invited else resolve(session, origin)


def _left_since_asked(year: Year) -> list[int]:
    left = left_partners(year.session)
    since = asked_since(year) if left else None
    return [number for number, left_on in left if since is not None and left_on is not None and left_on >= since]


@cache
def _left_ones() -> Question:
    return sa_select(col(Partner.number), col(Partner.left_on)).where(col(Partner.status) == PartnerStatus.LEFT)


def _unreachable(session: Session, numbers: Collection[int], on: date) -> set[int]:
    query = select(Partner.number, Contact).join(Contact, col(Contact.partner_id) == col(Partner.id))
    reachable: dict[int, bool] = {}
    for number, contact in session.exec(query.where(Partner.channel == Channel.MAIL, Contact.rank == Rank.PRIMARY)):
        began = contact.valid_from is None or contact.valid_from <= on
        if began and (contact.valid_to is None or contact.valid_to >= on):
            bounced = contact.bounced_on is not None and contact.bounced_on <= on
            reachable[number] = reachable.get(number, False) or not bounced
    return {number for number in numbers if not reachable.get(number, True)}
