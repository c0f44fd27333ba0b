"""What reminders lend: the end of a date that a mail ends, the check that all were informed, who owes a review."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import and_, col, or_, select

from cycle.cycles.records import Year
from cycle.dates.records import DateStatus, deadlines
from cycle.dates.rules import step_day
from cycle.documents.actions import attachable
from cycle.documents.records import documents_of
from cycle.documents.rules import ascii_name, media_type
from cycle.inventory.records import carriers_silent, review_carriers
from cycle.journal.history import Told, entries
from cycle.meetings.records import Meeting, meetings_of
from cycle.meetings.words import SEEN
from cycle.outbox.records import Mail, MailState
from cycle.partners.records import Rank, resolve
from cycle.partners.records.recipients import recipients
from cycle.plan.records.owning import measures_owed_by
from cycle.reminders.records import ItemState, LedgerItem, last_made, made_steps
from cycle.reminders.rules.ladder import asks_for, step_key
from cycle.vocabulary import Asked, AudienceName, Channel, Enclosed, Finding, Lent, MailId, Recipient
from cycle.wording import LISTED
from cycle.workflow.grammar import Relative, Unit
from cycle.workflow.model import MailKind, Step

MOVES = ("date.moved", "meeting.moved")
MEETING_ENTRIES = (*MOVES, "meeting.cancelled", "meeting.edited")
HOLIDAYS = timedelta(days=7)  # by so much they may bring a step forward


def sent(year: Year, value: MailId) -> date | None:
    """The last day on which a mail or letter of a template was made for a date (not after a fact) in this cycle."""
    return last_made(year.session, year.cycle_id).get(value)


def mail_accepted(year: Year, *, any_of: list[MailId], to: AudienceName) -> Finding:
    """Everybody of the audience who does not object was sent one of the mails (accepted by the server, or a letter by post)."""
    query = (
        select(LedgerItem.partner, LedgerItem.state, Mail.state)
        .join(Mail, isouter=True)
        .where(LedgerItem.cycle_id == year.cycle_id, col(LedgerItem.template).in_(any_of))
    )
    reached = {
        resolve(year.session, partner)
        for partner, state, mail in year.session.exec(query)
        if partner is not None and (state == ItemState.LETTER or mail == MailState.SENT)
    }
    owed = [r.partner for r in year.lent.audiences[to](year, {}) if r.partner is not None and not r.objects]
    missing = [number for number in owed if number not in reached]
    return Finding(
        "mail_accepted",
        met=not missing,
        facts={"missing": missing[:LISTED], "count": len(missing), "templates": list(any_of)},
        owed_by=year.workflow.escalation[0],
        command=f"cycle mail list --year {year.cycle.year} --template {any_of[0]}",
    )


def review_owed(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Carriers of the projects under review and owners of open measures, the organiser included."""
    return recipients(year.session, sorted({*review_carriers(year), *measures_owed_by(year)}), Rank.PRIMARY)


