"""What is wrong with a site and how to mend it: each thing looked at by itself, so that one fault hides no other."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlmodel import select

from cycle.adapters.addresses import valid_address
from cycle.adapters.database import safe_wal
from cycle.adapters.templates import Letters
from cycle.app.site import Site, load_settings, open_site
from cycle.cycles.records import running
from cycle.errors import CycleError
from cycle.journal.verify import verify
from cycle.reminders.actions.scene import ANSWERS
from cycle.service.records import Pulse
from cycle.settings import unknown_variables

CONNECT_SECONDS = 5
SILENT_SECONDS = 120
# Given to every letter by its surroundings, not by a scene.
AROUND = frozenset({"reference", "parts"})


class Health(StrEnum):
    """How bad it is: only BAD makes the command fail."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Examined:
    """One thing looked at: its key in the wording, and the facts."""

    health: Health
    key: str
    facts: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The same in JSON."""
        return {"health": self.health.value, "key": self.key, "facts": {n: str(v) for n, v in self.facts.items()}}


def examine(home: Path) -> list[Examined]:
    """Everything that can be looked at without changing anything."""
    found: list[Examined] = []
    for name in unknown_variables(list(os.environ)):
        found.append(Examined(Health.WARNING, "unknown_variable", {"variable": name}))
    try:
        load_settings(home)
        found.append(Examined(Health.GOOD, "settings"))
        site = open_site(home)
    except CycleError as error:
        return [*found, _error(error)]
    try:
        for look in (_database, _journal, _workflow, _calendars, _templates, _mail, _service):
            found += _looked(look, site)
    finally:
        site.database.dispose()
    return found


def _looked(look: Callable[[Site], Iterator[Examined]], site: Site) -> list[Examined]:
    try:
        return list(look(site))
    except CycleError as error:
        return [_error(error)]


def _error(error: CycleError) -> Examined:
    problems = "; ".join(str(problem) for problem in getattr(error, "problems", ()))
    return Examined(Health.BAD, "error", {"error": error, "problems": problems})


def _database(site: Site) -> Iterator[Examined]:
    if site.database.kind == "sqlite":
        yield Examined(Health.GOOD, "sqlite", {"mode": site.database.journal_mode, "safe": safe_wal()})
    else:
        yield Examined(Health.GOOD, "postgresql")
    if site.sandbox:
        yield Examined(Health.WARNING, "sandbox")


def _journal(site: Site) -> Iterator[Examined]:
    verdict = verify(site.database)
    if verdict.intact:
        yield Examined(Health.GOOD, "journal", {"entries": verdict.entries})
    else:
        yield Examined(Health.BAD, "journal_broken", {"count": len(verdict.problems), "first": verdict.problems[0].key})


def _workflow(site: Site) -> Iterator[Examined]:
    workflow = site.workflow()
    yield Examined(Health.GOOD, "workflow", {"plan": workflow.plan.id, "version": workflow.plan.version})


def _calendars(site: Site) -> Iterator[Examined]:
    calendars = site.calendars(site.workflow())
    last = min(calendar.last.year for calendar in calendars.values())
    health = Health.WARNING if last <= site.today().year + 1 else Health.GOOD
    yield Examined(health, "calendars", {"year": last})


def _templates(site: Site) -> Iterator[Examined]:
    workflow = site.workflow()
    letters = Letters(site.folders("templates"), workflow.languages)
    first = workflow.languages[0]
    for template in workflow.mails.every:
        unknown = letters.variables(template, first) - ANSWERS.keys() - AROUND
        if unknown:
            yield Examined(Health.BAD, "template_unknown", {"template": template, "names": sorted(unknown)})
    yield Examined(Health.GOOD, "templates", {"count": len(workflow.mails.every)})


def _mail(site: Site) -> Iterator[Examined]:
    settings = site.settings
    if valid_address(settings.mail.sender) is None:
        yield Examined(Health.BAD, "no_sender", {"sender": settings.mail.sender})
    if settings.mail.transport == "maildir":
        yield Examined(Health.WARNING, "maildir", {"folder": site.home / "mail"})
        return
    try:
        with socket.create_connection((settings.smtp.host, settings.smtp.port), timeout=CONNECT_SECONDS):
            yield Examined(Health.GOOD, "server", {"host": settings.smtp.host, "port": settings.smtp.port})
    except OSError as error:
        problem = error.strerror or str(error)
        yield Examined(Health.BAD, "server_down", {"host": settings.smtp.host, "port": settings.smtp.port, "problem": problem})


def _service(site: Site) -> Iterator[Examined]:
    with site.journal.reading() as session:
        beat = session.exec(select(Pulse.beat_at)).first()
        years = [cycle.label for cycle in running(session)]
    if beat is None:
        yield Examined(Health.WARNING, "no_service")
    else:
        seconds = int((site.now() - beat).total_seconds())
        yield Examined(Health.WARNING if seconds > SILENT_SECONDS else Health.GOOD, "service", {"seconds": seconds})
    yield Examined(Health.GOOD, "years", {"years": years})
