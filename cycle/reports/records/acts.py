"""The entries of a cycle as acts, with the reasons that may still be read."""

import json
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from cycle.cycles.records import Year
from cycle.journal.history import Told, entries
from cycle.journal.records import Opening
from cycle.reports.rules.acts import Act, Basis

# What became of mails is asked of ledger and outbox; of a year's entries these are most.
_MAILS = ("mail.queued", "mail.sent", "mail.missed")


def acts_of(about: Year) -> Sequence[Act]:
    """Every act of a cycle in its order, without what became of its mails."""
    told = [each for each in entries(about.session, cycle=about.cycle.key) if each.type not in _MAILS]
    return as_acts(about.session, told, about.zone)


def as_acts(session: Session, told: Sequence[Told], zone: ZoneInfo) -> list[Act]:
    """Entries as acts."""
    reasons = _reasons(session, [each.body["private"]["reason"] for each in told if "reason" in each.body["private"]])
    return [_act(each, zone, reasons) for each in told]


def _act(told: Told, zone: ZoneInfo, reasons: Mapping[str, str]) -> Act:
    body = told.body
    return Act(
        seq=told.seq,
        id=told.id,
        type=told.type,
        recorded_at=told.recorded_at,
        day=told.recorded_at.astimezone(zone).date(),
        effective_on=told.effective_on,
        who=body["actor"]["ref"],
        role=body["actor"]["role"],
        reason=reasons.get(body["private"].get("reason", "")),
        second=body["second"],
        basis=tuple(Basis(each["kind"], each["ref"], each["sha256"]) for each in body["basis"]),
        supersedes=body["supersedes"],
        data=told.data,
    )


def _reasons(session: Session, commitments: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(commitments), 500):
        some = commitments[start : start + 500]
        query = select(Opening.commitment, Opening.value).where(col(Opening.commitment).in_(some))
        found |= {promised: str(json.loads(value)) for promised, value in session.exec(query)}
    return found
