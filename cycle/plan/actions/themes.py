"""Proposing, deciding, changing, confirming and ending a theme. Called with an open entry."""

from collections.abc import Sequence
from datetime import date

from cycle.adapters.tables import clean
from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.errors import Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.plan.actions.needs import titled
from cycle.plan.records import Decision, Theme, need_of, numbers_given, theme_decisions, theme_of, themes_all, themes_of_year
from cycle.plan.rules.quorum import Quorum, checked
from cycle.plan.rules.status import COUNTING, THEME, Outcome, ThemeStatus
from cycle.plan.rules.terms import next_theme
from cycle.plan.rules.themes import PRIMARY_CHECK, in_the_way, numbers, validity
from cycle.vocabulary import Finding
from cycle.workflow.words import word_of


def propose(
    entry: Entry,
    about: Year,
    title: str,
    *,
    field: str,
    valid_from: date,
    valid_to: date,
    primary: bool = False,
    needs: Sequence[str] = (),
    target_groups: Sequence[str] = (),
) -> Theme:
    """Propose a theme under the next number `T<n>`; the needs it follows from are linked to it.

    Raises:
        WrongInput: `plan_title_missing`, `unknown_word`, `validity_backwards`.
        NotFound: for an unknown need.
        Refused: if another primary theme is valid at the time, under the check that allows only so many.
    """
    first, last = validity(valid_from, valid_to)
    if primary:
        _room(about, first, last)
    theme = Theme(
        number=next_theme(numbers_given(about.session, Theme)),
        plan=about.cycle.plan,
        title=titled(title),
        field=word_of(about.workflow, "fields", field),
        primary=primary,
        valid_from=first,
        valid_to=last,
        needs=_linked(about, needs),
        target_groups=list(dict.fromkeys(word_of(about.workflow, "target_groups", each) for each in target_groups)) or None,
        reason=entry.reason,
    )
    entry.tell(theme=theme.number, primary=primary)
    entry.add(theme)
    _link(entry, about, theme)
    return theme


