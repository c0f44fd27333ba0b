"""Recording what came of a subject before a body, also that nothing came of it. Called with an open entry."""

from cycle.adapters.tables import clean
from cycle.cycles.records import Year
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.plan.records import Decision, theme_of
from cycle.plan.rules.quorum import Quorum, checked
from cycle.plan.rules.status import COUNTING, THEME, Outcome
from cycle.plan.rules.terms import engine_term
from cycle.workflow.words import word_of


def record(
    entry: Entry,
    about: Year,
    subject: str,
    *,
    body: str,
    outcome: str,
    theme: str | None = None,
    reference: str | None = None,
    quorum: Quorum | None = None,
) -> Decision:
    """Record a body's decision on the entry's day. A theme that was adopted has a command of its own (`themes.decide`).

    Raises:
        WrongInput: `unknown_word`, `decision_theme_missing`, `theme_has_own_command`, `quorum_wrong`.
        NotFound: for an unknown theme.
        Refused: `quorum_not_reached` for a decision that fewer took than the body needs, `quorum_reached` for want of a
            quorum where enough were there.
    """
    came = engine_term(about.workflow, "decision_outcomes", Outcome, outcome)
    number = None
    if subject == THEME:
        if theme is None:
            raise WrongInput("decision_theme_missing", year=about.cycle.year)
        number = theme_of(about.session, theme, about.cycle.plan).number
        if came in COUNTING:
            raise WrongInput("theme_has_own_command", year=about.cycle.year, theme=number)
    elif theme is not None:
        raise WrongInput("decision_of_no_theme", subject=subject)
    there = quorum or Quorum()
    checked(there, came)
    decision = Decision(
        cycle_id=about.cycle_id,
        subject=subject if subject == THEME else word_of(about.workflow, "decision_subjects", subject),
        theme=number,
        body=word_of(about.workflow, "decision_bodies", body),
        decided_on=entry.effective_on,
        outcome=came,
        reference=clean(reference) or None if reference else None,
        present=there.present,
        members=there.members,
        needed=there.needed,
    )
    if decision.reference:
        entry.rest_on("resolution", decision.reference)
    entry.tell(subject=decision.subject, theme=number, body=decision.body, outcome=came)
    return entry.add(decision)
