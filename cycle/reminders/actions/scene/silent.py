"""Who has not answered, for the list by telephone."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select

from cycle.inventory.records import invited_numbers
from cycle.partners.records import Partner, Rank, Wish, contact_of, partner_of
from cycle.reminders.actions.scene.item import Scene
from cycle.reminders.records import ItemState, LedgerItem
from cycle.reminders.rules.ladder import step_key
from cycle.workflow.model import MailKind, Step


def not_answered(scene: Scene) -> list[dict[str, Any]]:
    about = scene.about
    told = []
    for number in _silent(scene):
        partner = partner_of(about.session, number)
        contact = contact_of(about.session, partner.id or 0, Rank.PRIMARY)
        name = " ".join(filter(None, [contact.first_name, contact.last_name])) if contact else ""
        told.append(
            {
                "org": partner.name,
                "contact": name,
                "phone": contact.phone if contact else None,
                "reminded": _reminded(scene, partner),
                "bounced": bool(contact and contact.bounced_on),
                "objects": bool(contact and contact.wish == Wish.OBJECTS),
                "call": bool(contact and contact.wish == Wish.CALL),
            }
        )
    return told


def total(scene: Scene) -> int:
    done = scene.about.workflow.dates[scene.date_key].done if scene.date_key else None
    if done and done.word == "answered" and done.value == "survey":
        return len(invited_numbers(scene.about))
    return max(len(_silent(scene)), len(scene.about.lent.audiences["review_owed"](scene.about, {})) if _is_review(done) else 0)


def _silent(scene: Scene) -> list[int]:
    """The partners from whom this date or thing still waits for an answer: the last audience of partners in its ladder."""
    about = scene.about
    for step in reversed(_ladder(scene)):
        if (
            step.to is not None
            and step.to in about.lent.audiences
            and about.workflow.mails.kind_of(step.mail) is MailKind.REMINDER
        ):
            return [r.partner for r in about.lent.audiences[step.to](about, scene.fact) if r.partner is not None]
    return []


def _ladder(scene: Scene) -> Sequence[Step]:
    about = scene.about
    if scene.date_key is not None:
        return about.workflow.ladder.get(scene.date_key, ())
    named = (about.workflow.ladder[name] for name in about.lent.dated if name in about.workflow.ladder)
    return next((ladder for ladder in named if any(step_key(step) == scene.item.step for step in ladder)), ())


def _reminded(scene: Scene, partner: Partner) -> list[date]:
    query = select(col(LedgerItem.made_on)).where(
        LedgerItem.cycle_id == scene.about.cycle_id,
        LedgerItem.subject == scene.item.subject,
        LedgerItem.partner == partner.number,
        LedgerItem.kind == MailKind.REMINDER.value,
        LedgerItem.state == ItemState.IN_MAIL,
    )
    return sorted(scene.about.session.exec(query))


def _is_review(done: Any) -> bool:
    return bool(done and done.word == "answered" and done.value == "review")
