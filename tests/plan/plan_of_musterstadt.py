"""A city with the cycles 2025 and 2026 of its plan, a few partners and a group, and two ways into its database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from cycle.adapters.database import Database
from cycle.cycles.records import Cycle, WorkflowText, Year, cycle_of
from cycle.dates.records import Deadline
from cycle.journal.actor import Actor
from cycle.journal.entry import Entry
from cycle.journal.journal import Journal
from cycle.partners.records import NetworkGroup, Partner
from cycle.plan.actions import measures, needs, themes
from cycle.plan.records import Measure, Need, Theme
from cycle.vocabulary import Finding
from cycle.workflow.canonical import canonical_text, sha256_of
from cycle.workflow.model import Workflow
from cycle.workflow.reading import read
from cycle.workflow.unfold import complete, unfold

ROOT = Path(__file__).parents[2]
BERLIN = ZoneInfo("Europe/Berlin")
BY = Actor("p:" + "0" * 32, "coordinator")
CLOSES = {2025: date(2026, 2, 27), 2026: date(2027, 2, 26)}


def integration() -> Workflow:
    """The shipped workflow, without asking whether every house lends its words."""
    values = read(ROOT / "workflows" / "integration.yaml").values
    defaults = read(ROOT / "config" / "workflow_defaults.yaml").values
    return Workflow.model_validate_json(json.dumps(unfold(complete(values, defaults))))


@dataclass(frozen=True)
class City:
    """The database of one test."""

    database: Database
    journal: Journal
    workflow: Workflow

    @contextmanager
    def entry(
        self, type: str, today: str, *, year: int | None = 2025, reason: str | None = None, on: str | None = None
    ) -> Iterator[tuple[Entry, Year]]:
        """An open entry at noon of a day."""
        now = datetime.combine(date.fromisoformat(today), time(12), BERLIN).astimezone(UTC)
        effective_on = date.fromisoformat(on) if on else None
        cycle = f"ip-{year}" if year else None
        with self.journal.entry(type, by=BY, now=now, cycle=cycle, reason=reason, effective_on=effective_on) as entry:
            yield entry, self._year(entry.session, year or 2025, now)

    @contextmanager
    def reading(self, today: str, year: int = 2025) -> Iterator[Year]:
        """A cycle as it is read at noon of a day."""
        now = datetime.combine(date.fromisoformat(today), time(12), BERLIN).astimezone(UTC)
        with self.journal.reading() as session:
            yield self._year(session, year, now)

    def _year(self, session: Session, year: int, now: datetime) -> Year:
        cycle = cycle_of(session, "integration", year)
        return Year(session=session, cycle=cycle, workflow=self.workflow, now=now, today=now.astimezone(BERLIN).date())


def begin(city: City) -> None:
    """Partners 1 to 9, the group NG2, and both cycles with the day of the review's request and that of the close."""
    noon = datetime(2025, 1, 9, 11, tzinfo=UTC)
    with city.journal.entry("log.opened", by=BY, now=noon):
        pass
    with city.journal.entry("partner.imported", by=BY, now=noon) as entry:
        entry.add_all([Partner(number=n, short=f"P{n}", name=f"Partner {n}", kind="welfare") for n in range(1, 10)])
        entry.add(NetworkGroup(code="NG2", name="Arbeit"))
    text = canonical_text(city.workflow)
    with city.journal.entry("migration.applied", by=BY, now=noon) as entry:
        entry.add(WorkflowText(sha256=sha256_of(text), plan="integration", edition="1.0", text=text))
    for year, closes in CLOSES.items():
        with city.journal.entry("cycle.started", by=BY, now=noon, cycle=f"ip-{year}") as entry:
            cycle = entry.add(_cycle(year, sha256_of(text)))
            entry.add_all([_deadline(cycle, "review_request", date(year, 9, 16)), _deadline(cycle, "cycle_close", closes)])


def a_need(city: City, title: str = "Lernbegleitung", *, today: str = "2025-05-08", year: int = 2025, **fields: object) -> Need:
    """A need of the cycle."""
    values = {"field": "education", "source": "Netzwerktreffen"} | fields
    with city.entry("need.added", today, year=year) as (entry, about):
        return needs.add(entry, about, title, **values)


def a_theme(city: City, title: str = "Bildung", *, year: int = 2025, until: str = "2025-12-31", **fields: object) -> Theme:
    """A primary theme from the year's first day on."""
    values = {"field": "education", "valid_from": date(year, 1, 1), "valid_to": date.fromisoformat(until), "primary": True}
    with city.entry("theme.proposed", "2025-06-04", year=year) as (entry, about):
        return themes.propose(entry, about, title, **values | fields)


def a_measure(
    city: City, title: str = "Wegweiser", *, today: str = "2025-11-26", year: int = 2025, **fields: object
) -> Measure:
    """A complete measure of the cycle, owned by partner 4."""
    values = {"field": "work", "target_groups": ["youth"], "owner": 4, "due": date(2026, 10, 31)}
    with city.entry("measure.added", today, year=year) as (entry, about):
        return measures.add(entry, about, title, **values | fields)


def told(finding: Finding, *facts: str) -> tuple[object, ...]:
    """Whether a finding is met, and those of its facts."""
    return (finding.met, *(finding.facts[fact] for fact in facts))


def _cycle(year: int, sha256: str) -> Cycle:
    return Cycle(
        key=f"ip-{year}",
        plan="integration",
        year=year,
        label=str(year),
        workflow_sha256=sha256,
        phase="planned",
        started_on=date(year, 1, 10),
    )


def _deadline(cycle: Cycle, key: str, day: date) -> Deadline:
    return Deadline(cycle_id=cycle.id, key=key, raw=day, first_planned=day, planned=day, since=cycle.started_on)
