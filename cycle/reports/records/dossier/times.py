"""The year in time: its phases planned and real, and its meetings."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from cycle.adapters.clock import day_of
from cycle.cycles.records import Year
from cycle.dates.records import Deadline, deadlines
from cycle.dates.rules import Calendar, working_days_late
from cycle.meetings.records import Meeting, MeetingStatus, meetings_of, participations
from cycle.phases.records import stays
from cycle.reports.rules.acts import Act
from cycle.reports.rules.dossier import MeetingTold, PhaseTold, Stay


def phases(about: Year, public: Calendar | None) -> tuple[PhaseTold, ...]:
    """The phases of the year in their order, without the last, which lasts for ever."""
    known = {row.key: row for row in deadlines(about.session, about.cycle_id)}
    passes = sorted(stays(about.session, about.cycle_id), key=lambda stay: stay.phase)
    by_phase = {phase: list(found) for phase, found in groupby(passes, key=lambda stay: stay.phase)}
    told = []
    for phase in about.workflow.phases_in(about.cycle.year):
        if phase.final:
            continue
        due = known.get(phase.due) if phase.due else None
        real = tuple(
            Stay(each.round, _day(about, each.entered_at), _day(about, each.left_at) if each.left_at else None, each.left_by)
            for each in by_phase.get(phase.id, ())
        )
        until = (real[-1].left_on or about.today) if real else None
        late = max(working_days_late(due.planned, until, public), 0) if due and until else 0
        told.append(PhaseTold(phase.id, due.first_planned if due else None, due.planned if due else None, real, late))
    return tuple(told)


def meetings(about: Year, acts: Sequence[Act]) -> tuple[MeetingTold, ...]:
    """The meetings by the day they were held or are planned for."""
    known = {row.key: row for row in deadlines(about.session, about.cycle_id)}
    first_days: dict[str, date] = {}
    for act in acts:
        text = {"meeting.added": act.data.get("day"), "meeting.moved": act.data.get("from")}.get(act.type)
        if text:
            first_days.setdefault(act.data["meeting"], date.fromisoformat(text))
    found = [_meeting(about, row, known, first_days.get(row.name)) for row in meetings_of(about.session, about.cycle_id)]
    return tuple(sorted(found, key=lambda each: (each.held_on or each.day or about.last_day, each.rule, each.group or "")))


def _meeting(about: Year, row: Meeting, known: dict[str, Deadline], first: date | None) -> MeetingTold:
    hangs_on = known.get(row.date_key) if row.date_key else None
    said = participations(about.session, row.id or 0)
    return MeetingTold(
        rule=row.rule,
        name=row.name,
        group=row.group,
        date_key=row.date_key,
        first=hangs_on.first_planned if hangs_on else first or row.day,
        day=hangs_on.planned if hangs_on else row.day,
        status=row.status,
        held_on=row.held_on if row.status == MeetingStatus.HELD else None,
        on_site=row.on_site,
        online=row.online,
        online_at_least=row.online_at_least,
        excused=sum(each.status == "excused" for each in said),
    )


def _day(about: Year, moment: datetime) -> date:
    return day_of(moment, about.zone)
