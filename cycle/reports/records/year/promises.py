"""What was promised to a body in a year, and whether it was kept, as its entries tell."""

from collections.abc import Sequence
from datetime import date

from cycle.reports.rules.acts import Act
from cycle.reports.rules.year import Promise


def promises(acts: Sequence[Act]) -> tuple[Promise, ...]:
    """Each follow-up in the order promised; none where none was recorded."""
    done = {act.data.get("followup"): act.effective_on for act in acts if act.type == "followup.done"}
    return tuple(_promise(act, done.get(act.data.get("followup"))) for act in acts if act.type == "followup.added")


def _promise(act: Act, done_on: date | None) -> Promise:
    due = act.data.get("due")
    return Promise(
        number=str(act.data.get("followup", act.seq)),
        title=str(act.data.get("title", "")),
        body=act.data.get("body"),
        due=date.fromisoformat(due) if due else None,
        done_on=done_on,
    )
