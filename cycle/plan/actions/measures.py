"""Adding measures and telling, carrying or dropping them; a measure keeps its number for ever. Called with an open entry."""

from collections.abc import Sequence
from datetime import date

from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.errors import NotFound, Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.partners.records import PartnerStatus, partner_of
from cycle.plan.actions.needs import titled
from cycle.plan.records import (
    Declaration,
    Measure,
    MeasureUpdate,
    declared_none,
    measure_of,
    measures_all,
    need_of,
    numbers_given,
    theme_of,
)
from cycle.plan.rules.decimals import GOAL, decimal_text, goal
from cycle.plan.rules.measures import begins_before_due, counts_as_carry, progress, replaces
from cycle.plan.rules.status import FINISHED, MEASURES, MeasureStatus, Secured
from cycle.plan.rules.terms import engine_term, next_number
from cycle.vocabulary import Finding
from cycle.workflow.words import word_of


def add(
    entry: Entry,
    about: Year,
    title: str,
    *,
    field: str | None = None,
    target_groups: Sequence[str] = (),
    needs: Sequence[str] = (),
    theme: str | None = None,
    owner: int | None = None,
    partners: Sequence[int] = (),
    due: date | None = None,
    cost: int | None = None,
    secured: str | None = None,
    funding_source: str | None = None,
    indicator: str | None = None,
    unit: str | None = None,
    target: str | None = None,
) -> Measure:
    """Add a proposed measure under the next number `M-<year>-<nn>`; `owner` and `partners` are partner numbers, `cost` euros.

    `indicator` is what is counted, in `unit`, and `target` the decimal it is to reach. It begins on the entry's day.

    Raises:
        WrongInput: `plan_title_missing`, `amount_below_zero`, `unknown_word`, `owner_left`, `due_before_start`,
            `not_decimal`, `decimal_doubtful`, `target_of_nothing`.
        NotFound: for an unknown need, theme or partner.
    """
    session, plan, workflow = about.session, about.cycle.plan, about.workflow
    _not_below_zero(cost)
    begins_before_due(entry.effective_on, due)
    number = next_number("M", about.cycle.year, numbers_given(session, Measure))
    measure = Measure(
        number=number,
        plan=plan,
        year=about.cycle.year,
        title=titled(title),
        field=word_of(workflow, "fields", field) if field else None,
        target_groups=[word_of(workflow, "target_groups", each) for each in target_groups],
        needs=[need_of(session, each, plan).number for each in needs],
        theme=theme_of(session, theme, plan).number if theme else None,
        owner=None if owner is None else _owner(about, owner),
        partners=[partner_of(session, each).number for each in partners],
        due_first=due,
        due=due,
        due_since=entry.today if due else None,
        cost=cost,
        secured=engine_term(workflow, "funding_secured", Secured, secured) if secured else None,
        funding_source=word_of(workflow, "funding_sources", funding_source) if funding_source else None,
        **goal({}, indicator, unit, target),
        updated_on=entry.effective_on,
    )
    entry.tell(measure=number)
    if measure.owner is not None:
        entry.tell(assigned=True, owner=measure.owner)
    return entry.add(measure)


