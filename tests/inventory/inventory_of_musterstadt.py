"""A city with the cycles 2025 and 2026 of its integration plan and 60 partners, and two ways into its database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from cycle.adapters.database import Database
from cycle.cycles.records import Cycle, WorkflowText, Year, cycle_of
from cycle.dates.records import Deadline
from cycle.inventory import records as inventory_records
from cycle.journal.actor import Actor
from cycle.journal.entry import Entry
from cycle.journal.journal import Journal
from cycle.partners.records import Contact, Partner, PartnerStatus
from cycle.workflow.canonical import canonical_text, sha256_of
from cycle.workflow.model import Workflow
from cycle.workflow.reading import read
from cycle.workflow.unfold import complete, unfold

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BERLIN = ZoneInfo("Europe/Berlin")
ORGANISER = 1
BY = Actor("p:" + "0" * 32, "coordinator")


def integration() -> Workflow:
    """The shipped workflow, without asking whether every house lends its words."""
    values = read(ROOT / "workflows" / "integration.yaml").values
    defaults = read(ROOT / "config" / "workflow_defaults.yaml").values
    return Workflow.model_validate_json(json.dumps(unfold(complete(values, defaults))))


def partner(number: int, **fields: object) -> Partner:
    """An active partner that is reached by mail."""
    return Partner(number=number, short=f"P{number}", name=f"Partner {number}", kind="welfare", **fields)


def contact(partner_id: int, **fields: object) -> Contact:
    """The first contact of a partner."""
    values = {"mail": f"p{partner_id}@example.de", "phone": f"030 {partner_id}", "last_name": f"Person {partner_id}"}
    return Contact(partner_id=partner_id, ref=f"c:{partner_id}", **values | fields)


@dataclass(frozen=True)
class City:
    """The database of one test, and two ways into it."""

    database: Database
    journal: Journal
    workflow: Workflow

    @contextmanager
    def entry(self, type: str, day: str, year: int | None = 2025) -> Iterator[tuple[Entry, Year]]:
        """An open entry at noon of a day, of a cycle."""
        now = datetime.combine(date.fromisoformat(day), time(12), BERLIN).astimezone(UTC)
        key = None if year is None else f"ip-{year}"
        with self.journal.entry(type, by=BY, now=now, cycle=key) as entry:
            yield entry, self._year(entry.session, now, year or 2025)

    @contextmanager
    def reading(self, day: str, year: int = 2025) -> Iterator[Year]:
        """The cycle as it is read at noon of a day."""
        now = datetime.combine(date.fromisoformat(day), time(12), BERLIN).astimezone(UTC)
        with self.journal.reading() as session:
            yield self._year(session, now, year)

    def _year(self, session: object, now: datetime, year: int) -> Year:
        return Year(
            session=session,
            cycle=cycle_of(session, "integration", year),
            workflow=self.workflow,
            now=now,
            today=now.astimezone(BERLIN).date(),
            organiser=ORGANISER,
        )


def numbers_of(year: Year) -> tuple[int, int, int]:
    """Invited, answered and usable."""
    numbers = inventory_records.response(year)
    return numbers.invited, numbers.answered, numbers.usable


def begin(city: City) -> None:
    """Open the journal and both cycles; partner 30 has left, answers are due on 1 April."""
    text = canonical_text(city.workflow)
    now = datetime(2025, 1, 10, 8, tzinfo=UTC)
    with city.journal.entry("log.opened", by=BY, now=now) as entry:
        entry.tell(sandbox=True, spec="cycle-log/1", zone="Europe/Berlin")
    with city.journal.entry("partner.imported", by=BY, now=now) as entry:
        dissolved = {"status": PartnerStatus.LEFT, "left_on": date(2024, 12, 31)}
        rows = [partner(number, **(dissolved if number == 30 else {})) for number in range(1, 61)]
        entry.add_all(rows)
        entry.add_all([contact(row.id or 0) for row in rows])
    with city.journal.entry("cycle.started", by=BY, now=now) as entry:
        entry.add(WorkflowText(sha256=sha256_of(text), plan="integration", edition="1.0", text=text))
        for year in (2025, 2026):
            cycle = Cycle(
                key=f"ip-{year}",
                plan="integration",
                year=year,
                label=str(year),
                workflow_sha256=sha256_of(text),
                phase="status_analysis",
                started_on=date(2025, 1, 10),
            )
            entry.add(cycle)
            due = date(year, 4, 1)
            entry.add(
                Deadline(
                    cycle_id=cycle.id or 0, key="survey_due", raw=due, first_planned=due, planned=due, since=date(2025, 1, 10)
                )
            )
