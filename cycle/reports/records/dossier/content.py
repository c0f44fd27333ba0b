"""What the year was about: themes, needs and measures with what became of them, the survey and its gaps in numbers."""

from collections.abc import Sequence
from datetime import date

from cycle.cycles.records import Year
from cycle.dates.rules import Calendar
from cycle.inventory.records import coverage, response, snapshot_of, survey_of
from cycle.partners.records import Partner
from cycle.plan.records import Measure, Theme, dropped_in, measures_all, needs_all, themes_all
from cycle.plan.records.owning import owners
from cycle.plan.rules import measures as rules
from cycle.plan.rules.measures import days_late
from cycle.plan.rules.needs import needs_of_year
from cycle.reports.rules.acts import Act
from cycle.reports.rules.dossier import Asked, Carried, Gaps, MeasureTold, NeedTold, Share, ThemeTold


def themes(about: Year, acts: Sequence[Act]) -> tuple[ThemeTold, ...]:
    """The themes valid in the year, and those that the year dealt with."""
    touched = {act.data["theme"] for act in acts if act.type.startswith("theme.")}
    return tuple(
        ThemeTold(row.number, row.title, row.field, row.primary, row.valid_from, row.valid_to, row.status)
        for row in themes_all(about.session, about.cycle.plan)
        if row.number in touched or _valid(row, about.first_day, about.last_day)
    )


def needs(about: Year, acts: Sequence[Act]) -> tuple[NeedTold, ...]:
    """The needs that the year reported or disposed of, with the entry that last did."""
    settled = {act.data["need"]: act for act in acts if act.type == "need.settled"}
    return tuple(
        NeedTold(
            row.number,
            row.title,
            row.field,
            row.target_group,
            row.status,
            row.carried_to,
            row.carry_count,
            settled.get(row.number),
        )
        for row in needs_of_year(needs_all(about.session, about.cycle.plan), about.cycle.year, settled)
    )


def measures(about: Year, public: Calendar | None) -> tuple[MeasureTold, ...]:
    """The measures that the year had to do with: its own, and those of earlier years not ended before it began."""
    own = measures_of_year(about)
    today = owners(about.session, own)
    until = min(about.today, about.cycle.closed_on) if about.cycle.closed_on else about.today
    return tuple(_measure(row, today, until, public) for row in own)


def measures_of_year(about: Year) -> list[Measure]:
    """The rows behind `measures`, by number."""
    dropped = dropped_in(about.session, about.cycle_id)
    return rules.measures_of_year(
        measures_all(about.session, about.cycle.plan), about.cycle.year, about.cycle.started_on, dropped
    )


def carried(about: Year, acts: Sequence[Act]) -> tuple[Carried, ...]:
    """Each carry of a measure in the order recorded."""
    rows = {row.number: row for row in measures_all(about.session, about.cycle.plan)}
    return tuple(
        Carried(
            act=act,
            number=act.data["measure"],
            title=rows[act.data["measure"]].title,
            to=act.data["to"],
            due_first=rows[act.data["measure"]].due_first,
            due=date.fromisoformat(act.data["due"]),
            count=act.data["count"],
        )
        for act in acts
        if act.type == "measure.carried"
    )


def asked(about: Year) -> Asked:
    """The survey's answers and the review's coverage."""
    answers = response(about)
    survey = survey_of(about.session, about.cycle_id)
    reviews = coverage(about)
    return Asked(
        invited=answers.invited,
        answered=answers.answered,
        usable=answers.usable,
        late=answers.late,
        neutral=answers.neutral,
        gross=answers.gross,
        net=answers.net,
        closed_on=survey.closed_on if survey else None,
        reviewed=reviews.reviewed,
        to_review=reviews.projects,
    )


def gaps(about: Year) -> Gaps | None:
    """The last gap analysis that was recorded, None before the first."""
    row = snapshot_of(about.session, about.cycle_id)
    if row is None:
        return None
    result = row.result
    return Gaps(
        recorded_on=row.recorded_on,
        scope=row.scope,
        projects=row.projects,
        target_groups=_shares(result, "target_group"),
        fields=_shares(result, "field"),
        funding_known=result["funding_known"],
        funding_unknown=result["funding_unknown"],
        funding_total=result["funding_total"],
        funding_median=result["funding_median"],
        cooperation=result["cooperation_share"],
    )


def _valid(theme: Theme, first: date, last: date) -> bool:
    return theme.valid_from <= last and first <= theme.valid_to


def _measure(row: Measure, today: dict[int, Partner], until: date, public: Calendar | None) -> MeasureTold:
    owner = today.get(row.owner) if row.owner is not None else None
    return MeasureTold(
        number=row.number,
        title=row.title,
        owner=owner.name if owner else None,
        interim=row.interim,
        due_first=row.due_first,
        due=row.due,
        done_on=row.done_on,
        status=row.status,
        percent=row.percent,
        carry_count=row.carry_count,
        late=max(days_late(row, until, public), 0),
    )


def _shares(result: dict[str, dict[str, int]], of: str) -> tuple[Share, ...]:
    counts, rated = result.get(f"{of}_count_full", {}), result[f"{of}_status"]
    found = [Share(word, counts.get(word, 0), share, str(rated[word])) for word, share in result[f"{of}_share"].items()]
    return tuple(sorted(found, key=lambda each: (-each.share, each.word)))
