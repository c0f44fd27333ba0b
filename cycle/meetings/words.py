"""What meetings lend: that one was held and counted, that every group has met, who is invited, who has not declined."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from cycle.cycles.records import Year
from cycle.documents.records import latest
from cycle.meetings.records import Meeting, MeetingStatus, meetings_of, participations
from cycle.partners.records import Rank, groups_all, network, recipients
from cycle.vocabulary import DocumentKind, Fact, Finding, Lent, MeetingKey, Recipient

EXCUSED = "excused"


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
    rule = year.workflow.meetings[meeting]
    held = [m for m in meetings_of(year.session, year.cycle_id) if m.rule == meeting and m.status == MeetingStatus.HELD]
    facts: dict[str, Any] = {"meeting": rule.label_de, "held": len(held), "at_least": at_least}
    owed = year.workflow.escalation[0]
    number = year.cycle.year
    if len(held) < at_least:
        counts = " ".join(f"--{name.replace('_', '-')} N" for name in attendance or ["on_site"])
        return Finding("meeting_not_held", facts=facts, command=f"cycle meeting held {number} {meeting} {counts}", owed_by=owed)
    uncounted = [name for name in attendance or [] if any(getattr(m, name) is None for m in held)]
    if uncounted:
        correct = f"cycle history correct {number} meeting/{held[0].name} --field {uncounted[0]} --value N --reason …"
        return Finding("meeting_not_counted", facts=facts | {"missing": uncounted}, command=correct, owed_by=owed)
    present = max((m.on_site or 0) + (m.online or 0) for m in held)
    if present_at_least is not None and present < present_at_least:
        return Finding("meeting_too_few", facts=facts | {"present": present, "least": present_at_least}, owed_by=owed)
    if document is not None and latest(year.session, year.cycle_id, document, meeting) is None:
        label = year.workflow.vocab["documents"][document].de
        command = f"cycle document file {number} {document} --of {meeting} --file DATEI"
        return Finding("meeting_document_missing", facts=facts | {"document": label}, command=command, owed_by=owed)
    return Finding("meeting_held", met=True, facts=facts)


def every_group_met_or_excused(year: Year) -> Finding:
    """Each network group has held its session in this cycle, or is excused."""
    done = {
        m.group
        for m in meetings_of(year.session, year.cycle_id)
        if m.group and m.status in (MeetingStatus.HELD, MeetingStatus.EXCUSED)
    }
    missing = [group for group in groups_all(year.session) if group.code not in done]
    session = next((key for key, rule in year.workflow.meetings.items() if rule.per == "group"), None)
    first = missing[0].code if missing else None
    return Finding(
        "every_group_met_or_excused",
        met=not missing,
        facts={"missing": [f"{group.code} {group.name}" for group in missing]},
        owed_by="speaker" if "speaker" in year.workflow.roles else year.workflow.escalation[0],
        command=f"cycle meeting held {year.cycle.year} {session} --group {first} --on-site N" if first and session else None,
    )


def invited(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Who is invited to a meeting: the partners; to a group's meeting its members."""
    return (
        recipients(year.session, network(year.session, year.organiser), Rank.PRIMARY)
        if not fact.get("group")
        else _members(year, str(fact["group"]))
    )


def not_declined(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The invited without those excused from the meeting that a date or fact is about."""
    meeting = _meeting(year, fact)
    excused = {p.partner for p in participations(year.session, meeting.id or 0) if p.status == EXCUSED} if meeting else set()
    return [one for one in invited(year, fact) if one.partner not in excused]


def held(year: Year, value: MeetingKey) -> date | None:
    """The day the meeting was held."""
    found = [m.held_on for m in meetings_of(year.session, year.cycle_id) if m.rule == value and m.status == MeetingStatus.HELD]
    return found[0] if found else None


def _members(year: Year, group: str) -> Sequence[Recipient]:
    return year.lent.audiences["group_members"](year, {"group": group})


def _meeting(year: Year, fact: Mapping[str, Any]) -> Meeting | None:
    for meeting in meetings_of(year.session, year.cycle_id):
        if (fact.get("date") and meeting.date_key == fact["date"]) or meeting.name == fact.get("meeting"):
            return meeting
    return None


def _named(data: Mapping[str, Any], narrow: Mapping[str, str]) -> bool:
    return "meeting" not in narrow or data.get("rule") == narrow["meeting"]


LENT = Lent(
    checks={"meeting_held": meeting_held, "every_group_met_or_excused": every_group_met_or_excused},
    audiences={"invited": invited, "not_declined": not_declined},
    ends={"held": held},
    facts={
        "meeting_moved": Fact(frozenset({"meeting.moved"}), _named, frozenset({"meeting"})),
        "meeting_cancelled": Fact(frozenset({"meeting.cancelled"}), _named, frozenset({"meeting"})),
    },
)