def decide(
    entry: Entry,
    about: Year,
    number: str,
    *,
    body: str,
    reference: str,
    vote: str | None = None,
    quorum: Quorum | None = None,
    note: str | None = None,
    title: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Theme:
    """Record that a body decided on a theme, on the entry's day; the latest decision is the one that holds.

    A title or validity that differs is recorded with the decision and takes effect with `change` only.

    Raises:
        NotFound: for an unknown theme.
        WrongInput: `unknown_word`, `reference_missing`, `validity_backwards`, `quorum_wrong`.
        Refused: `theme_ended`; `quorum_not_reached` if fewer were there than the body needs.
    """
    theme = _living(about, number)
    there = quorum or Quorum()
    checked(there, Outcome.ADOPTED)
    validity(valid_from or theme.valid_from, valid_to or theme.valid_to)
    decision = Decision(
        cycle_id=about.cycle_id,
        subject=THEME,
        theme=theme.number,
        body=word_of(about.workflow, "decision_bodies", body),
        decided_on=entry.effective_on,
        outcome=Outcome.ADOPTED,
        reference=referenced(reference),
        present=there.present,
        members=there.members,
        needed=there.needed,
        vote=clean(vote) if vote else None,
        title=clean(title) if title else None,
        valid_from=valid_from,
        valid_to=valid_to,
        note=note,
    )
    entry.add(decision)
    entry.tell(theme=theme.number, body=decision.body)
    entry.rest_on("resolution", referenced(reference))
    return entry.change(
        theme,
        status=ThemeStatus.DECIDED if theme.status == ThemeStatus.PROPOSED else theme.status,
        body=decision.body,
        decided_on=decision.decided_on,
        reference=decision.reference,
    )


def change(
    entry: Entry,
    about: Year,
    number: str,
    *,
    title: str | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    needs: Sequence[str] = (),
) -> Theme:
    """Give a theme another title, validity or further needs. A proposed one stays proposed.

    Raises:
        NotFound: for an unknown theme or need.
        WrongInput: `nothing_told`, `validity_backwards`, without a reason.
        Refused: `theme_ended`, or another primary theme is in the way.
    """
    reason = need_reason(entry.reason)
    theme = _living(about, number)
    if title is None and valid_from is None and valid_to is None and not needs:
        raise WrongInput("nothing_told")
    first, last = validity(valid_from or theme.valid_from, valid_to or theme.valid_to)
    if theme.primary:
        _room(about, first, last, but=theme.number)
    entry.tell(theme=theme.number)
    entry.change(
        theme,
        title=theme.title if title is None else titled(title),
        valid_from=first,
        valid_to=last,
        needs=list(dict.fromkeys([*theme.needs, *_linked(about, needs)])),
        status=theme.status if theme.status == ThemeStatus.PROPOSED else ThemeStatus.CHANGED,
        reason=theme.reason or reason,
    )
    _link(entry, about, theme)
    return theme


def confirm(entry: Entry, about: Year, number: str) -> Theme:
    """Confirm for this cycle a theme that was decided in an earlier one: body and reference of then, the day of today.

    Raises:
        NotFound: for an unknown theme.
        Refused: `theme_ended`, `theme_not_of_year`, `theme_undecided`, `theme_decided_here`.
    """
    theme = _living(about, number)
    facts = {"theme": theme.number, "title": theme.title, "year": about.cycle.year}
    if theme.number not in numbers(themes_of_year(about)):
        raise Refused([Finding("theme_not_of_year", facts={**facts, "first": theme.valid_from, "last": theme.valid_to})])
    if theme.status == ThemeStatus.PROPOSED or theme.body is None:
        command = f"cycle theme decide {about.cycle.year} {theme.number} --body … --on … --reference …"
        raise Refused([Finding("theme_undecided", facts=facts, owed_by=about.workflow.escalation[0], command=command)])
    if any(each.outcome in COUNTING for each in theme_decisions(about, theme.number)):
        raise Refused([Finding("theme_decided_here", facts=facts)])
    entry.add(
        Decision(
            cycle_id=about.cycle_id,
            subject=THEME,
            theme=theme.number,
            body=theme.body,
            decided_on=entry.effective_on,
            outcome=Outcome.ADOPTED,
            reference=theme.reference,
        )
    )
    entry.tell(theme=theme.number, decided_on=theme.decided_on)
    return entry.change(theme, status=ThemeStatus.CONFIRMED)


def end(entry: Entry, about: Year, number: str, *, body: str, reference: str) -> Theme:
    """End a theme on the entry's day, by a decision of a body; body and reference stand in the journal.

    Raises:
        NotFound: for an unknown theme.
        WrongInput: `unknown_word`, `reference_missing`, without a reason.
        Refused: `theme_ended`.
    """
    need_reason(entry.reason)
    theme = _living(about, number)
    entry.tell(theme=theme.number, body=word_of(about.workflow, "decision_bodies", body))
    entry.rest_on("resolution", referenced(reference))
    return entry.change(theme, status=ThemeStatus.ENDED, ended_on=entry.effective_on)


def _living(about: Year, number: str) -> Theme:
    theme = theme_of(about.session, number, about.cycle.plan)
    if theme.status == ThemeStatus.ENDED:
        raise Refused([Finding("theme_ended", facts={"theme": theme.number, "title": theme.title, "on": theme.ended_on})])
    return theme


def _room(about: Year, first: date, last: date, *, but: str | None = None) -> None:
    """The refusal carries the id of the workflow's check that counts primary themes; without one there is no limit."""
    for key, rule in about.workflow.checks.items():
        if rule.check != PRIMARY_CHECK:
            continue
        others = in_the_way(themes_all(about.session, about.cycle.plan), first, last, but=but)
        if len(others) >= rule.params["exactly"]:
            facts = {
                "theme": others[0].number,
                "title": others[0].title,
                "first": others[0].valid_from,
                "last": others[0].valid_to,
                "exactly": rule.params["exactly"],
            }
            command = f"cycle theme end {about.cycle.year} {others[0].number} --on … --body … --reference … --reason …"
            owed_by = about.workflow.escalation[0]
            raise Refused([Finding("second_primary_theme", facts=facts, owed_by=owed_by, command=command, check=key)])


def _linked(about: Year, needs: Sequence[str]) -> list[str]:
    return [need_of(about.session, number, about.cycle.plan).number for number in needs]


def _link(entry: Entry, about: Year, theme: Theme) -> None:
    for number in theme.needs:
        entry.change(need_of(about.session, number), theme=theme.number)


def referenced(text: str) -> str:
    """The reference of a decision as it is kept. Raises WrongInput `reference_missing`."""
    reference = clean(text)
    if not reference:
        raise WrongInput("reference_missing")
    return reference
