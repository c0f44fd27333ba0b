"""Of which meeting and group a mail speaks, and of which minutes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cycle.cycles.records import Year
from cycle.dates.records import Deadline, deadlines
from cycle.documents.records import latest
from cycle.meetings.records import Meeting, meetings_of
from cycle.partners.records import NetworkGroup, groups_all, partner_of
from cycle.plan.records import NeedStatus, needs_all
from cycle.reminders.actions.scene.item import Scene
from cycle.workflow.grammar import Relative


def meeting(scene: Scene) -> dict[str, Any] | None:
    found = meeting_told(scene)
    dates = {row.key: row for row in deadlines(scene.about.session, scene.about.cycle_id)}
    return _meeting_words(scene, found, dates) if found else None


def meeting_told(scene: Scene) -> Meeting | None:
    """The meeting that `meeting` speaks of: the one the fact names, else that of the date or of what it counts from."""
    meetings = meetings_of(scene.about.session, scene.about.cycle_id)
    name = scene.fact.get("meeting") or scene.fact.get("of")
    found = next((m for m in meetings if name and m.name == name), None)
    if found is None and scene.date_key:
        anchors = [scene.date_key, _anchor(scene, scene.date_key)]
        found = next((m for key in anchors for m in meetings if m.date_key == key), None)
    return found


def _meeting_words(scene: Scene, meeting: Meeting, dates: Mapping[str, Deadline]) -> dict[str, Any]:
    rule = scene.about.workflow.meetings[meeting.rule]
    day = dates[meeting.date_key].planned if meeting.date_key else meeting.day
    before = scene.fact.get("from")
    return {
        "title": rule.label(scene.language),
        "date": day,
        "start": meeting.opens,
        "end": meeting.closes,
        "venue": meeting.venue,
        "online": meeting.mode in ("hybrid", "online"),
        "old_date": date.fromisoformat(before) if before else None,
    }


def _anchor(scene: Scene, key: str) -> str | None:
    """The date that a relative one counts from, at the end of the chain."""
    rules = scene.about.workflow.dates
    while isinstance(rules[key].rule, Relative):
        key = rules[key].rule.key  # type: ignore[union-attr]
    return key


def group(scene: Scene) -> dict[str, Any] | None:
    about = scene.about
    codes = _groups_of(scene)
    group = next((g for g in groups_all(about.session) if g.code in codes), None)
    if group is None:
        return None
    session = _session(about, group)
    needs = [
        n for n in needs_all(about.session, about.cycle.plan) if n.source_group == group.code and n.status == NeedStatus.OPEN
    ]
    return {
        "name": group.name,
        "meeting": {"date": session.day, "start": session.opens, "venue": session.venue} if session else None,
        "needs": [need.title for need in needs],
    }


def session_of(scene: Scene) -> Meeting | None:
    """The next session of the group that `group` speaks of."""
    codes = _groups_of(scene)
    found = next((g for g in groups_all(scene.about.session) if g.code in codes), None)
    return _session(scene.about, found) if found else None


def _session(about: Year, group: NetworkGroup) -> Meeting | None:
    meetings = meetings_of(about.session, about.cycle_id)
    return next((m for m in meetings if m.group == group.code and m.day and m.day >= about.today), None)


def _groups_of(scene: Scene) -> list[str]:
    if scene.fact.get("group"):
        return [str(scene.fact["group"])]
    if scene.recipient.partner is None:
        return []
    return list(partner_of(scene.about.session, scene.recipient.partner).groups)


def minutes(scene: Scene) -> dict[str, Any]:
    kind, of = str(scene.fact.get("kind", "minutes")), scene.fact.get("of")
    document = latest(scene.about.session, scene.about.cycle_id, kind, of)
    word = scene.about.workflow.vocab.get("documents", {}).get(kind)
    return {"title": word.label(scene.language) if word else kind, "filed_on": document.filed_on if document else None}
