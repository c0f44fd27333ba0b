"""Planning a cycle's dates, confirming them, and moving one with all that follow from it. Called with an open entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.dates.records import DateStatus, Deadline, deadline, deadlines
from cycle.dates.rules import Calendars, DateRule, Move, first_plan, move, public_calendar, warnings, working_days_between
from cycle.errors import Refused, WrongInput
from cycle.journal.entry import Entry
from cycle.vocabulary import Finding

# Less notice than this needs --force: nobody can come (DOMAIN.md: edge rules that users will hit).
SHORTEST_NOTICE = 3
SHORT_NOTICE = 10


@dataclass(frozen=True)
class Moved:
    """What a move did: the dates in the order of the file, and what a person should know."""

    moves: tuple[Move, ...]
    warnings: tuple[Finding, ...]


def plan_dates(
    entry: Entry, about: Year, rules: Mapping[str, DateRule], calendars: Calendars, weekend: str
) -> tuple[Finding, ...]:
    """Every date of a new cycle by its rules; those already past, or of a phase before the one it is opened in, are
    skipped: nothing is mailed for them.

    `rules` are the workflow's dates in the order of the file. Gives the warnings on the anchors.

    Raises:
        NotReady: if a calendar does not cover a day that is needed.
    """
    planned = first_plan(rules, about.cycle.year, calendars, weekend)
    order = about.workflow.order
    entry.add_all(
        [
            Deadline(
                cycle_id=about.cycle_id,
                key=key,
                raw=day.raw,
                first_planned=day.day,
                planned=day.day,
                since=entry.today,
                shift_reason=day.shift_reason,
                status=DateStatus.SKIPPED_AT_OPEN
                if day.day < entry.today or order.index(about.workflow.dates[key].phase) < order.index(about.cycle.phase)
                else DateStatus.OPEN,
            )
            for key, day in planned.items()
        ]
    )
    return warnings({key: day.day for key, day in planned.items()}, rules, calendars, weekend, near=_near(about))


def confirm(entry: Entry, about: Year, key: str) -> Deadline:
    """Confirm that a date stands as planned.

    Raises:
        NotFound: for an unknown date.
        WrongInput: if it is confirmed already.
        Refused: if the date is over or was skipped.
    """
    row = deadline(about.session, about.cycle_id, key)
    if row.confirmed_on is not None:
        raise WrongInput("already_confirmed", date=key, on=row.confirmed_on)
    _still_open(row)
    entry.tell(date=key, day=row.planned)
    return entry.change(row, confirmed_on=entry.effective_on)


def move_date(
    entry: Entry, about: Year, key: str, day: date, *, calendars: Calendars, weekend: str, force: bool = False
) -> Moved:
    """Move a date and what follows from it; first plans stay. A date moved by hand counts as agreed upon; one that was
    confirmed and moves along is open again, since nobody has agreed upon its new day.

    Raises:
        NotFound, NotReady: as `dates.rules.move`.
        WrongInput: without a reason, or to the day it has.
        Refused: if the date has ended; with less than three working days' notice unless `force`.
    """
    need_reason(entry.reason)
    row = deadline(about.session, about.cycle_id, key)
    _still_open(row)
    if day == row.planned:
        raise WrongInput("same_day", date=key, day=day)
    if day < entry.today:
        raise WrongInput("day_is_past", date=key, day=day)
    year = about.cycle.year
    rows = {each.key: each for each in deadlines(about.session, about.cycle_id)}
    rules = {each: about.workflow.dates[each] for each in rows}
    notice = working_days_between(entry.today, day, public_calendar(calendars))
    if notice < SHORTEST_NOTICE and rules[key].anchor and not force:
        raise Refused(
            [Finding("notice_too_short", facts={"date": key, "day": day, "working_days": notice, "least": SHORTEST_NOTICE})]
        )
    moves = move(rows, rules, key, day, today=entry.today, calendars=calendars, weekend=weekend)
    by_hand = [
        Finding("follower_was_set_by_hand", facts={"date": each.key, "day": each.before, "to": each.after}, hard=False)
        for each in moves
        if each.follows is not None and rows[each.key].moves and rows[each.key].moved_with is None
    ]
    open_again = []
    for each in moves:
        moved = rows[each.key]
        agreed = moved.confirmed_on
        if each.follows is None and rules[each.key].anchor:
            agreed = entry.effective_on
        elif each.follows is not None and agreed is not None and not each.missed:
            agreed = None
            open_again.append(each.key)
        entry.change(
            moved,
            planned=each.after,
            since=entry.today,
            moves=moved.moves + 1,
            moved_with=each.follows,
            shift_reason=moved.shift_reason if each.follows is None else each.shift_reason,
            status=DateStatus.MISSED if each.missed else DateStatus.OPEN,
            confirmed_on=agreed,
        )
    entry.tell(
        date=key,
        moved=[{"key": m.key, "from": m.before, "to": m.after, "follows": m.follows, "missed": m.missed} for m in moves],
        **({"open_again": open_again} if open_again else {}),
    )
    told = list(
        warnings({each: rows[each].planned for each in rows}, rules, calendars, weekend, about=[key], near=_near(about))
    )
    if SHORTEST_NOTICE <= notice < SHORT_NOTICE and rules[key].anchor:
        told.append(Finding("notice_short", facts={"date": key, "working_days": notice}, hard=False))
    again = [
        Finding("date_open_again", facts={"date": each, "name": each, "day": rows[each].planned, "year": year}, hard=False)
        for each in open_again
    ]
    return Moved(moves, (*told, *by_hand, *again))


def give_anew(entry: Entry, about: Year, key: str, day: date) -> Deadline:
    """A new day after a back step: only dates given anew are due again, so `actual` and lateness of before are cleared. As
    after a move, an anchor's day counts as agreed upon.

    Raises:
        NotFound: for an unknown date.
        WrongInput: for a day that is past.
    """
    if day < entry.today:
        raise WrongInput("day_is_past", date=key, day=day)
    row = deadline(about.session, about.cycle_id, key)
    agreed = entry.effective_on if row.confirmed_on is None and about.workflow.dates[key].anchor else row.confirmed_on
    return entry.change(
        row,
        planned=day,
        since=entry.today,
        moves=row.moves + 1,
        confirmed_on=agreed,
        actual=None,
        overdue_on=None,
        status=DateStatus.OPEN,
    )


def _near(about: Year) -> dict[str, int]:
    """The calendars whose days an anchor should not be near to, with how many working days that is."""
    asked = {name: getattr(calendar, "warn_within_wd", None) for name, calendar in about.workflow.calendars.items()}
    return {name: within for name, within in asked.items() if within is not None}


def _still_open(row: Deadline) -> None:
    if row.actual is not None:
        raise Refused([Finding("date_has_ended", facts={"date": row.key, "actual": row.actual})])
    if row.status == DateStatus.ENDED_WITH_PHASE:
        raise Refused([Finding("date_is_over", facts={"date": row.key, "status": row.status})])
