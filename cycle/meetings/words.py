"""What meetings lend: that one was held and counted, that every group has met, who is invited, who has not declined."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from cycle.cycles.records import Year
from cycle.dates.records import deadlines
from cycle.documents.records import latest
from cycle.meetings.records import Meeting, MeetingStatus, Word, days_held, meetings_of, participations
from cycle.partners.records import Rank, groups_all, network
from cycle.partners.records.recipients import recipients
from cycle.vocabulary import DocumentKind, Fact, Finding, Lent, MeetingKey, Recipient
from cycle.workflow.grammar import Relative

# The fields of a meeting that whoever comes must see when they change, and how near it is when there is no time to wait.
SEEN = frozenset({"opens", "closes", "venue", "mode", "link"})
NEAR_DAYS = 4


def meeting_held(
    year: Year,
    *,
    meeting: MeetingKey,
    attendance: list[Literal["on_site", "online"]] | None = None,
    document: DocumentKind | None = None,
    at_least: int = 1,
    present_at_least: int | None = None,
) -> Finding:
    """The meeting was held (so many times), counted as asked, with a document of it on file where one is asked."""
    rows = [m for m in meetings_of(year.session, year.cycle_id) if m.rule == meeting]
    held = [m for m in rows if m.status == MeetingStatus.HELD]
    number, owed = year.cycle.year, year.workflow.escalation[0]
    facts: dict[str, Any] = {"meeting": meeting, "held": len(held), "at_least": at_least, "document": document}
    if len(held) < at_least:
        counts = " ".join(f"--{name.replace('_', '-')} N" for name in attendance or ["on_site"])
        planned = next((m.name for m in rows if m.status == MeetingStatus.PLANNED), meeting)
        stands = "meeting_not_held" if at_least == 1 else "meeting_held_too_seldom"
        key = stands if document is None else f"{stands}_without_document"
        return Finding(key, facts=facts, command=f"cycle meeting held {number} {planned} {counts}", owed_by=owed)
    uncounted = [(m.name, name) for m in held for name in attendance or () if getattr(m, name) is None]
    present = max((m.on_site or 0) + (m.online or 0) for m in held)
    unfiled = document is not None and latest(year.session, year.cycle_id, document, meeting) is None
    command = f"cycle document file {number} {document} --of {meeting} --file FILE" if unfiled else None
    more: dict[str, Any]
    if uncounted:
        name, field = uncounted[0]
        command = f"cycle history correct {number} meeting/{name} --field {field} --value N --reason …"
        key, more = "meeting_not_counted", {"missing": sorted({field for _, field in uncounted})}
    elif present_at_least is not None and present < present_at_least:
        key, more = "meeting_too_few", {"present": present, "least": present_at_least}
    elif unfiled:
        return Finding("meeting_without_document", facts=facts, command=command, owed_by=owed)
    else:
        return Finding("meeting_held", met=True, facts=facts, owed_by=owed)
    return Finding(f"{key}_without_document" if unfiled else key, facts=facts | more, command=command, owed_by=owed)


def every_group_met_or_excused(year: Year) -> Finding:
    """Each network group has held its session in this cycle, or is excused; its speaker owes it."""
    rules = [key for key, rule in year.workflow.meetings.items() if rule.per == "group"]
    sessions = [m for m in meetings_of(year.session, year.cycle_id) if m.rule in rules]
    groups = groups_all(year.session)
    done = {m.group for m in sessions if m.status in (MeetingStatus.HELD, MeetingStatus.EXCUSED)}
    missing = [group for group in groups if group.code not in done] if rules else []
    speaker = next((role for role, may in year.workflow.roles.items() if may.only == "own_group"), year.workflow.escalation[0])
    command = None
    if missing:
        first = missing[0].code
        planned = any(m.group == first and m.status == MeetingStatus.PLANNED for m in sessions)
        verb, how = ("held", "--on-site N") if planned else ("add", "--on DAY --at HH:MM")
        command = f"cycle meeting {verb} {year.cycle.year} {rules[0]} --group {first} {how}"
    return Finding(
        "every_group_met_or_excused",
        met=not missing,
        facts={"missing": [f"{group.code} {group.name}" for group in missing], "count": len(missing), "groups": len(groups)},
        owed_by=speaker,
        command=command,
    )


def invited(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Who is invited to a meeting: the partners; to a group's meeting its members; nobody by a date of a cancelled one."""
    meeting = _meeting(year, fact) if fact.get("date") else None
    if meeting is not None and meeting.status == MeetingStatus.CANCELLED:
        return ()
    groups = [str(fact["group"])] if fact.get("group") else None
    return recipients(year.session, network(year.session, year.organiser, groups=groups), Rank.PRIMARY)


