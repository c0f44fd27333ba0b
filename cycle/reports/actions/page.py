"""A dossier as one page of HTML: the facts with their words, drawn by the templates in `report/`. The same facts and
words give the same bytes."""

from collections.abc import Sequence
from typing import Any

from cycle.adapters.templates import Letters
from cycle.reports.actions.drawn import year_line
from cycle.reports.actions.names import Names, percent, whole
from cycle.reports.rules.acts import Act
from cycle.reports.rules.dossier import Dossier
from cycle.reports.rules.informed import Untold
from cycle.wording import Wording
from cycle.workflow.model import Workflow

TEMPLATE = "report/dossier.html.j2"
# Of what kind the thing is that a date waited for.
WAITED = {"met": "check", "held": "meeting", "left": "phase", "entered": "phase", "document": "documents", "sent": "mail_title"}
WAITED |= {"decided": "decision_subjects"}


def page(dossier: Dossier, workflow: Workflow, wording: Wording, letters: Letters) -> str:
    """The whole page. `wording` is in the language asked for, which is the first of `letters`.

    Raises:
        NotFound: `unknown_template`, where a site's templates lack it.
        WrongInput: `template_error`, with file and line.
    """
    names = Names(workflow, wording)
    return letters.text(
        TEMPLATE,
        {
            "d": dossier,
            "lang": wording.language,
            "say": wording.sentence,
            "has": wording.__contains__,
            "show": wording.value,
            "name": names.of,
            "plan_title": workflow.plan.title(wording.language),
            "percent": lambda share: percent(share, wording.language),
            "whole": lambda number: whole(number, wording.language),
            "picture": year_line(
                dossier.phases,
                dossier.meetings,
                dossier.lateness,
                started_on=dossier.head.started_on,
                seen_on=dossier.head.seen_on,
                names=names,
            ),
            "anchor": dossier.proof.anchor,
            "moves": {move.act.seq: move for move in dossier.lateness.moves},
            "others": _by_type(dossier.exceptions.others),
            "waited": WAITED,
            "acts_of": _with_acts,
            "called": lambda kind, keys: ", ".join(names.of(kind, key) for key in keys),
            "thing": names.thing,
            "about": lambda subject: names.subject(subject, dossier.types),
            "reason_of": names.untold,
            "organisation": lambda number: f"{dossier.organisations.get(number, '–')} ({number})",
            "untold_of": _by_reason,
            "checks": [check for phase in workflow.phases for check in phase.exit],
        },
    )


def _with_acts(found: Sequence[Any]) -> list[tuple[Act, Any]]:
    """Each with its entry, itself where it is one."""
    return [(each if isinstance(each, Act) else each.act, each) for each in found]


def _by_reason(found: Sequence[Untold]) -> list[tuple[str | None, list[int]]]:
    """The partners by why they were not told."""
    return [(why, [each.partner for each in found if each.why == why]) for why in dict.fromkeys(each.why for each in found)]


def _by_type(acts: Sequence[Act]) -> list[tuple[str, list[Act]]]:
    return [(type, [act for act in acts if act.type == type]) for type in dict.fromkeys(act.type for act in acts)]
