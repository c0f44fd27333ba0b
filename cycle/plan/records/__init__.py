"""What the plan is made of: needs, themes and their decisions, measures and their progress. Numbers stay for ever."""

from datetime import date

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, select

from cycle.cycles.records import Year
from cycle.dates.records import deadlines
from cycle.errors import NotFound
from cycle.journal.questions import asked_once, rows_of_cycle, rows_where
from cycle.journal.records import Row, private
from cycle.plan.rules.costs import Costs, costs_of
from cycle.plan.rules.measures import unfinished
from cycle.plan.rules.status import FINISHED as FINISHED
from cycle.plan.rules.status import MeasureStatus as MeasureStatus
from cycle.plan.rules.status import NeedStatus as NeedStatus
from cycle.plan.rules.status import ThemeStatus as ThemeStatus
from cycle.plan.rules.themes import primary_in


class Need(Row, table=True):
    """An open need. `source` is a vocabulary id, `source_group` the group it came from; `settled_in` the year it was
    last disposed of, `carried_to` the year it goes on in. `costs` says whether it costs money (None: not known), `amount` how
    much in whole euros; `further_groups` are target groups besides the first."""

    __tablename__ = "need"

    number: str = Field(unique=True)
    plan: str
    year: int
    title: str
    field: str
    target_group: str | None = None
    source: str
    source_group: str | None = None
    priority: str
    status: str = NeedStatus.OPEN
    theme: str | None = None
    amount: int | None = None
    reported_on: date
    settled_on: date | None = None
    settled_in: int | None = None
    carried_to: int | None = None
    carry_count: int = 0
    further_groups: list[str] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    costs: bool | None = None
    secured: str | None = None


class Theme(Row, table=True):
    """A focus theme, primary (one a year) or side, valid over one or more years; `decided_in` are body, day, reference
    of the decision that holds."""

    __tablename__ = "theme"

    number: str = Field(unique=True)
    plan: str
    title: str
    field: str
    primary: bool = True
    valid_from: date
    valid_to: date
    status: str = ThemeStatus.PROPOSED
    needs: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    body: str | None = None
    decided_on: date | None = None
    reference: str | None = None
    ended_on: date | None = None
    target_groups: list[str] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    reason: str | None = private()


class Decision(Row, table=True):
    """What a body decided on a subject: theme (with its number) or one of the workflow's decision subjects. Of its `members`
    so many were `present`, and so many are `needed` to decide."""

    __tablename__ = "decision"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    subject: str
    theme: str | None = None
    body: str
    decided_on: date
    outcome: str
    reference: str | None = None
    present: int | None = None
    members: int | None = None
    needed: int | None = None
    vote: str | None = None
    title: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    note: str | None = private()


class Measure(Row, table=True):
    """A measure under the number it keeps for ever. `owner` is a partner's number, `interim` a role that stands in;
    `due_first` is never overwritten; `updated_on` the last day its progress was told. `cost` is what was planned, in whole
    euros; `target` and `actual` are decimals as text, of the `indicator` in its unit; `replaced_by` a measure's number."""

    __tablename__ = "measure"

    number: str = Field(unique=True)
    plan: str
    year: int
    title: str
    field: str | None = None
    target_groups: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    needs: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    theme: str | None = None
    owner: int | None = Field(default=None, index=True)
    interim: str | None = None
    search_until: date | None = None
    partners: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    due_first: date | None = None
    due: date | None = None
    due_since: date | None = None
    status: str = MeasureStatus.PROPOSED
    percent: int = 0
    cost: int | None = None
    cost_actual: int | None = None
    secured: str | None = None
    funding_source: str | None = None
    indicator: str | None = None
    indicator_unit: str | None = None
    target: str | None = None
    actual: str | None = None
    done_on: date | None = None
    updated_on: date | None = None
    carry_count: int = 0
    carried_to: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    replaced_by: str | None = None
    reason: str | None = private()


class MeasureUpdate(Row, table=True):
    """One report of a measure's progress in one cycle: what was known then, and who told it (a person's ref, the role)."""

    __tablename__ = "measure_update"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    measure: str
    told_on: date
    status: str
    percent: int | None = None
    cost_actual: int | None = None
    actual: str | None = None
    told_by: str | None = None
    role: str | None = None
    obstacles: str | None = private()
    note: str | None = private()


class Declaration(Row, table=True):
    """ "There are none" (needs, measures) of one cycle, said explicitly: zero is a valid result."""

    __tablename__ = "declaration"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    subject: str
    declared_on: date


