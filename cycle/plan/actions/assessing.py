"""Recording how somebody sees a measure: the own role, or another role or body on whose behalf one writes. With an open
entry."""

from cycle.cycles.records import Year
from cycle.errors import Forbidden, WrongInput
from cycle.journal.entry import Entry
from cycle.plan.actions.measures import of_cycle
from cycle.plan.records.assessments import Assessment
from cycle.workflow.model import Workflow
from cycle.workflow.words import word_of


def assess(
    entry: Entry,
    about: Year,
    number: str,
    *,
    rating: str | None = None,
    percent: int | None = None,
    assessor: str | None = None,
    note: str | None = None,
) -> Assessment:
    """Record a judgement of a measure, on the entry's day; every one is kept, each assessor's last in the cycle counts.

    `assessor` is a role or a deciding body of the workflow, by id or label; without it the role one acts in.

    Raises:
        NotFound: for an unknown measure or one of a later year.
        WrongInput: `nothing_assessed`, `unknown_word`, `unknown_assessor`, `percent_out_of_range`.
        Forbidden: `assesses_for_others` if the role one acts in speaks for its own group only.
    """
    measure = of_cycle(about, number)
    if rating is None and percent is None:
        raise WrongInput("nothing_assessed", number=measure.number)
    if percent is not None and not 0 <= percent <= 100:
        raise WrongInput("percent_out_of_range", number=measure.number, percent=percent)
    own = entry.actor.role
    who = own if assessor is None else _assessor(about.workflow, assessor)
    acting = about.workflow.roles.get(own)
    if who != own and acting is not None and acting.only is not None:
        raise Forbidden("assesses_for_others", role=own, number=measure.number)
    word = word_of(about.workflow, "ratings", rating) if rating is not None else None
    entry.tell(measure=measure.number, assessor=who, rating=word, percent=percent)
    return entry.add(
        Assessment(
            cycle_id=about.cycle_id,
            measure=measure.number,
            assessor=who,
            assessed_on=entry.effective_on,
            rating=word,
            percent=percent,
            told_by=entry.actor.ref,
            note=note,
        )
    )


def _assessor(workflow: Workflow, text: str) -> str:
    asked = text.strip().casefold()
    for name, role in workflow.roles.items():
        if asked in (name, role.label_de.casefold(), role.label_en.casefold()):
            return name
    body = workflow.word_id("decision_bodies", text)
    if body is None:
        known = [*workflow.roles, *workflow.vocab.get("decision_bodies", {})]
        raise WrongInput("unknown_assessor", text=text, known=known)
    return body
