"""The year as a picture: where each phase, meeting and date stands on a line of months. Days in, places out; the template
draws them. All places are in the units of the picture's own box, whose width is fixed."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 760
LEFT = 226  # where the months begin; the names stand before
RIGHT = 744
TOP = 40
ROW = 20
HEAD = 28
ONE_DAY = timedelta(days=1)
LONGEST = 38  # letters of a name before it is cut: the table beside the picture has it whole


@dataclass(frozen=True)
class Span:
    """A phase: when it was planned to run, when it ran (each pass), and from which day it was late."""

    label: str
    planned: tuple[date, date] | None
    real: tuple[tuple[date, date], ...]
    late_from: date | None = None
    late: int = 0


@dataclass(frozen=True)
class Point:
    """A meeting or date: the day of the first plan, that of the last, the day it came about (None: not yet)."""

    first: date
    planned: date
    actual: date | None


@dataclass(frozen=True)
class Track:
    """One line of points under a name."""

    label: str
    points: tuple[Point, ...]
    late: int = 0


@dataclass(frozen=True)
class Month:
    x: float
    middle: float
    number: int
    year: int
    opens_year: bool


@dataclass(frozen=True)
class Bar:
    """A stretch of time. `kind`: planned, real, late; moved is the way from a first plan to what came."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Dot:
    """A day. `kind`: first (the first plan), real (it came about), open (planned, not yet come)."""

    kind: str
    x: float
    y: float


@dataclass(frozen=True)
class Row:
    label: str
    y: float
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]
    late: int
    note_x: float


@dataclass(frozen=True)
class Group:
    """Rows under a heading, which the template names by the group's place."""

    y: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    left: int
    right: int
    top: int
    months: tuple[Month, ...]
    groups: tuple[Group, ...]


def picture(spans: Sequence[Span], tracks: Sequence[Sequence[Track]]) -> Picture:
    """The picture of some phases and, below them, groups of tracks; empty groups are left out, yet keep their number.

    Raises:
        ValueError: if there is no day to draw.
    """
    days = [*_days_of_spans(spans), *_days_of_tracks(track for group in tracks for track in group)]
    if not days:
        raise ValueError("a picture needs a day")
    scale = _Scale(min(days), max(days))
    y: float = TOP
    groups = []
    every: tuple[Sequence[Span | Track], ...] = (spans, *tracks)
    for rows in every:
        drawn = [_row(each, y + HEAD + ROW * place, scale) for place, each in enumerate(rows)]
        groups.append(Group(y, tuple(drawn)))
        y += HEAD + ROW * len(drawn) if drawn else 0
    return Picture(WIDTH, int(y) + 10, LEFT, RIGHT, TOP, tuple(scale.months()), tuple(groups))


class _Scale:
    """Whole months from the first day to the last, spread over the picture's width."""

    def __init__(self, first: date, last: date) -> None:
        self.start = first.replace(day=1)
        self.end = last.replace(day=monthrange(last.year, last.month)[1]) + timedelta(days=1)
        self.unit = (RIGHT - LEFT) / (self.end - self.start).days

    def at(self, day: date) -> float:
        return round(LEFT + (day - self.start).days * self.unit, 1)

    def middle(self, day: date) -> float:
        return round(self.at(day) + self.unit / 2, 1)

    def months(self) -> Iterable[Month]:
        day = self.start
        while day < self.end:
            following = (day + timedelta(days=31)).replace(day=1)
            x = self.at(day)
            opens = day == self.start or day.month == 1
            yield Month(x, round((x + self.at(following)) / 2, 1), day.month, day.year, opens)
            day = following


def _row(one: Span | Track, y: float, scale: _Scale) -> Row:
    return _span(one, y, scale) if isinstance(one, Span) else _track(one, y, scale)


def _span(span: Span, y: float, scale: _Scale) -> Row:
    bars = []
    if span.planned:
        bars.append(_bar("planned", *span.planned, y + 2, 5, scale))
    for first, last in span.real:
        start, end = first, last + ONE_DAY  # a pass lasts to the end of its last day
        late = min(max(span.late_from + ONE_DAY, start), end) if span.late_from else end
        if late > start:
            bars.append(_bar("real", start, late, y + 9, 8, scale))
        if late < end:
            bars.append(_bar("late", late, end, y + 9, 8, scale))
    ends = [bar.x + bar.width for bar in bars if bar.kind != "planned"]
    return Row(_short(span.label), y, tuple(bars), (), span.late, _note(ends))


def _track(track: Track, y: float, scale: _Scale) -> Row:
    middle = y + ROW / 2
    bars, dots = [], []
    for point in track.points:
        came = point.actual or point.planned
        if point.first != came:
            bars.append(_way("moved", point.first, point.planned, middle, scale))
        if point.actual and point.actual > point.planned:
            bars.append(_way("late", point.planned, point.actual, middle, scale))
        if point.first != came:
            dots.append(Dot("first", scale.middle(point.first), middle))
        dots.append(Dot("real" if point.actual else "open", scale.middle(came), middle))
    ends = [dot.x + 5 for dot in dots]
    kept = tuple(bar for bar in bars if bar.width > 0)
    return Row(_short(track.label), y, kept, tuple(dots), track.late, _note(ends))


def _bar(kind: str, start: date, end: date, y: float, height: float, scale: _Scale) -> Bar:
    x = scale.at(start)
    return Bar(kind, x, y, max(round(scale.at(end) - x, 1), 2.0), height)


def _way(kind: str, start: date, end: date, y: float, scale: _Scale) -> Bar:
    low, high = sorted((scale.middle(start), scale.middle(end)))
    return Bar(kind, low, y - 1, round(high - low, 1), 2)


def _note(ends: Sequence[float]) -> float:
    return round(max(ends, default=LEFT) + 4, 1)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"


def _days_of_spans(spans: Iterable[Span]) -> Iterable[date]:
    for span in spans:
        yield from span.planned or ()
        for real in span.real:
            yield from real


def _days_of_tracks(tracks: Iterable[Track]) -> Iterable[date]:
    for track in tracks:
        for point in track.points:
            yield from (day for day in (point.first, point.planned, point.actual) if day)
