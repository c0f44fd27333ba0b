"""Made-up values in the shape of every answer: to try a template before a mail is due. Each key of ANSWERS has one."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

DAY = date(2026, 3, 17)

_AGENDA = [{"number": 1, "start": "14:00", "kind": "Talk", "title": "Title", "speaker": "Dr. Last"}]
_MEETING = {
    "title": "Meeting",
    "date": DAY,
    "start": "14:00",
    "end": "18:00",
    "venue": "Hall",
    "online": True,
    "link": "https://example.org/meet",
    "agenda": _AGENDA,
    "register_until": DAY,
    "old_date": DAY,
}
_SESSION = {name: _MEETING[name] for name in ("date", "start", "end", "venue", "online", "link", "agenda")}
_NEED = {"id": "B-2026-01", "title": "Need"}

VALUES: Mapping[str, Any] = {
    "plan": {"title": "Plan", "ref": "P"},
    "cycle": {"year": 2026, "label": "2026"},
    "city": "City",
    "sender": {"name": "Office", "unit": "Unit", "phone": "0123 456", "mail": "office@example.org"},
    "recipient": {
        **{"salutation_label": None, "title": "Dr.", "first_name": "First", "last_name": "Last"},
        **{"role_label": None, "by_post": False, "mail": "a@example.org", "phone": "07161 650 1234"},
    },
    "org": {"name": "Organisation"},
    "meeting": _MEETING,
    "survey": {"sent_on": DAY, "answered": 1, "invited": 2, "link": "https://example.org/", "form": True},
    "items": [{"kind_label": "Project", "id": "1", "title": "Project", "due": DAY, "cycle": 2026}],
    "theme": {
        "title": "Theme",
        "valid_from": DAY,
        "valid_to": DAY,
        "reason": "Reason",
        "body": "Council",
        "decided_on": DAY,
        "reference": "1/2026",
    },
    "group": {"name": "Group", "meeting": _SESSION, "needs": ["Need"]},
    "review": {"link": "https://example.org/"},
    "deadline": {"key": "key", "label": "Date", "date": DAY},
    "days_late": 2,
    "days_left": 2,
    "phase": {"label": "Phase"},
    "failed_checks": [{"id": "C1", "label": "Check", "detail": "Detail"}],
    "open": [
        {
            "org": "Organisation",
            "contact": "First Last",
            "phone": "0123 456",
            "reminded": [DAY],
            "bounced": True,
            "objects": False,
            "call": True,
        }
    ],
    "total": 2,
    "dependents": [{"label": "Date", "date": DAY}],
    "next_escalation": {"date": DAY, "to_label": "Head"},
    "changed_dates": [{"label": "Date", "date": DAY, "old": DAY}],
    "measure": {
        "id": "M-2026-01",
        "title": "Measure",
        "due": DAY,
        "owner": "Organisation",
        "status_label": "Running",
        "carry_count": 1,
        "field_label": "Field",
    },
    "carried": {"kind_label": "Measure", "id": "M-2026-01", "title": "Measure", "count": 2, "reason_given": True},
    "needs": [_NEED],
    "costs": {
        "needs": [
            {**_NEED, "amount": 9500, "secured_label": "No"},
            {"id": "B-2026-02", "title": "Need", "amount": None, "secured_label": None},
        ],
        "total": 9500,
        "unfunded": 9500,
        "unknown": ["B-2026-02"],
        "edge": 5000,
        "large": ["B-2026-01"],
    },
    "result": {
        "answered_on": DAY,
        "projects": [{"id": "1", "title": "Project", "status_label": "Running"}],
        "measures": [{"id": "M-2026-01", "title": "Measure", "status_label": "Running", "done_on": None, "due": DAY}],
        "needs": [{"id": "B-2026-01", "title": "Need", "status_label": "Open", "carried_to": 2027}],
        "theme_measures": {"all": 2, "done": 1},
    },
    "minutes": {"title": "Minutes", "filed_on": DAY, "attached": True},
    "weekly": {
        "until": DAY,
        "due": [{"label": "Date", "date": DAY, "days_left": 2}],
        "overdue": [{"label": "Date", "date": DAY, "days_late": 2}],
        "waiting": [{"label": "Date", "date": DAY, "waits_for": "Date", "command": "cycle date confirm 2026 date"}],
        "silent": [{"label": "Date", "count": 6, "names": ["Organisation"], "more": 5}],
        "unreachable": {"count": 6, "partners": [{"org": "Organisation", "why": "no address"}], "more": 5},
        "failed": 1,
        "unclear": 1,
    },
}


def specimen(dates: Iterable[str]) -> dict[str, Any]:
    """A context for any template of a workflow with these dates."""
    return {**VALUES, "dates": dict.fromkeys(dates, DAY), "reference": "P-2026-001"}
