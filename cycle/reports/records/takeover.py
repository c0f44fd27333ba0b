"""What a new year takes over from the last, asked of the tables as they are; nothing is written."""

from collections.abc import Iterator
from dataclasses import replace

from cycle.cycles.records import Cycle, Standing, Year, previous, workflow_of
from cycle.dates.records import DateStatus, deadlines
from cycle.dates.rules import Calendar, step_day
from cycle.partners.records import network
from cycle.partners.records.reach import unreachable
from cycle.partners.rules import Obstacle
from cycle.people.records import holders
from cycle.plan.records import (
    Measure,
    Theme,
    closing_day,
    needs_all,
    open_measures,
    theme_decisions,
    themes_all,
    themes_of_year,
)
from cycle.plan.records.owning import owners
from cycle.plan.rules.status import COUNTING, ThemeStatus
from cycle.reminders.actions.waiting import reached, tells_partners, to_confirm
from cycle.reminders.records import made_steps
from cycle.reminders.rules.ladder import step_key
from cycle.reports.rules.takeover import (
    Anchor,
    Doubtful,
    FirstMail,
    LastTheme,
    Takeover,
    ThemeOffer,
    Turn,
    measure_offers,
    need_offers,
)

FIRST_MAILS = 3


def takeover(about: Year, public: Calendar | None) -> Takeover:
    """The picture of a cycle that has been opened: its dates, what came and is offered, contacts, people, first mails."""
    session, cycle = about.session, about.cycle
    before = previous(session, cycle)
    turn = _turn(about, before)
    needs = [(need, need.title) for need in needs_all(session, cycle.plan)]
    measures = open_measures(session, cycle.plan, cycle.year - 1)
    rows = deadlines(session, about.cycle_id)
    anchors = tuple(
        Anchor(row.key, row.planned, row.shift_reason, row.confirmed_on) for row in rows if about.workflow.dates[row.key].anchor
    )
    return Takeover(
        year=cycle.year,
        previous=before.year if before else None,
        previous_standing=before.standing if before else None,
        dates=len(rows),
        anchors=anchors,
        needs=need_offers(needs, turn),
        measures=measure_offers([(each, each.title) for each in measures], turn, _keepers(about, measures), about.today),
        themes=tuple(_theme(about, theme) for theme in themes_of_year(about)),
        last_theme=_last_theme(about),
        doubtful=tuple(_doubtful(about)),
        roles=_roles(about),
        mails=tuple(sorted(_mails(about, public), key=lambda mail: mail.day)[:FIRST_MAILS]),
    )


def _turn(about: Year, before: Cycle | None) -> Turn:
    by, closes = about.cycle.year, about.first_day
    if before is not None and before.standing in (Standing.OPEN, Standing.HELD):
        by = before.year
        closes = closing_day(replace(about, cycle=before, workflow=workflow_of(about.session, before)))
    return Turn(about.cycle.year, by, about.last_day, closes, about.workflow.cycle.length_years)


def _keepers(about: Year, measures: list[Measure]) -> dict[str, str | None]:
    today = owners(about.session, measures)
    return {
        each.number: today[each.owner].short if each.owner is not None and each.owner in today else each.interim
        for each in measures
    }


def _theme(about: Year, theme: Theme) -> ThemeOffer:
    year = about.cycle.year
    command: str | None = f"cycle theme confirm {year} {theme.number}"
    if theme.status == ThemeStatus.PROPOSED:
        command = f"cycle theme decide {year} {theme.number} --body … --on … --reference …"
    if any(each.outcome in COUNTING for each in theme_decisions(about, theme.number)):
        command = None
    return ThemeOffer(theme.number, theme.title, theme.valid_to, command)


def _last_theme(about: Year) -> LastTheme | None:
    before = [each for each in themes_all(about.session, about.cycle.plan) if each.primary and each.valid_to < about.first_day]
    last = max(before, key=lambda theme: theme.valid_to, default=None)
    return LastTheme(last.number, last.title, last.valid_to) if last else None


def _doubtful(about: Year) -> Iterator[Doubtful]:
    found: dict[int, Doubtful] = {}
    for each in unreachable(about.session, network(about.session, about.organiser)):
        found.setdefault(each.number, Doubtful(each.number, each.name, each.obstacle is Obstacle.BOUNCED))
    yield from found.values()


def _roles(about: Year) -> dict[str, tuple[str, ...]]:
    # Those that do the daily work first: a pinned text has lost the file's order.
    names = [name for name in about.workflow.escalation if name in about.workflow.roles]
    found: dict[str, list[str]] = {role: [] for role in dict.fromkeys([*names, *about.workflow.roles])}
    for person, span in holders(about.session, list(found), about.today):
        if person.ref not in found[span.role]:
            found[span.role].append(person.ref)
    return {role: tuple(refs) for role, refs in found.items()}


def _mails(about: Year, public: Calendar | None) -> Iterator[FirstMail]:
    """The steps to partners that are still to come, as `reminders` takes them: by their day, once a phase is reached, or once
    a day is confirmed; what waits although its day is past would go today."""
    workflow = about.workflow
    made = made_steps(about.session, about.cycle_id)
    rows = [row for row in deadlines(about.session, about.cycle_id) if row.status == DateStatus.OPEN and row.actual is None]
    for row in rows:
        for step in workflow.ladder.get(row.key, ()):
            day = step_day(row.planned, step.at, public)
            known = (f"date/{row.key}", row.planned, step_key(step)) in made
            if not tells_partners(about, row.key, step) or day < row.since or known:
                continue
            anchor = to_confirm(about, row.key)
            phase = None if reached(about, step) else step.phase
            if day < about.today and anchor is None and phase is None:
                continue
            approval = step.mail in workflow.policy.approval
            waits_for = anchor.key if anchor is not None else None
            yield FirstMail(step.mail, row.key, max(day, about.today), phase, approval, waits_for)
