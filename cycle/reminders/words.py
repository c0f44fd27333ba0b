"""What reminders lend: the end of a date that a mail ends, the check that all were informed, who owes a review."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select

from cycle.cycles.records import Year
from cycle.inventory.actions.form import survey_form as form_of
from cycle.inventory.records import carriers_silent, review_carriers
from cycle.outbox.records import Mail, MailState
from cycle.partners.records import Rank, recipients, resolve
from cycle.plan.records import measures_owed_by
from cycle.reminders.records import ItemState, LedgerItem, last_made
from cycle.settings import Settings
from cycle.vocabulary import AudienceName, Enclosed, Finding, Lent, MailId, Recipient
from cycle.wording import Wording


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
        facts={"missing": missing[:20], "count": len(missing), "templates": list(any_of)},
        owed_by=year.workflow.escalation[0],
        command=f"cycle mail list --year {year.cycle.year} --template {any_of[0]}",
    )


def review_owed(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Carriers of the projects under review and owners of open measures, the organiser included."""
    return recipients(year.session, sorted({*review_carriers(year), *measures_owed_by(year)}), Rank.PRIMARY)


def review_silent(year: Year, fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Of these the carriers that have not answered for their projects."""
    return recipients(year.session, sorted(carriers_silent(year)), Rank.PRIMARY)


def survey_form(year: Year, recipient: Recipient, wording: Wording, settings: Settings) -> Enclosed | None:
    """The survey form of the partner that a recipient speaks for; nothing for anybody else."""
    return form_of(year, recipient.partner, wording, settings) if recipient.partner is not None else None


LENT = Lent(
    checks={"mail_accepted": mail_accepted},
    audiences={"review_owed": review_owed, "review_silent": review_silent},
    ends={"sent": sent},
    attachments={"survey_form": survey_form},
)
