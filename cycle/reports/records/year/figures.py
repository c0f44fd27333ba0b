"""What the figures of a year are counted from."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select as sa_select
from sqlmodel import col

from cycle.cycles.records import Year, previous
from cycle.inventory.records import GapSnapshot, Project, snapshot_of
from cycle.inventory.rules.gap import GapStatus
from cycle.inventory.rules.shares import share
from cycle.journal.history import Told, entries
from cycle.meetings.records import MeetingStatus, attendance_of
from cycle.partners.records import PartnerStatus, partners_all, resolve
from cycle.plan.records import measures_all
from cycle.reports.records.dossier.mails import mails
from cycle.reports.records.informed import tellings
from cycle.reports.rules.dossier import Asked, MeetingTold
from cycle.reports.rules.exceptions import Exceptions
from cycle.reports.rules.figures import (
    Attendance,
    Closure,
    Cooperation,
    Figures,
    Funding,
    MailFigures,
    Punctuality,
    closure,
    confirmed_since,
    cooperation,
    measure_figures,
    need_figures,
    pairs,
)
from cycle.reports.rules.lateness import Lateness
from cycle.reports.rules.year import MeasureLine, NeedLine

KINDS = ("target_group", "field")
SURVEY = ("answered", "survey")
LACKING = (GapStatus.GAP, GapStatus.EXPANDABLE)
IN_THE_NETWORK = (PartnerStatus.ACTIVE, PartnerStatus.DORMANT)


def figures(
    about: Year,
    needs: Sequence[NeedLine],
    measures: Sequence[MeasureLine],
    meetings: Sequence[MeetingTold],
    late: Lateness,
    unusual: Exceptions,
    asked: Asked,
    snapshot: GapSnapshot | None,
) -> Figures:
    """All figures of DOMAIN.md §4.4; None where the year has not come so far."""
    return Figures(
        closure=_closure(about, snapshot),
        funding=_funding(snapshot),
        needs=need_figures(needs, about.cycle.year),
        measures=measure_figures(measures, about.cycle.year),
        cooperation=_cooperation(about, measures),
        attendance=_attendance(about, meetings),
        punctuality=Punctuality(
            dates=len(late.lines),
            late=len(late.late),
            moves=len(late.moves),
            moved_dates=late.moved_dates,
            back_steps=sum(each.act.type == "phase.returned" for each in unusual.overrides),
            waivers=len(unusual.waivers),
        ),
        mail=_mail(about, asked),
    )


def empty_cells(snapshot: GapSnapshot | None) -> Mapping[str, tuple[str, ...]]:
    """By target group that has too little, the fields in which a snapshot has no project for it."""
    if snapshot is None:
        return {}
    rated = snapshot.result["target_group_status"]
    matrix = snapshot.result["matrix_full_count"]
    found = {
        group: tuple(sorted(field for field, count in row.items() if not count))
        for group, row in matrix.items()
        if rated.get(group) in LACKING
    }
    return {group: fields for group, fields in found.items() if fields}


def _closure(about: Year, snapshot: GapSnapshot | None) -> Closure | None:
    earlier = previous(about.session, about.cycle)
    before = snapshot_of(about.session, earlier.id or 0) if earlier is not None else None
    if earlier is None or before is None or snapshot is None:
        return None
    ratings = [{kind: found.result[f"{kind}_status"] for kind in KINDS} for found in (before, snapshot)]
    return closure(earlier.year, *ratings)


def _funding(snapshot: GapSnapshot | None) -> Funding | None:
    if snapshot is None:
        return None
    told = snapshot.result
    return Funding(
        known=told["funding_known"],
        unknown=told["funding_unknown"],
        small=told["funding_le_5000_share"],
        median=told["funding_median"],
        total=told["funding_total"],
    )


def _cooperation(about: Year, measures: Sequence[MeasureLine]) -> Cooperation:
    today: dict[int, int] = {}

    def now(numbers: Iterable[int]) -> frozenset[int]:
        for number in numbers:
            if number not in today:
                today[number] = resolve(about.session, number)
        return frozenset(today[number] for number in numbers)

    columns = (col(Project.carrier), col(Project.partners))
    query = sa_select(*columns).where(
        col(Project.inventory_year) >= about.cycle.year,
        col(Project.inventory_year) < about.cycle.year + about.workflow.cycle.length_years,
    )
    behind = [now([*partners, *([] if carrier is None else [carrier])]) for carrier, partners in about.session.execute(query)]
    earlier = _earlier(about)
    before = None if earlier is None else {pair for found in earlier for pair in pairs(now(found))}
    return cooperation(behind, [now(each.partners) for each in measures], before)


def _earlier(about: Year) -> list[Collection[int]] | None:
    """Who did something together before the year began, as far as told then; None without any earlier inventory."""
    told = [
        found
        for entry in entries(about.session, types=["project.imported"])
        if entry.effective_on < about.first_day
        for found in _projects_in(entry)
    ]
    if not told:
        return None
    rows = [row for row in measures_all(about.session, about.cycle.plan) if row.year < about.cycle.year]
    return [*told, *([*row.partners, *([] if row.owner is None else [row.owner])] for row in rows)]


def _projects_in(entry: Told) -> Iterable[Collection[int]]:
    """The organisations of each project that an entry added."""
    for change in entry.data.get("changes", ()):
        if change.get("add") == "project":
            for values in change["rows"]:
                row = dict(zip(change["fields"], values, strict=True))
                carrier = row.get("carrier")
                yield [*(row.get("partners") or ()), *([] if carrier is None else [carrier])]


def _attendance(about: Year, meetings: Sequence[MeetingTold]) -> Attendance:
    held = [each for each in meetings if each.status == MeetingStatus.HELD]
    there = attendance_of(about.session, about.cycle_id, about.organiser)
    return Attendance(
        held=len(held),
        noted=there.noted,
        on_site=sum(each.on_site or 0 for each in held),
        online=sum(each.online or 0 for each in held),
        at_least=any(each.online_at_least for each in held),
        organisations=len(there.organisations) if there.noted else None,
        active=there.active,
        share=share(there.active_present, there.active) if there.noted else None,
    )


def _mail(about: Year, asked: Asked) -> MailFigures:
    told, _ = mails(about, {each.number: each.name for each in partners_all(about.session)})
    kept = [each for each in partners_all(about.session) if each.status in IN_THE_NETWORK]
    since = confirmed_since(about.today)
    confirmed = sum(each.updated_on is not None and each.updated_on >= since for each in kept)
    reminders = _reminders(about)
    return MailFigures(
        sent=sum(each.mails for each in told),
        letters=sum(each.letters for each in told),
        suppressed=sum(each.not_sent for each in told),
        bounced=sum(each.failed for each in told),
        reminders=reminders,
        reminders_per_answer=share(reminders, asked.answered),
        partners=len(kept),
        confirmed=confirmed,
        confirmed_share=share(confirmed, len(kept)),
    )


def _reminders(about: Year) -> int:
    """How often somebody was reminded of the survey."""
    asks = {f"date/{key}" for key, rule in about.workflow.dates.items() if (rule.done.word, rule.done.value) == SURVEY}
    reminding = set(about.workflow.mails.reminder)
    return sum(each.reached and each.subject in asks and each.template in reminding for each in tellings(about))
