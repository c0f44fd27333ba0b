"""A measure with its progress through the years and what came of it."""

from collections.abc import Iterable
from datetime import date

from cycle.cycles.records import Year
from cycle.dates.rules import Calendar
from cycle.plan.records import Measure, measures_all, need_of, theme_of, updates_of
from cycle.plan.records.owning import owners
from cycle.plan.rules.measures import days_late
from cycle.plan.rules.needs import age
from cycle.plan.rules.status import MeasureStatus
from cycle.reports.records.chain.evidence import evidence_links
from cycle.reports.rules.chain import Link, LinkKind


def measure_link(about: Year, measure: Measure, public: Calendar | None) -> Link:
    """One measure: who has it, until when, how late and how often carried, what was told of it year by year, its result."""
    facts = {
        "number": measure.number,
        "title": measure.title,
        "measure_status": measure.status,
        "percent": measure.percent,
        "year": measure.year,
    }
    below = [
        *_keeper(about, measure),
        *_times(measure, about.today, public),
        *_money(measure),
        *_progress(about, measure),
        *evidence_links(about, measure.number),
        *_result(measure),
    ]
    return Link(LinkKind.MEASURE, facts, tuple(below))


def measure_links(about: Year, numbers: Iterable[str], public: Calendar | None) -> list[Link]:
    """The measures of these numbers, those of years after the cycle left out; in the order of their numbers."""
    wanted = set(numbers)
    found = [each for each in measures_all(about.session, about.cycle.plan) if each.number in wanted]
    return [measure_link(about, each, public) for each in found]


def came_from(about: Year, measure: Measure) -> tuple[Link, ...]:
    """Where a measure comes from, in lines without anything below: its needs with their age, and its theme."""
    session, plan, length = about.session, about.cycle.plan, about.workflow.cycle.length_years
    links = []
    for number in measure.needs:
        need = need_of(session, number, plan)
        facts = {
            "number": need.number,
            "title": need.title,
            "need_sources": need.source,
            "on": need.reported_on,
            "age": age(need, about.cycle.year, length),
        }
        links.append(Link(LinkKind.FROM_NEED, facts))
    if measure.theme is not None:
        theme = theme_of(session, measure.theme, plan)
        facts = {"number": theme.number, "title": theme.title, "first": theme.valid_from, "last": theme.valid_to}
        links.append(Link(LinkKind.FROM_THEME, facts))
    return tuple(links)


def _keeper(about: Year, measure: Measure) -> list[Link]:
    today = owners(about.session, [measure])
    if measure.owner is not None and measure.owner in today:
        partner = today[measure.owner]
        return [Link(LinkKind.OWNER, {"partner": partner.number, "short": partner.short, "name": partner.name})]
    return [Link(LinkKind.UNOWNED, {"roles": measure.interim, "until": measure.search_until})]


def _times(measure: Measure, today: date, public: Calendar | None) -> list[Link]:
    links = []
    if measure.due is not None:
        first = measure.due_first if measure.due_first != measure.due else None
        links.append(Link(LinkKind.DUE, {"due": measure.due, "first": first}))
    late = days_late(measure, today, public)
    if late:
        links.append(Link(LinkKind.LATE, {"days": late}))
    if measure.carry_count:
        links.append(Link(LinkKind.PUT_OFF, {"count": measure.carry_count, "to": list(measure.carried_to)}))
    return links


def _money(measure: Measure) -> list[Link]:
    if measure.cost is None and measure.secured is None:
        return []
    return [Link(LinkKind.MONEY, {"amount": measure.cost, "funding_secured": measure.secured})]


def _progress(about: Year, measure: Measure) -> list[Link]:
    return [
        Link(
            LinkKind.UPDATE,
            {"on": each.told_on, "measure_status": each.status, "percent": each.percent},
            (Link(LinkKind.NOTE, {"text": each.note}),) if each.note else (),
        )
        for each in updates_of(about.session, measure.number)
    ]


def _result(measure: Measure) -> list[Link]:
    if measure.status == MeasureStatus.DONE:
        return [Link(LinkKind.DONE, {"on": measure.done_on})]
    if measure.status == MeasureStatus.DROPPED:
        return [Link(LinkKind.DROPPED, {"reason": measure.reason})]
    return []
