"""Story 21: the auditor reads everything and writes nothing but a comment. No command can be forgotten here."""

import json
from typing import Any

import pytest
from command_line import COMMENT, NO_ONES, READING, commands, line_of

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
