"""What a mail's text may speak of: each top-level name of a template with the question that answers it.

Only the names a template uses are asked for. The list is closed: a template that uses another name does not render.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from cycle.cycles.records import Year
from cycle.dates.records import DateStatus, Deadline, deadlines
from cycle.dates.rules import Calendar, step_day, working_days_between
from cycle.documents.records import latest
from cycle.inventory.records import answers_of, invited_numbers, projects_all
from cycle.meetings.records import Meeting, meetings_of
from cycle.partners.records import Contact, Partner, Rank, groups_all, partner_of
from cycle.phases.records import findings
from cycle.plan.records import FINISHED, NeedStatus, Theme, measure_of, measures_all, need_of, needs_all, themes_all
from cycle.reminders.records import ItemState, LedgerItem
from cycle.settings import Settings
from cycle.vocabulary import Recipient
from cycle.workflow.grammar import Relative
from cycle.workflow.model import MailKind


@dataclass(frozen=True)
class Scene:
    """One item of one mail: whose it is, what it is about, and the fact it follows (empty for a date)."""

    about: Year
    item: LedgerItem
    recipient: Recipient
    fact: Mapping[str, Any]
    settings: Settings
    public: Calendar | None
    sentence: Callable[..., str]

    @property
    def language(self) -> str:
        """The language of labels: English for English mails, else German."""
        return "en" if self.recipient.language == "en" else "de"

    @property
    def date_key(self) -> str | None:
        """The date the item is about, None for another thing."""
        kind, _, key = self.item.subject.partition("/")
        return key if kind == "date" else None


def context(scene: Scene, names: Collection[str], shared: dict[str, Any]) -> dict[str, Any]:
    """The names with their answers; names that are not on the list are left out, so that a template fails loudly.

    `shared` keeps the answers that are the same for everybody who hears of this step of this thing in one language.
    """
    told = {}
    for name in names:
        if name in PERSONAL:
            told[name] = ANSWERS[name](scene)
        elif name in ANSWERS:
            if name not in shared:
                shared[name] = ANSWERS[name](scene)
            told[name] = shared[name]
    return told


def _plan(scene: Scene) -> dict[str, Any]:
    plan = scene.about.workflow.plan
    return {"title": plan.title(scene.language), "ref": plan.ref}


def _cycle(scene: Scene) -> dict[str, Any]:
    return {"year": scene.about.cycle.year, "label": scene.about.cycle.label}


def _dates(scene: Scene) -> dict[str, date]:
    return {row.key: row.planned for row in deadlines(scene.about.session, scene.about.cycle_id)}


def _city(scene: Scene) -> str:
    return scene.settings.city.name


def _sender(scene: Scene) -> dict[str, str]:
    sender, mail = scene.settings.sender, scene.settings.mail
    return {
        "name": sender.name or scene.settings.city.name,
        "unit": sender.unit,
        "phone": sender.phone,
        "mail": mail.reply_to or mail.sender,
    }


def _recipient(scene: Scene) -> dict[str, Any]:
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
    }


def _org(scene: Scene) -> dict[str, str] | None:
    return {"name": scene.recipient.organisation} if scene.recipient.organisation else None


def _meeting(scene: Scene) -> dict[str, Any] | None:
    meetings = meetings_of(scene.about.session, scene.about.cycle_id)
    dates = {row.key: row for row in deadlines(scene.about.session, scene.about.cycle_id)}
    name = scene.fact.get("meeting") or scene.fact.get("of")
    found = next((m for m in meetings if name and m.name == name), None)
    if found is None and scene.date_key:
        anchors = [scene.date_key, _anchor(scene, scene.date_key)]
        found = next((m for key in anchors for m in meetings if m.date_key == key), None)
    return _meeting_words(scene, found, dates) if found else None


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


def _survey(scene: Scene) -> dict[str, Any]:
    about = scene.about
    requests = about.workflow.mails.request
    query = select(col(LedgerItem.made_on)).where(
        LedgerItem.cycle_id == about.cycle_id,
        LedgerItem.person == scene.recipient.person,
        col(LedgerItem.template).in_(requests),
    )
    invited = invited_numbers(about)
    answered = answers_of(about.session, about.cycle_id)
    first = min(about.session.exec(query), default=None) or scene.item.made_on
    return {
        "sent_on": first,
        "answered": len([n for n in invited if n in answered]),
        "invited": len(invited),
        "link": None,
    }


def _items(scene: Scene) -> list[dict[str, Any]]:
    number = scene.recipient.partner
    about = scene.about
    projects = [p for p in projects_all(about.session) if p.carrier == number and p.inventory_year == about.cycle.year]
    measures = [m for m in measures_all(about.session, about.cycle.plan) if m.owner == number and m.status not in FINISHED]
    project, measure = scene.sentence("word.project"), scene.sentence("word.measure")
    return [
        {"kind_label": project, "id": str(p.number), "title": p.title, "due": None, "cycle": about.cycle.year} for p in projects
    ] + [{"kind_label": measure, "id": m.number, "title": m.title, "due": m.due, "cycle": m.year} for m in measures]


def _theme(scene: Scene) -> dict[str, Any] | None:
    about = scene.about
    number = scene.fact.get("theme")
    valid = [t for t in themes_all(about.session, about.cycle.plan) if t.primary and _valid(t, about)]
    found = next((t for t in themes_all(about.session, about.cycle.plan) if t.number == number), None)
    theme = found or (valid[-1] if valid else None)
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


def _valid(theme: Theme, about: Year) -> bool:
    return theme.ended_on is None and theme.valid_from <= about.last_day and theme.valid_to >= about.first_day


def _group(scene: Scene) -> dict[str, Any] | None:
    about = scene.about
    codes = _groups_of(scene)
    group = next((g for g in groups_all(about.session) if g.code in codes), None)
    if group is None:
        return None
    meetings = meetings_of(about.session, about.cycle_id)
    session = next((m for m in meetings if m.group == group.code and m.day and m.day >= about.today), None)
    needs = [
        n for n in needs_all(about.session, about.cycle.plan) if n.source_group == group.code and n.status == NeedStatus.OPEN
    ]
    return {
        "name": group.name,
        "meeting": {"date": session.day, "start": session.opens, "venue": session.venue} if session else None,
        "needs": [need.title for need in needs],
    }


def _groups_of(scene: Scene) -> list[str]:
    if scene.fact.get("group"):
        return [str(scene.fact["group"])]
    if scene.recipient.partner is None:
        return []
    return list(partner_of(scene.about.session, scene.recipient.partner).groups)


def _review(_scene: Scene) -> dict[str, Any]:
    return {"link": None}


def _deadline(scene: Scene) -> dict[str, Any]:
    if scene.date_key is not None:
        label = scene.about.workflow.dates[scene.date_key].label(scene.language)
        return {"key": scene.date_key, "label": label, "date": scene.item.day}
    label = scene.item.subject.partition("/")[2]
    if scene.fact.get("measure"):
        label = f"{label} {measure_of(scene.about.session, str(scene.fact['measure'])).title}"
    return {"key": scene.item.subject, "label": label, "date": scene.item.day}


def _days_late(scene: Scene) -> int:
    return working_days_between(scene.item.day, scene.about.today, scene.public)


def _days_left(scene: Scene) -> int:
    return working_days_between(scene.about.today, scene.item.day, scene.public)


def _phase(scene: Scene) -> dict[str, str]:
    return {"label": scene.about.workflow.phase(scene.about.cycle.phase).label(scene.language)}


def _failed_checks(scene: Scene) -> list[dict[str, str]]:
    about = scene.about
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


def _silent(scene: Scene) -> list[int]:
    """The partners from whom this date still waits for an answer: the last audience of partners in its ladder."""
    about = scene.about
    for step in reversed(about.workflow.ladder.get(scene.date_key or "", ())):
        if (
            step.to is not None
            and step.to in about.lent.audiences
            and about.workflow.mails.kind_of(step.mail) is MailKind.REMINDER
        ):
            return [r.partner for r in about.lent.audiences[step.to](about, scene.fact) if r.partner is not None]
    return []


def _open(scene: Scene) -> list[dict[str, Any]]:
    about = scene.about
    told = []
    for number in _silent(scene):
        partner = partner_of(about.session, number)
        query = select(Contact).where(
            Contact.partner_id == partner.id, Contact.rank == Rank.PRIMARY, col(Contact.valid_to).is_(None)
        )
        contact = about.session.exec(query).first()
        name = " ".join(filter(None, [contact.first_name, contact.last_name])) if contact else ""
        told.append(
            {
                "org": partner.name,
                "contact": name,
                "phone": contact.phone if contact else None,
                "reminded": _reminded(scene, partner),
                "bounced": bool(contact and contact.bounced_on),
            }
        )
    return told


def _reminded(scene: Scene, partner: Partner) -> list[date]:
    query = select(col(LedgerItem.made_on)).where(
        LedgerItem.cycle_id == scene.about.cycle_id,
        LedgerItem.subject == scene.item.subject,
        LedgerItem.partner == partner.number,
        LedgerItem.kind == MailKind.REMINDER.value,
        LedgerItem.state == ItemState.IN_MAIL,
    )
    return sorted(scene.about.session.exec(query))


def _total(scene: Scene) -> int:
    done = scene.about.workflow.dates[scene.date_key].done if scene.date_key else None
    if done and done.word == "answered" and done.value == "survey":
        return len(invited_numbers(scene.about))
    return max(len(_silent(scene)), len(scene.about.lent.audiences["review_owed"](scene.about, {})) if _is_review(done) else 0)


def _is_review(done: Any) -> bool:
    return bool(done and done.word == "answered" and done.value == "review")


def _dependents(scene: Scene) -> list[dict[str, Any]]:
    rules = scene.about.workflow.dates
    rows = deadlines(scene.about.session, scene.about.cycle_id)
    return [
        {"label": rules[row.key].label(scene.language), "date": row.planned}
        for row in rows
        if row.actual is None and row.status == DateStatus.OPEN and _anchor_of(rules[row.key].rule) == scene.date_key
    ]


def _anchor_of(rule: Any) -> str | None:
    return rule.key if isinstance(rule, Relative) else None


def _next_escalation(scene: Scene) -> dict[str, Any] | None:
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


def _changed_dates(scene: Scene) -> list[dict[str, Any]]:
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


def _measure(scene: Scene) -> dict[str, Any]:
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


def _carried(scene: Scene) -> dict[str, Any]:
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


def _needs(scene: Scene) -> list[dict[str, str]]:
    about = scene.about
    theme = scene.fact.get("theme")
    if theme is not None:
        chosen = next((t.needs for t in themes_all(about.session, about.cycle.plan) if t.number == theme), [])
        return [{"id": n.number, "title": n.title} for n in needs_all(about.session, about.cycle.plan) if n.number in chosen]
    return [
        {"id": need.number, "title": need.title}
        for need in needs_all(about.session, about.cycle.plan)
        if need.year == about.cycle.year and need.status in (NeedStatus.OPEN, NeedStatus.PARTLY_COVERED)
    ]


def _minutes(scene: Scene) -> dict[str, Any]:
    kind, of = str(scene.fact.get("kind", "minutes")), scene.fact.get("of")
    document = latest(scene.about.session, scene.about.cycle_id, kind, of)
    word = scene.about.workflow.vocab.get("documents", {}).get(kind)
    return {"title": word.label(scene.language) if word else kind, "filed_on": document.filed_on if document else None}


# The answers that differ from one recipient to the next.
PERSONAL = frozenset({"recipient", "org", "survey", "items", "group"})

ANSWERS: dict[str, Callable[[Scene], Any]] = {
    "plan": _plan,
    "cycle": _cycle,
    "dates": _dates,
    "city": _city,
    "sender": _sender,
    "recipient": _recipient,
    "org": _org,
    "meeting": _meeting,
    "survey": _survey,
    "items": _items,
    "theme": _theme,
    "group": _group,
    "review": _review,
    "deadline": _deadline,
    "days_late": _days_late,
    "days_left": _days_left,
    "phase": _phase,
    "failed_checks": _failed_checks,
    "open": _open,
    "total": _total,
    "dependents": _dependents,
    "next_escalation": _next_escalation,
    "changed_dates": _changed_dates,
    "measure": _measure,
    "carried": _carried,
    "needs": _needs,
    "minutes": _minutes,
}
