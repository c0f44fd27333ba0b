"""The survey of the town of five partners, for tests of who hears what and when."""

from typing import Any

from played import played_once
from small_town import PARTNERS, confirm_dates, mail, mailed, name_everybody, partner, run, write_partners

from cycle.reminders.records import LedgerItem, ledger_of

ALBA, BIRKE, CASSIA, EIBE = mail("alba"), mail("birke"), mail("cassia"), mail("eibe")
EVERYBODY = [ALBA, BIRKE, CASSIA]
# 2025 of the default rules: survey out 25.02., answers due 25.03.; reminders 11.03., 20.03., 26.03.; meeting 29.04.
SURVEY_OUT = "2025-02-25T09:00:00+01:00"
FIRST_REMINDER = "2025-03-11T09:00:00+01:00"
SECOND_REMINDER = "2025-03-20T09:00:00+01:00"
LAST_REMINDER = "2025-03-26T09:00:00+01:00"


@played_once
def ask(town: Any) -> Any:
    """Let the survey go out; nobody has answered."""
    name_everybody(town)
    confirm_dates(town)
    town("advance 2025", at="2025-02-24T09:00:00+01:00")
    run(town)
    run(town, SURVEY_OUT)
    assert mailed(town, "survey_invitation") == EVERYBODY
    return town


def ledger(cycle: Any, template: str) -> list[tuple[int | None, str, str | None]]:
    """Partner, state and reason of the items of a template, in the order made."""
    with cycle.site.journal.reading() as session:
        rows: list[LedgerItem] = [row for row in ledger_of(session, 1) if row.template == template]
        return [(row.partner, row.state, row.why) for row in rows]


def join(cycle: Any, number: int, name: str) -> None:
    """A partner more."""
    file = write_partners(cycle.home / "neu.csv", [*PARTNERS, partner(number, name)])
    cycle(f"partner import {file}")
