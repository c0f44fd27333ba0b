"""Who writes to whom, of which plan and year."""

from datetime import date
from typing import Any

from cycle.dates.records import deadlines, unconfirmed
from cycle.dates.rules import anchor_of
from cycle.reminders.actions.scene.item import Scene
from cycle.vocabulary import Channel


def plan(scene: Scene) -> dict[str, Any]:
    plan = scene.about.workflow.plan
    return {"title": plan.title(scene.language), "ref": plan.ref}


def cycle(scene: Scene) -> dict[str, Any]:
    return {"year": scene.about.cycle.year, "label": scene.about.cycle.label}


def dates(scene: Scene) -> dict[str, date]:
    """The days of the year; for a partner without those that nobody has confirmed yet, unless the letter is about one."""
    rules = scene.about.workflow.dates
    rows = deadlines(scene.about.session, scene.about.cycle_id)
    away: set[str | None] = set()
    if scene.recipient.partner is not None:
        away = {row.key for row in rows if rules[row.key].anchor and unconfirmed(rows, rules, row.key)}
        away -= {anchor_of(rules, scene.date_key) if scene.date_key in rules else None}
    return {row.key: row.planned for row in rows if anchor_of(rules, row.key) not in away}


def city(scene: Scene) -> str:
    return scene.settings.city.name


def sender(scene: Scene) -> dict[str, str]:
    sender, mail = scene.settings.sender, scene.settings.mail
    return {
        "name": sender.name or scene.settings.city.name,
        "unit": sender.unit,
        "phone": sender.phone,
        "mail": mail.reply_to or mail.sender,
    }


def recipient(scene: Scene) -> dict[str, Any]:
    one = scene.recipient
    salutations = scene.about.workflow.vocab.get("salutations", {})
    word = salutations.get(one.salutation or "")
    role = scene.about.workflow.roles.get(one.role or "")
    return {
        "salutation_label": word.label(scene.language) if word else one.salutation,
        "title": one.title or "",
        "first_name": one.first_name,
        "last_name": one.last_name,
        "role_label": role.label(scene.language) if role else None,
        "by_post": one.channel is Channel.POST,
        "mail": one.mail,
        "phone": one.phone,
    }


def org(scene: Scene) -> dict[str, str] | None:
    return {"name": scene.recipient.organisation} if scene.recipient.organisation else None


def phase(scene: Scene) -> dict[str, str]:
    return {"label": scene.about.workflow.phase(scene.about.cycle.phase).label(scene.language)}
