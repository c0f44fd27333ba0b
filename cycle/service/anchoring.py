"""Mails with anchors: claimed, sent, marked, each step committed, by the transports of all mails but past the outbox.

They go to addresses of the settings, not to partners: no ledger, no send window, no limit of a partner holds them back.
What a server puts off, or does not answer, is tried again; what may have gone is never sent twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from cycle.adapters.addresses import valid_address
from cycle.adapters.outcome import Outcome, OutcomeKind, Phase, Transport
from cycle.app.sealing import seal, seal_is_due, waiting_anchors, write_down
from cycle.app.site import Site
from cycle.journal.actor import SERVICE
from cycle.journal.records import AnchorMail, AnchorState
from cycle.outbox.rules.envelope import envelope_sender
from cycle.outbox.rules.message import MailText, assemble, new_message_id
from cycle.service.relay import lease_of, transports
from cycle.service.tick import message_domain, sender

FIRST_REST = timedelta(minutes=2)
LONGEST_REST = timedelta(hours=6)
_ENDS = {
    OutcomeKind.SENT: AnchorState.SENT,
    OutcomeKind.UNCLEAR: AnchorState.UNCLEAR,
    OutcomeKind.PERMANENT: AnchorState.FAILED,
}


@dataclass(frozen=True)
class Posted:
    """One anchor mail that was tried: what was sealed, and what became of it."""

    seq: int
    state: AnchorState
    outcome: Outcome


def keep_anchors(site: Site, now: datetime) -> int:
    """Seal if it is due, and see that the folder has the last anchor; the number of the entry made, 0 for none.

    Raises:
        NotReady: if the folder cannot be written. The seal stands, and the next call tries again.
    """
    made = seal(site, SERVICE, now) if seal_is_due(site, now) else None
    write_down(site)
    return made.entry if made is not None and made.fresh else 0


async def send_anchors(site: Site, pool: Sequence[Transport] | None = None) -> list[Posted]:
    """Send every anchor that waits, one after the other; what became of each.

    Raises:
        WrongInput: for settings that no mail can be sent with.
    """
    now = site.now()
    _give_up_abandoned(site, now)
    with site.journal.reading() as session:
        waiting = list(waiting_anchors(session, now))
    if not waiting:
        return []
    sender(site)
    transport = (transports(site) if pool is None else pool)[0]
    try:
        return [posted for row in waiting if (posted := await _post(site, transport, row)) is not None]
    finally:
        if pool is None:
            await transport.close()


async def _post(site: Site, transport: Transport, row: AnchorMail) -> Posted | None:
    """Claim, send, mark; None if another process has claimed it."""
    if not _mark(site, row, AnchorState.WAITING, state=AnchorState.UNDER_WAY, next_try_at=site.now() + lease_of(site)):
        return None
    address = valid_address(row.address)
    if address is None:
        outcome = Outcome(OutcomeKind.PERMANENT, None, "not an address that can be mailed", Phase.ADDRESS)
    else:
        message_id = new_message_id(row.token, message_domain(site))
        settings = site.settings.mail
        returns = envelope_sender(message_id, settings.sender, settings.bounce_domain)
        outcome = await transport.send(returns, address, anchor_message(site, row, message_id, address))
    attempts = row.attempts + 1
    state = _ENDS.get(outcome.kind, AnchorState.WAITING)
    again = min(FIRST_REST * 2 ** min(attempts - 1, 10), LONGEST_REST)
    _mark(
        site,
        row,
        AnchorState.UNDER_WAY,
        state=state,
        attempts=attempts,
        next_try_at=site.now() + again if state is AnchorState.WAITING else None,
        sent_at=site.now() if state is AnchorState.SENT else None,
        reply=outcome.told,
    )
    return Posted(row.seq, state, outcome)


def anchor_message(site: Site, row: AnchorMail, message_id: str, address: str) -> bytes:
    """The mail with one anchor, in the words of the site."""
    facts = {"city": site.settings.city.name, "line": row.line, "seq": row.seq}
    return assemble(
        MailText(
            message_id=message_id,
            date=site.now(),
            sender_name=site.settings.sender.unit,
            sender_address=sender(site),
            to_name="",
            to_address=address,
            subject=site.wording.sentence("anchor_mail.subject", **facts),
            text=site.wording.sentence("anchor_mail.text", **facts),
            reply_to=site.settings.mail.reply_to or None,
        )
    )


def unsent_anchors(session: Session) -> dict[str, int]:
    """How many anchor mails are in doubt or could not be delivered, and how many were tried in vain so far."""
    rows = session.exec(select(AnchorMail.state, AnchorMail.attempts).where(col(AnchorMail.state) != AnchorState.SENT)).all()
    waiting = sum(state == AnchorState.WAITING and (attempts or 0) > 0 for state, attempts in rows)
    states = [state for state, _ in rows]
    found = {"unclear": states.count(AnchorState.UNCLEAR), "failed": states.count(AnchorState.FAILED), "waiting": waiting}
    return {name: count for name, count in found.items() if count}


def _mark(site: Site, row: AnchorMail, holding: AnchorState, **fields: Any) -> bool:
    where = (col(AnchorMail.seq) == row.seq, col(AnchorMail.address) == row.address, col(AnchorMail.state) == holding)
    with site.journal.machinery() as machinery:
        return machinery.change(AnchorMail, *where, **fields) == [1]


def _give_up_abandoned(site: Site, now: datetime) -> None:
    """Mails whose process died on the way: perhaps they went, so they do not go again."""
    abandoned = (col(AnchorMail.state) == AnchorState.UNDER_WAY, col(AnchorMail.next_try_at) < now)
    with site.journal.reading() as session:
        if session.exec(select(AnchorMail.seq).where(*abandoned).limit(1)).first() is None:
            return
    with site.journal.machinery() as machinery:
        machinery.change(AnchorMail, *abandoned, state=AnchorState.UNCLEAR)
