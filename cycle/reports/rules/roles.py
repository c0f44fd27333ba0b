"""Who held which role when, who gave it and who ended it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cycle.reports.rules.acts import Act


@dataclass(frozen=True)
class RoleHeld:
    """One span: a person (by reference) holds a role, perhaps for one group, from one day to another (None: still).

    `given` is the entry that gave it, `ended` the last one that set its end.
    """

    person: str
    role: str
    group: str | None
    valid_from: date
    valid_to: date | None
    given: Act | None
    ended: Act | None

    def holds(self, day: date) -> bool:
        """Whether it covers a day; its last day belongs to it."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def acts_on(table: str, acts: Sequence[Act], field: str) -> tuple[dict[int, Act], dict[int, Act]]:
    """Of each row of a table by its id: the act that added it, and the last one that changed a field."""
    added: dict[int, Act] = {}
    changed: dict[int, Act] = {}
    for act in acts:
        for change in act.changes:
            if change.get("add") == table:
                added |= dict.fromkeys(change["ids"], act)
            elif change.get("change") == table and field in change["fields"]:
                changed[change["id"]] = act
    return added, changed
