"""A theme: how it was proposed, decided, changed, confirmed and ended."""

from typing import Any

from sqlmodel import col, select

from cycle.cycles.records import Year
from cycle.journal.history import entries
from cycle.plan.records import Decision, Theme
from cycle.plan.rules.status import Outcome
from cycle.reports.records.acts import as_acts
from cycle.reports.rules.acts import Act
from cycle.reports.rules.chain import Link, LinkKind

TYPES = ("theme.proposed", "theme.decided", "theme.changed", "theme.confirmed", "theme.ended", "decision.recorded")
# What a change of a theme may have changed, as far as a reader of its story wants to know.
_TOLD = ("title", "valid_from", "valid_to", "needs")


def theme_link(about: Year, theme: Theme) -> Link:
    """A theme as one line, with its story below."""
    facts = {
        "number": theme.number,
        "title": theme.title,
        "fields": theme.field,
        "target_groups": list(theme.target_groups or ()),
        "first": theme.valid_from,
        "last": theme.valid_to,
        "theme_status": theme.status,
        "primary": theme.primary,
    }
    return Link(LinkKind.THEME, facts, tuple(story(about, theme)))


def story(about: Year, theme: Theme) -> list[Link]:
    """What happened to the theme, in the order recorded: each session of a body, each change, with who and why."""
    told = entries(about.session, types=TYPES, mentioning=f'"{theme.number}"')
    acts = as_acts(about.session, [each for each in told if each.data.get("theme") == theme.number], about.zone)
    query = select(Decision).where(Decision.theme == theme.number).order_by(col(Decision.id))
    rows = {row.id: row for row in about.session.exec(query)}
    held: dict[str, int] = {}
    links = []
    for act in acts:
        decisions = [rows[n] for c in act.changes if c.get("add") == "decision" for n in c["ids"] if n in rows]
        for row in decisions if act.type != "theme.confirmed" else ():
            held[row.body] = held.get(row.body, 0) + 1
        links.append(_told(act, decisions, held))
    return links


def _told(act: Act, decisions: list[Decision], held: dict[str, int]) -> Link:
    facts: dict[str, Any] = {"on": act.effective_on, "who": act.who, "role": act.role}
    reason = (Link(LinkKind.WHY, {"reason": act.reason}),) if act.reason else ()
    match act.type:
        case "theme.proposed":
            return Link(LinkKind.PROPOSED, facts, reason)
        case "theme.ended":
            resolution = next((each.ref for each in act.basis), None)
            return Link(LinkKind.ENDED, {**facts, "decision_bodies": act.data["body"], "reference": resolution}, reason)
        case "theme.changed":
            return Link(LinkKind.RETOLD, facts, (*_changed(act), *reason))
        case "theme.confirmed":
            return Link(LinkKind.CONFIRMED, facts, reason)
    row = decisions[0]
    facts |= {
        "decision_bodies": row.body,
        "decision_outcomes": row.outcome,
        "reference": row.reference,
        "session": held[row.body],
        "vote": row.vote,
    }
    return Link(LinkKind.SESSION, facts, (*_quorum(row), *reason))


def _changed(act: Act) -> tuple[Link, ...]:
    return tuple(
        Link(LinkKind.MOVED, {"what": name, "before": change["fields"][name][0], "after": change["fields"][name][1]})
        for change in act.changes
        if change.get("change") == "theme"
        for name in _TOLD
        if name in change["fields"]
    )


def _quorum(row: Decision) -> tuple[Link, ...]:
    if row.present is None and row.outcome != Outcome.FAILED_QUORUM:
        return ()
    return (Link(LinkKind.QUORUM, {"present": row.present, "members": row.members, "needed": row.needed}),)
