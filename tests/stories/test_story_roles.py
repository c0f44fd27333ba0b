"""Story 21: the auditor reads everything and writes nothing but a comment. No command can be forgotten here."""

import json
import shlex
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import typer

from cycle.app.places import data_root
from cycle.cli import main

DEMO = data_root() / "config" / "demo"
READING = {
    "status", "doctor", "gap", "people list", "partner list", "partner show", "group list", "date list", "meeting list",
    "meeting show", "survey status", "project list", "need list", "need show", "theme list", "theme show", "decision list",
    "measure list", "measure show", "document list", "number list", "mail list", "mail show", "mail preview", "mail letters",
    "history list", "history show", "history verify", "workflow check", "workflow show", "config show",
}  # fmt: skip
COMMENT = "history comment"
# init and demo make a site of their own; run is the service, which acts as itself; before a migration nobody can be looked up.
NO_ONES = {"init", "demo", "run", "db upgrade"}
GIVEN = {
    "year": "2025", "to": "focus_theme", "code": "force_majeure", "check": "A2", "transition": "cancel", "until": "2026-09-01",
    "login": "a.kraut", "name": "spring", "number": "1", "into": "2", "key": "round_table", "day": "2026-09-01",
    "on": "2025-10-01", "partner": "4", "title": "Titel", "field": "education", "source": "Netzwerktreffen",
    "disposal": "covered", "valid_from": "2027-01-01", "valid_to": "2027-12-31", "body": "Gemeinderat", "reference": "GR 1",
    "subject": "report", "outcome": "noted", "due": "2026-12-31", "kind": "evidence", "value": "1",
    "template": "cycle_closed", "thing": "meeting/spring", "text": "Frage",
}  # fmt: skip
GIVEN_TO: dict[str, dict[str, str]] = {
    "partner import": {"file": str(DEMO / "partners_2025.csv")},
    "group import": {"file": str(DEMO / "network_groups.csv")},
    "group edit": {"code": "NG1"},
    "survey import": {"file": str(DEMO / "survey_2025.csv")},
    "project import": {"file": str(DEMO / "projects_2025.csv")},
    "project review": {"--file": str(DEMO / "reviews_2025.csv"), "--until": "2025-10-01"},
    "need import": {"file": str(DEMO / "needs_2024.csv")},
    "need settle": {"number": "B-2025-01"},
    "measure import": {"file": str(DEMO / "measures_2024.csv")},
    "measure carry": {"number": "M-2024-03", "to": "2026"},
    "measure update": {"number": "M-2024-03"},
    "measure drop": {"number": "M-2024-03"},
    "theme decide": {"number": "T2"},
    "theme change": {"number": "T2"},
    "theme confirm": {"number": "T2"},
    "theme end": {"number": "T2"},
    "document file": {"file": str(DEMO / "documents_2025" / "report_final.txt")},
    "history correct": {"field": "on_site"},
    "gap": {"--record": ""},
    "start": {"year": "2027"},
}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command of the command line by its words."""
    app = typer.Typer()
    for module in ("daily", "gap"):
        import_module(f"cycle.cli.{module}").add_to(app)
    for noun in main.NOUNS:
        app.add_typer(import_module(f"cycle.cli.{noun}").app, name=noun)
    for name, found in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        if hasattr(found, "commands"):
            yield from ((f"{name} {verb}", each) for verb, each in found.commands.items())
        else:
            yield name, found


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
    return " ".join(parts)


COMMANDS = dict(commands())
WRITING = [words for words in COMMANDS if words not in READING | NO_ONES | {COMMENT}]


def test_every_command_is_known_to_read_or_to_write() -> None:
    assert READING | NO_ONES | {COMMENT} <= set(COMMANDS)
    assert [words for words, each in COMMANDS.items() if words in READING and words != "gap" and _may_write(each)] == []
    assert len(WRITING) >= 50


def _may_write(command: Any) -> bool:
    return any(param.name == "dry_run" for param in command.params)


def test_auditor_is_refused_every_writing_command_and_nothing_changes(story: Any) -> None:
    cycle = story("two years at once")
    before = cycle("history list --json").out

    codes = {words: cycle(line_of(words, COMMANDS[words]), login="a.kraut", code=None).code for words in WRITING}
    codes["gap --record"] = cycle("gap 2025 --record", login="a.kraut", code=None).code

    assert codes == dict.fromkeys([*WRITING, "gap --record"], 6)
    assert cycle("history list --json").out == before


def test_somebody_unknown_may_neither_read_nor_write(story: Any) -> None:
    cycle = story("two years at once")

    lines = ["status", "history list", "history verify", "mail list", "mail preview", "advance 2025", "gap 2025", "people list"]

    assert {line: cycle(line, login="x.fremd", code=None).code for line in lines} == dict.fromkeys(lines, 6)


def test_auditor_reads_everything_that_can_be_read(story: Any) -> None:
    cycle = story("two years at once")
    lines = [
        "status", "status 2025", "people list", "partner list", "partner show 4", "group list", "date list 2025",
        "meeting list 2025", "meeting show 2025 spring", "survey status 2025", "project list 2025", "need list 2025",
        "need show 2025 B-2025-01", "theme list 2025", "theme show 2025 T2", "decision list 2025", "measure list 2025",
        "measure show 2025 M-2024-03", "document list 2025", "number list 2025", "mail list", "mail show 1", "mail preview",
        "mail letters", "history list 2025", "history show 1", "history verify", "workflow show", "gap 2025",
    ]  # fmt: skip

    assert {line: cycle(line, login="a.kraut", code=None).code for line in lines} == dict.fromkeys(lines, 0)


def test_auditor_may_comment_and_the_comment_is_in_the_history(story: Any) -> None:
    cycle = story("two years at once")

    cycle('history comment 2025 "Warum wurde A2 erlassen?"', login="a.kraut")

    (last,) = json.loads(cycle("history list 2025 --json --last 1").out)["entries"]
    assert (last["type"], last["actor"]["role"], last["reason"]) == ("comment.added", "auditor", "Warum wurde A2 erlassen?")


@pytest.mark.parametrize(
    ("login", "line"),
    [
        ("b.falkner", "advance 2026"),
        ("d.steinhilber", "advance 2026"),
        ("admin", "advance 2026"),
        ("j.weissenburger", 'cancel 2026 --yes --reason "Kein Geld"'),
        ("j.weissenburger", "people leave a.kraut"),
        ("s.reinhardt", 'reopen 2025 --yes --reason "Nachtrag"'),
        ("t.haeussermann", "advance 2026"),
        ("t.haeussermann", 'meeting move 2025 group_session 2026-03-10 --group NG2 --reason "Raum belegt"'),
    ],
)
def test_role_does_only_what_the_workflow_gives_it(story: Any, login: str, line: str) -> None:
    cycle = story("two years at once")
    before = cycle("history list --json").out

    cycle(line, login=login, code=6)

    assert cycle("history list --json").out == before


def test_speaker_works_for_the_own_group(story: Any) -> None:
    cycle = story("two years at once")

    cycle(
        'meeting add 2026 group_session --group NG1 --on 2026-10-15 --at 17:30 --venue "Volkshochschule"',
        login="t.haeussermann",
    )

    (last,) = json.loads(cycle("history list 2026 --json --last 1").out)["entries"]
    assert (last["type"], last["actor"]["role"]) == ("meeting.added", "speaker")