def need_of(session: Session, number: str, plan: str | None = None) -> Need:
    """One need by number, of that plan if one is named. Raises NotFound."""
    row = next(iter(rows_where(session, Need, number=number.upper())), None)
    if row is None or (plan is not None and row.plan != plan):
        raise NotFound("unknown_need", need=number)
    return row


def theme_of(session: Session, number: str, plan: str | None = None) -> Theme:
    """One theme by number, of that plan if one is named. Raises NotFound."""
    row = next(iter(rows_where(session, Theme, number=number.upper())), None)
    if row is None or (plan is not None and row.plan != plan):
        raise NotFound("unknown_theme", theme=number)
    return row


def measure_of(session: Session, number: str, plan: str | None = None) -> Measure:
    """One measure by number, of that plan if one is named. Raises NotFound."""
    row = next(iter(rows_where(session, Measure, number=number.upper())), None)
    if row is None or (plan is not None and row.plan != plan):
        raise NotFound("unknown_measure", measure=number)
    return row


def needs_all(session: Session, plan: str) -> list[Need]:
    """Every need of a plan by number."""
    return list(asked_once(session, Need, plan, lambda: sorted(rows_where(session, Need, plan=plan), key=_number)))


def themes_all(session: Session, plan: str) -> list[Theme]:
    """Every theme of a plan in the order proposed."""
    return list(asked_once(session, Theme, plan, lambda: rows_where(session, Theme, plan=plan)))


def measures_all(session: Session, plan: str) -> list[Measure]:
    """Every measure of a plan by number."""
    return list(asked_once(session, Measure, plan, lambda: sorted(rows_where(session, Measure, plan=plan), key=_number)))


def _number(row: Need | Measure) -> str:
    return row.number


def decisions_of(session: Session, cycle_id: int) -> list[Decision]:
    """Every decision of a cycle in the order recorded."""
    return rows_of_cycle(session, Decision, cycle_id)


def numbers_given(session: Session, model: type[Need] | type[Theme] | type[Measure]) -> list[str]:
    """Every number of that kind, of all plans: numbers are unique in a site."""
    return list(session.exec(select(model.number)))


def open_measures(session: Session, plan: str, through: int | None = None) -> list[Measure]:
    """The measures of all years neither done nor dropped, those of years after `through` left out."""
    return unfinished(measures_all(session, plan), through)


def updates_of(session: Session, number: str) -> list[MeasureUpdate]:
    """Every report of a measure's progress in the order told."""
    return rows_where(session, MeasureUpdate, measure=number)


def dropped_in(session: Session, cycle_id: int) -> frozenset[str]:
    """The numbers of the measures that were dropped in a cycle."""
    dropped = rows_where(session, MeasureUpdate, cycle_id=cycle_id, status=MeasureStatus.DROPPED)
    return frozenset(update.measure for update in dropped)


def declared_none(session: Session, cycle_id: int, subject: str) -> bool:
    """Whether a cycle has said that it has none of the subject (needs, measures)."""
    return bool(rows_where(session, Declaration, cycle_id=cycle_id, subject=subject))


def costs_in(year: Year) -> Costs:
    """What the open needs of a cycle and of those before it cost."""
    plan, edge = year.cycle.plan, year.workflow.gap.small_funding_eur
    needs, measures = needs_all(year.session, plan), measures_all(year.session, plan)
    return costs_of(needs, measures, year=year.cycle.year, edge=edge)


def themes_of_year(year: Year) -> list[Theme]:
    """The primary themes valid in the cycle, proposed ones too."""
    return primary_in(themes_all(year.session, year.cycle.plan), year.first_day, year.last_day)


def theme_of_year(year: Year) -> Theme | None:
    """The primary theme of the cycle, the first if there should be several."""
    return next(iter(themes_of_year(year)), None)


def theme_decisions(year: Year, number: str) -> list[Decision]:
    """What the cycle's bodies decided on a theme, in the order recorded."""
    return [each for each in decisions_of(year.session, year.cycle_id) if each.theme == number]


def closing_day(year: Year) -> date:
    """The day on which the cycle is planned to close: the date that leaving its last phase ends, else its latest date."""
    last = [phase.id for phase in year.workflow.phases_in(year.cycle.year) if not phase.final][-1]
    planned = {row.key: row.planned for row in deadlines(year.session, year.cycle_id)}
    for key, rule in year.workflow.dates.items():
        if rule.done.word == "left" and rule.done.value == last and key in planned:
            return planned[key]
    return max(planned.values(), default=year.last_day)
