"""Checks on themes and decisions, and the day on which a body decided."""

from datetime import date
from enum import StrEnum
from typing import Literal

from cycle.cycles.records import Year
from cycle.dates.records import deadlines
from cycle.plan.records import Theme, decisions_of, theme_decisions, theme_of_year, themes_of_year
from cycle.plan.rules.status import COUNTING, THEME, ThemeStatus
from cycle.plan.rules.themes import numbers
from cycle.vocabulary import DecisionSubject, Finding


class Proof(StrEnum):
    """What a decision must carry to count as proved."""

    BODY = "body"
    DATE = "date"
    REFERENCE = "reference"


_OPTION = {Proof.BODY: "--body", Proof.DATE: "--on", Proof.REFERENCE: "--reference"}


def primary_theme_valid(year: Year, *, exactly: int) -> Finding:
    """So many primary themes, proposed or decided, are valid in the cycle."""
    valid = themes_of_year(year)
    number = year.cycle.year
    if len(valid) > exactly:
        command = f"cycle theme end {number} {valid[-1].number} --on … --body … --reference … --reason …"
    else:
        span = f"--valid-from {year.first_day} --valid-to {year.last_day}"
        command = f'cycle theme propose {number} "…" --field … --primary {span}'
    return Finding(
        "primary_theme_valid",
        met=len(valid) == exactly,
        facts={"count": len(valid), "exactly": exactly, "numbers": numbers(valid) or None, "year": number},
        owed_by=year.workflow.escalation[0],
        command=command,
    )


def theme_decided(year: Year, *, needs: list[Proof]) -> Finding:
    """A body decided in this cycle on each primary theme valid in it, or an earlier decision was confirmed; with the proofs."""
    facts = {"year": year.cycle.year}
    owed_by, command = year.workflow.escalation[0], f"cycle theme decide {year.cycle.year}"
    themes = themes_of_year(year)
    if not themes:
        return Finding("theme_missing", facts=facts, owed_by=owed_by, command=primary_theme_valid(year, exactly=1).command)
    for theme in themes:
        told = facts | {"theme": theme.number, "title": theme.title}
        counting = [each for each in theme_decisions(year, theme.number) if each.outcome in COUNTING]
        if not counting and theme.status != ThemeStatus.PROPOSED:
            confirm = f"cycle theme confirm {year.cycle.year} {theme.number}"
            return Finding("theme_unconfirmed", facts=told, owed_by=owed_by, command=confirm)
        if not counting:
            decide = f"{command} {theme.number} --body … --on … --reference …"
            return Finding("theme_undecided", facts=told, owed_by=owed_by, command=decide)
        proved = {Proof.BODY: theme.body, Proof.DATE: theme.decided_on, Proof.REFERENCE: theme.reference}
        lacking = [_OPTION[Proof(each)] for each in needs if not proved[Proof(each)]]
        if lacking:
            again = f"{command} {theme.number} --body … --on … --reference …"
            return Finding("theme_unproved", facts=told | {"missing": lacking}, owed_by=owed_by, command=again)
    return Finding("theme_decided", met=True, facts=facts | _proof(year, themes[0]))


def theme_linked_to_need(year: Year, *, accept: Literal["reason"] | None = None) -> Finding:
    """The cycle's primary theme follows from a need; `accept: reason` takes a written reason for it."""
    theme = theme_of_year(year)
    if theme is None:
        return Finding(
            "theme_missing",
            facts={"year": year.cycle.year},
            owed_by=year.workflow.escalation[0],
            command=primary_theme_valid(year, exactly=1).command,
        )
    return Finding(
        "theme_linked",
        met=bool(theme.needs) or (accept is not None and bool(theme.reason)),
        facts={"theme": theme.number, "title": theme.title, "needs": list(theme.needs) or None, "year": year.cycle.year},
        owed_by=year.workflow.escalation[0],
        command=f"cycle theme change {year.cycle.year} {theme.number} --need … --reason …",
    )


def decision_recorded(year: Year, *, subject: DecisionSubject) -> Finding:
    """The subject was before a body, which adopted or noted it."""
    outcomes = [each for each in decisions_of(year.session, year.cycle_id) if each.subject == subject]
    counting = [each for each in outcomes if each.outcome in COUNTING]
    return Finding(
        "decision_recorded",
        met=bool(counting),
        facts={
            "kind": subject,
            "other": counting[0].body if counting else None,
            "on": counting[0].decided_on if counting else None,
            "year": year.cycle.year,
        },
        owed_by=year.workflow.escalation[0],
        command=f"cycle decision record {year.cycle.year} {subject} --body … --on … --outcome …",
    )


def decided(year: Year, value: Literal["theme"] | DecisionSubject) -> date | None:
    """The first day on which a body adopted or noted it: a primary theme valid in the cycle, or another subject.

    Where its date was given anew, a decision from before does not end the date.
    """
    themes = numbers(themes_of_year(year))
    days = [
        each.decided_on
        for each in decisions_of(year.session, year.cycle_id)
        if each.outcome in COUNTING and each.subject == value and (value != THEME or each.theme in themes)
    ]
    return min((day for day in days if day is not None and day >= _from(year, value)), default=None)


def _from(year: Year, value: str) -> date:
    for row in deadlines(year.session, year.cycle_id):
        done = year.workflow.dates[row.key].done
        if (done.word, done.value) == ("decided", value) and row.moves:
            return min(row.since, row.planned)
    return date.min


def _proof(year: Year, theme: Theme) -> dict[str, object]:
    return {
        "theme": theme.number,
        "title": theme.title,
        "other": theme.body,
        "on": theme.decided_on,
        "reference": theme.reference,
    }
