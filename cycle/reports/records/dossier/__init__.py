"""Gathers everything that a dossier of one year holds, as its session sees it: now, or as of a moment."""

from collections.abc import Sequence

from cycle.cycles.records import Year
from cycle.dates.rules import Calendar
from cycle.documents.records import documents_of
from cycle.journal.history import entries
from cycle.partners.records import network, partners_all
from cycle.people.records import everybody
from cycle.reports.records.acts import acts_of
from cycle.reports.records.decisions import decisions
from cycle.reports.records.dossier import content, times
from cycle.reports.records.dossier.mails import mails
from cycle.reports.records.dossier.proof import json_lines, proof
from cycle.reports.records.exceptions import exceptions
from cycle.reports.records.lateness import lateness
from cycle.reports.rules.acts import Act
from cycle.reports.rules.dossier import Dossier, Filed, Head

__all__ = ["dossier", "json_lines"]


def dossier(about: Year, public: Calendar | None, *, municipality: str, asked_by: str, asked_as: str) -> Dossier:
    """One year at its moment, asked for by a person (a reference of the journal) in a role.

    Raises:
        NotReady: `calendar_not_covering`, where working days cannot be counted.
    """
    session = about.session
    acts = acts_of(about)
    organisations = {partner.number: partner.name for partner in partners_all(session)}
    told, missed = mails(about, organisations)
    found = exceptions(about, public)
    untold = [each.subject for each in found.untold]
    types = {f"event/{act.seq}": act.type for act in acts}
    return Dossier(
        head=_head(about, municipality, asked_by, asked_as),
        started=next(act for act in acts if act.type == "cycle.started"),
        phases=times.phases(about, public),
        meetings=times.meetings(about, acts),
        lateness=lateness(about, public),
        decisions=decisions(about),
        approvals=tuple(act for act in acts if act.type == "phase.approved"),
        documents=_filed(about, acts),
        exceptions=found,
        told=told,
        bounced=missed,
        partners=len(network(session, about.organiser)),
        themes=content.themes(about, acts),
        theme_acts=tuple(act for act in acts if act.type.startswith("theme.")),
        needs=content.needs(about, acts),
        measures=content.measures(about, public),
        carried=content.carried(about, acts),
        asked=content.asked(about),
        gaps=content.gaps(about),
        proof=proof(session, about.cycle.key),
        names={person.ref: person.name or person.login for person, _ in everybody(session)},
        organisations=organisations,
        types={subject: types[subject] for subject in untold if subject in types},
        erased=_erased(about, acts),
    )


def _head(about: Year, municipality: str, asked_by: str, asked_as: str) -> Head:
    cycle = about.cycle
    return Head(
        municipality=municipality,
        plan=cycle.plan,
        year=cycle.year,
        label=cycle.label,
        edition=about.workflow.plan.version,
        workflow_sha256=cycle.workflow_sha256,
        phase=cycle.phase,
        round=cycle.round,
        standing=cycle.standing,
        started_on=cycle.started_on,
        closed_on=cycle.closed_on,
        seen=about.now,
        seen_on=about.today,
        asked_by=asked_by,
        asked_as=asked_as,
    )


def _filed(about: Year, acts: Sequence[Act]) -> tuple[Filed, ...]:
    """The documents in the order filed, each with its entry."""
    rows = {row.id: row for row in documents_of(about.session, about.cycle_id)}
    return tuple(
        Filed(act, rows[n].kind, rows[n].of, rows[n].filename, rows[n].filed_on, rows[n].sha256, rows[n].superseded)
        for act in acts
        for change in act.changes
        if change.get("add") == "document"
        for n in change["ids"]
    )


def _erased(about: Year, acts: Sequence[Act]) -> frozenset[int]:
    """The entries that were given a reason which can be read no more."""
    unread = {act.seq for act in acts if act.reason is None}
    told = entries(about.session, cycle=about.cycle.key)
    return frozenset(each.seq for each in told if each.seq in unread and "reason" in each.body["private"])
