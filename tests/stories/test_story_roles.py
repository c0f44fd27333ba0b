"""Story 21: the auditor reads everything and writes nothing but a comment, and takes an export along. No command can be
forgotten here: the lists are made from the command line itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import COMMENT, EXPORT, NO_ONES, READING, commands, line_of
from refusals import dump
from ruamel.yaml import YAML

from cycle.app.places import data_root

COMMANDS = dict(commands())
WRITING = [words for words in COMMANDS if words not in READING | NO_ONES | {COMMENT, EXPORT}]


def kept(cycle: Any) -> tuple[list[str], list[Path]]:
    """Everything that the database holds, and the files beside it."""
    return dump(cycle), sorted(cycle.home.rglob("*"))


def test_every_command_is_known_to_read_or_to_write() -> None:
    assert READING | NO_ONES | {COMMENT, EXPORT} <= set(COMMANDS)
    assert (len(READING) >= 34, len(WRITING) >= 50) == (True, True)


def test_auditor_is_refused_every_writing_command_and_nothing_changes(story: Any) -> None:
    cycle = story("two years at once")
    before = kept(cycle)
    lines = {words: line_of(words, COMMANDS[words]) for words in WRITING} | {"gap --record": "gap 2025 --record"}

    codes = {words: cycle(line, login="a.kraut", code=None).code for words, line in lines.items()}
    tried = {words: cycle(f"{line} --dry-run", login="a.kraut", code=None).code for words, line in lines.items()}

    assert codes == dict.fromkeys(lines, 6)
    assert tried == dict.fromkeys(lines, 6)
    assert kept(cycle) == before


@pytest.mark.parametrize("plan", sorted(file.stem for file in (data_root() / "workflows").glob("*.yaml")))
def test_an_auditor_of_every_plan_reads_and_comments(plan: str) -> None:
    roles = YAML(typ="safe").load(data_root() / "workflows" / f"{plan}.yaml")["roles"]

    may = {name: sorted(role["may"]) for name, role in roles.items() if "auditor" in name}
    assert may == {name: ["comment", "read"] for name in may}


def test_somebody_unknown_may_neither_read_nor_write(story: Any) -> None:
    cycle = story("two years at once")

    lines = ["status", "history list", "history verify", "mail list", "mail preview", "advance 2025", "gap 2025", "people list"]

    assert {line: cycle(line, login="x.fremd", code=None).code for line in lines} == dict.fromkeys(lines, 6)


def test_auditor_reads_everything_that_can_be_read_and_that_changes_nothing(story: Any) -> None:
    cycle = story("two years at once")
    before = kept(cycle)
    lines = {words: line_of(words, COMMANDS[words]).removesuffix(" --record") for words in sorted(READING)}

    said = {words: cycle(f"{line} --json", login="a.kraut", code=None) for words, line in lines.items()}

    assert {words: each.out for words, each in said.items() if each.code} == {}
    assert [words for words, each in said.items() if "schema" not in json.loads(each.out)] == []
    assert kept(cycle) == before


def test_auditor_may_comment_and_the_comment_is_in_the_history(story: Any) -> None:
    cycle = story("two years at once")

    cycle('history comment 2025 "Warum wurde A2 erlassen?"', login="a.kraut")

    (last,) = json.loads(cycle("history list 2025 --json --last 1").out)["entries"]
    assert (last["type"], last["actor"]["role"], last["reason"]) == ("comment.added", "auditor", "Warum wurde A2 erlassen?")


def test_auditor_takes_an_export_along_and_the_history_tells_it(story: Any, tmp_path: Path) -> None:
    cycle = story("two years at once")

    cycle(f"history export {tmp_path / 'out'} --cycle 2025 --with-openings", login="a.kraut")
    cycle(f"history export --database {tmp_path / 'copy.db'}", login="a.kraut")

    last = json.loads(cycle("history list --json --last 2").out)["entries"]
    assert [(e["type"], e["actor"]["role"], e["data"]["what"]) for e in last] == [
        ("log.exported", "auditor", "entries"),
        ("log.exported", "auditor", "database"),
    ]


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
