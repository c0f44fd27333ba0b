"""The year as a picture: what of it is drawn under which name."""

from collections.abc import Sequence
from datetime import date

from cycle.dates.rules import DateStatus
from cycle.reports.actions.names import Names
from cycle.reports.rules.dossier import MeetingTold, PhaseTold
from cycle.reports.rules.lateness import DateLine, Lateness
from cycle.reports.rules.timeline import Picture, Point, Span, Track, picture

NOT_DRAWN = frozenset({DateStatus.SKIPPED_AT_OPEN})


def year_line(
    phases: Sequence[PhaseTold],
    meetings: Sequence[MeetingTold],
    lateness: Lateness,
    *,
    started_on: date,
    seen_on: date,
    names: Names,
    whole: bool = True,
) -> Picture:
    """Phases, then what people agree on and where they meet; if `whole`, every other date that was moved or late."""
    of_meetings = {each.date_key for each in meetings}
    lines = [line for line in lateness.lines if line.date.status not in NOT_DRAWN]
    anchors = [_track(line, names) for line in lines if line.date.anchor and line.date.key not in of_meetings]
    agreed = [*_meetings(meetings, names), *anchors]
    others = [_track(line, names) for line in lines if not line.date.anchor and (line.moved_by or line.late_in_all)]
    groups = (sorted(agreed, key=_first), sorted(others, key=_first) if whole else [])
    return picture(_spans(phases, started_on, seen_on, names), groups)


def _first(track: Track) -> date:
    return min(point.first for point in track.points)


def _spans(phases: Sequence[PhaseTold], started_on: date, seen_on: date, names: Names) -> list[Span]:
    spans, begins = [], started_on
    for each in phases:
        planned = (begins, each.first_planned) if each.first_planned and each.first_planned >= begins else None
        begins = each.first_planned or begins
        real = tuple((stay.entered_on, stay.left_on or max(seen_on, stay.entered_on)) for stay in each.stays)
        late_from = each.planned if each.late else None
        spans.append(Span(names.of("phase", each.phase), planned, real, late_from, each.late))
    return spans


def _meetings(meetings: Sequence[MeetingTold], names: Names) -> list[Track]:
    by_rule: dict[str, list[Point]] = {}
    for each in meetings:
        day = each.day or each.held_on
        if day is not None and each.status != "cancelled":
            by_rule.setdefault(each.rule, []).append(Point(each.first or day, day, each.held_on))
    return [Track(names.of("meeting", rule), tuple(points)) for rule, points in by_rule.items()]


def _track(line: DateLine, names: Names) -> Track:
    told = line.date
    return Track(names.of("date", told.key), (Point(told.first_planned, told.planned, told.actual),), line.late_in_all)