def review_silent(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Of these the carriers that have not answered for their projects."""
    return recipients(year.session, sorted(carriers_silent(year)), Rank.PRIMARY)


def told_of_meeting(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Who is invited to the fact's meeting and had a mail or letter about it before it last changed: nobody is told that
    something is different or off that he never heard of, or heard of as it is now."""
    meeting = _meeting(year, fact)
    if meeting is None:
        return ()
    named = _changes(year, meeting)
    changed = max((told.recorded_at for told in named), default=year.now)
    return _told_before(year, fact, meeting, named, changed, changed.astimezone(year.zone).date())


def invited_before_move(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """All who are invited to the fact's meeting; nobody where none of them had heard of it when it moved and a letter that
    announces it was still to come."""
    meeting = _meeting(year, fact)
    if meeting is None:
        return ()
    named = _changes(year, meeting)
    same = (told for told in named if told.type in MOVES and told.data.get("moved") == fact.get("moved"))
    moved = max((told.recorded_at for told in same), default=year.now)
    day = moved.astimezone(year.zone).date()
    # Of a letter only the day is known: one of this day may tell the new one.
    heard = not _announced_from(year, meeting, day) or _told_before(year, fact, meeting, named, moved, day - timedelta(days=1))
    return year.lent.audiences["invited"](year, fact) if heard else ()


def _meeting(year: Year, fact: Mapping[str, Any]) -> Meeting | None:
    return next((each for each in meetings_of(year.session, year.cycle_id) if each.name == fact.get("meeting")), None)


def _changes(year: Year, meeting: Meeting) -> list[Told]:
    """The entries that changed what attendees of a meeting see, in their order."""
    return [told for told in entries(year.session, cycle=year.cycle.key, types=MEETING_ENTRIES) if _tells_of(told, meeting)]


def _announced_from(year: Year, meeting: Meeting, day: date) -> bool:
    """Whether a step that announces a meeting was still to come on a day. Holidays are not known here: a step that counts
    working days is taken to be at the earliest that they can make it."""
    workflow = year.workflow
    keys = set(_dates_of(year, meeting))
    made = made_steps(year.session, year.cycle_id)
    return any(
        _at_the_earliest(row.planned, step) >= row.since
        and made.get((f"date/{row.key}", row.planned, step_key(step)), day) >= day
        for row in deadlines(year.session, year.cycle_id)
        if row.key in keys and row.status == DateStatus.OPEN
        for step in workflow.ladder.get(row.key, ())
        if step.to in year.lent.audiences and workflow.mails.kind_of(step.mail) is MailKind.INFORMATION
    )


def _at_the_earliest(planned: date, step: Step) -> date:
    day = step_day(planned, step.at, None)
    return day - HOLIDAYS if step.at.unit is Unit.WORKING_DAYS else day


def _told_before(
    year: Year, fact: Mapping[str, Any], meeting: Meeting, named: Sequence[Told], changed: datetime, letters: date
) -> Sequence[Recipient]:
    """Who is invited to a meeting and had a mail about it, or about a change of it (`named`), before a moment, or a letter by a
    day."""
    subjects = {f"date/{key}" for key in _dates_of(year, meeting)} | {f"event/{told.seq}" for told in named}
    letter = and_(LedgerItem.state == ItemState.LETTER, col(LedgerItem.made_on) <= letters)
    mail = and_(LedgerItem.state == ItemState.IN_MAIL, col(Mail.queued_at) < changed)
    query = (
        select(LedgerItem.person)
        .join(Mail, isouter=True)
        .where(
            LedgerItem.cycle_id == year.cycle_id,
            col(LedgerItem.subject).in_(subjects),
            col(LedgerItem.kind).in_((MailKind.INFORMATION, MailKind.REMINDER)),
            or_(letter, mail),
        )
    )
    reached = set(year.session.exec(query))
    told = [one.partner for one in year.lent.audiences["invited"](year, fact) if one.person in reached]
    return recipients(year.session, [number for number in told if number is not None], Rank.PRIMARY)


def _dates_of(year: Year, meeting: Meeting) -> list[str]:
    """The dates whose mails speak of a meeting: its own, those that count from it unless they ask for answers, and the one
    until which meetings of its kind are held."""
    rules = year.workflow.dates
    found = []
    for key in rules:
        anchor: str | None = key
        while anchor is not None and anchor != meeting.date_key:
            rule = rules[anchor].rule
            anchor = rule.key if isinstance(rule, Relative) else None
        own = anchor is not None or key == year.workflow.meetings[meeting.rule].until
        if own and not asks_for(year.workflow, key, MailKind.REMINDER):
            found.append(key)
    return found


def _tells_of(told: Told, meeting: Meeting) -> bool:
    """Whether an entry changed what attendees of a meeting see: by itself, or by a date that moved along."""
    data = told.data
    if data.get("meeting") == meeting.name:
        return told.type != "meeting.edited" or bool(SEEN & set(data.get("fields", ())))
    return any(each.get("meeting") == meeting.name for each in data.get("meetings", ()))


def survey_form(year: Year, recipient: Recipient, asked: Asked) -> Enclosed | None:
    """The survey form of the partner that a recipient speaks for; nothing for anybody else."""
    from cycle.inventory.actions.form import survey_form as form_of  # brings a workbook writer; few commands attach one

    return form_of(year, recipient.partner, asked.wording, asked.settings) if recipient.partner is not None else None


def document_filed(year: Year, recipient: Recipient, asked: Asked) -> Enclosed | None:
    """The document that a fact tells of; nothing for who gets a letter, nor where it cannot be attached."""
    number = asked.fact.get("document")
    document = next((each for each in documents_of(year.session, year.cycle_id) if each.id == number), None)
    if document is None or recipient.channel is Channel.POST:
        return None
    content = attachable(asked.documents / document.path, document.sha256, document.size)
    return Enclosed(ascii_name(document.filename), media_type(document.filename), content) if content is not None else None


LENT = Lent(
    checks={"mail_accepted": mail_accepted},
    audiences={
        "review_owed": review_owed,
        "review_silent": review_silent,
        "told_of_meeting": told_of_meeting,
        "invited_before_move": invited_before_move,
    },
    ends={"sent": sent},
    attachments={"survey_form": survey_form, "document_filed": document_filed},
)
