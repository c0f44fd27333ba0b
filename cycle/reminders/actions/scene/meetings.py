"""Of which meeting and group a mail speaks, and of which minutes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cycle.cycles.records import Year
from cycle.dates.records import Deadline, deadlines
from cycle.documents.records import latest
from cycle.meetings.records import Meeting, MeetingStatus, meetings_of, programme
from cycle.meetings.words import groups_to_meet
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
        found = next((m for key in _counts_from(scene, scene.date_key) for m in meetings if m.date_key == key), None)
    return found


def _meeting_words(scene: Scene, meeting: Meeting, dates: Mapping[str, Deadline]) -> dict[str, Any]:
    rule = scene.about.workflow.meetings[meeting.rule]
    day = dates[meeting.date_key].planned if meeting.date_key else meeting.day
    before = scene.fact.get("from")
    closes = dates.get(rule.register_until or "")
    return {
        "title": rule.label(scene.language),
        "date": day,
        "start": meeting.opens,
        "end": meeting.closes,
        "venue": meeting.venue,
        "online": meeting.mode in ("hybrid", "online"),
        "link": meeting.link if meeting.mode in ("hybrid", "online") else None,
        "agenda": programme(scene.about, meeting, scene.language),
        "register_until": closes.planned if closes else None,
        "old_date": date.fromisoformat(before) if before else None,
    }


def _counts_from(scene: Scene, key: str) -> list[str]:
    """A date and those that it counts from, the nearest first."""
    rules, found = scene.about.workflow.dates, [key]
    while isinstance(rule := rules[found[-1]].rule, Relative):
        found.append(rule.key)
    return found


def group(scene: Scene) -> dict[str, Any] | None:
    about = scene.about
    group = _group(scene)
    if group is None:
        return None
    session = _session(about, group)
    needs = [
        n for n in needs_all(about.session, about.cycle.plan) if n.source_group == group.code and n.status == NeedStatus.OPEN
    ]
    return {
        "name": group.name,
        "meeting": _session_words(scene, session) if session else None,
        "needs": [need.title for need in needs],
    }


def _session_words(scene: Scene, session: Meeting) -> dict[str, Any]:
    told = {"date": session.day, "start": session.opens, "end": session.closes, "venue": session.venue}
    online = session.mode in ("hybrid", "online")
    return {
        **told,
        "online": online,
        "link": session.link if online else None,
        "agenda": programme(scene.about, session, scene.language),
    }


def session_of(scene: Scene) -> Meeting | None:
    """The next session of the group that `group` speaks of."""
    found = _group(scene)
    return _session(scene.about, found) if found else None


def _group(scene: Scene) -> NetworkGroup | None:
    """The group of a fact, else of the reader: of several the one with a session ahead, else one that has not met yet."""
    codes = _groups_of(scene)
    groups = [group for group in groups_all(scene.about.session) if group.code in codes]
    to_meet = groups_to_meet(scene.about)
    later = (group for group in groups if group.code in to_meet)
    ahead = (group for group in groups if _session(scene.about, group))
    return next(ahead, None) or next(later, None) or next(iter(groups), None)


def _session(about: Year, group: NetworkGroup) -> Meeting | None:
    meetings = meetings_of(about.session, about.cycle_id)
    ahead = (m for m in meetings if m.group == group.code and m.day and m.day >= about.today)
    return next((m for m in ahead if m.status == MeetingStatus.PLANNED), None)


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
    filed_on = document.filed_on if document else None
    return {"title": word.label(scene.language) if word else kind, "filed_on": filed_on, "attached": scene.form}
