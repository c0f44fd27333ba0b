"""Who was told of what in a year, as the ledger and the outbox know it."""

from zoneinfo import ZoneInfo

from sqlmodel import col, select

from cycle.cycles.records import Year
from cycle.outbox.records import Mail, MailState
from cycle.partners.records import network
from cycle.reminders.records import ItemState, LedgerItem, ledger_of
from cycle.reports.rules.informed import How, Informed, Telling, informed_of


def informed(about: Year) -> Informed:
    """Every subject of the cycle with the partners it reached, and the partners of the network whom nothing reached."""
    return informed_of(about.cycle.year, tellings(about), network(about.session, about.organiser))


def tellings(about: Year) -> list[Telling]:
    """Every thing that somebody was to hear in a cycle, with what became of it, in the order made."""
    items = ledger_of(about.session, about.cycle_id)
    numbers = sorted({item.mail_id for item in items if item.mail_id is not None})
    mails: dict[int, Mail] = {}
    for start in range(0, len(numbers), 500):
        query = select(Mail).where(col(Mail.id).in_(numbers[start : start + 500]))
        mails |= {mail.id or 0: mail for mail in about.session.exec(query)}
    return [_telling(item, mails.get(item.mail_id or 0), about.zone) for item in items]


def _telling(item: LedgerItem, mail: Mail | None, zone: ZoneInfo) -> Telling:
    how, why = _fate(item, mail)
    sent = mail.sent_at if mail is not None else None
    on = {How.MAIL: sent.astimezone(zone).date() if sent else None, How.LETTER: item.made_on}.get(how)
    return Telling(item.subject, item.template, item.day, item.person, item.partner, how, on, why, item.mail_id)


def _fate(item: LedgerItem, mail: Mail | None) -> tuple[How, str | None]:
    if item.state == ItemState.LETTER:
        return How.LETTER, None
    if item.state == ItemState.HELD:
        return How.WAITING, None
    if item.state != ItemState.IN_MAIL or mail is None:
        return How.NOT, item.why
    if mail.state == MailState.SENT:
        return How.MAIL, None
    if mail.state in (MailState.QUEUED, MailState.HELD):
        return How.WAITING, None
    return How.NOT, mail.why or mail.state
