"""Adding, moving, holding, cancelling meetings; who is excused. A meeting that names a date moves with it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import select

from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.dates.actions import Moved, move_date
from cycle.dates.records import deadline, deadlines
from cycle.dates.rules import Calendars
from cycle.errors import NotFound, WrongInput
from cycle.journal.entry import Entry
from cycle.meetings.records import Meeting, MeetingStatus, Participation, meetings_of
from cycle.meetings.rules import Count, clock, free_name, meeting_name, mode_of
from cycle.partners.records import group_of, partner_of
from cycle.workflow.model import MeetingRule


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
) -> Meeting:
    """A meeting of a group, or one of many, on a day. One that was cancelled or excused is planned again; one that was
    held is followed by another, also where its rule names a date that was given anew.

    Raises:
        NotFound: for an unknown meeting or group.
        WrongInput: if one is planned already, on another day than that of the date which the rule names, or with a group
            where the rule is not per group.
    """
    known = _rule(about, rule)
    _of_a_group(about, rule, group)
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
        raise WrongInput("meeting_exists", meeting=last.name, year=about.cycle.year)
    again = last if last is not None and last.status != MeetingStatus.HELD else None
    number = len(others) + 1 if known.many else None
    name = again.name if again else free_name(meeting_name(rule, group, number), {m.name for m in others})
    fields: dict[str, Any] = {
        "day": on if key is None else None,
        "opens": clock(at) if at else known.opens,
        "closes": clock(until) if until else known.closes,
        "venue": venue or known.venue,
        "mode": mode_of(mode) if mode else known.mode,
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
        WrongInput: without a reason, to the same day, or for a meeting that was held or cancelled.
        NotFound, Refused: as `find` and `dates.actions.move_date`.
    """
    need_reason(entry.reason)
    meeting = find(about, rule, group)
    if meeting.status != MeetingStatus.CANCELLED:  # one that was cancelled is planned again by its new day
        _still_planned(meeting)
    before = day_of(about, meeting)
    moved = None
    if meeting.date_key is not None:
        moved = move_date(entry, about, meeting.date_key, day, calendars=calendars, weekend=weekend, force=force)
    elif before == day:
        raise WrongInput("same_day", date=meeting.name, day=day)
    changes: dict[str, Any] = {
        "sequence": meeting.sequence + 1,
        "status": MeetingStatus.PLANNED,
        "venue": venue or meeting.venue,
        "note": note or meeting.note,
    }
    if meeting.date_key is None:
        changes["day"] = day
    entry.change(meeting, **changes)
    entry.tell(**_about(meeting), **{"from": before, "to": day})
    return meeting, moved


def hold_meeting(
    entry: Entry,
    about: Year,
    rule: str,
    *,
    group: str | None = None,
    on_site: Count | None = None,
    online: Count | None = None,
    mode: str | None = None,
    note: str | None = None,
) -> Meeting:
    """The meeting took place on the entry's day, with so many people.

    Raises:
        WrongInput: if it was held or cancelled already, its day is still to come, no number is given, or the numbers
            contradict the mode.
        NotFound: as `find`.
    """
    meeting = find(about, rule, group)
    _still_planned(meeting)
    planned = day_of(about, meeting)
    if planned is not None and entry.effective_on < planned:
        raise WrongInput("meeting_still_ahead", meeting=meeting.name, day=planned, year=about.cycle.year)
    if on_site is None and online is None:
        raise WrongInput("count_needed", meeting=meeting.name, year=about.cycle.year)
    if on_site is not None and on_site.at_least:
        raise WrongInput("count_exact", meeting=meeting.name)
    entry.tell(**_about(meeting), on_site=on_site and on_site.people, online=online and online.people)
    return entry.change(
        meeting,
        status=MeetingStatus.HELD,
        held_on=entry.effective_on,
        on_site=on_site.people if on_site else None,
        online=online.people if online else None,
        online_at_least=bool(online and online.at_least),
        mode=mode_of(mode, on_site=on_site, online=online) if mode else meeting.mode,
        note=note or meeting.note,
    )


def cancel_meeting(entry: Entry, about: Year, rule: str, *, group: str | None = None) -> Meeting:
    """The meeting does not take place. Raises WrongInput without a reason or if it was held; NotFound."""
    need_reason(entry.reason)
    meeting = find(about, rule, group)
    _still_planned(meeting)
    entry.tell(**_about(meeting))
    return entry.change(meeting, status=MeetingStatus.CANCELLED, sequence=meeting.sequence + 1)


def edit_meeting(entry: Entry, about: Year, rule: str, *, group: str | None = None, **given: Any) -> Meeting:
    """Another venue, hour or mode. Raises WrongInput if nothing is given or the meeting is over; NotFound."""
    meeting = find(about, rule, group)
    _still_planned(meeting)
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise WrongInput("nothing_given")
    for name in ("opens", "closes"):
        if name in wanted:
            wanted[name] = clock(wanted[name])
    if "mode" in wanted:
        wanted["mode"] = mode_of(wanted["mode"])
    _ends_after_it_begins(wanted.get("opens", meeting.opens), wanted.get("closes", meeting.closes))
    entry.tell(**_about(meeting), fields=sorted(wanted))
    return entry.change(meeting, sequence=meeting.sequence + 1, **wanted)


