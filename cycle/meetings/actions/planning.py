"""Adding, moving, editing and cancelling meetings. A meeting that names a date moves with it.

What an attendee must see counts the meeting's `sequence` up (RFC 5546, 2.1.4): day, hours, place, form, dial-in, on or off.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from cycle.adapters.tables import clean
from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.dates.actions import SHORT_NOTICE, Moved, move_date
from cycle.dates.records import deadline, deadlines
from cycle.dates.rules import Calendars, Move, public_calendar, working_days_between
from cycle.dates.rules.planning import against
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.meetings.actions.looking import day_of, find, named, of_a_group, rule_of, still_planned
from cycle.meetings.records import Meeting, MeetingStatus, meetings_of
from cycle.meetings.rules import clock, free_name, https, meeting_name, mode_of
from cycle.partners.records import group_of
from cycle.vocabulary import Finding


def open_meetings(entry: Entry, about: Year) -> Sequence[Meeting]:
    """The meetings of a new cycle that its workflow ties to a date the year has."""
    keys = {row.key for row in deadlines(about.session, about.cycle_id)}
    return entry.add_all(
        [
            Meeting(
                cycle_id=about.cycle_id,
                name=name,
                rule=name,
                kind=rule.kind,
                date_key=rule.date,
                opens=rule.opens,
                closes=rule.closes,
                venue=rule.venue,
                mode=rule.mode,
            )
            for name, rule in about.workflow.meetings.items()
            if rule.date in keys
        ]
    )


def add_meeting(
    entry: Entry,
    about: Year,
    rule: str,
    *,
    on: date,
    group: str | None = None,
    at: str | None = None,
    until: str | None = None,
    venue: str | None = None,
    mode: str | None = None,
    link: str | None = None,
) -> Meeting:
    """A meeting of a group, or one of many, on a day. One that was cancelled or excused is planned again; one that was
    held is followed by another, also where its rule names a date that was given anew.

    Raises:
        NotFound: for an unknown meeting or group.
        WrongInput: if one is planned already, on another day than that of the date which the rule names, or with a group
            where the rule is not per group.
    """
    known = rule_of(about, rule)
    of_a_group(about, rule, group)
    key = known.date
    if key is not None and deadline(about.session, about.cycle_id, key).planned != on:
        raise WrongInput("meeting_has_date", meeting=rule, date=key, term=key, year=about.cycle.year)
    if known.per == "group" and group is None:
        raise WrongInput("group_needed", meeting=rule, year=about.cycle.year)
    if group is not None:
        group_of(about.session, group)
    others = [m for m in meetings_of(about.session, about.cycle_id) if m.rule == rule and m.group == group]
    last = others[-1] if others and not known.many else None
    if last is not None and last.status == MeetingStatus.PLANNED:
        raise WrongInput("meeting_exists", meeting=last.name, name=last.name, year=about.cycle.year)
    again = last if last is not None and last.status != MeetingStatus.HELD else None
    number = len(others) + 1 if known.many else None
    name = again.name if again else free_name(meeting_name(rule, group, number), {m.name for m in others})
    fields: dict[str, Any] = {
        "day": on if key is None else None,
        "opens": clock(at) if at else known.opens,
        "closes": clock(until) if until else known.closes,
        "venue": venue or known.venue,
        "mode": mode_of(mode) if mode else known.mode,
        "link": https(link) if link else again.link if again else None,
    }
    _ends_after_it_begins(fields["opens"], fields["closes"])
    entry.tell(meeting=name, rule=rule, group=group, day=on)
    if again is not None:
        return entry.change(again, status=MeetingStatus.PLANNED, sequence=again.sequence + 1, **fields)
    return entry.add(
        Meeting(cycle_id=about.cycle_id, name=name, rule=rule, kind=known.kind, group=group, date_key=key, **fields)
    )


def move_meeting(
    entry: Entry,
    about: Year,
    rule: str,
    day: date,
    *,
    group: str | None = None,
    venue: str | None = None,
    note: str | None = None,
    calendars: Calendars,
    weekend: str,
    force: bool = False,
) -> tuple[Meeting, Moved | None]:
    """Another day for a meeting; where it names a date, the date with all that follow it.

    Raises:
        WrongInput: without a reason, to the same day or one that is past, or for a meeting that was held or excused.
        NotFound, Refused: as `find` and `dates.actions.move_date`.
    """
    need_reason(entry.reason)
    meeting = find(about, rule, group)
    if meeting.status != MeetingStatus.CANCELLED:  # one that was cancelled is planned again by its new day
        still_planned(about, meeting)
    before = day_of(about, meeting)
    moved = None
    if meeting.date_key is not None:
        moved = move_date(entry, about, meeting.date_key, day, calendars=calendars, weekend=weekend, force=force)
        _follow(entry, about, moved.moves, but=meeting)
    elif before == day:
        raise WrongInput("same_day", date=meeting.name, day=day)
    elif day < entry.today:
        raise WrongInput("day_is_past", date=meeting.name, day=day)
    changes: dict[str, Any] = {
        "sequence": meeting.sequence + 1,
        "status": MeetingStatus.PLANNED,
        "venue": venue or meeting.venue,
        "note": note or meeting.note,
    }
    if meeting.date_key is None:
        changes["day"] = day
    entry.change(meeting, **changes)
    entry.tell(**named(meeting), **{"from": before, "to": day})
    return meeting, moved


def cancel_meeting(entry: Entry, about: Year, rule: str, *, group: str | None = None) -> Meeting:
    """The meeting does not take place. Raises WrongInput without a reason or if it was held; NotFound."""
    need_reason(entry.reason)
    meeting = find(about, rule, group)
    still_planned(about, meeting)
    entry.tell(**named(meeting))
    return entry.change(meeting, status=MeetingStatus.CANCELLED, sequence=meeting.sequence + 1)


def edit_meeting(entry: Entry, about: Year, rule: str, *, group: str | None = None, **given: str | None) -> Meeting:
    """Other hours, another venue, form or dial-in address; an empty text takes venue or address away.

    Raises:
        WrongInput: if nothing is given, nothing would change, a value is none, or the meeting is over.
        NotFound: as `find`.
    """
    meeting = find(about, rule, group)
    still_planned(about, meeting)
    wanted = {name: _READ[name](text) for name, text in given.items() if text is not None}
    if not wanted:
        raise WrongInput("nothing_given")
    changed: dict[str, Any] = {name: value for name, value in wanted.items() if getattr(meeting, name) != value}
    if not changed:
        raise WrongInput("meeting_is_so", meeting=meeting.name, name=meeting.name, year=about.cycle.year)
    _ends_after_it_begins(changed.get("opens", meeting.opens), changed.get("closes", meeting.closes))
    entry.tell(**named(meeting), fields=sorted(changed))
    return entry.change(meeting, sequence=meeting.sequence + 1, **changed)


def move_date_of(
    entry: Entry, about: Year, key: str, day: date, *, calendars: Calendars, weekend: str, force: bool = False
) -> Moved:
    """Move a date that is no meeting's own, with the meetings whose dates follow it.

    Raises:
        NotFound, WrongInput, Refused: as `dates.actions.move_date`.
    """
    moved = move_date(entry, about, key, day, calendars=calendars, weekend=weekend, force=force)
    _follow(entry, about, moved.moves)
    return moved


def given_anew(entry: Entry, about: Year, keys: Collection[str]) -> None:
    """The meetings on dates that were given anew have changed for who comes."""
    for meeting in _on(about, keys):
        entry.change(meeting, sequence=meeting.sequence + 1)


def day_warnings(about: Year, meeting: Meeting, calendars: Calendars, weekend: str) -> tuple[Finding, ...]:
    """What a person should know of the day of a planned meeting that hangs on no date: short notice, a holiday or weekend,
    later than the date by which such meetings are to be held (DOMAIN.md §3.5)."""
    day = meeting.day
    if day is None or meeting.date_key is not None or day < about.today:
        return ()
    public = public_calendar(calendars)
    facts: dict[str, Any] = {"of": meeting.name, "day": day}
    told = []
    notice = working_days_between(about.today, day, public)
    if notice < SHORT_NOTICE:
        told.append(Finding("session_notice_short", facts=facts | {"working_days": notice}, hard=False))
    reason = against(day, ("public",) if public is not None else (), calendars, weekend)
    if reason:
        told.append(Finding("session_on_avoided_day", facts=facts | {"reason": reason}, hard=False))
    until = about.workflow.meetings[meeting.rule].until
    due = next((row.planned for row in deadlines(about.session, about.cycle_id) if row.key == until), None)
    if due is not None and day > due:
        told.append(Finding("session_after_its_date", facts=facts | {"due": due}, hard=False))
    return tuple(told)


def _follow(entry: Entry, about: Year, moves: Sequence[Move], but: Meeting | None = None) -> None:
    """Meetings whose date moved along have changed for who comes; the entry tells of those that are still to come."""
    by_key = {each.key: each for each in moves}
    told = []
    for meeting in _on(about, by_key):
        if but is None or meeting.id != but.id:
            entry.change(meeting, sequence=meeting.sequence + 1)
            its = by_key[meeting.date_key or ""]
            if not its.missed:
                told.append({**named(meeting), "from": its.before, "to": its.after})
    if told:
        entry.tell(meetings=told)


def _on(about: Year, keys: Collection[str]) -> list[Meeting]:
    """The planned meetings on these dates."""
    meetings = meetings_of(about.session, about.cycle_id)
    return [each for each in meetings if each.date_key in keys and each.status == MeetingStatus.PLANNED]


def _text(text: str) -> str | None:
    return clean(text) or None


def _link(text: str) -> str | None:
    return https(text) if text.strip() else None


# What `meeting edit` may change, all of it to be seen by who comes, and how each is read.
_READ: Mapping[str, Callable[[str], str | None]] = {
    "opens": clock,
    "closes": clock,
    "mode": mode_of,
    "venue": _text,
    "link": _link,
}


def _ends_after_it_begins(opens: str | None, closes: str | None) -> None:
    """Raise WrongInput for a meeting of negative length; both are HH:MM."""
    if opens is not None and closes is not None and closes <= opens:
        raise WrongInput("closes_before_it_opens", opens=opens, closes=closes)
