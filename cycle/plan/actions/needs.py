"""Recording the open needs of a year, and disposing of each. Called with an open entry."""

from collections.abc import Sequence

from cycle.adapters.tables import clean
from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.errors import NotFound, Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.partners.records import group_of
from cycle.plan.records import Declaration, Need, declared_none, need_of, needs_all, numbers_given, theme_of
from cycle.plan.rules.needs import count_after, status_after, target_of_carry
from cycle.plan.rules.status import NEEDS, Disposal, Priority, Secured
from cycle.plan.rules.terms import engine_term, next_number, numbered_term
from cycle.vocabulary import Finding
from cycle.workflow.words import word_of


def add(
    entry: Entry,
    about: Year,
    title: str,
    *,
    field: str,
    source: str,
    priority: str = Priority.MEDIUM,
    target_groups: Sequence[str] = (),
    theme: str | None = None,
    costs: bool | None = None,
    amount: int | None = None,
    secured: str | None = None,
) -> Need:
    """Record an open need of the cycle under the next number `B-<year>-<nn>`; the entry's day is the day it was reported.

    `source` is a label such as "Netzwerktreffen" or "Netzwerkgruppe NG2"; `amount` is in whole euros, and says that the need
    costs money if it is not 0; `secured` whether that money is there; `theme` the number of the theme it belongs to.

    Raises:
        WrongInput: `plan_title_missing`, `amount_below_zero`, `costs_without_amount`, `unknown_word`.
        NotFound: for a group or a theme that does not exist.
    """
    workflow = about.workflow
    name = titled(title)
    word, group = numbered_term(workflow, "need_sources", source)
    if group is not None:
        group_of(about.session, group)
    if amount is not None and amount < 0:
        raise WrongInput("amount_below_zero", amount=amount)
    if amount == 0 and costs:
        raise WrongInput("costs_without_amount")
    groups = list(dict.fromkeys(word_of(workflow, "target_groups", each) for each in target_groups))
    number = next_number("B", about.cycle.year, numbers_given(about.session, Need))
    need = Need(
        number=number,
        plan=about.cycle.plan,
        year=about.cycle.year,
        title=name,
        field=word_of(workflow, "fields", field),
        target_group=groups[0] if groups else None,
        further_groups=groups[1:] or None,
        source=word,
        source_group=group,
        priority=engine_term(workflow, "priorities", Priority, priority),
        theme=theme_of(about.session, theme, about.cycle.plan).number if theme else None,
        costs=costs if amount is None else amount > 0,
        amount=amount,
        secured=engine_term(workflow, "funding_secured", Secured, secured) if secured else None,
        reported_on=entry.effective_on,
    )
    entry.tell(need=number)
    return entry.add(need)


def declare_none(entry: Entry, about: Year) -> Declaration:
    """Say that the cycle has no open needs: zero is a valid result.

    Raises:
        WrongInput: `needs_declared` if that was said before.
        Refused: `needs_exist` if some are recorded.
    """
    if declared_none(about.session, about.cycle_id, NEEDS):
        raise WrongInput("needs_declared", year=about.cycle.year)
    own = [need.number for need in needs_all(about.session, about.cycle.plan) if need.year == about.cycle.year]
    if own:
        raise Refused([Finding("needs_exist", facts={"numbers": own, "count": len(own), "year": about.cycle.year})])
    return entry.add(Declaration(cycle_id=about.cycle_id, subject=NEEDS, declared_on=entry.effective_on))


def settle(entry: Entry, about: Year, number: str, *, disposal: str, to: int | None = None) -> Need:
    """Dispose of a need: covered, partly covered, carried or rejected; `to` makes it a carry into that year.

    A carry counts one up and leaves the status if it is nothing but a carry. Said again in the same year, the last one holds.

    Raises:
        NotFound: for an unknown need, or one of a later year.
        WrongInput: for a contradiction between disposal and year, or without a reason for a carry or a rejection.
    """
    need = need_of(about.session, number, about.cycle.plan)
    if need.year > about.cycle.year:
        raise NotFound("unknown_need", need=number)
    kind = engine_term(about.workflow, "need_status", Disposal, disposal)
    target = target_of_carry(need, kind, about.cycle.year, to)
    if target is not None or kind is Disposal.REJECTED:
        need_reason(entry.reason)
    count = count_after(need, about.cycle.year, target)
    entry.tell(need=need.number, carried_to=target, **{"as": kind.value})
    if count > need.carry_count:
        entry.tell(count=count)
    return entry.change(
        need,
        status=status_after(need, kind),
        settled_on=entry.effective_on,
        settled_in=about.cycle.year,
        carried_to=target,
        carry_count=count,
    )


def titled(text: str) -> str:
    """A title as it is kept. Raises WrongInput `plan_title_missing`."""
    title = clean(text)
    if not title:
        raise WrongInput("plan_title_missing")
    return title
