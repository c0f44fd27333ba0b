"""Every mistake of a workflow file: mistakes.yaml holds each with the exact line, column, path and sentence."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

Problems = Callable[[str | bytes], list[str]]


def cases() -> Iterator[Any]:
    groups = YAML(typ="safe", pure=True).load(Path(__file__).with_name("mistakes.yaml"))
    for entries in groups.values():
        for entry in entries:
            yield pytest.param(entry["written"], entry["instead"], entry["told"], id=entry["case"].replace(" ", "_"))


@pytest.mark.parametrize(("written", "instead", "told"), list(cases()))
def test_a_mistake_is_told_at_its_place(problems: Problems, toy: str, written: str, instead: str, told: list[str]) -> None:
    assert written in toy

    assert problems(toy.replace(written, instead, 1)) == [f"wf.yaml:{line}" for line in told]


def test_all_mistakes_are_told_in_one_go_in_the_order_of_the_file(problems: Problems, integration: str) -> None:
    text = (
        integration.replace("due: theme_decision,          exit: [F1, F2, F3]", "due: theme_decison, exit: [F1, F2, F4]")
        .replace("at_least_percent: 60,", "at_least_percent: sixty,")
        .replace("sponsor_note, level: 4", "sponsor_note, level: 5")
        .replace("max_active: 2", "max_active: 2, max_activ: 2")
    )

    assert problems(text) == [
        "wf.yaml:6:74: cycle.max_activ: unknown key `max_activ`, did you mean `max_active`?",
        "wf.yaml:103:91: phases.2.due: unknown date `theme_decison`, did you mean `theme_decision`?",
        "wf.yaml:103:121: phases.2.exit.2: unknown check `F4`; known here: A1, A2, A3, C1, C2, C3, C4, F1, F2, F3, M1, M2, …",
        'wf.yaml:115:87: checks.S2.at_least_percent: "sixty" is not a whole number; write a whole number',
        "wf.yaml:202:50: on.second_carry.level: there is no level 5; write 1 to 4, as escalation lists them",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(b"", "1:1: file: is empty; copy workflows/toy.yaml and change it", id="nothing"),
        pytest.param(b"# only\n", "1:1: file: is empty; copy workflows/toy.yaml and change it", id="a_comment"),
        pytest.param(b"- a\n", "1:1: file: is not a mapping; write sections such as plan: and phases:", id="a_list"),
        pytest.param(b"a\n", "1:1: file: is not a mapping; write sections such as plan: and phases:", id="a_word"),
        pytest.param("a: 1\nb: Stück".encode("cp1252"), "2:6: file: is not UTF-8; save the file as UTF-8", id="cp1252"),
        pytest.param(b"a: 1\nb: \x07", "2:4: file: holds a control character; delete it, then check again", id="a_bell"),
        pytest.param(
            b'a: "\\UFFFFFFFF"',
            "1:1: file: holds an escape (\\U…) that names no character; write the character itself",
            id="an_escape_of_no_character",
        ),
        pytest.param(
            b"a: " + b"[" * 5000,
            "1:16: file: is no valid YAML here (nested too deeply); mend this, then check again",
            id="too_deep",
        ),
    ],
)
def test_a_file_that_is_no_workflow_at_all_gets_one_sentence(problems: Problems, text: bytes, told: str) -> None:
    assert problems(text) == [f"wf.yaml:{told}"]


def test_a_phase_of_some_years_is_due_by_a_date_of_the_same_years(problems: Problems, climate: str) -> None:
    text = climate.replace("exit: [X1, X2, X3], when: {every: 3", "exit: [X1, X2, X3], when: {every: 2")

    assert problems(text) == [
        "wf.yaml:55:101: phases.4.due: `external_audit` does not exist in every year of this phase; give both the same when"
    ]


def test_what_a_step_attaches_must_be_lent(problems: Problems, integration: str) -> None:
    text = integration.replace("survey_invitation, to: partners, phase: status_analysis, attach: survey_form", "\0", 1)
    step = "survey_invitation, to: partners, phase: status_analysis, attach: {}"
    line = integration[: integration.index("phase: status_analysis, attach")].count("\n") + 1

    told = [problems(text.replace("\0", step.format(name))) for name in ("survey_from", "[survey_form]")]

    assert [[each.split(":", 3)[1::2] for each in found] for found in told] == [
        [[str(line), " ladder.survey_open.0.attach: unknown attachment `survey_from`, did you mean `survey_form`?"]],
        [[str(line), ' ladder.survey_open.0.attach: ["survey_form"] is not text; write text']],
    ]


def test_a_mail_after_a_fact_attaches_nothing(problems: Problems, integration: str) -> None:
    written = "{mail: survey_thanks, to: answering_partner"
    text = integration.replace(written, f"{written}, attach: survey_form")

    (told,) = problems(text)

    assert told.endswith("on.survey_answered.attach: unknown key `attach`; known here: level, mail, to")
