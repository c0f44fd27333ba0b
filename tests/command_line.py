"""The command line as Typer has it: every command, and a line that makes each do its work in Musterstadt."""

import os
import shlex
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer

from cycle.app.places import data_root
from cycle.cli import main

DEMO = data_root() / "config" / "demo"
# The two writing commands of somebody who only reads: both leave an entry and change nothing that is recorded.
COMMENT, EXPORT = "history comment", "history export"
# init and demo make a site of their own; run is the service, which acts as itself; before a migration nobody can be looked up.
NO_ONES = {"init", "demo", "run", "db upgrade"}
# Makes a copy with everything in it, names too: it leaves no entry, and is not for who only reads.
COPYING = {"db backup"}
GIVEN = {
    "year": "2025", "to": "focus_theme", "code": "force_majeure", "check": "A2", "transition": "cancel", "until": "2026-09-01",
    "login": "a.kraut", "name": "spring", "number": "1", "into": "2", "key": "round_table", "day": "2026-09-01",
    "on": "2025-10-01", "partner": "4", "partners": "4", "title": "Titel", "field": "education", "source": "Netzwerktreffen",
    "disposal": "covered", "valid_from": "2027-01-01", "valid_to": "2027-12-31", "body": "Gemeinderat", "reference": "GR 1",
    "subject": "report", "outcome": "noted", "due": "2026-12-31", "kind": "evidence", "value": "1",
    "template": "cycle_closed", "thing": "meeting/spring", "text": "Frage", "address": "probe@stadt.example.org",
}  # fmt: skip
GIVEN_TO: dict[str, dict[str, str]] = {
    "partner import": {"file": str(DEMO / "partners_2025.csv")},
    "group import": {"file": str(DEMO / "network_groups.csv")},
    "group edit": {"code": "NG1"},
    "survey import": {"file": str(DEMO / "survey_2025.csv"), "--until": "2026-09-01"},
    "survey form": {"PARTNER": "4", "--to": os.devnull},
    "project import": {"file": str(DEMO / "projects_2025.csv")},
    "project review": {"--file": str(DEMO / "reviews_2025.csv"), "--until": "2025-10-01"},
    "need import": {"file": str(DEMO / "needs_2024.csv")},
    "need cost": {"number": "B-2025-01", "amount": "9500"},
    "need settle": {"number": "B-2025-01"},
    "measure import": {"file": str(DEMO / "measures_2024.csv")},
    "measure carry": {"number": "M-2024-03", "to": "2026"},
    "measure update": {"number": "M-2024-03"},
    "measure drop": {"number": "M-2024-03"},
    "measure assess": {"number": "M-2024-03", "--as": "on_track"},
    "followup add": {"body": "Gemeinderat", "due": "2026-12-31"},
    "followup done": {"number": "W-2025-01", "result": "Vorgelegt"},
    "theme decide": {"number": "T2"},
    "theme change": {"number": "T2"},
    "theme confirm": {"number": "T2"},
    "theme end": {"number": "T2"},
    "document file": {"file": str(DEMO / "documents_2025" / "report_final.txt")},
    "history correct": {"field": "on_site"},
    "gap": {"--record": ""},
    "history export": {"DIR": "ausgabe"},
    "partner show": {"number": "4"},
    "need show": {"number": "B-2025-01"},
    "theme show": {"number": "T2"},
    "measure show": {"number": "M-2024-03"},
    "workflow check": {"file": str(data_root() / "workflows" / "integration.yaml")},
    "mail bounce": {"--partner": "4"},
    "mail queue": {"template": "contact_check", "to": "partners"},
    "mail explain": {"--on": "2025-10-01"},  # without a day it lives through the whole year to come
    "start": {"year": "2027"},
    "privacy due": {"--erase": ""},
    "privacy report": {"PARTNER": "4"},
    "db erasures": {"--apply": ""},
    "db backup": {"file": "cycle-backup.db"},
    "meeting agenda import": {"file": str(DEMO / "agenda_2025.csv")},
    "meeting agenda move": {"to": "2"},
}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command of the command line by its words."""
    app = typer.Typer()
    for module in ("daily", "gap"):
        import_module(f"cycle.cli.{module}").add_to(app)
    for noun in main.NOUNS:
        app.add_typer(import_module(f"cycle.cli.{noun}").app, name=noun)
    for name, found in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield from _inside(name, found)


def _inside(name: str, found: Any) -> Iterator[tuple[str, Any]]:
    """A command, or all of a noun, and of a noun's noun."""
    if not hasattr(found, "commands"):
        yield name, found
    for verb, each in getattr(found, "commands", {}).items():
        yield from _inside(f"{name} {verb}", each)


def line_of(words: str, command: Any) -> str:
    """A command line with something for everything that the command demands, and what makes it write."""
    own = GIVEN_TO.get(words, {})
    parts = [words]
    for param in command.params:
        if param.required:
            value = shlex.quote(own.get(param.name) or GIVEN[param.name])
            parts.append(f"{param.opts[0]} {value}" if param.param_type_name == "option" else value)
        elif param.name in ("yes", "reason"):
            parts.append({"yes": "--yes", "reason": '--reason "Ein Grund von Gewicht"'}[param.name])
    for option, value in own.items():
        if option.startswith("--"):
            parts.append(" ".join(filter(None, [option, value])))
        elif option.isupper():  # an argument that may be left out
            parts.append(shlex.quote(value))
    return " ".join(parts)


def writes(command: Any) -> bool:
    """Whether a command writes: each that does can be tried out with --dry-run."""
    return any(param.name == "dry_run" for param in command.params)


# What reads, found on the command line itself: a new command is among them. A gap report writes only with --record.
READING = {words for words, each in commands() if words not in NO_ONES | COPYING and not writes(each)} | {"gap"}