def update(
    entry: Entry,
    about: Year,
    number: str,
    *,
    status: str | None = None,
    percent: int | None = None,
    note: str | None = None,
    owner: int | None = None,
    interim: str | None = None,
    search_until: date | None = None,
    field: str | None = None,
    target_groups: Sequence[str] = (),
    due: date | None = None,
    cost: int | None = None,
    cost_actual: int | None = None,
    secured: str | None = None,
    funding_source: str | None = None,
    indicator: str | None = None,
    unit: str | None = None,
    target: str | None = None,
    actual: str | None = None,
    obstacles: str | None = None,
) -> Measure:
    """Tell how a measure stands, on the entry's day: status, percentage, owner, or that it has none and who stands in; what
    it cost (`cost_actual`, euros), what its indicator has reached (`actual`, a decimal), what is in the way (`obstacles`).

    Field, target groups, money, indicator and a first due day can be supplied; another due day is a carry.

    Raises:
        NotFound: for an unknown measure, partner or one of a later year.
        WrongInput: `nothing_told`, `unknown_word`, `unknown_interim`, `dropped_has_own_command`, `owner_and_unowned`,
            `interim_for_unowned`, `percent_out_of_range`, `done_needs_percent`, `owner_left`, `due_by_carry`,
            `due_before_start`, `amount_below_zero`, `not_decimal`, `decimal_doubtful`, `target_of_nothing`.
        Refused: `measure_finished` for a dropped one.
    """
    measure = of_cycle(about, number)
    given = (status, percent, note, owner, interim, search_until, field, due, cost, cost_actual)
    more = (secured, funding_source, indicator, unit, target, actual, obstacles)
    if all(each is None for each in (*given, *more)) and not target_groups:
        raise WrongInput("nothing_told")
    _not_below_zero(cost)
    _not_below_zero(cost_actual)
    if measure.status == MeasureStatus.DROPPED:
        raise _finished(measure)
    said = engine_term(about.workflow, "measure_status", MeasureStatus, status) if status else None
    if said is MeasureStatus.DROPPED:
        raise WrongInput("dropped_has_own_command", year=about.cycle.year, number=measure.number)
    if owner is not None and said is MeasureStatus.UNOWNED:
        raise WrongInput("owner_and_unowned", number=measure.number)
    if owner is not None and said is None and measure.status == MeasureStatus.UNOWNED:
        said = MeasureStatus.RUNNING if measure.percent else MeasureStatus.NOT_STARTED
    becomes, reached = progress(measure, said, percent, measure.percent)
    unowned = becomes is MeasureStatus.UNOWNED
    if (interim is not None or search_until is not None) and not unowned:
        raise WrongInput("interim_for_unowned", number=measure.number)
    if interim is not None and interim not in about.workflow.roles:
        raise WrongInput("unknown_interim", role=interim, known=list(about.workflow.roles))
    if due is not None and measure.due is not None:
        raise WrongInput("due_by_carry", year=about.cycle.year, number=measure.number, due=measure.due)
    begins_before_due(entry.effective_on, due)
    content = goal({name: getattr(measure, name) for name in GOAL}, indicator, unit, target)
    counted = decimal_text(actual) if actual is not None else measure.actual
    if counted is not None and content["indicator"] is None:
        raise WrongInput("target_of_nothing")
    workflow = about.workflow
    keeper = None if unowned else measure.owner if owner is None else _owner(about, owner)
    entry.tell(measure=measure.number, status=becomes, percent=reached)
    if keeper is not None and keeper != measure.owner:
        entry.tell(assigned=True, owner=keeper)
    if unowned and measure.status != MeasureStatus.UNOWNED:
        entry.tell(unowned=True)
    spent = measure.cost_actual if cost_actual is None else cost_actual
    _report(entry, about, measure, becomes, reached, note, obstacles=obstacles, cost_actual=spent, actual=counted)
    return entry.change(
        measure,
        **content,
        cost=measure.cost if cost is None else cost,
        cost_actual=spent,
        actual=counted,
        secured=engine_term(workflow, "funding_secured", Secured, secured) if secured else measure.secured,
        funding_source=word_of(workflow, "funding_sources", funding_source) if funding_source else measure.funding_source,
        status=becomes,
        percent=reached,
        done_on=(measure.done_on or entry.effective_on) if becomes is MeasureStatus.DONE else None,
        owner=keeper,
        interim=(interim or measure.interim) if unowned else None,
        search_until=(search_until or measure.search_until) if unowned else None,
        field=word_of(workflow, "fields", field) if field else measure.field,
        target_groups=[word_of(workflow, "target_groups", each) for each in target_groups] or measure.target_groups,
        due=due or measure.due,
        due_first=measure.due_first or due,
        due_since=entry.today if due else measure.due_since,
        updated_on=entry.effective_on,
        reason=entry.reason or measure.reason,
    )


