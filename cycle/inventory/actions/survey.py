"""Takes answers to the survey, one or a file of them, and closes it."""

from collections.abc import Sequence
from datetime import date

from cycle.adapters.tables import Problem, Report
from cycle.cycles.records import Year
from cycle.errors import WrongInput
from cycle.inventory.actions.files import ReadAnswer, without_wrong
from cycle.inventory.records import Answer, Survey, all_answers, due_day, invited_numbers, response, survey_of
from cycle.inventory.rules.response import AnswerChannel
from cycle.journal.entry import Entry
from cycle.partners.records import partner_of, partners_all


def of_known_partners(about: Year, rows: Sequence[ReadAnswer], report: Report | None = None) -> list[ReadAnswer]:
    """The rows whose partner exists; the others are told in the report.

    Raises:
        WrongInput: `inventory_file_wrong`, without a report, if there are others.
    """
    known = {partner.number for partner in partners_all(about.session)}
    unknown = [row for row in rows if row.partner not in known]
    problems = [Problem(row.file, row.line, "", "answer_partner_unknown", partner=row.partner) for row in unknown]
    return without_wrong(rows, problems, report)


def new_answers(about: Year, rows: Sequence[ReadAnswer]) -> list[ReadAnswer]:
    """The rows that were not taken before: the partner has no answer of that day.

    Raises:
        WrongInput: `inventory_file_wrong` for numbers that no partner has.
    """
    rows = of_known_partners(about, rows)
    taken = {(answer.partner, answer.answered_on) for answer in all_answers(about.session, about.cycle_id)}
    return [row for row in rows if (row.partner, row.answered_on) not in taken]


def import_answers(entry: Entry, about: Year, rows: Sequence[ReadAnswer]) -> Sequence[Answer]:
    """The answers of a file that are new, none from after today.

    Raises:
        WrongInput: as `new_answers`.
    """
    new = sorted(
        (row for row in new_answers(about, rows) if row.answered_on <= entry.today),
        key=lambda row: (row.answered_on, row.partner),
    )
    due, closed = due_day(about), _is_closed(about)
    return _take(
        entry,
        [
            Answer(
                cycle_id=about.cycle_id,
                partner=row.partner,
                answered_on=row.answered_on,
                channel=row.channel,
                usable=row.usable,
                late=_is_late(row.answered_on, due, closed),
                after_close=closed,
                projects=row.projects,
            )
            for row in new
        ],
    )


def answer_survey(
    entry: Entry,
    about: Year,
    partner: int,
    *,
    channel: AnswerChannel | None = None,
    projects: int | None = None,
    usable: bool = True,
) -> Answer:
    """One partner's answer, on the entry's day. Earlier ones are kept; the last counts, one after the close does not.

    Raises:
        NotFound: there is no such partner.
    """
    partner_of(entry.session, partner)
    day, closed = entry.effective_on, _is_closed(about)
    answer = Answer(
        cycle_id=about.cycle_id,
        partner=partner,
        answered_on=day,
        channel=channel,
        usable=usable,
        late=_is_late(day, due_day(about), closed),
        after_close=closed,
        projects=projects,
    )
    return _take(entry, [answer])[0]


def close_survey(entry: Entry, about: Year) -> Survey:
    """Close the survey: who was asked is frozen, later answers are kept but do not count.

    Raises:
        WrongInput: if it was closed before.
    """
    survey = survey_of(entry.session, about.cycle_id)
    if survey is not None and survey.closed_on is not None:
        raise WrongInput("survey_already_closed", year=about.cycle.year, day=survey.closed_on)
    numbers = response(about)
    invited = list(invited_numbers(about))
    if survey is None:
        survey = entry.add(Survey(cycle_id=about.cycle_id, closed_on=entry.effective_on, invited=invited))
    else:
        entry.change(survey, closed_on=entry.effective_on, invited=invited)
    entry.tell(invited=numbers.invited, answered=numbers.answered, usable=numbers.usable)
    return survey


def _take(entry: Entry, answers: Sequence[Answer]) -> Sequence[Answer]:
    entry.add_all(answers)
    entry.tell(partners=list(dict.fromkeys(answer.partner for answer in answers)))
    return answers


def _is_closed(about: Year) -> bool:
    survey = survey_of(about.session, about.cycle_id)
    return survey is not None and survey.closed_on is not None


def _is_late(day: date, due: date | None, closed: bool) -> bool:
    return closed or (due is not None and day > due)
