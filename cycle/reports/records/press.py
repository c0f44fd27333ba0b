"""What a text for the press says of a meeting: every number from the database, nobody's name but those on the programme."""

from typing import Any

from cycle.cycles.records import Year
from cycle.dates.records import deadlines
from cycle.inventory.records import invited_numbers, response
from cycle.meetings.records import Meeting, MeetingStatus, programme
from cycle.plan.records import NeedStatus, needs_all, theme_of_year
from cycle.settings import Settings

_STANDING = (NeedStatus.OPEN, NeedStatus.PARTLY_COVERED, NeedStatus.COVERED)


def facts(about: Year, meeting: Meeting, settings: Settings, language: str) -> dict[str, Any]:
    """The names that a template below `press/` may use; what is not known is None or empty."""
    sender, mail = settings.sender, settings.mail
    answers = response(about)
    return {
        "city": settings.city.name,
        "plan": {"title": about.workflow.plan.title(language)},
        "cycle": {"year": about.cycle.year, "label": about.cycle.label},
        "today": about.today,
        "meeting": _meeting(about, meeting, language),
        "agenda": programme(about, meeting, language),
        "survey": {"answered": answers.answered, "invited": len(invited_numbers(about))},
        "theme": _theme(about, language),
        "needs": _needs(about, language) if meeting.status == MeetingStatus.HELD else [],
        "sender": {
            "name": sender.name or settings.city.name,
            "unit": sender.unit,
            "phone": sender.phone,
            "mail": mail.reply_to or mail.sender,
        },
    }


def _meeting(about: Year, meeting: Meeting, language: str) -> dict[str, Any]:
    planned = {row.key: row.planned for row in deadlines(about.session, about.cycle_id)}
    held = meeting.status == MeetingStatus.HELD
    return {
        "title": about.workflow.meetings[meeting.rule].label(language),
        "held": held,
        "cancelled": meeting.status == MeetingStatus.CANCELLED,
        "date": meeting.held_on if held else planned.get(meeting.date_key or "", meeting.day),
        "start": meeting.opens,
        "end": meeting.closes,
        "venue": meeting.venue,
        "online": meeting.mode in ("hybrid", "online"),
        "people_on_site": meeting.on_site,
        "people_online": meeting.online,
        "at_least": meeting.online_at_least,
        "organisations": len(meeting.present) if meeting.present is not None else None,
    }


def _theme(about: Year, language: str) -> dict[str, Any] | None:
    theme = theme_of_year(about)
    if theme is None:
        return None
    body = about.workflow.vocab.get("decision_bodies", {}).get(theme.body or "")
    return {
        "title": theme.title,
        "valid_from": theme.valid_from,
        "valid_to": theme.valid_to,
        "body": body.label(language) if body else theme.body,
        "decided_on": theme.decided_on,
    }


def _needs(about: Year, language: str) -> list[dict[str, str]]:
    fields = about.workflow.vocab.get("fields", {})
    return [
        {"id": need.number, "title": need.title, "field": fields[need.field].label(language) if need.field in fields else ""}
        for need in needs_all(about.session, about.cycle.plan)
        if need.year == about.cycle.year and need.status in _STANDING
    ]