def carry(entry: Entry, about: Year, number: str, *, to: int, due: date) -> Measure:
    """Carry a measure into a year with a new due day; the first one stays, the counter goes up.

    Raises:
        NotFound: for an unknown measure.
        WrongInput: `carry_not_later`, `due_not_later`, without a reason.
        Refused: `measure_finished`.
    """
    reason = need_reason(entry.reason)
    measure = of_cycle(about, number)
    if measure.status in FINISHED:
        raise _finished(measure)
    counts = counts_as_carry(measure, about.cycle.year, to, due, entry.today)
    entry.tell(measure=measure.number, to=to, due=due)
    if counts:
        entry.tell(count=measure.carry_count + 1)
    return entry.change(
        measure,
        due=due,
        due_first=measure.due_first or due,
        due_since=entry.today,
        carry_count=measure.carry_count + counts,
        carried_to=[*measure.carried_to, to] if counts else measure.carried_to,
        reason=reason,
    )


def drop(entry: Entry, about: Year, number: str, *, replaced_by: str | None = None) -> Measure:
    """Give a measure up, perhaps for another one that stands in its place.

    Raises:
        NotFound: for an unknown measure, or one that would replace it.
        WrongInput: without a reason; `replaced_by_itself`, `replacement_dropped`.
        Refused: `measure_finished`.
    """
    reason = need_reason(entry.reason)
    measure = of_cycle(about, number)
    if measure.status in FINISHED:
        raise _finished(measure)
    other = measure_of(about.session, replaced_by, about.cycle.plan) if replaced_by is not None else None
    if other is not None:
        replaces(other, measure.number)
        entry.tell(replaced_by=other.number)
    entry.tell(measure=measure.number)
    _report(entry, about, measure, MeasureStatus.DROPPED, measure.percent, None, measure.cost_actual, measure.actual)
    return entry.change(
        measure,
        status=MeasureStatus.DROPPED,
        replaced_by=other.number if other is not None else None,
        updated_on=entry.effective_on,
        reason=reason,
    )


def declare_none(entry: Entry, about: Year) -> Declaration:
    """Say that the cycle brings no measures: zero is a valid result.

    Raises:
        WrongInput: `measures_declared` if that was said before.
        Refused: `measures_exist` if it has some.
    """
    if declared_none(about.session, about.cycle_id, MEASURES):
        raise WrongInput("measures_declared", year=about.cycle.year)
    own = [each.number for each in measures_all(about.session, about.cycle.plan) if each.year == about.cycle.year]
    if own:
        raise Refused([Finding("measures_exist", facts={"numbers": own, "count": len(own), "year": about.cycle.year})])
    return entry.add(Declaration(cycle_id=about.cycle_id, subject=MEASURES, declared_on=entry.effective_on))


def of_cycle(about: Year, number: str) -> Measure:
    """A measure that the cycle knows: its own, or one of an earlier year. Raises NotFound."""
    measure = measure_of(about.session, number, about.cycle.plan)
    if measure.year > about.cycle.year:
        raise NotFound("unknown_measure", measure=number)
    return measure


def _owner(about: Year, number: int) -> int:
    partner = partner_of(about.session, number)
    if partner.status == PartnerStatus.LEFT:
        raise WrongInput("owner_left", partner=number, name=partner.name)
    return partner.number


def _finished(measure: Measure) -> Refused:
    facts = {"number": measure.number, "title": measure.title, "state": measure.status}
    return Refused([Finding("measure_finished", facts=facts)])


def _not_below_zero(amount: int | None) -> None:
    if amount is not None and amount < 0:
        raise WrongInput("amount_below_zero", amount=amount)


def _report(
    entry: Entry,
    about: Year,
    measure: Measure,
    status: MeasureStatus,
    percent: int,
    note: str | None,
    cost_actual: int | None,
    actual: str | None,
    obstacles: str | None = None,
) -> MeasureUpdate:
    return entry.add(
        MeasureUpdate(
            cycle_id=about.cycle_id,
            measure=measure.number,
            told_on=entry.effective_on,
            status=status,
            percent=percent,
            cost_actual=cost_actual,
            actual=actual,
            told_by=entry.actor.ref,
            role=entry.actor.role,
            obstacles=obstacles,
            note=note,
        )
    )
