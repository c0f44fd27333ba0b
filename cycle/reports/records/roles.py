"""Who held which role when, as the journal tells it."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from cycle.journal.history import entries
from cycle.people.records import everybody
from cycle.reports.records.acts import as_acts
from cycle.reports.rules.roles import RoleHeld, acts_on


def roles(session: Session, zone: ZoneInfo) -> tuple[RoleHeld, ...]:
    """Every span of every person, also those that are over, by the day it began; days are local to `zone`."""
    acts = as_acts(session, list(entries(session, types=["log.opened", "people.changed"])), zone)
    given, ended = acts_on("role_span", acts, "valid_to")
    found = [
        RoleHeld(
            person=person.ref,
            role=span.role,
            group=span.group,
            valid_from=span.valid_from,
            valid_to=span.valid_to,
            given=given.get(span.id or 0),
            ended=ended.get(span.id or 0),
        )
        for person, spans in everybody(session)
        for span in spans
    ]
    return tuple(sorted(found, key=lambda held: held.valid_from))
