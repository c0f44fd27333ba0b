"""The played year as plain values, to be compared with what must come about."""

import json
from collections import Counter
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from cycle.adapters.templates import Letters
from cycle.app.furnishing import wording_of
from cycle.app.site import Site
from cycle.cycles.records import Cycle, cycle_of, workflow_of
from cycle.dates.records import deadlines
from cycle.dates.rules import public_calendar, working_days_late
from cycle.inventory.records import coverage, response, review_carriers, snapshot_of, survey_of
from cycle.journal.history import entries, reason
from cycle.journal.records import Event, Opening
from cycle.meetings.records import Meeting, meetings_of
from cycle.outbox.records import Mail, mails_all
from cycle.partners.records import partners_all
from cycle.people.records import person_by_login, person_by_ref
from cycle.phases.records import stays, waivers
from cycle.plan.records import measures_all, needs_all, themes_all
from cycle.reminders.records import LedgerItem, ledger_of
from cycle.reports.actions.page import page
from cycle.reports.records.dossier import dossier
from cycle.reports.rules.dossier import Dossier

PLAN = "integration"
EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "expected_2025.json").read_text(encoding="utf-8"))
LISTED = {mail["template"] for mail in EXPECTED["mails"]}


class Year:
    """Questions to a played site; each answer is in the form of expected_2025.json."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def phases(self, year: int) -> list[dict[str, Any]]:
        with self.site.journal.reading() as session:
            cycle = cycle_of(session, PLAN, year)
            return [
                {
                    "phase": stay.phase,
                    "round": stay.round,
                    "entered": self._day(stay.entered_at),
                    "left": self._day(stay.left_at) if stay.left_at else None,
                    **({"by": stay.left_by} if stay.left_by else {}),
                }
                for stay in stays(session, cycle.id or 0)
            ]

    def dates(self) -> dict[str, dict[str, Any]]:
        with self.site.journal.reading() as session:
            cycle = cycle_of(session, PLAN, 2025)
            workflow = workflow_of(session, cycle)
            public = public_calendar(self.site.files.calendars(workflow))
            found = {}
            for row in deadlines(session, cycle.id or 0):
                actual = row.planned if workflow.dates[row.key].done.word == "passed" else row.actual
                found[row.key] = {
                    "first_planned": str(row.first_planned),
                    "planned": str(row.planned),
                    "actual": str(actual),
                    "late_wd": max(0, working_days_late(row.planned, actual, public)) if actual else None,
                    "moves": row.moves,
                    "shift_reason": row.shift_reason,
                }
            return found

    def moved(self) -> list[dict[str, Any]]:
        with self.site.journal.reading() as session:
            return [
                {
                    "on": self._day(told.recorded_at),
                    "cycle": 2025,
                    "key": m["key"],
                    "from": m["from"],
                    "to": m["to"],
                    "follows": m["follows"],
                }
                for told in entries(session, types=["meeting.moved", "date.moved"])
                for m in told.data.get("moved", ())
            ]

    def overdue(self) -> dict[str, dict[str, Any]]:
        with self.site.journal.reading() as session:
            cycle = cycle_of(session, PLAN, 2025)
            ended = {row.key: str(row.actual) for row in deadlines(session, cycle.id or 0)}
            return {
                each["key"]: {
                    "planned": each["planned"],
                    "from_day": each["since"],
                    "findings": each["findings"],
                    "ended": ended[each["key"]],
                }
                for told in entries(session, cycle=cycle.key, types=["date.overdue"])
                for each in told.data["dates"]
            }

    def sent(self) -> list[tuple[int, LedgerItem, date, str | None]]:
        """(year, item, day it was queued for or the letter was made, role) of all that reached a mail or a letter."""
        with self.site.journal.reading() as session:
            mails = {mail.id: mail for mail in mails_all(session)}
            found = []
            for cycle in session.exec(select(Cycle).order_by(col(Cycle.year))):
                for item in ledger_of(session, cycle.id or 0):
                    if item.state in ("in_mail", "letter"):
                        mail = mails.get(item.mail_id)
                        found.append((cycle.year, item, mail.day if mail else item.made_on, mail.role if mail else None))
            return found

    def busy(self) -> set[tuple[str, date]]:
        """Who had a mail on which day."""
        with self.site.journal.reading() as session:
            return {(mail.person, mail.day) for mail in mails_all(session) if mail.state in ("sent", "bounced")}

    def group_events(self) -> set[str]:
        """The subjects of mails about a meeting of one group: these go to its members and are not listed."""
        with self.site.journal.reading() as session:
            return {f"event/{told.seq}" for told in entries(session, types=["meeting.moved"]) if told.data.get("group")}

    def sent_mails(self) -> list[Mail]:
        """Every mail that left, also those that came back."""
        with self.site.journal.reading() as session:
            return [mail for mail in mails_all(session) if mail.state in ("sent", "bounced")]

    def survey(self) -> dict[str, Any]:
        with self.site.journal.reading() as session:
            about = self.site.year(session, cycle_of(session, PLAN, 2025))
            found = response(about)
            survey = survey_of(session, about.cycle_id)
            assert survey is not None
            return {
                "invited": found.invited,
                "answered": found.answered,
                "usable": found.usable,
                "gross": found.gross / 10_000,
                "net": found.net / 10_000,
                "closed": str(survey.closed_on),
                "late": found.late,
            }

    def gap(self) -> dict[str, Any]:
        with self.site.journal.reading() as session:
            snapshot = snapshot_of(session, cycle_of(session, PLAN, 2025).id or 0)
            assert snapshot is not None
            return {
                "recorded": str(snapshot.recorded_on),
                "scope": snapshot.scope,
                "projects": snapshot.projects,
                "result": snapshot.result,
            }

    def reviews(self) -> dict[str, Any]:
        with self.site.journal.reading() as session:
            about = self.site.year(session, cycle_of(session, PLAN, 2025))
            found = coverage(about)
            return {"carriers_asked": len(review_carriers(about)), "projects": found.projects, "reviewed": found.reviewed}

    def waivers(self) -> list[dict[str, Any]]:
        with self.site.journal.reading() as session:
            cycle = cycle_of(session, PLAN, 2025)
            return [
                {"on": self._day(w.waived_at), "check": w.check, "phase": w.phase, "round": w.round, "reason": w.reason}
                for w in waivers(session, cycle.id or 0)
            ]

    def carried(self) -> list[dict[str, Any]]:
        with self.site.journal.reading() as session:
            found = []
            for told in entries(session, types=["measure.carried", "need.settled"]):
                number = told.data.get("measure") or told.data.get("need")
                to = told.data.get("to") or told.data.get("carried_to")
                if to is not None:
                    found.append({"on": self._day(told.recorded_at), "id": number, "to": to, "count": told.data["count"]})
            return found

    def needs(self) -> dict[str, dict[str, Any]]:
        with self.site.journal.reading() as session:
            return {
                need.number: {"status": need.status, "carried_to": need.carried_to, "carry_count": need.carry_count}
                for need in needs_all(session, PLAN)
            }

    def measures(self) -> dict[str, dict[str, Any]]:
        with self.site.journal.reading() as session:
            return {
                m.number: {
                    "status": m.status,
                    "due_first": str(m.due_first),
                    "due": str(m.due),
                    "done": str(m.done_on) if m.done_on else None,
                    "carry_count": m.carry_count,
                    "owner": str(m.owner) if m.owner is not None else None,
                    "interim": m.interim,
                }
                for m in measures_all(session, PLAN)
            }

    def themes(self) -> dict[str, dict[str, Any]]:
        with self.site.journal.reading() as session:
            bodies = workflow_of(session, cycle_of(session, PLAN, 2025)).vocab["decision_bodies"]
            return {
                t.number: {
                    "title": t.title,
                    "valid_from": str(t.valid_from),
                    "valid_to": str(t.valid_to),
                    "body": bodies[t.body].de if t.body else None,
                    "decided": str(t.decided_on) if t.decided_on else None,
                    "reference": t.reference,
                }
                for t in themes_all(session, PLAN)
            }

    def partners(self) -> dict[str, int]:
        with self.site.journal.reading() as session:
            return dict(Counter(partner.status for partner in partners_all(session)))

    def group_sessions(self) -> dict[str, int | None]:
        with self.site.journal.reading() as session:
            meetings = meetings_of(session, cycle_of(session, PLAN, 2025).id or 0)
            return {m.group: m.on_site for m in sorted(meetings, key=lambda m: m.held_on or date.max) if m.group}

    def spring(self) -> Meeting:
        with self.site.journal.reading() as session:
            return next(m for m in meetings_of(session, cycle_of(session, PLAN, 2025).id or 0) if m.name == "spring")

    def commands(self) -> set[tuple[str, str | None]]:
        """(instant, login) of every entry that a person made."""
        with self.site.journal.reading() as session:
            names: dict[str, str | None] = {}
            found = set()
            for told in entries(session):
                ref = told.body["actor"]["ref"]
                if ref not in names:
                    person = person_by_ref(session, ref)
                    names[ref] = person.login if person else None
                found.add((told.recorded_at.isoformat(), names[ref]))
            return found

    def refusals(self) -> list[tuple[str, list[str]]]:
        """(day, checks) of every refused command."""
        with self.site.journal.reading() as session:
            return [
                (self._day(told.recorded_at), sorted({f["check"] for f in told.data["findings"] if f["check"]}))
                for told in entries(session, types=["phase.refused", "command.refused"])
            ]

    def addendum(self) -> dict[str, Any]:
        with self.site.journal.reading() as session:
            told = next(iter(entries(session, types=["entry.corrected"])))
            data = told.data
            return {
                "on": self._day(told.recorded_at),
                "object": data["object"],
                "field": data["field"],
                "was": str(data["was"]),
                "now": str(data["now"]),
                "reason": reason(session, told),
                "supersedes": told.body["supersedes"] is not None,
            }

    def bodies(self) -> list[str]:
        """The body of every entry, as it was hashed."""
        with self.site.journal.reading() as session:
            return list(session.exec(select(Event.body).order_by(col(Event.seq))))

    def personal(self) -> set[str]:
        """What every private column ever held, and every reason; words that a function or a salutation shares with others
        are nobody's."""
        with self.site.journal.reading() as session:
            values = [json.loads(value) for value in session.exec(select(Opening.value))]
        fields = [told if isinstance(told, dict) else {"reason": told} for told in values]
        shared = {"salutation", "title", "function"}
        words = {str(each[name]) for each in fields for name in each if each[name] is not None and name not in shared}
        return {json.dumps(word, ensure_ascii=False)[1:-1] for word in words - {"admin"}}

    @cached_property
    def dossier(self) -> Dossier:
        """What the auditor's dossier of 2025 holds, once the year is over."""
        with self.site.journal.reading() as session:
            newest = next(iter(entries(session, newest_first=True)))
            about = self.site.year(session, cycle_of(session, PLAN, 2025), newest.recorded_at)
            public = public_calendar(self.site.files.calendars(about.workflow))
            auditor = person_by_login(session, "a.kraut")
            assert auditor is not None
            return dossier(about, public, municipality="Musterstadt", asked_by=auditor.ref, asked_as="auditor")

    def page(self, language: str) -> str:
        """The dossier as it is read."""
        told = self.dossier
        with self.site.journal.reading() as session:
            workflow = workflow_of(session, cycle_of(session, PLAN, 2025))
        wording = wording_of(self.site.home, language, self.site.zone)
        return page(told, workflow, wording, Letters(self.site.files.folders("templates"), (language,)))

    def _day(self, moment: Any) -> str:
        return str(moment.astimezone(self.site.zone).date())


def postponed_until(day: str) -> str:
    """The last day on which somebody who had a mail on that day may hear of it: the next working day, over a long weekend."""
    return str(date.fromisoformat(day) + timedelta(days=5))
