"""What reminders lend: the end of a date that a mail ends, the check that all were informed, who owes a review."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import and_, col, or_, select

from cycle.cycles.records import Year
from cycle.inventory.records import carriers_silent, review_carriers
from cycle.journal.history import Told, entries
from cycle.meetings.records import Meeting, meetings_of
from cycle.meetings.words import SEEN
from cycle.outbox.records import Mail, MailState
from cycle.partners.records import Rank, resolve
from cycle.partners.records.recipients import recipients
from cycle.plan.records import measures_owed_by
from cycle.reminders.records import ItemState, LedgerItem, last_made
from cycle.reminders.rules.ladder import asks_for
from cycle.settings import Settings
from cycle.vocabulary import AudienceName, Enclosed, Finding, Lent, MailId, Recipient
from cycle.wording import LISTED, Wording
from cycle.workflow.grammar import Relative
from cycle.workflow.model import MailKind

MEETING_ENTRIES = ("date.moved", "meeting.cancelled", "meeting.edited", "meeting.moved")


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
    meeting = next((m for m in meetings_of(year.session, year.cycle_id) if m.name == fact.get("meeting")), None)
    if meeting is None:
        return ()
    named = [told for told in entries(year.session, cycle=year.cycle.key, types=MEETING_ENTRIES) if _tells_of(told, meeting)]
    changed = max((told.recorded_at for told in named), default=year.now)
    subjects = {f"date/{key}" for key in _dates_of(year, meeting)} | {f"event/{told.seq}" for told in named}
    letter = and_(LedgerItem.state == ItemState.LETTER, col(LedgerItem.made_on) <= changed.astimezone(year.zone).date())
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


def survey_form(year: Year, recipient: Recipient, wording: Wording, settings: Settings) -> Enclosed | None:
    """The survey form of the partner that a recipient speaks for; nothing for anybody else."""
    from cycle.inventory.actions.form import survey_form as form_of  # brings a workbook writer; few commands attach one

    return form_of(year, recipient.partner, wording, settings) if recipient.partner is not None else None


LENT = Lent(
    checks={"mail_accepted": mail_accepted},
    audiences={"review_owed": review_owed, "review_silent": review_silent, "told_of_meeting": told_of_meeting},
    ends={"sent": sent},
    attachments={"survey_form": survey_form},
)
