"""Recording what was promised to a council or committee, and that it was kept. Called with an open entry."""

from datetime import date

from cycle.adapters.tables import clean
from cycle.cycles.records import Year
from cycle.errors import NotFound, Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.plan.actions.measures import of_cycle
from cycle.plan.actions.needs import titled
from cycle.plan.records.followups import FollowUp, followup_of, numbers_of_followups
from cycle.plan.rules.terms import next_number
from cycle.vocabulary import Finding
from cycle.workflow.words import word_of


def add(
    entry: Entry,
    about: Year,
    title: str,
    *,
    body: str,
    due: date,
    details: str | None = None,
    reference: str | None = None,
    measure: str | None = None,
) -> FollowUp:
    """Record a promise under the next number `W-<year>-<nn>`; the entry's day is the day it was given.

    Raises:
        WrongInput: `plan_title_missing`, `unknown_word`, `followup_due_early`.
        NotFound: for an unknown measure.
    """
    if due < entry.effective_on:
        raise WrongInput("followup_due_early", due=due, on=entry.effective_on)
    number = next_number("W", about.cycle.year, numbers_of_followups(about.session))
    followup = FollowUp(
        number=number,
        plan=about.cycle.plan,
        year=about.cycle.year,
        title=titled(title),
        body=word_of(about.workflow, "decision_bodies", body),
        reference=clean(reference) or None if reference else None,
        measure=of_cycle(about, measure).number if measure else None,
        promised_on=entry.effective_on,
        due=due,
        due_since=entry.today,
        details=details,
    )
    if followup.reference:
        entry.rest_on("resolution", followup.reference)
    entry.tell(followup=number, body=followup.body, due=due)
    return entry.add(followup)


def done(entry: Entry, about: Year, number: str, *, result: str) -> FollowUp:
    """Record that a promise was kept on the entry's day, and how.

    Raises:
        NotFound: for an unknown promise, or one of a later year.
        WrongInput: `followup_result_missing`, `followup_done_early`.
        Refused: `followup_done` if that was said before.
    """
    followup = followup_of(about.session, number, about.cycle.plan)
    if followup.year > about.cycle.year:
        raise NotFound("unknown_followup", followup=number)
    if followup.done_on is not None:
        facts = {"number": followup.number, "title": followup.title, "on": followup.done_on}
        raise Refused([Finding("followup_done", facts=facts)])
    told = clean(result)
    if not told:
        raise WrongInput("followup_result_missing", number=followup.number)
    if entry.effective_on < followup.promised_on:
        raise WrongInput("followup_done_early", number=followup.number, on=entry.effective_on, promised=followup.promised_on)
    entry.tell(followup=followup.number)
    return entry.change(followup, done_on=entry.effective_on, done_in=about.cycle.year, result=told)
