"""A review list as a page to read, print and lay on the table of a group's session: one sheet a list."""

from cycle.adapters.templates import Letters
from cycle.reports.actions.names import Names
from cycle.reports.rules.review import ReviewList
from cycle.wording import Wording
from cycle.workflow.model import Workflow

TEMPLATE = "report/review.html.j2"


def review_page(review: ReviewList, workflow: Workflow, wording: Wording, letters: Letters, *, city: str) -> str:
    """The whole page. `wording` is in the language asked for, which is the first of `letters`; the same list, the same bytes.

    Raises:
        NotFound: `unknown_template`, where a site's templates lack it.
        WrongInput: `template_error`, with file and line.
    """
    plan_title = workflow.plan.title(wording.language)
    foot = wording.sentence("review.foot", plan=plan_title, year=review.label, day=review.seen_on)
    return letters.text(
        TEMPLATE,
        {
            "r": review,
            "anchor": foot,  # what the shared style prints at the foot of a sheet
            "lang": wording.language,
            "say": wording.sentence,
            "show": wording.value,
            "name": Names(workflow, wording).of,
            "plan_title": plan_title,
            "city": city,
        },
    )
