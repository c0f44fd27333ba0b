"""Theme, needs and measures."""

from typing import Any

from cycle.partners.records import partner_of
from cycle.plan.records import NeedStatus, costs_in, measure_of, need_of, needs_all, theme_of_year, themes_all
from cycle.reminders.actions.scene.item import Scene


def theme(scene: Scene) -> dict[str, Any] | None:
    about = scene.about
    number = scene.fact.get("theme")
    told = next((theme for theme in themes_all(about.session, about.cycle.plan) if theme.number == number), None)
    theme = told or theme_of_year(about)
    if theme is None:
        return None
    bodies = about.workflow.vocab.get("decision_bodies", {})
    body = bodies.get(theme.body or "")
    return {
        "title": theme.title,
        "valid_from": theme.valid_from,
        "valid_to": theme.valid_to,
        "reason": None,
        "body": body.label(scene.language) if body else theme.body,
        "decided_on": theme.decided_on,
        "reference": theme.reference,
    }


def measure(scene: Scene) -> dict[str, Any]:
    about = scene.about
    measure = measure_of(about.session, str(scene.fact["measure"]))
    vocab = about.workflow.vocab
    field = vocab.get("fields", {}).get(measure.field or "")
    status = vocab.get("measure_status", {}).get(measure.status)
    owner = partner_of(about.session, measure.owner).name if measure.owner is not None else None
    return {
        "id": measure.number,
        "title": measure.title,
        "due": measure.due,
        "owner": owner,
        "status_label": status.label(scene.language) if status else measure.status,
        "carry_count": measure.carry_count,
        "field_label": field.label(scene.language) if field else None,
    }


def carried(scene: Scene) -> dict[str, Any]:
    if scene.fact.get("measure"):
        measure = measure_of(scene.about.session, str(scene.fact["measure"]))
        return {
            "kind_label": scene.sentence("word.measure"),
            "id": measure.number,
            "title": measure.title,
            "count": measure.carry_count,
            "reason_given": True,
        }
    need = need_of(scene.about.session, str(scene.fact["need"]))
    return {
        "kind_label": scene.sentence("word.need"),
        "id": need.number,
        "title": need.title,
        "count": need.carry_count,
        "reason_given": True,
    }


def needs(scene: Scene) -> list[dict[str, str]]:
    about = scene.about
    theme = scene.fact.get("theme")
    if scene.fact.get("followup"):
        return []
    if theme is not None:
        chosen = next((t.needs for t in themes_all(about.session, about.cycle.plan) if t.number == theme), [])
        return [{"id": n.number, "title": n.title} for n in needs_all(about.session, about.cycle.plan) if n.number in chosen]
    return [
        {"id": need.number, "title": need.title}
        for need in needs_all(about.session, about.cycle.plan)
        if need.year == about.cycle.year and need.status in (NeedStatus.OPEN, NeedStatus.PARTLY_COVERED)
    ]


def costs(scene: Scene) -> dict[str, Any]:
    about = scene.about
    found = costs_in(about)
    secured = about.workflow.vocab.get("funding_secured", {})
    return {
        "needs": [
            {
                "id": each.number,
                "title": each.title,
                "amount": each.amount,
                "secured_label": secured[each.secured].label(scene.language) if each.secured in secured else None,
            }
            for each in found.needs
        ],
        "total": found.total,
        "unfunded": found.unfunded,
        "unknown": list(found.unknown),
        "edge": found.edge,
        "large": list(found.large_unfunded),
    }
