"""A year's report for the council as a paper: its parts in their order, each sentence from the templates in `report/year/`."""

from collections.abc import Callable, Sequence
from typing import Any

from cycle.adapters.templates import Letters
from cycle.inventory.rules.gap import GapStatus
from cycle.reports.actions.grammar import grammar
from cycle.reports.actions.names import Names, percent
from cycle.reports.actions.year.chapters import inventory, measures, meetings, needs, promises, theme
from cycle.reports.actions.year.numbers import figures
from cycle.reports.actions.year.summary import summary
from cycle.reports.actions.year.telling import Told
from cycle.reports.actions.year.times import dates
from cycle.reports.rules.dossier import Share
from cycle.reports.rules.figures import NeedFigures
from cycle.reports.rules.paper import Paper
from cycle.reports.rules.year import YearTold
from cycle.wording import Wording
from cycle.workflow.model import Workflow

MOST = 2  # how many of the best served target groups the summary names
NEED_PARTS = ("covered", "partly_covered", "carried", "rejected", "open")
TEMPLATE = "report/year/{language}/sentences.txt.j2"
PARTS = (summary, theme, inventory, needs, measures, dates, meetings, promises, figures)


def year_paper(year: YearTold, workflow: Workflow, wording: Wording, letters: Letters) -> Paper:
    """The whole report. `wording` is in the language asked for, which is the first of `letters`.

    Raises:
        NotFound: `unknown_template`, where a site's templates lack it.
        WrongInput: `template_error`, with file and line.
    """
    names = Names(workflow, wording)
    words = {**grammar(names, wording), **_of_year(names, wording), "y": year, "plan": workflow.plan.title(wording.language)}
    told = Told(year, names, wording, letters.sentences(TEMPLATE.format(language=wording.language), words))
    return Paper(
        language=wording.language,
        over=told.label("over"),
        title=told.tell("title"),
        whose=year.head.municipality if not year.head.unit else year.head.unit,
        description=told.tell("description"),
        stamp=told.tell("stamp"),
        draft=not year.head.final,
        parts=tuple(part(told) for part in PARTS),
        closing=told.tell("closing"),
        anchor=year.proof.anchor,
        moment=year.proof.recorded_at,
    )


def _of_year(names: Names, wording: Wording) -> dict[str, Callable[..., Any]]:
    """What the sentences ask of the year's shares and counts."""

    def top(shares: Sequence[Share]) -> list[str]:
        found = [each for each in shares if each.status != GapStatus.NOT_MONITORED and each.count][:MOST]
        return [f"{names.of('target_groups', each.word)} ({percent(each.share, wording.language)})" for each in found]

    def rated(shares: Sequence[Share], kind: str, status: str) -> list[str]:
        return [names.of(kind, each.word) for each in shares if each.status == status]

    def parts(needs: NeedFigures, told: Callable[[str, int], str]) -> list[str]:
        counts = {part: getattr(needs, part) for part in NEED_PARTS}
        return [" ".join(told(part, count).split()) for part, count in counts.items() if count]

    def quantity(field: str) -> str:
        return wording.sentence(f"meeting.{field}") if f"meeting.{field}" in wording else field

    return {"top": top, "rated": rated, "parts": parts, "quantity": quantity}
