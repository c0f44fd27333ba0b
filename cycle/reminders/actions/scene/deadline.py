"""The date or thing a mail is about: how late, what is missing, what hangs on it, who hears of it next."""

from datetime import date
from typing import Any

from cycle.dates.records import DateStatus, deadlines
from cycle.dates.rules import step_day, working_days_between
from cycle.phases.records import findings
from cycle.plan.records import measure_of
from cycle.plan.records.followups import followup_of
from cycle.reminders.actions.scene.item import Scene
from cycle.workflow.grammar import Relative


def deadline(scene: Scene) -> dict[str, Any]:
    if scene.date_key is not None:
        label = scene.about.workflow.dates[scene.date_key].label(scene.language)
        return {"key": scene.date_key, "label": label, "date": scene.item.day}
    label = scene.item.subject.partition("/")[2]
    if scene.fact.get("measure"):
        label = f"{label} {measure_of(scene.about.session, str(scene.fact['measure'])).title}"
    if scene.fact.get("followup"):
        label = f"{label} {followup_of(scene.about.session, str(scene.fact['followup'])).title}"
    return {"key": scene.item.subject, "label": label, "date": scene.item.day}


def days_late(scene: Scene) -> int:
    return working_days_between(scene.item.day, scene.about.today, scene.public)


def days_left(scene: Scene) -> int:
    return working_days_between(scene.about.today, scene.item.day, scene.public)


def failed_checks(scene: Scene) -> list[dict[str, str]]:
    about = scene.about
    if scene.fact.get("followup"):
        return []  # a promise is kept whatever the phase waits for
    phase = about.workflow.dates[scene.date_key].phase if scene.date_key else about.cycle.phase
    if phase != about.cycle.phase:
        return []
    found = findings(about, about.workflow.phase(phase).exit)
    return [
        {
            "id": f.check or "",
            "label": about.workflow.checks[f.check or ""].label(scene.language),
            "detail": scene.sentence(f"finding.{f.key}", **f.facts),
        }
        for f in found
        if not f.met and not f.waived
    ]


def dependents(scene: Scene) -> list[dict[str, Any]]:
    if scene.date_key is None:
        return []
    rules = scene.about.workflow.dates
    rows = deadlines(scene.about.session, scene.about.cycle_id)
    return [
        {"label": rules[row.key].label(scene.language), "date": row.planned}
        for row in rows
        if row.actual is None and row.status == DateStatus.OPEN and _anchor_of(rules[row.key].rule) == scene.date_key
    ]


def next_escalation(scene: Scene) -> dict[str, Any] | None:
    about = scene.about
    level = scene.item.level or 0
    higher = [s for s in about.workflow.ladder.get(scene.date_key or "", ()) if (s.level or 0) > level]
    if not higher or scene.date_key is None:
        return None
    step = min(higher, key=lambda s: s.level or 0)
    role = about.workflow.roles.get(about.workflow.escalation[(step.level or 1) - 1])
    if role is None:
        return None
    from_day = step_day(scene.item.day, step.at, scene.public)
    return {"date": from_day, "to_label": role.label(scene.language)}


def changed_dates(scene: Scene) -> list[dict[str, Any]]:
    rules = scene.about.workflow.dates
    return [
        {
            "label": rules[m["key"]].label(scene.language),
            "date": date.fromisoformat(m["to"]),
            "old": date.fromisoformat(m["from"]),
        }
        for m in scene.fact.get("moved", ())
        if m.get("follows") and not m.get("missed") and rules[m["key"]].done.word in ("answered", "passed", "sent")
    ]


def _anchor_of(rule: Any) -> str | None:
    return rule.key if isinstance(rule, Relative) else None
