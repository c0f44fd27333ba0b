"""Every exception of a year, with who made it and why."""

from cycle.adapters.clock import day_of
from cycle.cycles.records import Year
from cycle.dates.rules import Calendar
from cycle.journal.form import parse_instant
from cycle.journal.history import by_id, entries
from cycle.reports.records.acts import acts_of, as_acts
from cycle.reports.records.informed import informed
from cycle.reports.records.lateness import lateness
from cycle.reports.rules.acts import Act
from cycle.reports.rules.exceptions import OVERRIDES, Corrected, Exceptions, Override, ServiceGap, Waived

# Told by their entries alone; the second have no year and are told by their day.
OTHERS = ("meeting.cancelled", "meeting.excused", "mail.withheld")
BESIDE = ("log.restored", "subject.erased")


def exceptions(about: Year, public: Calendar | None) -> Exceptions:
    """Waivers, overrides, corrections, moves, cancellations, withheld letters, who was never told, and during the cycle
    the service's gaps, restores and erasures.

    Raises:
        NotReady: if the calendar does not cover a day that is needed.
    """
    acts = acts_of(about)
    told = informed(about)
    return Exceptions(
        year=about.cycle.year,
        waivers=tuple(_waived(act) for act in acts if act.type == "check.waived"),
        overrides=tuple(_override(act) for act in acts if act.type in OVERRIDES),
        corrections=tuple(_corrected(about, act) for act in acts if act.type == "entry.corrected"),
        moves=lateness(about, public).moves,
        others=tuple(act for act in acts if act.type in OTHERS and "partners" not in act.data) + _beside(about),
        refused=tuple(act for act in acts if act.type in ("phase.refused", "command.refused")),
        untold=tuple(subject for subject in told.subjects if subject.untold),
        never_told=told.never,
        gaps=gaps(about),
    )


def _beside(about: Year) -> tuple[Act, ...]:
    """What happened to the whole history while the year ran."""
    last = about.cycle.closed_on or about.today
    found = [
        told
        for told in entries(about.session, types=BESIDE)
        if about.cycle.started_on <= day_of(told.recorded_at, about.zone) <= last
    ]
    return tuple(as_acts(about.session, found, about.zone))


def gaps(about: Year) -> tuple[ServiceGap, ...]:
    """When the service did not run while the cycle did."""
    last = about.cycle.closed_on or about.today
    found = [
        ServiceGap(told.seq, parse_instant(told.data["from"]), parse_instant(told.data["to"]), bool(told.data.get("clean")))
        for told in entries(about.session, types=["service.gap"])
    ]
    return tuple(
        gap
        for gap in found
        if gap.since.astimezone(about.zone).date() <= last and about.cycle.started_on <= gap.until.astimezone(about.zone).date()
    )


def _waived(act: Act) -> Waived:
    return Waived(act, act.data["check"], act.data["phase"], act.data["round"])


def _override(act: Act) -> Override:
    return Override(act, act.data["from"], act.data["to"], act.data["round"], act.data.get("code"))


def _corrected(about: Year, act: Act) -> Corrected:
    old = by_id(about.session, act.supersedes) if act.supersedes else None
    data = act.data
    return Corrected(act, data["object"], data["field"], data["was"], data["now"], old.seq if old else None)
