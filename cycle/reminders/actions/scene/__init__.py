"""What a mail's text may speak of: each top-level name of a template with the question that answers it.

Only the names a template uses are asked for. The list is closed: a template that uses another name does not render.
"""

from collections.abc import Callable, Collection
from typing import Any

from cycle.reminders.actions.scene import deadline, inventory, letter, meetings, plan, result, silent, weekly
from cycle.reminders.actions.scene.item import Scene

__all__ = ["ANSWERS", "Scene", "context"]

# The answers that differ from one recipient to the next.
PERSONAL = frozenset({"recipient", "org", "survey", "items", "group", "result"})

ANSWERS: dict[str, Callable[[Scene], Any]] = {
    "plan": letter.plan,
    "cycle": letter.cycle,
    "dates": letter.dates,
    "city": letter.city,
    "sender": letter.sender,
    "recipient": letter.recipient,
    "org": letter.org,
    "meeting": meetings.meeting,
    "survey": inventory.survey,
    "items": inventory.items,
    "theme": plan.theme,
    "group": meetings.group,
    "review": inventory.review,
    "deadline": deadline.deadline,
    "days_late": deadline.days_late,
    "days_left": deadline.days_left,
    "phase": letter.phase,
    "failed_checks": deadline.failed_checks,
    "open": silent.not_answered,
    "total": silent.total,
    "dependents": deadline.dependents,
    "next_escalation": deadline.next_escalation,
    "changed_dates": deadline.changed_dates,
    "measure": plan.measure,
    "carried": plan.carried,
    "needs": plan.needs,
    "costs": plan.costs,
    "minutes": meetings.minutes,
    "result": result.result,
    "weekly": weekly.weekly,
}


def context(scene: Scene, names: Collection[str], shared: dict[str, Any]) -> dict[str, Any]:
    """The names with their answers; names that are not on the list are left out, so that a template fails loudly.

    `shared` keeps the answers that are the same for everybody who hears of this step of this thing in one language.
    """
    told = {}
    for name in names:
        if name in PERSONAL:
            told[name] = ANSWERS[name](scene)
        elif name in ANSWERS:
            if name not in shared:
                shared[name] = ANSWERS[name](scene)
            told[name] = shared[name]
    return told