def members_to_meet(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The members of the fact's group, else of every group that has neither met in this cycle nor is excused."""
    groups = [str(fact["group"])] if fact.get("group") else groups_to_meet(year)
    return recipients(year.session, network(year.session, year.organiser, groups=groups), Rank.PRIMARY)


def groups_to_meet(year: Year) -> list[str]:
    """The groups that have neither met in this cycle nor are excused."""
    done = {
        meeting.group
        for meeting in meetings_of(year.session, year.cycle_id)
        if meeting.status in (MeetingStatus.HELD, MeetingStatus.EXCUSED)
    }
    return [group.code for group in groups_all(year.session) if group.code not in done]


def not_declined(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The invited without those excused from the meeting that a date or fact is about."""
    meeting = _meeting(year, fact)
    excused = (
        {p.partner for p in participations(year.session, meeting.id or 0) if p.status == Word.EXCUSED} if meeting else set()
    )
    asked = [one.partner for one in invited(year, fact) if one.partner not in excused]
    return recipients(year.session, [number for number in asked if number is not None], Rank.PRIMARY)


def held(year: Year, value: MeetingKey) -> date | None:
    """The day the meeting was held. Where its date was given anew, one held before that does not end the date."""
    key = year.workflow.meetings[value].date
    row = next((each for each in deadlines(year.session, year.cycle_id) if each.key == key), None)
    days = [day for rule, day in days_held(year.session, year.cycle_id) if rule == value]
    counting = [day for day in days if row is None or day >= min(row.since, row.planned)]
    return counting[0] if counting else None


def _meeting(year: Year, fact: Mapping[str, Any]) -> Meeting | None:
    """The meeting a fact names, or that of its date: the meeting's own, or one that counts from it."""
    meetings = meetings_of(year.session, year.cycle_id)[::-1]
    key = fact.get("date")
    if key is None:
        return next((each for each in meetings if each.name == fact.get("meeting")), None)
    while key is not None:
        found = next((each for each in meetings if each.date_key == key), None)
        if found is not None:
            return found
        rule = year.workflow.dates[key].rule
        key = rule.key if isinstance(rule, Relative) else None
    return None


def _named(data: Mapping[str, Any], narrow: Mapping[str, str]) -> bool:
    return "meeting" not in narrow or data.get("rule") == narrow["meeting"]


def _parts(data: Mapping[str, Any]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """The meetings that an entry changes: its own, and those whose dates moved along."""
    own = [("", data)] if data.get("meeting") else []
    return [*own, *((str(each["meeting"]), {**data, **each}) for each in data.get("meetings", ()))]


def _seen(data: Mapping[str, Any], narrow: Mapping[str, str]) -> bool:
    """Whether an edit is one that whoever comes must see; the programme and who was there are not."""
    return _named(data, narrow) and bool(SEEN & set(data.get("fields", ())))


def _next_day(year: Year, data: Mapping[str, Any], day: date) -> date:
    """An edit is told on the next day, with all of that day together; at once if the meeting is near."""
    meeting = _meeting(year, {"meeting": data.get("meeting")})
    row = next((each for each in deadlines(year.session, year.cycle_id) if meeting and each.key == meeting.date_key), None)
    planned = row.planned if row else meeting.day if meeting else None
    near = planned is not None and (planned - day).days <= NEAR_DAYS
    return day if near else day + timedelta(days=1)


LENT = Lent(
    checks={"meeting_held": meeting_held, "every_group_met_or_excused": every_group_met_or_excused},
    audiences={"invited": invited, "members_to_meet": members_to_meet, "not_declined": not_declined},
    ends={"held": held},
    facts={
        "meeting_moved": Fact(frozenset({"meeting.moved", "date.moved"}), _named, frozenset({"meeting"}), parts=_parts),
        "meeting_edited": Fact(
            frozenset({"meeting.edited"}),
            _seen,
            frozenset({"meeting"}),
            parts=_parts,
            waits=_next_day,
            thing="meeting",
            overtaken_by=frozenset({"meeting.moved", "meeting.cancelled", "date.moved"}),
        ),
        "meeting_cancelled": Fact(frozenset({"meeting.cancelled"}), _named, frozenset({"meeting"})),
    },
)