def say(
    entry: Entry,
    about: Year,
    rule: str,
    partners: Sequence[int],
    *,
    group: str | None = None,
    status: str,
    mode: str | None = None,
) -> list[Participation]:
    """Partners register for a meeting or are excused; the last word counts.

    Raises:
        NotFound: for an unknown meeting or partner.
        WrongInput: if nobody is named, or the meeting is over.
    """
    meeting = find(about, rule, group)
    _still_planned(meeting)
    if not partners:
        raise WrongInput("partners_needed", meeting=meeting.name, year=about.cycle.year)
    said = []
    for number in dict.fromkeys(partners):
        partner_of(about.session, number)
        query = select(Participation).where(Participation.meeting_id == meeting.id, Participation.partner == number)
        before = about.session.exec(query).first()
        if before is not None:
            said.append(entry.change(before, status=status, mode=mode, said_on=entry.effective_on))
            continue
        word = Participation(meeting_id=meeting.id or 0, partner=number, status=status, mode=mode, said_on=entry.effective_on)
        said.append(entry.add(word))
    entry.tell(meeting=meeting.name, partners=list(dict.fromkeys(partners)))
    return said


def excuse_group(entry: Entry, about: Year, rule: str, group: str) -> Meeting:
    """A group does not meet this year, with the reason: its session counts as excused.

    Raises:
        WrongInput: without a reason, for a meeting that is not held by each group, or if it has met.
        NotFound: for an unknown meeting or group.
    """
    need_reason(entry.reason)
    known = _rule(about, rule)
    _of_a_group(about, rule, group)
    group_of(about.session, group)
    name = meeting_name(rule, group)
    meeting = next((m for m in meetings_of(about.session, about.cycle_id) if m.name == name), None)
    entry.tell(meeting=name, rule=rule, group=group)
    if meeting is None:
        return entry.add(
            Meeting(cycle_id=about.cycle_id, name=name, rule=rule, kind=known.kind, group=group, status=MeetingStatus.EXCUSED)
        )
    if meeting.status != MeetingStatus.CANCELLED:
        _still_planned(meeting)
    return entry.change(meeting, status=MeetingStatus.EXCUSED)


def find(about: Year, rule: str, group: str | None = None) -> Meeting:
    """The meeting of a full name, or of a rule (and group): the one that is planned, else the last.

    Raises:
        NotFound: with the meetings there are.
        WrongInput: if several of the rule are planned, or with a group for a meeting that is not held by each group.
    """
    _of_a_group(about, rule, group)
    meetings = meetings_of(about.session, about.cycle_id)
    known = about.workflow.meetings.get(rule)
    if known is None:
        found = [meeting for meeting in meetings if meeting.name == rule and group in (None, meeting.group)]
    else:
        found = [meeting for meeting in meetings if meeting.rule == rule and meeting.group == group]
    planned = [meeting for meeting in found if meeting.status == MeetingStatus.PLANNED]
    if len(planned) > 1:
        raise WrongInput("meeting_ambiguous", meeting=rule, known=", ".join(meeting.name for meeting in planned))
    if found:
        return (planned or found)[-1]
    name = meeting_name(rule, group)
    raise NotFound("unknown_meeting", meeting=name, known=", ".join(meeting.name for meeting in meetings) or "-")


def meeting_of_date(about: Year, key: str) -> Meeting | None:
    """The meeting that takes place on a date, if one names it."""
    return next((m for m in reversed(meetings_of(about.session, about.cycle_id)) if m.date_key == key), None)


def asked_for(about: Year, rule: str) -> str | None:
    """The kind of document that a date of the workflow asks for after the meeting (`done: {document: …, of: rule}`)."""
    ends = (each.done for each in about.workflow.dates.values())
    return next((end.value for end in ends if end.word == "document" and end.narrow.get("of") == rule), None)


def day_of(about: Year, meeting: Meeting) -> date | None:
    """The day a meeting is planned for: its own, or that of the date it names."""
    if meeting.date_key is None:
        return meeting.day
    return deadline(about.session, about.cycle_id, meeting.date_key).planned


def _about(meeting: Meeting) -> dict[str, str | None]:
    """What the journal names of a meeting, however the command named it."""
    return {"meeting": meeting.name, "rule": meeting.rule, "group": meeting.group}


def _rule(about: Year, rule: str) -> MeetingRule:
    if rule not in about.workflow.meetings:
        raise NotFound("unknown_meeting", meeting=rule, known=", ".join(about.workflow.meetings) or "-")
    return about.workflow.meetings[rule]


def _of_a_group(about: Year, rule: str, group: str | None) -> None:
    """A group opens a meeting to its speaker: it may only stand for one that each group holds. Raises WrongInput."""
    known = about.workflow.meetings.get(rule)
    if group is not None and known is not None and known.per != "group":
        raise WrongInput("meeting_of_no_group", meeting=rule, year=about.cycle.year)


def _still_planned(meeting: Meeting) -> None:
    if meeting.status != MeetingStatus.PLANNED:
        raise WrongInput("meeting_over", meeting=meeting.name, status=meeting.status, on=meeting.held_on)


def _ends_after_it_begins(opens: str | None, closes: str | None) -> None:
    """Raise WrongInput for a meeting of negative length; both are HH:MM."""
    if opens is not None and closes is not None and closes <= opens:
        raise WrongInput("closes_before_it_opens", opens=opens, closes=closes)
