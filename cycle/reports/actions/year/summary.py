"""The first page: the year in ten sentences, and its three pictures."""

from cycle.plan.rules.status import MeasureStatus
from cycle.reports.actions.drawn import year_line
from cycle.reports.actions.names import percent, whole
from cycle.reports.actions.year.telling import Told
from cycle.reports.rules.bars import Value, chart
from cycle.reports.rules.dossier import Share
from cycle.reports.rules.paper import Beside, Drawing, Part, apart, kept

SENTENCES = ("state", "theme", "survey", "gaps", "funding", "needs", "measures", "trouble", "meetings", "dates")
# Measures that a reader of the picture should look at.
TO_WATCH = frozenset({MeasureStatus.UNOWNED, MeasureStatus.DEFERRED})


def summary(told: Told) -> Part:
    """The year at a glance."""
    pictures = [each for each in (_gaps(told), _measures(told)) if each is not None]
    blocks = [
        told.text("caution", tone="caution") if told.year.caution else None,
        told.items(*(told.tell(f"sum_{name}") for name in SENTENCES)),
        _line(told),
        Beside(tuple(pictures)) if pictures else None,
    ]
    return Part("summary", told.label("summary"), kept(blocks))


def _line(told: Told) -> Drawing:
    year = told.year
    line = year_line(
        year.phases,
        year.meetings,
        year.lateness,
        started_on=year.head.started_on,
        seen_on=year.head.seen_on,
        names=told.names,
        whole=False,
    )
    return Drawing("line", told.label("picture_line"), told.tell("line_words"), line=line)


def _gaps(told: Told) -> Drawing | None:
    found = told.year.gaps
    if found is None:
        return None
    edges = [(edge * 100, told.tell("gap_edge", edge)) for edge in told.year.gap_edges]
    groups = [
        (told.label(kind), _values(told, kind, shares))
        for kind, shares in (("target_groups", found.target_groups), ("fields", found.fields))
    ]
    return Drawing("gaps", told.label("picture_gaps"), told.tell("gap_words"), chart=chart(groups, edges))


def _values(told: Told, kind: str, shares: tuple[Share, ...]) -> list[Value]:
    language = told.wording.language
    return [
        Value(apart(told.names.of(kind, each.word)), each.share, percent(each.share, language), each.status == "gap")
        for each in shares
    ]


def _measures(told: Told) -> Drawing | None:
    counts = told.year.figures.measures.by_status
    values = [
        Value(told.names.of("measure_status", status), count, whole(count, told.wording.language), status in TO_WATCH)
        for status, count in counts.items()
        if count
    ]
    if not values:
        return None
    return Drawing("measures-drawn", told.label("picture_measures"), told.tell("measure_words"), chart=chart([("", values)]))
